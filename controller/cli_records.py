"""The commands of what was recorded: the monthly report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from controller.cli_commissioning import DEFAULT_CONFIG, ConfigOption
from controller.core.language import Language


def report(
    config: ConfigOption = DEFAULT_CONFIG,
    month: Annotated[
        str | None, typer.Option(metavar="2026-10", help="The month; default the last one that is over.")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Thai or English.")] = Language.TH,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", dir_okay=False, help="Default: SITE-MONTH-LANG.html, here."),
    ] = None,
) -> None:
    """Make the monthly report: one HTML file that prints to A4, for the tambon office and the notice board.

    Energy, outages and their reasons, fairness, genset and diesel saved, the battery's health, forecasts,
    alarms, and what was not measured. Exit status: 0 written, 1 there is no data, 78 a mistake in
    config.yaml.
    """
    from controller.commands.report import make_report
    from controller.reports.figures.month import Month

    try:
        chosen = None if month is None else Month.parse(month)
    except ValueError as err:
        told = f"{err}; years are those of the common era"
        raise typer.BadParameter(told, param_hint="--month") from None
    sys.exit(make_report(config, chosen, lang, out))


def register(app: typer.Typer) -> None:
    """Add the commands of what was recorded."""
    app.command()(report)
