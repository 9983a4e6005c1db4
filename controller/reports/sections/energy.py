"""Where the energy came from, where it went, and what was left unused."""

from __future__ import annotations

import numpy as np

from controller.core.model import Text
from controller.reports.charts.average import Curve, average_day
from controller.reports.charts.daily import Layer, stacked_days
from controller.reports.figures.energy import Metered
from controller.reports.figures.month import Floats
from controller.reports.figures.series import Flow
from controller.reports.report import CLASS_NAMES, Report
from controller.reports.section import Chart, Section, Table
from controller.reports.voice import Voice

_TITLE = Text("พลังงาน", "Energy")
_SUN, _GENSET = Text("แดด", "Sun"), Text("เครื่องปั่นไฟ", "Genset")
_GRID = Text("การไฟฟ้า", "Public grid")
_USE = Text("ใช้ไฟ", "Use")
_KWH, _KW = Text("หน่วย", "kWh"), Text("กิโลวัตต์", "kW")
_UNUSED = Text(
    "แผงถูกลดกำลังรวม {hours} ชั่วโมง เพราะแบตเตอรี่เต็มหรือชาร์จไม่ได้ แดดที่ไม่ได้ใช้ประมาณ {wh} หน่วย (คลาดเคลื่อนได้ราว "
    "{error})",
    "Panels were held back for {hours} hours, as the battery was full or could not be charged. About "
    "{wh} kWh "
    "of sun went unused (usual error {error}).",
)
_UNUSED_UNKNOWN = Text(
    "แผงถูกลดกำลังรวม {hours} ชั่วโมง แต่ไม่ทราบว่าเสียไปกี่หน่วย เพราะไม่มีเครื่องวัดแดดหรือข้อมูลไม่พอ",
    "Panels were held back for {hours} hours. How much sun that cost is not known: there is no irradiance "
    "sensor, or too little was measured.",
)
_NONE_UNUSED = Text("แผงไม่ถูกลดกำลังเลย แดดถูกใช้ทั้งหมด", "Panels were never held back: all sun was used.")
_BY_DAY = Text("ไฟที่ผลิตแต่ละวัน แยกตามแหล่ง", "Energy of each day by source")
_AVERAGE = Text("กำลังไฟในวันเฉลี่ย", "The average day")
_SOURCES = Text("ไฟมาจากไหน ไปไหน", "Where it came from, where it went")
_FEEDERS = Text("การใช้ไฟแต่ละสาย", "Use by line")
_CLASSES = Text("การใช้ไฟแต่ละกลุ่ม", "Use by group")
_HEAD_CLASSES = Text("กลุ่ม|หน่วย|สัดส่วน", "Group|kWh|Share")
_HEAD = Text("|หน่วย|ต่อวัน|วัดได้", "|kWh|a day|measured")
_HEAD_FEEDERS = Text(
    "สาย|กลุ่ม|ครัวเรือน|หน่วย|ต่อครัวเรือนต่อวัน|วัดได้", "Line|Group|Households|kWh|a household and day|measured"
)
_METERED = Text("หน่วยตามมิเตอร์", "kWh by the meter")
_HOW_METERED = Text(
    "“หน่วยตามมิเตอร์” นับจากตัวเลขสะสมของมิเตอร์เอง จึงรวมช่วงที่ระบบไม่ได้บันทึกด้วย ในวงเล็บคือส่วนของเดือนที่รู้",
    "“kWh by the meter” is what the meter itself counted: it holds what passed while nothing was recorded. "
    "In brackets: the part of the month for which that is known.",
)
_FROM_SUN = Text("ผลิตจากแดด", "From the sun")
_FROM_GENSET = Text("จากเครื่องปั่นไฟ", "From the genset")
_FROM_GRID = Text("รับจากการไฟฟ้า", "From the public grid")
_TO_GRID = Text("ส่งให้การไฟฟ้า", "To the public grid")
_TO_LINES = Text("ใช้ในสายจ่ายไฟทุกสาย", "Used on all lines")
_INTO = Text("ชาร์จเข้าแบตเตอรี่", "Into the battery")
_OUT_OF = Text("จ่ายออกจากแบตเตอรี่", "Out of the battery")
_LOSSES = Text("สูญเสียในอินเวอร์เตอร์และสายไฟ", "Lost in inverters and wires")
_WHOLE_FRAC = 0.995
"""What a meter counted of less of the month is told with that part."""
_HOW = Text(
    "นับจากค่าเฉลี่ยทุก 15 นาที ส่วนที่ไม่ได้วัดไม่นับและไม่เดา ช่อง “วัดได้” บอกว่าวัดได้กี่ส่วนของเวลา",
    "Summed up from quarter-hour means. What was not measured adds nothing and is not guessed; the last "
    "column "
    "says how much of the time was measured.",
)
_HOW_UNUSED = Text(
    "แดดที่ไม่ได้ใช้ประมาณจากเครื่องวัดแดด: กำลังต่อแดดในช่วงที่แผงไม่ถูกจำกัด ใช้กับช่วงที่ถูกจำกัด",
    "Unused sun is estimated from the irradiance sensor: what the panels gave for each W/m2 while they "
    "were "
    "free, applied to the quarters in which they were held back.",
)


