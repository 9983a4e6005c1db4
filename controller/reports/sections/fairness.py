"""How evenly power was shared, and who came off worst."""

from __future__ import annotations

from controller.core.model import PriorityClass, Text
from controller.reports.charts.average import Share, share_bars
from controller.reports.report import CLASS_NAMES, Report
from controller.reports.section import Chart, Section
from controller.reports.voice import Voice

_TITLE = Text("แบ่งไฟเป็นธรรมไหม", "Was power shared fairly?")
_HOMES = Text(
    "{name}ได้ไฟ {least} ถึง {most} ของที่อยากใช้ ต่างกันมากสุด {points} จุดร้อยละ ดัชนีความเป็นธรรม (Jain) {jain} "
    "({word})",
    "{name} got between {least} and {most} of what they wanted; they differ by {points} percentage "
    "points at "
    "most. Jain's index of fairness is {jain}: {word}.",
)
_WHOLE = Text("{name}ได้ไฟครบตามที่อยากใช้", "{name} got all that they wanted.")
_EVEN = Text("เท่าเทียมกันมาก", "very even")
_RATHER = Text("ค่อนข้างเท่าเทียม", "rather even")
_UNEVEN = Text("ไม่เท่าเทียม ควรหาสาเหตุ", "uneven: find out why")
_WORST = Text("สายที่ขาดไฟมากที่สุด: {names}", "Those who went without most: {names}.")
_ONE = Text("{name} (ขาด {wh} หน่วย)", "{name} ({wh} kWh)")
_NOBODY = Text("ไม่มีสายใดต้องขาดไฟ", "No line had to go without.")
_CHART = Text("ไฟที่ได้ เทียบกับที่อยากใช้", "Power got, of what was wanted")
_HOW = Text(
    "ส่วนที่ได้ = ไฟที่ได้ใช้ หารด้วยไฟที่ได้ใช้รวมกับไฟที่น่าจะใช้ขณะดับ "
    "ซึ่งประมาณจากการใช้ไฟเฉลี่ยของสายนั้นในช่วงเวลาเดียวกันของวันในเดือนนี้ "
    "ดัชนี Jain เท่ากับ 1 เมื่อทุกบ้านได้เท่ากัน (Jain, Chiu และ Hawe 1984)",
    "A share is what a line got, divided by that and what it would have used while it was off: its own "
    "average "
    "of the month at that time of day. Jain's index is 1 when all homes are alike (Jain, Chiu and Hawe "
    "1984).",
)


def fairness(report: Report, voice: Voice) -> Section:
    """Shares by class in words, by line as bars, and the worst lines."""
    shares = report.figures.shares
    told = [
        _class(report, priority, voice)
        for priority in (PriorityClass.HOUSEHOLD, PriorityClass.ESSENTIAL, PriorityClass.CRITICAL)
        if priority in shares.classes
    ]
    worst = [
        voice.say(_ONE, name=voice.pick(report.feeder(name).name), wh=voice.kwh(share.without_wh))
        for name in shares.worst
        if (share := shares.feeders[name]) is not None
    ]
    told.append(voice.say(_WORST, names=voice.listed(worst)) if worst else voice.pick(_NOBODY))
    bars = [
        Share(voice.pick(feeder.name), share.served_frac, voice.percent(share.served_frac))
        for feeder in report.site.feeders
        if (share := shares.feeders[feeder.id]) is not None and share.served_frac is not None
    ]
    charts = [Chart(voice.pick(_CHART), share_bars(bars, voice.pick(_CHART), "chart-shares"))] if bars else []
    return Section("fairness", voice.pick(_TITLE), told, charts, notes=[voice.pick(_HOW)])


def _class(report: Report, priority: PriorityClass, voice: Voice) -> str:
    shares, name = report.figures.shares, voice.pick(CLASS_NAMES[priority])
    fracs = [
        share.served_frac
        for feeder in report.site.feeders
        if feeder.priority is priority
        and (share := shares.feeders[feeder.id]) is not None
        and share.served_frac is not None
    ]
    if min(fracs) > 1 - 5e-4:
        return voice.say(_WHOLE, name=name)
    found = shares.classes[priority]
    word = _EVEN if (found.jain or 0) > 0.995 else _RATHER if (found.jain or 0) > 0.97 else _UNEVEN
    return voice.say(
        _HOMES,
        name=name,
        least=voice.percent(min(fracs), 1),
        most=voice.percent(max(fracs), 1),
        points=voice.number(100 * found.spread_frac, 1),
        jain=voice.maybe(found.jain, lambda jain: voice.number(jain, 3)),
        word=voice.pick(word),
    )
