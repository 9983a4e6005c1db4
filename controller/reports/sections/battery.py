"""The battery's use and health, with how it was estimated and when it cannot be."""

from __future__ import annotations

from controller.core.model import Text
from controller.reports.charts.daily import soc_days
from controller.reports.figures.battery import LEAST_SWINGS, BatteryFigures, Capacity
from controller.reports.report import Report
from controller.reports.section import Chart, Section, Table
from controller.reports.voice import Voice

_TITLE = Text("แบตเตอรี่", "Battery")
_USED = Text(
    "แบตเตอรี่ถูกใช้เท่ากับ {cycles} รอบเต็ม ต่ำสุด {deepest} เต็ม {full} วันจาก {days} วันที่วัดได้",
    "The battery did {cycles} full cycles' worth of work, went down to {deepest} and was full on {full} "
    "of {days} "
    "measured days.",
)
_UNKNOWN = Text("ไม่มีข้อมูลระดับแบตเตอรี่", "The battery's level was not measured.")
_CAPACITY = Text(
    "ความจุที่ประมาณจากข้อมูล {wh} หน่วย (คลาดเคลื่อนได้ {error} หน่วย) คือ {share} ของป้ายเครื่อง {nameplate} หน่วย",
    "The capacity estimated from the data is {wh} kWh (give or take {error} kWh): {share} of the "
    "nameplate's "
    "{nameplate} kWh.",
)
_NO_CAPACITY = Text(
    "เดือนนี้ประมาณความจุไม่ได้ เพราะมีการจ่ายไฟต่อเนื่อง 30 % ขึ้นไปเพียง {swings} ครั้ง ต้องมีอย่างน้อย {least} ครั้ง",
    "The capacity cannot be estimated this month: there were {swings} discharges of 30 % or more without "
    "a gap, "
    "and it takes {least}.",
)
_EFFICIENCY = Text(
    "ประสิทธิภาพรอบชาร์จและจ่าย {frac} (คลาดเคลื่อนได้ {error}): จาก 100 หน่วยที่ชาร์จ ใช้ได้จริง {out} หน่วย",
    "Round-trip efficiency is {frac} (give or take {error}): of 100 kWh charged, {out} come back.",
)
_NO_EFFICIENCY = Text(
    "เดือนนี้บอกประสิทธิภาพไม่ได้ เพราะข้อมูลไม่ครบหรือแบตเตอรี่ถูกใช้น้อยเกินไป",
    "The efficiency cannot be told this month: too little was measured, or the battery was hardly used.",
)
_CHART = Text("ระดับแบตเตอรี่แต่ละวัน: ต่ำสุด เฉลี่ย สูงสุด", "Battery level by day: lowest, mean, highest")
_TABLE = Text("แบตเตอรี่ในเดือนนี้", "The battery this month")
_HEAD = Text("|เดือนนี้", "|This month")
_ROW_CAPACITY = Text("ความจุที่ประมาณได้ (หน่วย)", "Estimated capacity (kWh)")
_ROW_AH = Text("ความจุ (แอมแปร์ชั่วโมง)", "Capacity (Ah)")
_ROW_SWINGS = Text("ครั้งที่จ่ายไฟลึกพอจะประมาณได้", "Discharges deep enough to tell")
_ROW_SOH = Text("สุขภาพที่แบตเตอรี่บอกเอง", "State of health, as the battery tells it")
_ROW_EFFICIENCY = Text("ประสิทธิภาพรอบชาร์จและจ่าย", "Round-trip efficiency")
_ROW_CYCLES = Text("รอบเต็มเทียบเท่า", "Equivalent full cycles")
_ROW_DEEPEST, _ROW_HIGHEST = Text("ต่ำสุด", "Lowest level"), Text("สูงสุด", "Highest level")
_ROW_FULL = Text("วันที่เต็ม", "Days full")
_ROW_TEMPERATURE = Text("อุณหภูมิเฉลี่ย / สูงสุด", "Temperature, mean / highest")
_HOW = Text(
    "ความจุ = ไฟที่นับได้ขณะจ่าย หารด้วยระดับที่ลดลง เฉลี่ยจากทุกครั้งที่ลดลง 30 % ขึ้นไปโดยข้อมูลไม่ขาด "
    "ความคลาดเคลื่อนคือสองเท่าของความคลาดเคลื่อนมาตรฐาน "
    "ค่านี้แม่นเท่ากับเครื่องวัดระดับ ถ้าเครื่องวัดเพียงนับจากความจุตามป้าย ผลก็จะเท่ากับป้าย",
    "Capacity: energy counted out, divided by the fall of the level, averaged over all falls of 30 % or "
    "more "
    "without a gap; the margin is two standard errors. It is as good as the gauge: one that merely "
    "counts from "
    "the nameplate's capacity gives that back.",
)
_HOW_EFFICIENCY = Text(
    "ประสิทธิภาพ = ไฟออก หารด้วยไฟเข้าที่หักส่วนต่างของระดับต้นเดือนกับปลายเดือนแล้ว วัดที่ขั้วแบตเตอรี่ ไม่รวมอินเวอร์เตอร์",
    "Efficiency: energy out, divided by energy in less the difference between the levels at both ends of "
    "the "
    "month; at the battery's terminals, without the inverters.",
)


