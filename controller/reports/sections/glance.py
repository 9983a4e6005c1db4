"""The month at a glance: a few sentences that everybody understands, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable

from controller.core.model import PriorityClass, Text
from controller.reports.figures.month import Month
from controller.reports.figures.whole import Overview, overview_of
from controller.reports.report import Report
from controller.reports.section import Section, Table
from controller.reports.voice import Voice

_TITLE = Text("เดือนนี้โดยย่อ", "The month at a glance")
_USED = Text("หมู่บ้านใช้ไฟ {load} หน่วย{day}{home}", "The village used {load} kWh{day}{home}.")
_A_DAY = Text(" เฉลี่ยวันละ {wh} หน่วย", ", {wh} kWh a day")
_A_HOME = Text(" บ้านแต่ละหลังใช้ประมาณวันละ {wh} หน่วย", "; a home used about {wh} kWh a day")
_USED_UNKNOWN = Text("เดือนนี้ไม่มีข้อมูลการใช้ไฟ", "Nothing is known of what the village used this month.")
_SUN = Text(
    "ไฟ {share} มาจากแดด ที่เหลือมาจาก{others}",
    "{share} of the electricity came from the sun, the rest from {others}.",
)
_SUN_ALL = Text("ไฟทั้งหมดมาจากแดด", "All of the electricity came from the sun.")
_GENSET = Text("เครื่องปั่นไฟ", "the genset")
_GRID = Text("การไฟฟ้า", "the public grid")
_OFF = Text(
    "บ้านหนึ่งหลังไม่มีไฟเฉลี่ยรวม {hours} ชั่วโมงตลอดเดือน ใน {times} ครั้ง",
    "An average household was without power for {hours} hours in the month, {times} times.",
)
_NEVER_OFF = Text(
    "ไม่มีสายใดดับเกิน 5 นาที (ไม่นับสายที่เลื่อนเวลาใช้ไฟได้)",
    "No line was off for more than five minutes, but for those whose use can wait.",
)
_PARTLY = Text(
    "ข้อควรระวัง: เดือนนี้วัดได้เพียง {frac} ของเวลา ตัวเลขทั้งหมดเป็นของช่วงที่วัดได้เท่านั้น",
    "Mind that only {frac} of the time was measured: all figures are of that time.",
)
_OFF_UNKNOWN = Text("บันทึกไม่มีข้อมูลว่าสายใดดับ", "The log tells nothing of lines that were off.")
_SAVED = Text(
    "ถ้าใช้แต่เครื่องปั่นไฟ จะต้องใช้น้ำมันดีเซลเพิ่มอีกอย่างน้อย {litres} ลิตร จึงลดคาร์บอนไดออกไซด์ได้อย่างน้อย {co2} กิโลกรัม",
    "With a genset alone it would have taken at least {litres} litres of diesel more, so at least {co2} "
    "kg of "
    "CO2 were saved.",
)
_MORE = Text("มากกว่าเดือน{month} อยู่ {percent}", "{percent} more than in {month}")
_LESS = Text("น้อยกว่าเดือน{month} อยู่ {percent}", "{percent} less than in {month}")
_SAME = Text("พอ ๆ กับเดือน{month}", "as much as in {month}")
_BESIDE = Text("คิดต่อวัน {told}", "A day, that is {told}.")
_COMPARED = Text("เทียบกับเดือนก่อนและเดือนเดียวกันของปีก่อน", "Beside the month before and the same month last year")
_NOTHING = Text("ไม่มีข้อมูล", "no data")
_ROWS: tuple[tuple[Text, Callable[[Overview, Voice], str]], ...] = (
    (
        Text("ใช้ไฟต่อวัน (หน่วย)", "Used a day (kWh)"),
        lambda each, voice: voice.maybe(each.load_wh_per_day, voice.kwh),
    ),
    (
        Text("ไฟจากแดดต่อวัน (หน่วย)", "From the sun a day (kWh)"),
        lambda each, voice: voice.maybe(each.sun_wh_per_day, voice.kwh),
    ),
    (
        Text("สัดส่วนไฟจากแดด", "Share of the sun"),
        lambda each, voice: voice.maybe(each.sun_share_frac, voice.percent),
    ),
    (
        Text("น้ำมันดีเซลทั้งเดือน (ลิตร)", "Diesel in the month (litres)"),
        lambda each, voice: voice.maybe(each.diesel_l, voice.number),
    ),
    (
        Text("ไม่มีไฟเฉลี่ยต่อบ้าน (ชั่วโมง)", "Without power, average household (h)"),
        lambda each, voice: voice.maybe(each.saidi_h, voice.hours),
    ),
    (Text("วัดได้", "Measured"), lambda each, voice: voice.percent(each.known_frac)),
)
_SAME_FRAC = 0.02
_MOSTLY_FRAC = 0.9


def glance(report: Report, voice: Voice) -> Section:
    """Three or four sentences, and a table beside other months."""
    figures = report.figures
    own = overview_of(figures.energy, figures.outages, figures.genset)
    told = [_used(report, own, voice), _sources(report, voice), _off(report, voice), _saved(report, voice)]
    if own.known_frac < _MOSTLY_FRAC:
        told.append(voice.say(_PARTLY, frac=voice.percent(own.known_frac)))
    return Section(
        id="glance",
        title=voice.pick(_TITLE),
        paragraphs=[sentence for sentence in told if sentence],
        tables=[_compared(report, own, voice)],
    )


def _used(report: Report, own: Overview, voice: Voice) -> str:
    energy = report.figures.energy
    if energy.load.wh is None:
        return voice.pick(_USED_UNKNOWN)
    homes_wh, days = energy.classes.get(PriorityClass.HOUSEHOLD), energy.load.known_days
    per_home_wh = (
        homes_wh / report.homes / days if homes_wh is not None and report.homes and days >= 1 else None
    )
    used = voice.say(
        _USED,
        load=voice.kwh(energy.load.wh),
        day="" if own.load_wh_per_day is None else voice.say(_A_DAY, wh=voice.kwh(own.load_wh_per_day)),
        home="" if per_home_wh is None else voice.say(_A_HOME, wh=voice.kwh(per_home_wh)),
    )
    return f"{used} {_beside(report, own, voice)}".rstrip()


def _beside(report: Report, own: Overview, voice: Voice) -> str:
    told = list[str]()
    for month in (report.month.before, report.month.year_before):
        other = report.others.get(month)
        if other is None or not other.load_wh_per_day or own.load_wh_per_day is None:
            continue
        change = own.load_wh_per_day / other.load_wh_per_day - 1
        text = _SAME if abs(change) < _SAME_FRAC else _MORE if change > 0 else _LESS
        told.append(voice.say(text, month=voice.month(month), percent=voice.percent(change)))
    return voice.say(_BESIDE, told=voice.listed(told)) if told else ""


def _sources(report: Report, voice: Voice) -> str:
    energy = report.figures.energy
    if energy.sun_share_frac is None:
        return ""
    others = [
        voice.pick(name)
        for name, source in ((_GENSET, energy.genset), (_GRID, energy.grid_in))
        if source is not None and source.wh
    ]
    if not others:
        return voice.pick(_SUN_ALL)
    return voice.say(_SUN, share=voice.percent(energy.sun_share_frac), others=voice.listed(others))


def _off(report: Report, voice: Voice) -> str:
    outages = report.figures.outages
    if not outages.logged:
        return voice.pick(_OFF_UNKNOWN)
    if outages.saidi_h == 0:
        return voice.pick(_NEVER_OFF)
    return voice.say(_OFF, hours=voice.hours(outages.saidi_h), times=voice.number(outages.saifi, 1))


def _saved(report: Report, voice: Voice) -> str:
    saved = report.figures.savings
    if saved is None or saved.diesel_l < 1:
        return ""
    return voice.say(_SAVED, litres=voice.number(saved.diesel_l), co2=voice.number(saved.co2_kg))


def _compared(report: Report, own: Overview, voice: Voice) -> Table:
    months: list[tuple[Month, Overview | None]] = [(report.month, own)]
    months += [(month, report.others.get(month)) for month in (report.month.before, report.month.year_before)]
    return Table(
        caption=voice.pick(_COMPARED),
        head=["", *(voice.month(month) for month, _ in months)],
        rows=[[voice.pick(name), *(_cell(each, say, voice) for _, each in months)] for name, say in _ROWS],
    )


def _cell(each: Overview | None, say: Callable[[Overview, Voice], str], voice: Voice) -> str:
    return voice.pick(_NOTHING) if each is None else say(each, voice)
