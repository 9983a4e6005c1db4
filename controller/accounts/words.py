"""The words of a household's statement, in Thai and English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from controller.core.dates import month_name, short_date

LANGUAGES = ("th", "en")

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "title": ("ใบแจ้งการใช้ไฟฟ้า", "Electricity statement"),
        "household": ("บ้าน", "Household"),
        "group": ("กลุ่ม", "Group"),
        "month": ("ประจำเดือน", "Month"),
        "closed": ("ปิดยอดเดือนนี้แล้ว", "This month is closed."),
        "open": (
            "ยอดเดือนนี้ยังไม่ปิด ตัวเลขถึงวันที่ {day} อาจเปลี่ยนได้",
            "This month is not closed yet: figures up to {day}, they may still change.",
        ),
        "use": ("การใช้ไฟฟ้า", "Electricity used"),
        "unknown": ("ไม่ทราบ", "not known"),
        "units": ("หน่วย", "kWh"),
        "source_meter": ("มิเตอร์ของบ้าน ระบบอ่านให้", "the household's meter, read by the system"),
        "source_hand": ("มิเตอร์ของบ้าน ช่างจดเลข", "the household's meter, read by a technician"),
        "source_none": ("เดือนนี้ไม่มีการจดเลขมิเตอร์", "no meter was read this month"),
        "opening": ("เลขมิเตอร์ครั้งก่อน", "Meter before"),
        "closing": ("เลขมิเตอร์ครั้งนี้", "Meter now"),
        "on_day": ("{value} (วันที่ {day})", "{value} (on {day})"),
        "changed": (
            "วันที่ {day} เปลี่ยนหรือเริ่มนับมิเตอร์ใหม่: เลขเดิม {old} เลขใหม่ {new}",
            "On {day} the meter was replaced or began anew: it showed {old}, then {new}",
        ),
        "gap": (
            "{start} ถึง {end} ไม่มีข้อมูลจากมิเตอร์ หน่วยในช่วงนี้นับรวมแล้ว แต่ไม่ทราบว่าใช้เวลาใด",
            "{start} to {end}: the meter was not heard. What was used is counted, though not when.",
        ),
        "lost": (
            "{start} ถึง {end} ไม่ทราบจำนวนหน่วย จึงไม่คิดเงินในเดือนนี้",
            "{start} to {end}: what was used is not known, so nothing is asked for it this month.",
        ),
        "more_gaps": ("และอีก {count} ช่วง", "and {count} more"),
        "by_day": ("หน่วยที่ใช้ในแต่ละวัน", "kWh of each day"),
        "due": ("ค่าไฟฟ้าเดือนนี้", "Contribution for this month"),
        "monthly": ("ค่าบำรุงรายเดือน", "Monthly contribution"),
        "energy": ("ค่าไฟฟ้า {kwh} หน่วย หน่วยละ {price} บาท", "{kwh} kWh at {price} baht"),
        "beyond": ("ส่วนที่เกิน {kwh} หน่วย หน่วยละ {price} บาท", "{kwh} kWh beyond that, at {price} baht"),
        "sum": ("รวมเดือนนี้", "This month"),
        "money": ("ยอดเงิน", "Account"),
        "before_plus": ("ยอดเงินคงเหลือยกมา", "Balance brought forward"),
        "before_minus": ("ยอดค้างชำระยกมา", "Owed from before"),
        "payment": ("รับเงินเข้ากองทุน วันที่ {day}", "Paid into the fund on {day}"),
        "receipt": (" ใบเสร็จเลขที่ {receipt}", ", receipt {receipt}"),
        "due_minus": ("หักค่าไฟฟ้าเดือนนี้", "Less this month"),
        "due_plus": ("ค่าไฟฟ้าเดือนนี้", "Plus this month"),
        "after_plus": ("ยอดเงินคงเหลือ", "Balance"),
        "after_minus": ("ยอดค้างชำระ", "Owed"),
        "baht": ("บาท", "baht"),
        "low": (
            "ยอดเงินเหลือน้อย กรุณาเติมเงินที่กองทุน",
            "The balance is low: please pay into the fund.",
        ),
        "never_cut": (
            "ระบบนี้คิดบัญชีเท่านั้น ไม่ตัดไฟบ้านใดเพราะยอดเงิน",
            "The system only keeps accounts: it cuts nobody off for money.",
        ),
        "contact": ("สอบถาม", "Questions"),
        "printed": ("พิมพ์วันที่ {day}", "Printed on {day}"),
    }
)
"""Key -> Thai, English."""


def word(key: str, language: str, **params: object) -> str:
    """A word or sentence in a language."""
    return WORDS[key][LANGUAGES.index(language)].format(**params)


def month_text(month: date, language: str) -> str:
    """`ตุลาคม 2569`, `October 2026`. month: any day of it."""
    return month_name(month.year, month.month, language)


def moment_text(at_utc: datetime, zone: ZoneInfo, language: str) -> str:
    """`5 ต.ค. 2569 18:30 น.`, `5 Oct 2026 18:30`."""
    at = at_utc.astimezone(zone)
    return f"{short_date(at.date(), language)} {at:%H:%M}" + (" น." if language == "th" else "")