def battery(report: Report, voice: Voice) -> Section:
    """Sentences, the level by day, and a table."""
    figures = report.figures.battery
    if not figures.measured_days:
        return Section("battery", voice.pick(_TITLE), [voice.pick(_UNKNOWN)])
    chart = soc_days(
        figures.by_day_low,
        figures.by_day_mean,
        figures.by_day_high,
        report.site.battery.reserve_soc_frac,
        voice.pick(_CHART),
        "chart-soc",
    )
    return Section(
        id="battery",
        title=voice.pick(_TITLE),
        paragraphs=[_used(figures, voice), _capacity(report, voice), _efficiency(figures, voice)],
        charts=[Chart(voice.pick(_CHART), chart)],
        tables=[_table(figures, voice)],
        notes=[voice.pick(_HOW), voice.pick(_HOW_EFFICIENCY)],
    )


def _used(figures: BatteryFigures, voice: Voice) -> str:
    return voice.say(
        _USED,
        cycles=voice.maybe(figures.cycles, lambda cycles: voice.number(cycles, 1)),
        deepest=voice.maybe(figures.deepest_frac, voice.percent),
        full=voice.number(figures.full_days),
        days=voice.number(figures.measured_days),
    )


def _capacity(report: Report, voice: Voice) -> str:
    found, nameplate_wh = report.figures.battery.capacity, report.site.battery.energy_wh
    if found is None:
        swings = voice.number(report.figures.battery.swings)
        return voice.say(_NO_CAPACITY, swings=swings, least=voice.number(LEAST_SWINGS))
    return voice.say(
        _CAPACITY,
        wh=voice.number(found.wh / 1000, 1),
        error=voice.number(found.error_wh / 1000, 1),
        share=voice.percent(found.wh / nameplate_wh),
        nameplate=voice.kwh(nameplate_wh),
    )


def _efficiency(figures: BatteryFigures, voice: Voice) -> str:
    if figures.efficiency_frac is None or figures.efficiency_error_frac is None:
        return voice.pick(_NO_EFFICIENCY)
    return voice.say(
        _EFFICIENCY,
        frac=voice.percent(figures.efficiency_frac, 1),
        error=voice.percent(figures.efficiency_error_frac, 1),
        out=voice.number(100 * figures.efficiency_frac),
    )


def _table(figures: BatteryFigures, voice: Voice) -> Table:
    capacity = figures.capacity
    rows = [
        [voice.pick(_ROW_CAPACITY), voice.maybe(capacity.wh if capacity else None, voice.kwh)],
        *_ah(capacity, voice),
        [voice.pick(_ROW_SWINGS), voice.number(figures.swings)],
        [voice.pick(_ROW_SOH), voice.maybe(figures.soh_frac, voice.percent)],
        [voice.pick(_ROW_EFFICIENCY), voice.maybe(figures.efficiency_frac, voice.percent)],
        [voice.pick(_ROW_CYCLES), voice.maybe(figures.cycles, lambda cycles: voice.number(cycles, 1))],
        [voice.pick(_ROW_DEEPEST), voice.maybe(figures.deepest_frac, voice.percent)],
        [voice.pick(_ROW_HIGHEST), voice.maybe(figures.highest_frac, voice.percent)],
        [voice.pick(_ROW_FULL), voice.number(figures.full_days)],
        [voice.pick(_ROW_TEMPERATURE), " / ".join(_temperatures(figures, voice))],
    ]
    return Table(voice.pick(_TABLE), voice.pick(_HEAD).split("|"), rows)


def _ah(capacity: Capacity | None, voice: Voice) -> list[list[str]]:
    if capacity is None or capacity.ah is None:
        return []
    return [[voice.pick(_ROW_AH), voice.number(capacity.ah)]]


def _temperatures(figures: BatteryFigures, voice: Voice) -> list[str]:
    return [voice.maybe(celsius, voice.temperature) for celsius in (figures.mean_c, figures.hottest_c)]
