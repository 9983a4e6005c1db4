"""The month's alarms, in the words of the alarm catalogue."""

from __future__ import annotations

from controller.core.alarming.catalogue import alarm_text
from controller.core.model import Text
from controller.reports.figures.alarms import AlarmSum
from controller.reports.report import Report
from controller.reports.section import Section, Table
from controller.reports.voice import Voice

_TITLE = Text("สัญญาณเตือน", "Alarms")
_NONE = Text("เดือนนี้ไม่มีสัญญาณเตือน", "There were no alarms this month.")
_SUM = Text(
    "มีสัญญาณเตือนใหม่ {raised} ครั้ง มีคนรับทราบ {acknowledged} ครั้ง{wait}",
    "New alarms: {raised}. Acknowledged of these: {acknowledged}{wait}.",
)
_WAIT = Text(" ครึ่งหนึ่งรับทราบภายใน {length}", ", half of those within {length}")
_STANDING = Text("เมื่อสิ้นเดือนยังค้างอยู่ {count} เรื่อง: {names}", "Still standing at the end: {count} ({names}).")
_TABLE = Text("สัญญาณเตือนแต่ละเรื่อง", "Each alarm")
_HEAD = Text("เรื่อง|ความสำคัญ|ครั้ง|ชั่วโมงรวม|ทำอะไรก่อน", "Alarm|Severity|Times|Hours in all|What to do first")
_SEVERITIES = {
    "critical": Text("วิกฤต", "critical"),
    "warning": Text("ต้องแก้ไข", "warning"),
    "notice": Text("ควรทราบ", "notice"),
}


def alarms(report: Report, voice: Voice) -> Section:
    """How many, how soon acknowledged, what still stands."""
    figures = report.figures.alarms
    if not figures.sums:
        return Section("alarms", voice.pick(_TITLE), [voice.pick(_NONE)])
    wait_s = figures.median_acknowledged_s
    told = [
        voice.say(
            _SUM,
            raised=voice.number(figures.raised),
            acknowledged=voice.number(figures.acknowledged),
            wait="" if wait_s is None else voice.say(_WAIT, length=voice.length(wait_s)),
        )
    ]
    standing = [_title(each, voice) for each in figures.sums if each.standing]
    if standing:
        count = sum(each.standing for each in figures.sums)
        told.append(voice.say(_STANDING, count=voice.number(count), names=voice.listed(standing)))
    rows = [
        [
            _whose(report, each, voice),
            voice.pick(_SEVERITIES[each.severity]),
            voice.number(each.count),
            voice.hours(each.hours),
            voice.pick(alarm_text(each.code, each.newest.params).first),
        ]
        for each in figures.sums
    ]
    table = Table(voice.pick(_TABLE), voice.pick(_HEAD).split("|"), rows, words=(1, 4))
    return Section("alarms", voice.pick(_TITLE), told, tables=[table])


def _title(each: AlarmSum, voice: Voice) -> str:
    return voice.pick(alarm_text(each.code, each.newest.params).title)


def _whose(report: Report, each: AlarmSum, voice: Voice) -> str:
    """The alarm with the feeders or devices that it was about."""
    feeders = {feeder.id: voice.pick(feeder.name) for feeder in report.site.feeders}
    subjects = [feeders.get(subject, subject) for subject in each.subjects if subject != "site"]
    return f"{_title(each, voice)} ({', '.join(subjects)})" if subjects else _title(each, voice)
