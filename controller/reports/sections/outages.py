"""Who was without power, how long and why."""

from __future__ import annotations

import numpy as np

from controller.core.model import PriorityClass, Text
from controller.reports.charts.daily import Calendar, outage_calendar
from controller.reports.figures.outages import Cause, Outage, OutageFigures
from controller.reports.report import Report
from controller.reports.section import Chart, Section, Table
from controller.reports.voice import Voice

_TITLE = Text("ไฟดับและสาเหตุ", "Outages and their reasons")
_INDEX = Text(
    "บ้านหนึ่งหลังไม่มีไฟเฉลี่ย {saidi} ชั่วโมง (SAIDI) ใน {saifi} ครั้ง (SAIFI) ครั้งละประมาณ {caidi}",
    "An average household was without power for {saidi} hours (SAIDI), {saifi} times (SAIFI), for "
    "{caidi} each "
    "time.",
)
_NONE = Text(
    "เดือนนี้ไม่มีสายใดดับเกิน 5 นาที (ไม่นับสายที่เลื่อนเวลาใช้ไฟได้)",
    "No line was off for more than five minutes this month, but for those whose use can wait.",
)
_UNKNOWN = Text(
    "บันทึกการตัดสินใจไม่มีข้อมูลของสายไฟจนถึงสิ้นเดือนนี้ จึงบอกไม่ได้ว่าสายใดดับ",
    "The decision log holds nothing of the lines up to the end of this month, so outages cannot be told.",
)
_LONGEST = Text(
    "ดับนานที่สุด: {feeder} {length} เริ่ม {start} สาเหตุ: {cause}",
    "The longest: {feeder}, {length}, from {start}; reason: {cause}.",
)
_PROMISES = Text(
    "ประกาศรอบดับไฟล่วงหน้า {announced} ครั้ง ไฟกลับมาตามเวลาที่บอกไว้หรือเร็วกว่า {in_time} ครั้ง{longer}",
    "Announced turns to be off: {announced}. Power came back in time or earlier after {in_time} of "
    "them{longer}.",
)
_LONGER = Text(
    " อีก {count} ครั้งดับนานกว่าที่บอกไว้ เพราะมีรอบต่อเนื่องหรือเหตุอื่น",
    ", and {count} lasted longer than told, as a further turn or another reason followed",
)
_MOMENTARY = Text(
    "นอกจากนี้มีไฟดับสั้น ๆ ไม่เกิน 5 นาที {count} ครั้ง",
    "Short interruptions of five minutes or less, besides: {count}.",
)
_CALENDAR = Text("ปฏิทินไฟดับ (ชั่วโมงต่อวัน)", "Calendar of outages (hours a day)")
_CAUSES = Text("สาเหตุ", "By reason")
_HEAD_CAUSES = Text(
    "สาเหตุ|ครั้ง|ชั่วโมงรวมทุกสาย|ชั่วโมงคูณครัวเรือน|สัดส่วน",
    "Reason|Times|Hours, all lines|Hours times households|Share",
)
_FEEDERS = Text("แต่ละสาย", "By line")
_HEAD_FEEDERS = Text("สาย|ครั้ง|ชั่วโมง|ครัวเรือน", "Line|Times|Hours|Households")
_LONG = Text(
    "ครั้งที่ดับนานที่สุด (ไม่รวมสายที่เลื่อนเวลาใช้ไฟได้)", "The longest outages (without lines whose use can wait)"
)
_HEAD_LONG = Text("เริ่ม|สาย|นาน|สาเหตุ", "From|Line|Length|Reason")
_HOW = Text(
    "นับจากบันทึกการตัดสินใจของระบบควบคุม ซึ่งแก้ย้อนหลังไม่ได้ ดัชนีตาม IEEE Std 1366 นับครั้งที่ดับเกิน 5 นาที ต่อเดือน "
    "ถ่วงด้วยจำนวนครัวเรือน ไม่รวมสายที่เลื่อนเวลาใช้ไฟได้",
    "Counted from the controller's decision log, which cannot be rewritten unnoticed. The indices are "
    "those of "
    "IEEE Std 1366 for a month: interruptions of more than five minutes, weighted by households, without "
    "lines "
    "whose use can wait.",
)
CAUSE_NAMES = {
    Cause.TURN_ANNOUNCED: Text("ผลัดกันใช้ไฟ ประกาศล่วงหน้า", "turn to be off, announced ahead"),
    Cause.TURN: Text("แบตเตอรี่ต่ำ ผลัดกันใช้ไฟ ไม่ได้ประกาศ", "battery low, turns without notice"),
    Cause.HOURS: Text("รอช่วงที่มีไฟเหลือ (ใช้ไฟที่เลื่อนได้)", "waiting for better hours (use that can wait)"),
    Cause.BATTERY: Text("ป้องกันแบตเตอรี่", "protection of the battery"),
    Cause.OVERLOAD: Text("ใช้ไฟเกินกำลังหรือสายมีปัญหา", "overload or a fault on the line"),
    Cause.BLACKOUT: Text("อินเวอร์เตอร์หยุด ไฟดับทั้งหมู่บ้าน", "inverters stopped, the whole village dark"),
    Cause.GRID: Text("การไฟฟ้าดับหรือกำลังจะดับ", "the public grid failed, or was about to"),
    Cause.PERSON: Text("ช่างสั่งปิด", "switched off by a person"),
    Cause.OTHER: Text("อื่น ๆ", "other"),
}
_SHOWN = 8


