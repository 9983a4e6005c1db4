"""Alarms of devices: what does not answer, what reports a fault, and what does not fit together."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.alarming.kind import AlarmKind, Topic
from controller.core.alarming.record import Severity
from controller.core.model import Text

_CRITICAL, _WARNING, _NOTICE = Severity.CRITICAL, Severity.WARNING, Severity.NOTICE
_DEVICES = Topic.DEVICES
_REMEDY = Text(
    "อ่านรายละเอียดด้วยคำสั่ง tawan alarms แล้วทำตามเมื่อไปถึงอุปกรณ์ครั้งหน้า โดยมีคู่มืออยู่ในมือ",
    "Read what tawan alarms says of it, and do that at the next visit, the device's manual at hand.",
)
_CLAMPS = Text(
    "ปิดไฟสายนี้ก่อน แล้วกลับด้านหรือสลับแคลมป์ให้ตรงเฟส ห้ามปลดสายแคลมป์ขณะมีกระแส",
    "Switch the line off, then turn or swap the clamp so that it sits on its own phase. Never open a "
    "clamp's wires while current flows.",
)
_PROFILE = Text(
    "เทียบหน่วย ตัวคูณ และเครื่องหมายในโปรไฟล์กับคู่มืออุปกรณ์ แล้วลองอ่านด้วย tawan read",
    "Compare unit, scale and sign in the profile with the device's manual, then try tawan read.",
)
_COUNTER = Text(
    "จดเลขเดิมและเลขใหม่ของมิเตอร์พร้อมวันเวลาในสมุด ถ้าเปลี่ยนมิเตอร์ให้จดเลขเครื่องด้วย",
    "Write the old and the new reading into the log book with date and time, and the serial number if the "
    "meter was replaced.",
)


def _check(th: str, en: str, first: Text = _REMEDY, *, severity: Severity = _NOTICE) -> AlarmKind:
    return AlarmKind(severity, _DEVICES, Text(th, en), first, clear_after_s=1800.0)


CHECKS: Mapping[str, AlarmKind] = MappingProxyType(
    {
        "diagnosis_parts": _check("ผลรวมไม่ตรงกับแต่ละเฟส", "Total and parts differ", _CLAMPS),
        "diagnosis_parts_sign": _check("ทิศทางของผลรวมกับเฟสสวนกัน", "Sign of a part is wrong", _PROFILE),
        "diagnosis_units": _check("หน่วยของกำลังไฟผิด", "Power in a wrong unit", _PROFILE),
        "diagnosis_beyond_va": _check("กำลังไฟมากเกินที่เป็นไปได้", "Power beyond volts times amperes", _CLAMPS),
        "diagnosis_battery_sign": _check("ทิศทางไฟแบตเตอรี่สวนกัน", "Battery sign is wrong", _PROFILE),
        "diagnosis_battery_power": _check("กำลังไฟแบตเตอรี่ไม่ตรงกัน", "Battery power does not fit", _PROFILE),
        "diagnosis_meter_reversed": _check("มิเตอร์ต่อกลับทาง", "Meter is the wrong way round", _CLAMPS),
        "diagnosis_phase_reversed": _check("แคลมป์หนึ่งเฟสกลับทาง", "Clamp is the wrong way round", _CLAMPS),
        "diagnosis_pv_sign": _check("ทิศทางไฟจากแผงผิด", "Sign of the panels is wrong", _PROFILE),
        "diagnosis_pv_at_night": _check("แผงเหมือนผลิตไฟตอนกลางคืน", "Panels seem to give power at night"),
        "diagnosis_voltage_units": _check("หน่วยของแรงดันผิด", "Voltage in a wrong unit", _PROFILE),
        "diagnosis_soc": _check("ระดับแบตเตอรี่สองแหล่งไม่ตรงกัน", "Two levels of the battery differ"),
        "diagnosis_balance": _check("ไฟเข้าและออกไม่สมดุล", "Power does not balance"),
        "diagnosis_missing": _check(
            "อุปกรณ์ไม่ให้ค่าที่จำเป็น", "Device lacks a needed value", _PROFILE, severity=_WARNING
        ),
        "diagnosis_counter_back": _check("มิเตอร์นับถอยหลัง", "Counter ran back", _COUNTER),
        "diagnosis_counter_jump": _check("มิเตอร์กระโดด", "Counter jumped", _COUNTER),
        "diagnosis_counter_units": _check("หน่วยของมิเตอร์ผิด", "Counter in a wrong unit", _PROFILE),
        "diagnosis_counter_power": _check("มิเตอร์ไม่ตรงกับกำลังไฟ", "Counter and power differ", _PROFILE),
        "diagnosis_frozen": _check(
            "ค่าที่วัดค้าง",
            "Device frozen",
            Text("ปิดแล้วเปิดอุปกรณ์หรือเกตเวย์ใหม่", "Switch the device or its gateway off and on."),
            severity=_WARNING,
        ),
        "diagnosis_reports": _check("อุปกรณ์แจ้งเตือน", "Device reports a warning", severity=_WARNING),
        "diagnosis_flash": _check(
            "เขียนหน่วยความจำอุปกรณ์บ่อยเกินไป", "Device's flash wears out", severity=_WARNING
        ),
    }
)
"""Cross-checks of what devices say. Code -> what the catalogue says of it."""

DEVICES: Mapping[str, AlarmKind] = MappingProxyType(
    {
        "device_lost": AlarmKind(
            _WARNING,
            _DEVICES,
            Text("อุปกรณ์ไม่ตอบ", "Device lost"),
            Text(
                "ตรวจไฟเลี้ยงของอุปกรณ์และสายสื่อสาร แล้วลองคำสั่ง tawan read ตามด้วยชื่ออุปกรณ์",
                "Check the device's supply and its data cable, then try tawan read with its name.",
            ),
            raise_after_s=15.0,
            clear_after_s=300.0,
        ),
        "line_lost": AlarmKind(
            _CRITICAL,
            _DEVICES,
            Text("สายสื่อสารขาดทั้งสาย", "Whole line lost"),
            Text(
                "ตรวจตัวแปลง USB หรือเกตเวย์ของสายนี้ก่อน แล้วตรวจขั้วต่อแรกและไฟเลี้ยง",
                "Check this line's USB adapter or gateway first, then the first terminal and the supply.",
            ),
            clear_after_s=120.0,
        ),
        "device_fault": AlarmKind(
            _WARNING,
            _DEVICES,
            Text("อุปกรณ์ขัดข้อง", "Device fault"),
            Text(
                "จดรหัสบนหน้าจอ ดูความหมายในคู่มือ ถ้าคู่มือบอกให้ปิดเปิดใหม่ ให้ทำเมื่อไม่มีใครใช้ไฟมาก",
                "Write down the code on its display and look it up in the manual. If that says to restart "
                "it, do so while little is drawn.",
            ),
            raise_after_s=5.0,
            clear_after_s=300.0,
        ),
        **CHECKS,
    }
)
"""Code -> what the catalogue says of it."""
