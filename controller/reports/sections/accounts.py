"""The energy accounts by group."""

from __future__ import annotations

from collections.abc import Sequence

from controller.core.model import Text
from controller.reports.accounts import GroupAccount
from controller.reports.section import Section, Table
from controller.reports.voice import Voice

_TITLE = Text("บัญชีค่าไฟ", "Energy accounts")
_SUM = Text(
    "เดือนนี้ {households} ครัวเรือนมียอดเรียกเก็บรวม {charged} บาท รับชำระแล้ว {paid} บาท",
    "Household accounts: {households}. Together they were to contribute {charged} baht this month; "
    "{paid} baht "
    "were received.",
)
_OPEN = Text(
    "ยังไม่ปิดบัญชี {count} ครัวเรือน ยอดยังเปลี่ยนได้",
    "Not closed yet: {count} of them, so these sums may still change.",
)
_TABLE = Text("แต่ละกลุ่ม", "By group")
_HEAD = Text(
    "กลุ่ม|ครัวเรือน|รู้หน่วยที่ใช้|หน่วย|เรียกเก็บ (บาท)|รับแล้ว (บาท)|ค้างชำระ (ครัวเรือน)",
    "Group|Households|Use known|kWh|To contribute (baht)|Received (baht)|Households owing",
)
_SATANG = 100


def accounts(groups: Sequence[GroupAccount], voice: Voice) -> Section:
    """Sums by group; `groups` is not empty."""
    households = sum(group.households for group in groups)
    told = [
        voice.say(
            _SUM,
            households=voice.number(households),
            charged=_baht(sum(group.charged_satang for group in groups), voice),
            paid=_baht(sum(group.paid_satang for group in groups), voice),
        )
    ]
    still_open = sum(group.open for group in groups)
    if still_open:
        told.append(voice.say(_OPEN, count=voice.number(still_open)))
    rows = [
        [
            voice.pick(group.name),
            voice.number(group.households),
            voice.number(group.measured),
            voice.kwh(group.wh) if group.measured else voice.unknown,
            _baht(group.charged_satang, voice),
            _baht(group.paid_satang, voice),
            voice.number(group.owing),
        ]
        for group in groups
    ]
    table = Table(voice.pick(_TABLE), voice.pick(_HEAD).split("|"), rows)
    return Section("accounts", voice.pick(_TITLE), told, tables=[table])


def _baht(satang: int, voice: Voice) -> str:
    return voice.number(satang / _SATANG, 0 if satang % _SATANG == 0 else 2)
