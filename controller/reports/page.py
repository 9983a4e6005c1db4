"""From a month's report to one self-contained HTML file that prints to A4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from controller.core.model import Text
from controller.reports.report import Report
from controller.reports.section import Section
from controller.reports.sections.alarms import alarms
from controller.reports.sections.battery import battery
from controller.reports.sections.data import data
from controller.reports.sections.energy import energy
from controller.reports.sections.fairness import fairness
from controller.reports.sections.forecast import forecast
from controller.reports.sections.genset import genset
from controller.reports.sections.glance import glance
from controller.reports.sections.outages import outages
from controller.reports.voice import Voice

_TEMPLATES = Path(__file__).parent / "templates"
_TITLE = Text("รายงานไฟฟ้าประจำเดือน{month}", "Electricity report for {month}")
_UNFINISHED = Text(
    "เดือนนี้ยังไม่สิ้นสุด: ข้อมูลถึง {until} เท่านั้น",
    "This month is not over: the report goes to {until} only.",
)
_MADE = Text(
    "จัดทำเมื่อ {at} โดย Tawan จากข้อมูลที่วัดและบันทึกไว้ในหมู่บ้าน",
    "Made on {at} by Tawan from what was measured and logged in the village.",
)
_HOUSEHOLDS = Text(
    "{homes} ครัวเรือน · แผงโซลาร์ {pv} กิโลวัตต์ · แบตเตอรี่ {battery} หน่วย{genset}",
    "{homes} households · {pv} kW of panels · {battery} kWh of battery{genset}",
)
_GENSET = Text(" · เครื่องปั่นไฟ {kw} กิโลวัตต์", " · genset of {kw} kW")
_CONTENTS = Text("สารบัญ", "Contents")

_SECTIONS: Sequence[Callable[[Report, Voice], Section]] = (
    glance,
    energy,
    outages,
    fairness,
    genset,
    battery,
    forecast,
    alarms,
    data,
)


def render_report(report: Report, voice: Voice, made: datetime, extra: Sequence[Section] = ()) -> str:
    """The report as HTML. `extra`: further sections, before the one on the data. `made`: aware."""
    sections = [section(report, voice) for section in _SECTIONS]
    steps = report.figures.steps
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(
        lang=voice.lang.value,
        title=voice.say(_TITLE, month=voice.month(report.month)),
        place=voice.pick(report.site.name),
        facts=_facts(report, voice),
        unfinished="" if steps.complete else voice.say(_UNFINISHED, until=voice.moment(steps.end_s)),
        made=voice.say(_MADE, at=voice.moment(made.timestamp())),
        contents=voice.pick(_CONTENTS),
        sections=[*sections[:-1], *extra, sections[-1]],
        style=Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
    )


def _facts(report: Report, voice: Voice) -> str:
    site = report.site
    spec = site.genset
    return voice.say(
        _HOUSEHOLDS,
        homes=voice.number(report.homes),
        pv=voice.number(sum(pv.ac_w for pv in site.pv) / 1000),
        battery=voice.number(site.battery.energy_wh / 1000),
        genset="" if spec is None else voice.say(_GENSET, kw=voice.number(spec.rated_w / 1000)),
    )