def outages(report: Report, voice: Voice) -> Section:
    """Indices, promises, reasons, a calendar, and the longest."""
    figures = report.figures.outages
    if not figures.logged:
        return Section("outages", voice.pick(_TITLE), [voice.pick(_UNKNOWN)])
    some = bool(figures.outages)
    return Section(
        id="outages",
        title=voice.pick(_TITLE),
        paragraphs=_told(report, voice),
        charts=[_calendar(report, voice)] if some else [],
        tables=_tables(report, voice) if some else [],
        notes=[voice.pick(_HOW)],
    )


def _tables(report: Report, voice: Voice) -> list[Table]:
    tables = [_causes(report.figures.outages, voice), _feeders(report, voice), _long(report, voice)]
    return [table for table in tables if table.rows]


def _told(report: Report, voice: Voice) -> list[str]:
    figures, told = report.figures.outages, list[str]()
    if figures.longest is None:
        told.append(voice.pick(_NONE))
    else:
        length = voice.maybe(figures.caidi_h, lambda hours: voice.length(hours * 3600))
        told.append(
            voice.say(
                _INDEX, saidi=voice.hours(figures.saidi_h), saifi=voice.number(figures.saifi, 1), caidi=length
            )
        )
        told.append(_longest(report, figures.longest, voice))
    promises = figures.promises
    if promises.announced:
        longer = voice.say(_LONGER, count=voice.number(promises.longer)) if promises.longer else ""
        announced, in_time = (voice.number(number) for number in (promises.announced, promises.in_time))
        told.append(voice.say(_PROMISES, announced=announced, in_time=in_time, longer=longer))
    if figures.momentary:
        told.append(voice.say(_MOMENTARY, count=voice.number(figures.momentary)))
    return told


def _longest(report: Report, outage: Outage, voice: Voice) -> str:
    return voice.say(
        _LONGEST,
        feeder=voice.pick(report.feeder(outage.feeder).name),
        length=voice.length(outage.length_s),
        start=voice.moment(outage.start_s),
        cause=voice.pick(CAUSE_NAMES[outage.cause]),
    )


def _calendar(report: Report, voice: Voice) -> Chart:
    steps, by_day = report.figures.steps, report.figures.outages.by_day_h
    passed = int(steps.day[-1]) + 1 if steps.count else 0
    rows = [
        Calendar(voice.pick(feeder.name), np.where(np.arange(steps.days) < passed, by_day[feeder.id], np.nan))
        for feeder in report.site.feeders
    ]
    return Chart(voice.pick(_CALENDAR), outage_calendar(rows, voice.pick(_CALENDAR), "chart-calendar"))


def _causes(figures: OutageFigures, voice: Voice) -> Table:
    whole_h = sum(each.household_h for each in figures.causes.values())
    rows = [
        [
            voice.pick(CAUSE_NAMES[cause]),
            voice.number(each.count),
            voice.hours(each.feeder_h),
            voice.hours(each.household_h),
            voice.percent(each.household_h / whole_h),
        ]
        for cause, each in sorted(figures.causes.items(), key=lambda item: -item[1].household_h)
        if whole_h > 0
    ]
    return Table(voice.pick(_CAUSES), voice.pick(_HEAD_CAUSES).split("|"), rows)


def _feeders(report: Report, voice: Voice) -> Table:
    rows = [
        [
            voice.pick(feeder.name),
            voice.number(report.figures.outages.feeders[feeder.id].count),
            voice.hours(report.figures.outages.feeders[feeder.id].feeder_h),
            voice.number(feeder.households),
        ]
        for feeder in report.site.feeders
    ]
    return Table(voice.pick(_FEEDERS), voice.pick(_HEAD_FEEDERS).split("|"), rows)


def _long(report: Report, voice: Voice) -> Table:
    flexible = {feeder.id for feeder in report.site.feeders if feeder.priority is PriorityClass.FLEXIBLE}
    real = [
        outage
        for outage in report.figures.outages.outages
        if outage.cause is not Cause.HOURS and outage.feeder not in flexible
    ]
    rows = [
        [
            voice.moment(outage.start_s),
            voice.pick(report.feeder(outage.feeder).name),
            voice.length(outage.length_s),
            voice.pick(CAUSE_NAMES[outage.cause]),
        ]
        for outage in sorted(real, key=lambda each: -each.length_s)[:_SHOWN]
    ]
    return Table(voice.pick(_LONG), voice.pick(_HEAD_LONG).split("|"), rows, words=(1, 2, 3))
