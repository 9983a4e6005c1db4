"""Reasons of feeders, of protection and of the site's mode: why the light is on or off.

Villagers read these: what is the case, and what would have to change. Codes are stable, they stand in the log
for ever; sentences may be improved.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

_SOC = Kind.PERCENT
_FEEDERS = {
    "powered": _entry("มีไฟตามปกติ", "Power is on."),
    "powered_in_turn": _entry(
        "มีไฟ ถึงรอบของกลุ่มนี้ แบตเตอรี่เหลือ {soc_frac} จึงผลัดกันใช้ได้ {allowed} จาก {count} สาย เปลี่ยนรอบ{wait_s}",
        "Power is on: it is this group's turn. The battery is at {soc_frac}, so {allowed} of {count} lines "
        "({class}) take turns; the next turn begins {wait_s}.",
        **{
            "class": Kind.CLASS,
            "soc_frac": _SOC,
            "allowed": Kind.COUNT,
            "count": Kind.COUNT,
            "wait_s": Kind.WAIT,
        },
    ),
    "powered_by_sun": _entry(
        "มีไฟจากแสงแดดโดยตรง แม้แบตเตอรี่เหลือเพียง {soc_frac} ถ้าแดดไม่พออาจต้องดับ",
        "Power is on straight from the sun although the battery is at {soc_frac}. It may go off when the sun "
        "falls short.",
        soc_frac=_SOC,
    ),
    "critical_carried": _entry(
        "มีไฟ แม้แบตเตอรี่เหลือ {soc_frac} เพราะเครื่องปั่นไฟหรือแสงแดดจ่ายให้และยังชาร์จแบตเตอรี่ได้ จะดับต่อเมื่อไม่มีไฟเหลือชาร์จ",
        "Power is on although the battery is at {soc_frac}: the genset or the sun carries it and still "
        "charges the battery. It would go off only if nothing were left to charge with.",
        soc_frac=_SOC,
    ),
    "closing_time": _entry(
        "แบตเตอรี่เหลือ {soc_frac} ไฟสายนี้จะดับ{wait_s}",
        "The battery is at {soc_frac}; this line goes off {wait_s}.",
        soc_frac=_SOC,
        wait_s=Kind.WAIT,
    ),
    "class_off": _entry(
        "ดับไฟเพราะแบตเตอรี่เหลือ {soc_frac} ต่ำกว่าเกณฑ์ {limit_frac} ของ{class} ไฟจะกลับมาเมื่อแบตเตอรี่ถึง {back_frac}",
        "Off because the battery is at {soc_frac}, below the {limit_frac} set for {class}. Power "
        "returns when "
        "the battery reaches {back_frac}.",
        **{"class": Kind.CLASS, "soc_frac": _SOC, "limit_frac": _SOC, "back_frac": _SOC},
    ),
    "class_rationed": _entry(
        "ดับไฟเพื่อผลัดกันใช้ แบตเตอรี่เหลือ {soc_frac} ต่ำกว่า {limit_frac} {class}เปิดได้ {allowed} จาก {count} สาย "
        "ถึงรอบของสายนี้{wait_s} และไฟจะมาครบทุกสายเมื่อแบตเตอรี่ถึง {back_frac}",
        "Off to share: the battery is at {soc_frac}, below {limit_frac}, so {allowed} of {count} lines "
        "({class}) are on. This line's turn comes {wait_s}; all are on again when the battery reaches "
        "{back_frac}.",
        **{
            "class": Kind.CLASS,
            "soc_frac": _SOC,
            "limit_frac": _SOC,
            "back_frac": _SOC,
            "allowed": Kind.COUNT,
            "count": Kind.COUNT,
            "wait_s": Kind.WAIT,
        },
    ),
    "making_room": _entry(
        "ดับไฟเพื่อให้สายที่รออยู่ได้ใช้บ้าง เพราะตอนนี้ใช้ไฟเต็มกำลังอินเวอร์เตอร์ ไฟจะกลับมาเมื่อมีการใช้ไฟน้อยลงหรือถึงรอบถัดไป",
        "Off to let a waiting line have its turn, as the inverter can carry no more at once. Power returns "
        "when less is being used, or with the next turn.",
    ),
    "resting": _entry(
        "เพิ่งดับไฟ พักสายสักครู่เพื่อถนอมเครื่องใช้ไฟฟ้า ไฟจะกลับมา{wait_s}",
        "Just switched off; it rests a little to spare the appliances. Power returns {wait_s}.",
        wait_s=Kind.WAIT,
    ),
    "connecting_soon": _entry(
        "กำลังต่อไฟทีละสาย สายนี้{wait_s}",
        "Lines are being connected one by one; this one follows {wait_s}.",
        wait_s=Kind.WAIT,
    ),
    "no_headroom": _entry(
        "ยังต่อไฟไม่ได้ สายนี้ต้องใช้ {need_w} แต่อินเวอร์เตอร์รับเพิ่มได้ {headroom_w} ไฟจะมาเมื่อมีการใช้ไฟน้อยลง",
        "Cannot be connected yet: this line needs {need_w} and the inverter has {headroom_w} to spare. Power "
        "returns when less is being used.",
        need_w=Kind.POWER,
        headroom_w=Kind.POWER,
    ),
    "state_unknown": _entry(
        "ไม่ทราบว่าสายนี้เปิดหรือปิด เพราะแผงรีเลย์ไม่ตอบ จึงไม่สั่งการ",
        "It is not known whether this line is on, as the relay board does not answer; it is left as it is.",
    ),
    "as_found": _entry("คงไว้ตามเดิม", "Left as it is."),
    "adopted_after_restart": _entry(
        "ระบบควบคุมเริ่มทำงานใหม่ พบว่า{feeder}{closed} จึงคงไว้ตามที่พบ",
        "The controller restarted, found {feeder} {closed} and left it so.",
        feeder=Kind.NAME,
        closed=Kind.STATE,
    ),
}
_PROTECTION = {
    "overload_shed": _entry(
        "ดับไฟทันทีเพราะใช้ไฟเกินกำลัง {power_w} จากที่รับได้ {limit_w} ไฟจะกลับมาเมื่อพักครบเวลาและมีการใช้ไฟน้อยลง",
        "Switched off at once: {power_w} was drawn and the inverter carries {limit_w}. Power returns after a "
        "pause, once less is being used.",
        power_w=Kind.POWER,
        limit_w=Kind.POWER,
    ),
    "overload_alarm_shed": _entry(
        "ดับไฟทันทีเพราะอินเวอร์เตอร์เตือนว่าใช้ไฟเกินกำลัง ไฟจะกลับมาเมื่อพักครบเวลาและมีการใช้ไฟน้อยลง",
        "Switched off at once: the inverter reports an overload. Power returns after a pause, once less is "
        "being used.",
    ),
    "frequency_shed": _entry(
        "ดับไฟทันทีเพราะความถี่ไฟตกเหลือ {frequency_hz} ต่ำกว่า {limit_hz} ไฟจะกลับมาเมื่อพักครบเวลาและระบบปกติ",
        "Switched off at once: the frequency fell to {frequency_hz}, below {limit_hz}. Power returns after a "
        "pause, once the system is well.",
        frequency_hz=Kind.FREQUENCY,
        limit_hz=Kind.FREQUENCY,
    ),
    "feeder_suspect": _entry(
        "ดับไว้ เพราะอินเวอร์เตอร์ตัดทันทีที่ต่อ{feeder} อาจมีไฟลัดวงจร ให้ช่างตรวจสายนี้ก่อน จะลองต่ออีกครั้ง{wait_s}",
        "Off because the inverters tripped the moment {feeder} was connected: there may be a short circuit. "
        "An electrician must look at this line; it is tried again {wait_s}.",
        feeder=Kind.NAME,
        wait_s=Kind.WAIT,
    ),
    "overload_hold": _entry(
        "{feeder}พักหลังจากใช้ไฟเกินกำลัง ต่อไฟใหม่ได้{wait_s} เวลาที่ดับจะชดเชยให้ในรอบถัดไป",
        "{feeder} rests after an overload and may be connected again {wait_s}; the time lost is "
        "repaid in later "
        "turns.",
        feeder=Kind.NAME,
        wait_s=Kind.WAIT,
    ),
    "battery_empty": _entry(
        "แบตเตอรี่เกือบหมด เหลือ {soc_frac} ต่ำสุดที่ยอมได้คือ {limit_frac} ไฟจะกลับมาเมื่อแบตเตอรี่ถึง {back_frac}",
        "The battery is nearly empty: {soc_frac}, and {limit_frac} is the least it may hold. Power "
        "returns when it "
        "reaches {back_frac}.",
        soc_frac=_SOC,
        limit_frac=_SOC,
        back_frac=_SOC,
    ),
    "battery_cell_low": _entry(
        "แรงดันเซลล์แบตเตอรี่ต่ำ {voltage_v} ต่ำสุดที่ยอมได้คือ {limit_v} ไฟจะกลับมาเมื่อเกิน {back_v} ต่อเนื่อง 5 นาที",
        "A battery cell is low: {voltage_v}, and {limit_v} is the least. Power returns once it has "
        "been above "
        "{back_v} for 5 minutes.",
        voltage_v=Kind.VOLTAGE,
        limit_v=Kind.VOLTAGE,
        back_v=Kind.VOLTAGE,
    ),
    "battery_cell_high": _entry(
        "แรงดันเซลล์แบตเตอรี่สูง {voltage_v} สูงสุดที่ยอมได้คือ {limit_v} ระบบลดการชาร์จแล้ว",
        "A battery cell is high: {voltage_v}, and {limit_v} is the most. Charging has been reduced.",
        voltage_v=Kind.VOLTAGE,
        limit_v=Kind.VOLTAGE,
    ),
    "battery_hot": _entry(
        "แบตเตอรี่ร้อน {temperature_c} เกินเกณฑ์ {limit_c} ไฟจะกลับมาเมื่อเย็นลงถึง {back_c}",
        "The battery is hot: {temperature_c}, above {limit_c}. Power returns when it has cooled to {back_c}.",
        temperature_c=Kind.TEMPERATURE,
        limit_c=Kind.TEMPERATURE,
        back_c=Kind.TEMPERATURE,
    ),
    "battery_cold": _entry(
        "แบตเตอรี่เย็น {temperature_c} ต่ำกว่า {limit_c} ชาร์จไม่ได้จนกว่าจะอุ่นขึ้น",
        "The battery is cold: {temperature_c}, below {limit_c}. It must not be charged until it is warmer.",
        temperature_c=Kind.TEMPERATURE,
        limit_c=Kind.TEMPERATURE,
    ),
    "battery_unseen": _entry(
        "ไม่ได้รับข้อมูลแบตเตอรี่มา {lost_s} จึงยังไม่ต่อไฟเพิ่ม จนกว่าข้อมูลจะกลับมา",
        "No news of the battery for {lost_s}: no more lines are connected until it is back.",
        lost_s=Kind.DURATION,
    ),
    "soc_frozen": _entry(
        "เครื่องวัดแบตเตอรี่ค้างอยู่ที่ {told_frac} ทั้งที่มีไฟเข้าออกมาก จึงคำนวณจากไฟที่ใช้ไปแทน ได้ประมาณ {soc_frac} "
        "จนกว่าเครื่องวัดจะขยับ ให้ช่างตรวจเครื่องวัดและสายสัญญาณ",
        "The battery gauge stands still at {told_frac} although much energy has flowed, so the charge is "
        "reckoned from that energy instead: about {soc_frac}, until the gauge moves again. Look at the "
        "battery monitor and its cable.",
        told_frac=_SOC,
        soc_frac=_SOC,
    ),
    "bus_uncertain": _entry(
        "อินเวอร์เตอร์อาจหยุดทำงาน กำลังตรวจสอบก่อนต่อไฟ",
        "The inverter may have stopped; this is checked before anything is connected.",
    ),
    "bus_settling": _entry(
        "อินเวอร์เตอร์กลับมาแล้ว รอให้ไฟนิ่งก่อน จะเริ่มต่อไฟ{wait_s}",
        "The inverter is back; lines are connected from {wait_s}, once it has settled.",
        wait_s=Kind.WAIT,
    ),
}
_MODES = {
    "normal": _entry(
        "ระบบทำงานตามปกติ ไม่มีสายใดดับเพราะไฟไม่พอ", "All is well: no line is off for want of energy."
    ),
    "saving": _entry(
        "ประหยัดไฟ แบตเตอรี่เหลือ {soc_frac} จึงผลัดกันใช้ไฟ",
        "Saving: the battery is at {soc_frac}, so power is shared in turns.",
        soc_frac=_SOC,
    ),
    "unknown": _entry(
        "แบตเตอรี่และอินเวอร์เตอร์ไม่ตอบ จึงไม่ทราบว่ามีไฟหรือไม่ สายสำคัญยังคงไว้ตามเดิม ให้ช่างตรวจสายสื่อสาร",
        "Battery and inverters do not answer, so it is not known how the power stands. Important lines are "
        "left as they are. A technician should check the connection.",
    ),
    "blackout": _entry(
        "ไฟดับทั้งหมู่บ้านเพราะอินเวอร์เตอร์หยุดทำงาน ไฟจะกลับมาทีละสายเมื่ออินเวอร์เตอร์เดินใหม่",
        "The whole village is dark because the inverter has stopped. Power returns line by line "
        "once it runs again.",
    ),
    "black_start": _entry(
        "ไฟกำลังกลับมาทีละสายหลังไฟดับทั้งหมู่บ้าน", "Power is returning line by line after a blackout."
    ),
}

POWER: Mapping[str, Entry] = MappingProxyType({**_FEEDERS, **_PROTECTION, **_MODES})
"""Code -> entry."""