def energy(report: Report, voice: Voice) -> Section:
    """Sources and uses, by day, by line and by the hour of the day."""
    return Section(
        id="energy",
        title=voice.pick(_TITLE),
        paragraphs=[_unused(report, voice)],
        charts=_charts(report, voice),
        tables=[_sources(report, voice), _classes(report, voice), _feeders(report, voice)],
        notes=_notes(report, voice),
    )


def _notes(report: Report, voice: Voice) -> list[str]:
    notes = [_HOW]
    if _metered(report):
        notes.append(_HOW_METERED)
    if report.figures.unused_sun.wh:
        notes.append(_HOW_UNUSED)
    return [voice.pick(note) for note in notes]


def _unused(report: Report, voice: Voice) -> str:
    unused = report.figures.unused_sun
    if unused.held_back_h == 0:
        return voice.pick(_NONE_UNUSED)
    hours = voice.hours(unused.held_back_h)
    if unused.wh is None or unused.typical_error_frac is None:
        return voice.say(_UNUSED_UNKNOWN, hours=hours)
    return voice.say(
        _UNUSED, hours=hours, wh=voice.kwh(unused.wh), error=voice.percent(unused.typical_error_frac)
    )


def _charts(report: Report, voice: Voice) -> list[Chart]:
    figures, charts = report.figures.energy, list[Chart]()
    sources = [
        ("sun", _SUN, figures.sun),
        ("genset", _GENSET, figures.genset),
        ("grid", _GRID, figures.grid_in),
    ]
    layers = [
        Layer(f"{style} patch", voice.pick(name), source.by_day_wh / 1000)
        for style, name, source in sources
        if source is not None and source.wh
    ]
    if layers:
        svg = stacked_days(layers, voice.pick(_KWH), voice.pick(_BY_DAY), "chart-days")
        charts.append(Chart(voice.pick(_BY_DAY), svg))
    curves = [
        Curve(style, voice.pick(name), values / 1000)
        for style, name, values in (
            ("sun", _SUN, figures.profile_sun_w),
            ("use", _USE, figures.profile_load_w),
        )
        if _anything(values)
    ]
    if curves:
        svg = average_day(curves, voice.pick(_KW), voice.pick(_AVERAGE), "chart-average")
        charts.append(Chart(voice.pick(_AVERAGE), svg))
    return charts


def _anything(values: Floats) -> bool:
    return bool(np.isfinite(values).any())


def _sources(report: Report, voice: Voice) -> Table:
    figures = report.figures.energy
    flows: list[tuple[Text, Flow | None]] = [
        (_FROM_SUN, figures.sun),
        (_FROM_GENSET, figures.genset),
        (_FROM_GRID, figures.grid_in),
        (_TO_GRID, figures.grid_out),
        (_TO_LINES, figures.load),
        (_INTO, figures.battery_in),
        (_OUT_OF, figures.battery_out),
    ]
    rows = [
        [
            voice.pick(name),
            voice.maybe(each.wh, voice.kwh),
            voice.maybe(each.wh_per_day, voice.kwh),
            voice.percent(each.known_frac),
        ]
        for name, each in flows
        if each is not None
    ]
    rows.append([voice.pick(_LOSSES), voice.maybe(figures.losses_wh, voice.kwh), "", ""])
    return Table(voice.pick(_SOURCES), voice.pick(_HEAD).split("|"), rows)


def _feeders(report: Report, voice: Voice) -> Table:
    figures = report.figures.energy
    rows = [
        [
            voice.pick(feeder.name),
            voice.pick(CLASS_NAMES[feeder.priority]),
            voice.number(feeder.households),
            voice.maybe(figures.feeders[feeder.id].flow.wh, voice.kwh),
            voice.maybe(figures.feeders[feeder.id].per_household_day_wh, voice.kwh),
            voice.percent(figures.feeders[feeder.id].flow.known_frac),
        ]
        for feeder in report.site.feeders
    ]
    head = voice.pick(_HEAD_FEEDERS).split("|")
    if _metered(report):
        head.append(voice.pick(_METERED))
        for row, feeder in zip(rows, report.site.feeders, strict=True):
            row.append(_counted(figures.feeders[feeder.id].metered, voice))
    return Table(voice.pick(_FEEDERS), head, rows, words=(1,))


def _counted(metered: Metered | None, voice: Voice) -> str:
    if metered is None:
        return voice.unknown
    partly = f" ({voice.percent(metered.known_frac)})" if metered.known_frac < _WHOLE_FRAC else ""
    return f"{voice.kwh(metered.wh)}{partly}"


def _metered(report: Report) -> bool:
    """Whether any line's meter counts energy."""
    return any(each.metered is not None for each in report.figures.energy.feeders.values())


def _classes(report: Report, voice: Voice) -> Table:
    classes = report.figures.energy.classes
    whole_wh = sum(wh for wh in classes.values() if wh is not None)
    rows = [
        [
            voice.pick(CLASS_NAMES[priority]),
            voice.maybe(wh, voice.kwh),
            voice.unknown if wh is None or not whole_wh else voice.percent(wh / whole_wh),
        ]
        for priority, wh in classes.items()
    ]
    return Table(voice.pick(_CLASSES), voice.pick(_HEAD_CLASSES).split("|"), rows)
