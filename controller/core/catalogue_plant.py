"""Reasons of the panels, the genset and the devices: what they do, and what a technician should see to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_entry import entry as _entry

_SOC = Kind.PERCENT
_PV = {
    "pv_free": _entry(
        "แผงโซลาร์ผลิตไฟได้เต็มที่แล้ว แบตเตอรี่ {soc_frac}",
        "The panels may produce all they can again; the battery is at {soc_frac}.",
        soc_frac=_SOC,
    ),
    "pv_battery_full": _entry(
        "แบตเตอรี่ใกล้เต็ม {soc_frac} จึงลดการผลิตจากแผงเหลือ {limit_frac} จะผลิตเต็มที่เมื่อแบตเตอรี่ต่ำกว่า {back_frac} "
        "ตอนนี้เหมาะจะใช้ไฟมาก",
        "The battery is nearly full at {soc_frac}, so the panels are held to {limit_frac} until it is below "
        "{back_frac}. A good time to use power.",
        soc_frac=_SOC,
        back_frac=_SOC,
        limit_frac=_SOC,
    ),
    "pv_cell_high": _entry(
        "แรงดันเซลล์แบตเตอรี่สูง {voltage_v} จึงลดการผลิตจากแผงเหลือ {limit_frac} จนกว่าแรงดันจะลดลง",
        "A battery cell is high at {voltage_v}, so the panels are held to {limit_frac} until it falls.",
        voltage_v=Kind.VOLTAGE,
        limit_frac=_SOC,
    ),
    "pv_battery_cold": _entry(
        "แบตเตอรี่เย็น {temperature_c} ต่ำกว่า {limit_c} ห้ามชาร์จ จึงลดการผลิตจากแผงเหลือ {limit_frac} จนกว่าจะอุ่นขึ้น",
        "The battery is too cold to charge at {temperature_c}, below {limit_c}, so the panels are held to "
        "{limit_frac} until it is warmer.",
        temperature_c=Kind.TEMPERATURE,
        limit_c=Kind.TEMPERATURE,
        limit_frac=_SOC,
    ),
}
_GENSET = {
    "genset_needed": _entry(
        "เดินเครื่องปั่นไฟเพราะแบตเตอรี่เหลือ {soc_frac} (เริ่มเมื่อต่ำกว่า {start_frac}) "
        "จะหยุดเมื่อถึง {stop_frac} หรือเมื่อแดดพอ",
        "The genset is wanted: the battery is at {soc_frac} (it starts below {start_frac}). It stops at "
        "{stop_frac}, or when the sun suffices.",
        soc_frac=_SOC,
        start_frac=_SOC,
        stop_frac=_SOC,
    ),
    "genset_not_needed": _entry(
        "ไม่ต้องเดินเครื่องปั่นไฟ แบตเตอรี่เหลือ {soc_frac} จะเริ่มเมื่อต่ำกว่า {start_frac} และหยุดเมื่อถึง {stop_frac}",
        "The genset is not needed: the battery is at {soc_frac}. It starts below {start_frac} and stops at "
        "{stop_frac}.",
        soc_frac=_SOC,
        start_frac=_SOC,
        stop_frac=_SOC,
    ),
    "genset_sun_covers": _entry(
        "ไม่ต้องเดินเครื่องปั่นไฟ แดดพอใช้และเหลือชาร์จแบตเตอรี่ {surplus_w} จะพิจารณาใหม่เมื่อแดดไม่พอ",
        "The genset is not needed: the sun covers the load and leaves {surplus_w} for the battery. This is "
        "judged anew when the sun falls short.",
        surplus_w=Kind.POWER,
    ),
    "genset_may_not_charge": _entry(
        "หยุดเครื่องปั่นไฟเพราะตอนนี้ห้ามชาร์จแบตเตอรี่ จนกว่าแรงดันหรืออุณหภูมิแบตเตอรี่จะปกติ",
        "The genset is kept off because the battery must not be charged until its voltage or temperature is "
        "right.",
    ),
    "genset_soc_unseen": _entry(
        "ไม่ทราบระดับแบตเตอรี่ จึงไม่เริ่มเดินเครื่องปั่นไฟ จนกว่าข้อมูลจะกลับมา",
        "The battery's level is not known, so the genset is not started until it is.",
    ),
    "genset_resting": _entry(
        "เครื่องปั่นไฟพักอยู่ เริ่มเดินได้{wait_s}", "The genset rests and may start {wait_s}.", wait_s=Kind.WAIT
    ),
    "genset_minimum_run": _entry(
        "เครื่องปั่นไฟเพิ่งเริ่มเดิน จะหยุดได้{wait_s} เพื่อถนอมเครื่อง",
        "The genset has only just started; it may stop {wait_s}, to spare the engine.",
        wait_s=Kind.WAIT,
    ),
    "genset_start_failed": _entry(
        "{genset}สตาร์ตไม่ติดครั้งที่ {attempts} จะลองใหม่ โปรดตรวจน้ำมันและแบตเตอรี่สตาร์ต",
        "{genset}: start {attempts} failed and will be tried again. Check fuel and starter battery.",
        genset=Kind.NAME,
        attempts=Kind.COUNT,
    ),
    "genset_failed": _entry(
        "{genset}สตาร์ตไม่ติด {attempts} ครั้ง หยุดลองแล้ว ให้ช่างตรวจ แล้วหมุนสวิตช์ไปหยุดและกลับมาอัตโนมัติ",
        "{genset} did not start in {attempts} attempts and is left alone. A technician should "
        "check it, then turn "
        "its switch to stop and back to automatic.",
        genset=Kind.NAME,
        attempts=Kind.COUNT,
    ),
    "genset_stopped_by_itself": _entry(
        "{genset}หยุดเองโดยไม่ได้สั่ง โปรดตรวจน้ำมันและแผงควบคุม",
        "{genset} stopped without being asked to. Check fuel and control panel.",
        genset=Kind.NAME,
    ),
    "genset_does_not_stop": _entry(
        "สั่งหยุด{genset}แล้วแต่เครื่องยังเดินอยู่ ให้ช่างตรวจแผงควบคุม",
        "{genset} was told to stop but still runs. A technician should check its control panel.",
        genset=Kind.NAME,
    ),
    "genset_not_automatic": _entry(
        "{genset}ไม่ได้อยู่ในโหมดอัตโนมัติ ระบบจึงไม่สั่งการ จนกว่าจะหมุนสวิตช์กลับมาอัตโนมัติ",
        "{genset} is not in automatic, so it is left alone until its switch is turned back.",
        genset=Kind.NAME,
    ),
}
_DEVICES = {
    "contactor_stuck_closed": _entry(
        "{feeder}ยังมีไฟทั้งที่สั่งปิดแล้ว คอนแทคเตอร์อาจค้าง ให้ช่างตรวจ",
        "{feeder} still has power although it was switched off: its contactor may be stuck. A "
        "technician should "
        "check it.",
        feeder=Kind.NAME,
    ),
    "contactor_stuck_open": _entry(
        "{feeder}ยังไม่มีไฟทั้งที่สั่งเปิดแล้ว คอนแทคเตอร์อาจค้าง ให้ช่างตรวจ",
        "{feeder} has no power although it was switched on: its contactor may be stuck. A technician should "
        "check it.",
        feeder=Kind.NAME,
    ),
    "device_lost": _entry(
        "อุปกรณ์ {device} ไม่ตอบมา {lost_s} ให้ตรวจสายสัญญาณและไฟเลี้ยง",
        "Device {device} has not answered for {lost_s}. Check its cable and supply.",
        device=Kind.ID,
        lost_s=Kind.DURATION,
    ),
}

PLANT: Mapping[str, Entry] = MappingProxyType({**_PV, **_GENSET, **_DEVICES})
"""Code -> entry."""
