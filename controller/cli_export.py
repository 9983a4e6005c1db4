"""The command that hands out what was measured."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from controller.cli_commissioning import DEFAULT_CONFIG, ConfigOption


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(export)


def export(
    out: Annotated[Path, typer.Argument(help="The file to write; it ends in .csv or .parquet.")],
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First local day, as 2026-10-01.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last local day, included; default the first.")
    ] = None,
    month: Annotated[
        str | None, typer.Option(metavar="MONTH", help="Instead of days: a month, as 2026-10.")
    ] = None,
    series: Annotated[
        str,
        typer.Option(help="What to export: subject.point, separated by commas; * stands for any."),
    ] = "site.*",
    step: Annotated[int, typer.Option(help="Seconds of a step: 10, 60, 300, 900 or 3600.")] = 900,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write what was measured to a CSV or Parquet file, by period and series.

    10 s are kept for a week, minutes for 90 days, quarters of an hour for ever. Times are local days; the
    files hold UTC. Energy counters are the meters' last readings.
    """
    from controller.commands.export import ExportOptions, export_history

    begin, end = _days(first, last, month)
    options = ExportOptions(config, begin, end, series.split(","), step, out)
    sys.exit(export_history(options))


def _days(first: str | None, last: str | None, month: str | None) -> tuple[date, date]:
    if month is not None:
        if first is not None or last is not None:
            raise typer.BadParameter("give either a month or days", param_hint="--month")
        begin = _date(f"{month}-01", "--month", "2026-10")
        return begin, (begin + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if first is None:
        raise typer.BadParameter("say which days: --from 2026-10-01, or --month 2026-10", param_hint="--from")
    begin = _date(first, "--from", "2026-10-01")
    return begin, begin if last is None else _date(last, "--to", "2026-10-31")


def _date(text: str, option: str, example: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date such as {example}", param_hint=option) from None
