"""What was measured and what was not: gaps are named, never filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from controller.core.model import Text
from controller.reports.figures.completeness import Gap, Known
from controller.reports.report import Report
from controller.reports.section import Section, Table
from controller.reports.voice import Voice

_TITLE = Text("ข้อมูลครบแค่ไหน", "How complete is the data?")
_ALL = Text("ระบบวัดได้ {frac} ของเวลา", "The controller measured during {frac} of the time.")
_SILENT = Text("ช่วงที่ไม่มีข้อมูลเลย: {gaps}", "Nothing at all was measured: {gaps}.")
_GAP = Text("{start} นาน {length}", "from {start} for {length}")
_MORE = Text("และอีก {count} ช่วง", "and {count} more")
_COMPLETE = Text("ในเวลานั้นวัดได้ครบทุกอย่าง", "During that time everything was measured.")
_REST = Text("ในเวลานั้นวัดได้ครบ เว้นแต่ที่อยู่ในตาราง", "During that time all was measured but what is in the table.")
_SHORT = Text("สั้นกว่าหนึ่งชั่วโมง", "shorter than an hour")
_TABLE = Text("สิ่งที่วัดไม่ครบ", "What lacks something")
_HEAD = Text("สิ่งที่วัด|วัดได้|ช่วงที่ขาดตั้งแต่หนึ่งชั่วโมงขึ้นไป", "Quantity|Measured|Gaps of an hour or more")
_SITE: Mapping[str, Text] = {
    "pv_w": Text("กำลังแผงทั้งหมด", "All panels"),
    "load_w": Text("การใช้ไฟทั้งหมด", "All use"),
    "battery_w": Text("กำลังแบตเตอรี่", "Battery power"),
    "soc_frac": Text("ระดับแบตเตอรี่", "Battery level"),
    "genset_w": Text("เครื่องปั่นไฟ", "Genset"),
    "grid_w": Text("การไฟฟ้า", "Public grid"),
}
_SHOWN = 6
_NOTICED_FRAC = 0.0005
"""Less is a quarter of an hour in a month."""


def data(report: Report, voice: Voice) -> Section:
    """When nothing was measured, and what else lacks something besides."""
    found = report.figures.completeness
    told = [voice.say(_ALL, frac=voice.percent(found.known_frac))]
    if found.silent:
        told.append(voice.say(_SILENT, gaps=_gaps(found.silent, 0, voice)))
    lacking = [each for each in found.quantities if each.known_frac < found.known_frac - _NOTICED_FRAC]
    told.append(voice.pick(_REST if lacking else _COMPLETE))
    rows = [_row(report, each, found.silent, voice) for each in lacking]
    tables = [Table(voice.pick(_TABLE), voice.pick(_HEAD).split("|"), rows, words=(2,))] if rows else []
    return Section("data", voice.pick(_TITLE), told, tables=tables)


def _row(report: Report, each: Known, silent: Sequence[Gap], voice: Voice) -> list[str]:
    name = _SITE[each.point] if each.subject == "site" else report.feeder(each.subject).name
    own = [gap for gap in each.gaps if gap not in silent]
    told = _gaps(own, each.more, voice) if own else voice.pick(_SHORT)
    return [voice.pick(name), voice.percent(each.known_frac), told]


def _gaps(gaps: Sequence[Gap], more: int, voice: Voice) -> str:
    told = [
        voice.say(_GAP, start=voice.moment(gap.start_s), length=voice.length(gap.end_s - gap.start_s))
        for gap in gaps[:_SHOWN]
    ]
    more += max(0, len(gaps) - _SHOWN)
    if more:
        told.append(voice.say(_MORE, count=voice.number(more)))
    return "; ".join(told)
