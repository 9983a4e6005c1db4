"""The commands of forecasts and plans: what is expected, what comes of it, and how good that is."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from controller.cli_commissioning import DEFAULT_CONFIG, ConfigOption


class What(StrEnum):
    """What is forecast."""

    PV = "pv"
    LOAD = "load"


def backtest(
    what: Annotated[What, typer.Argument(help="pv or load.", show_default=False)],
    data: Annotated[
        Path, typer.Option(help="Measured data: CSV or CSV.gz; docs/backtest.md says which columns.")
    ],
    site: Annotated[Path, typer.Option(help="The site: a small site file, or a config.yaml.")],
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First local day that is scored.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last local day that is scored.")
    ] = None,
    issue: Annotated[
        str | None,
        typer.Option(
            metavar="HH:MM",
            help="Local time at which the next day is forecast; default 18:00 for pv, 00:00 for load.",
        ),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(metavar="15m", help="Instead of once a day: issue so often, and score by lead time."),
    ] = None,
    horizon: Annotated[
        str, typer.Option(metavar="6h", help="How far the forecasts of --every look ahead.")
    ] = "6h",
    hours: Annotated[
        str | None,
        typer.Option(metavar="7-16", help="Score only these local hours, the last one included."),
    ] = None,
    step: Annotated[
        str | None, typer.Option(metavar="30m", help="Bring the data to this step first, as 15m or 1h.")
    ] = None,
    load: Annotated[
        list[str] | None, typer.Option("--load", metavar="NAME", help="Only this load of the file.")
    ] = None,
    relearn: Annotated[
        int, typer.Option(min=1, max=14, metavar="DAYS", help="Learn anew after so many days.")
    ] = 7,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", dir_okay=False, help="Draw a report.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Try the forecasts on measured data: walk forward through time, and see who would have been right.

    At each step the forecasters learn and forecast from what was known then; nothing later is handed to them.
    The leaderboard sets them beside persistence, climatology and, with weather forecasts in the file, the raw
    weather model. Exit status: 0 done, 1 the data cannot be tried, 78 the site file is wrong.
    """
    from controller.commands.backtest import BacktestRequest, run_backtest

    request = BacktestRequest(
        what=what.value, data=data, site=site, first=first, last=last, issue=issue, every=every,
        horizon=horizon, hours=hours, step=step, loads=tuple(load or ()), relearn_days=relearn,
        report=report, as_json=as_json,
    )  # fmt: skip
    sys.exit(run_backtest(request))


def forecast(
    config: ConfigOption = DEFAULT_CONFIG,
    file: Annotated[
        Path | None, typer.Option(help="A forecast.json, instead of the one beside the site's image.json.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the document itself.")] = False,
) -> None:
    """Show the next 48 hours: sun, use and battery with their doubt, good hours, and what was learned.

    It reads what the running controller made last. Exit status: 0 shown, 1 there is no forecast.
    """
    from controller.commands.forecast import show_forecast

    sys.exit(show_forecast(config, file, as_json=as_json))


def plan(
    config: ConfigOption = DEFAULT_CONFIG,
    file: Annotated[
        Path | None, typer.Option(help="A plan.json, instead of the one beside the site's image.json.")
    ] = None,
    why: Annotated[
        bool, typer.Option("--why", help="What binds, since when, and what would have to change.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the document itself.")] = False,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", dir_okay=False, help="Draw it into a file instead.")
    ] = None,
) -> None:
    """Show the plan of the next 48 hours: sun, use, battery and genset, and who is off when.

    It reads what the running controller follows. Exit status: 0 shown, 1 there is no plan.
    """
    from controller.commands.plan import show_plan

    sys.exit(show_plan(config, file, why=why, as_json=as_json, svg=svg))


def register(app: typer.Typer) -> None:
    """Add the commands of forecasts and plans."""
    app.command()(forecast)
    app.command()(plan)
    app.command()(backtest)
