"""Reasons within a plan: who is off in turn, why the genset runs, when heavy uses are welcome, what binds.

Villagers read the first and the third on the page, technicians all of them in `tawan plan --why`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

_WHEN = {"start": Kind.CLOCK, "end": Kind.CLOCK}
CUTS: Mapping[str, Entry] = {
    "turn_announced": _entry(
        "ดับไฟตามรอบ {start} ถึง {end} เพราะแดดกับแบตเตอรี่ไม่พอให้{class}ใช้พร้อมกันทุกสาย สายอื่นในกลุ่มก็ผลัดกันดับเช่นกัน "
        "ถ้าแดดดีกว่าที่คาดหรือทุกคนช่วยกันใช้ไฟน้อยลง ไฟจะมาเร็วขึ้น",
        "Off in turn from {start} to {end}: sun and battery do not suffice for all of {class} at once, and "
        "the other lines take their turns as well. More sun or less use brings the light back sooner.",
        **{**_WHEN, "class": Kind.CLASS},
    ),
    "turn_of_all_announced": _entry(
        "ดับไฟทุกสายของ{class} {start} ถึง {end} เพื่อเก็บไฟไว้ให้ผู้ที่จำเป็นกว่า "
        "ถ้าแดดดีกว่าที่คาดหรือเดินเครื่องปั่นไฟได้ ไฟจะมาเร็วขึ้น",
        "All lines of {class} are off from {start} to {end}, so that what is left lasts for those who need "
        "it most. More sun, or a genset that can run, brings the light back sooner.",
        **{**_WHEN, "class": Kind.CLASS},
    ),
    "waits_for_its_hours": _entry(
        "สายนี้เลื่อนเวลาใช้ไฟได้ จึงดับ {start} ถึง {end} แล้วเปิดในช่วงที่มีไฟเหลือใช้ ถ้าแดดดีกว่าที่คาดอาจเปิดเร็วขึ้น",
        "This line's use can wait: it is off from {start} to {end} and runs in the hours with the most to "
        "spare. More sun than expected may bring it on sooner.",
        **_WHEN,
    ),
}
"""With these a feeder's turn to be off is announced."""
_GENSET = {
    "genset_run_planned": _entry(
        "วางแผนเดินเครื่องปั่นไฟ {start} ถึง {end} เพราะแดดกับแบตเตอรี่อย่างเดียวไม่พอจนกว่าแดดจะมีพออีกครั้ง "
        "ถ้าแดดดีกว่าที่คาดหรือใช้ไฟน้อยลง จะเดินสั้นลงหรือไม่ต้องเดินเลย",
        "The genset is planned to run from {start} to {end}: sun and battery alone do not last until the sun "
        "suffices again. More sun or less use shortens the run or spares it.",
        **_WHEN,
    ),
    "genset_run_in_quiet_hours": _entry(
        "วางแผนเดินเครื่องปั่นไฟ {start} ถึง {end} แม้เป็นเวลาพักผ่อน เพราะไม่เช่นนั้นไฟที่จำเป็นจะดับ "
        "ถ้าใช้ไฟน้อยลงในตอนเย็นอาจไม่ต้องเดิน",
        "The genset is planned to run from {start} to {end} although these are quiet hours: else people "
        "would go without what matters more. Less use in the evening may spare it.",
        **_WHEN,
    ),
    "genset_test_run": _entry(
        "ทดสอบเครื่องปั่นไฟประจำเดือน {start} ถึง {end} เพื่อให้แน่ใจว่าติดเมื่อต้องใช้ เมื่อครบเวลาจะหยุดเอง",
        "Monthly test run of the genset from {start} to {end}, so that it starts when it must. It stops by "
        "itself when the time is over.",
        **_WHEN,
    ),
}
_HEAVY = {
    "heavy_use_good": _entry(
        "เวลา {start} ถึง {end} น่าจะมีแดดเหลือใช้ เหมาะกับงานที่ใช้ไฟมาก เช่น สูบน้ำ ทำน้ำแข็ง สีข้าว",
        "From {start} to {end} there is probably sun to spare: a good time for pumping, ice and the "
        "rice mill.",
        **_WHEN,
    ),
    "heavy_use_bad": _entry(
        "เวลา {start} ถึง {end} ไฟทุกหน่วยมีค่ามาก งานที่ใช้ไฟมากควรรอวันที่แดดดีกว่านี้",
        "From {start} to {end} every kWh is dear: heavy uses had better wait for a sunnier day.",
        **_WHEN,
    ),
    "heavy_use_bad_until": _entry(
        "เวลา {start} ถึง {end} ไฟทุกหน่วยมีค่ามาก งานที่ใช้ไฟมากควรรอถึง {better} ซึ่งน่าจะมีแดดเหลือใช้",
        "From {start} to {end} every kWh is dear: heavy uses had better wait until {better}, when there is "
        "probably sun to spare.",
        better=Kind.CLOCK,
        **_WHEN,
    ),
}

PLANNER: Mapping[str, Entry] = MappingProxyType({**CUTS, **_GENSET, **_HEAVY})
"""Code -> entry."""
