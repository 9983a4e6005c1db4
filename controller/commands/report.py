"""`tawan report`: a month of the village as one HTML file for the tambon office."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.accounts.book import Book
from controller.accounts.ledger import FILE_NAME, Ledger
from controller.commands.configuration import load_or_explain
from controller.core.language import Language
from controller.reports.accounts import group_accounts
from controller.reports.figures.genset import FuelCurve
from controller.reports.figures.month import Month, Steps
from controller.reports.figures.whole import Fuel, Overview, month_figures, overview
from controller.reports.page import render_report
from controller.reports.reading import MonthReader
from controller.reports.report import Report
from controller.reports.section import Section
from controller.reports.sections.accounts import accounts
from controller.reports.voice import Voice
from controller.settings import Config, GensetSettings
from controller.site import site_from
from controller.telemetry.schema import StorageError

EXIT_NONE = 1
_IDLE_L_PER_H_KW = 0.08
"""Fuel without load for each kW of rated power, unless config.yaml says what it is."""


class NoReportError(Exception):
    """There is nothing to report, or no place to write to; the message says what to do."""


def make_report(config_path: Path, month: Month | None, lang: Language, out: Path | None) -> int:
    """Write the report of a month, or of the last one that is over; returns the exit status.

    1: there is no data, or no place to write to.
    """
    config = load_or_explain(config_path, with_profiles=False)
    voice, now = Voice(lang, ZoneInfo(config.site.timezone)), datetime.now(UTC)
    month = month or Month.of(now.astimezone(voice.zone).date()).before
    path = out or Path(f"{config.site.id}-{month}-{lang}.html")
    try:
        steps = Steps.until(month, voice.zone, now.timestamp())
        report = _report(config, steps)
        _write(path, render_report(report, voice, now, _accounts(config, month, now, voice)))
    except (NoReportError, StorageError) as err:
        print(f"tawan report: {err}", file=sys.stderr)
        return EXIT_NONE
    print(f"{path}: the report of {month}" + ("" if steps.complete else ", which is not over yet"))
    return 0


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as err:
        raise NoReportError(f"The report cannot be written to {path}: {err.strerror}.") from err


def _report(config: Config, steps: Steps) -> Report:
    """All that is known of a month. Raises NoReportError where that is nothing, StorageError."""
    path, month = config.storage.telemetry, steps.month
    if not steps.count:
        raise NoReportError(f"{month} has not begun yet.")
    if not path.exists():
        raise NoReportError(
            f"{path} does not exist: the controller (`tawan run`) writes it. Make the report on its "
            "computer, or name a copy of the file as storage.telemetry in config.yaml."
        )
    site, fuel = site_from(config), fuel_of(config.genset)
    reader = MonthReader(path, site)
    figures = month_figures(reader.read(steps), site, fuel)
    if not figures.completeness.known_frac:
        raise NoReportError(
            f"{path} holds no measurements of {month}. If an older card has them: name its file as "
            "storage.telemetry in a copy of config.yaml."
        )
    others = dict[Month, Overview]()
    for other in (month.before, month.year_before):
        found = overview(reader.read(Steps.whole(other, steps.zone), whole=False), site, fuel)
        if found is not None:
            others[other] = found
    return Report(site, month, figures, others)


def _accounts(config: Config, month: Month, now: datetime, voice: Voice) -> list[Section]:
    """The energy accounts, where the village keeps any for that month. Raises StorageError."""
    if config.accounts is None:
        return []
    zone, ledger = voice.zone, Ledger(config.storage.telemetry.with_name(FILE_NAME))
    book = Book(config.accounts, zone, ledger, config.storage.telemetry, now)
    groups = group_accounts(book, config.accounts, month)
    return [accounts(groups, voice)] if groups else []


def fuel_of(genset: GensetSettings | None) -> Fuel | None:
    """What config.yaml says of the genset's diesel; None without a genset."""
    if genset is None:
        return None
    idle_l_per_h = genset.idle_l_per_h
    if idle_l_per_h is None:
        idle_l_per_h = _IDLE_L_PER_H_KW * genset.rated_w / 1000
    curve = FuelCurve(idle_l_per_h, genset.l_per_kwh, genset.rated_w)
    return Fuel(curve, genset.tank_l, genset.fuel_thb_per_l)
