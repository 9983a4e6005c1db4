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
        "Off in turn from {start} to {end}: sun and battery do not suffice for {class} all at once, and "
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

_BINDS = {
    "binds_battery_empty": _entry(
        "แบตเตอรี่ลงถึงระดับต่ำสุดที่แผนใช้ได้ จึงไม่มีไฟให้ใช้เพิ่ม ใช้ไฟน้อยลงก่อนหน้านั้น แบตเตอรี่ใหญ่ขึ้น หรือเดินเครื่องปั่นไฟก่อนจะช่วยได้",
        "The battery is down to the least that the plan may use, so there is nothing more to give. Less use "
        "before, a larger battery or an earlier run of the genset would change that.",
    ),
    "binds_battery_below_reserve": _entry(
        "แบตเตอรี่ต่ำกว่าระดับสำรอง เพราะเติมให้สูงกว่านี้แพงกว่าที่ระดับสำรองมีค่า แดดมากขึ้นหรือใช้ไฟน้อยลงจะช่วยได้",
        "The battery is below its reserve: to keep it would cost more than it is worth. More sun or less use "
        "would change that.",
    ),
    "binds_battery_at_reserve": _entry(
        "แบตเตอรี่อยู่ที่ระดับสำรอง เก็บไว้สำหรับสิ่งที่ไม่คาดคิด ถ้าลด battery.reserve_soc_frac จะใช้ได้มากขึ้นแต่เสี่ยงขึ้น",
        "The battery is held at its reserve, for what nobody foresees. A lower battery.reserve_soc_frac "
        "would give more light and more risk.",
    ),
    "binds_battery_full": _entry(
        "แบตเตอรี่เต็ม แดดที่เหลือจึงเก็บไม่ได้ ถ้าใช้ไฟมากขึ้นช่วงนี้หรือแบตเตอรี่ใหญ่ขึ้น จะเสียแดดน้อยลง",
        "The battery is full, so more sun cannot be kept. More use in these hours, or a larger battery, "
        "would waste less of it.",
    ),
    "binds_discharge": _entry(
        "อินเวอร์เตอร์จ่ายไฟเต็มกำลังแล้ว กระจายการใช้ไฟไปเวลาอื่นหรือเพิ่มอินเวอร์เตอร์จะช่วยได้",
        "The inverters give all they can. Use at other hours, or more inverters, would change that.",
    ),
    "binds_charge": _entry(
        "เครื่องชาร์จรับไฟเต็มกำลังแล้ว ใช้ไฟมากขึ้นในช่วงแดดดีจะไม่เสียแดด",
        "The chargers take all they can. More use while the sun shines would waste less of it.",
    ),
    "binds_genset_least_load": _entry(
        "เครื่องปั่นไฟเดินที่ภาระต่ำสุด ต่ำกว่านี้เครื่องจะสกปรก ใช้ไฟมากขึ้นช่วงนี้จะคุ้มน้ำมันกว่า",
        "The genset runs at its least load, below which it soots up. More use in these hours would make "
        "better use of its fuel.",
    ),
    "binds_genset_full_load": _entry(
        "เครื่องปั่นไฟจ่ายเต็มกำลังแล้ว ใช้ไฟน้อยลงช่วงนี้หรือเดินเครื่องให้เร็วขึ้นจะช่วยได้",
        "The genset gives all it can. Less use in these hours or an earlier run would change that.",
    ),
    "binds_genset_rests": _entry(
        "เครื่องปั่นไฟจะช่วยได้ แต่เป็นเวลาพักผ่อนหรือเครื่องยังขัดข้อง ถ้าย่นเวลาพักผ่อนหรือซ่อมเครื่องจะเดินได้",
        "The genset would help, but these are quiet hours or it has failed. Shorter quiet hours or a repair "
        "would let it run.",
    ),
    "binds_fuel": _entry(
        "น้ำมันในถังไม่พอให้เดินเครื่องปั่นไฟนานกว่านี้ เติมน้ำมันจะช่วยได้",
        "The fuel in the tank does not last for a longer run. Filling it up would change that.",
    ),
    "binds_grid_limit": _entry(
        "ดึงไฟจากการไฟฟ้าเต็มที่ตกลงไว้แล้ว กระจายการใช้ไฟไปเวลาอื่นจะช่วยได้",
        "As much is drawn from the public grid as was agreed. Use at other hours would change that.",
    ),
    "binds_grid_away": _entry(
        "ช่วงนี้ไม่มีไฟจากการไฟฟ้า ใช้แดด แบตเตอรี่ และเครื่องปั่นไฟจนกว่าจะกลับมา",
        "The public grid is away: sun, battery and genset carry the village until it is back.",
    ),
    "binds_sun_unused": _entry(
        "แดดเหลือใช้ {energy_wh} เพราะไม่มีใครใช้และเก็บไม่ได้ ถ้าใช้ไฟมากขึ้นช่วงนี้ จะเสียแดดน้อยลง",
        "{energy_wh} of sun are left unused: nobody takes them and they cannot be kept. More use in these "
        "hours would waste less of it.",
        energy_wh=Kind.ENERGY,
    ),
    "binds_unserved": _entry(
        "{class}ขาดไฟรวม {energy_wh} เพราะไม่มีทางอื่นที่คุ้มกว่า แดดมากขึ้น ใช้ไฟน้อยลง หรือน้ำมันถูกลงจะช่วยได้",
        "{energy_wh} are missing for {class}, as every other way would cost more than it is worth. More "
        "sun, less use or cheaper fuel would change that.",
        **{"class": Kind.CLASS, "energy_wh": Kind.ENERGY},
    ),
}

PLANNER: Mapping[str, Entry] = MappingProxyType({**CUTS, **_GENSET, **_HEAVY, **_BINDS})
"""Code -> entry."""
