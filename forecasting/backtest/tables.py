"""The leaderboards of `tawan backtest` in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, JustifyMethod, RenderableType
from rich.markup import escape
from rich.table import Table

from forecasting.backtest.document import mean_duels
from forecasting.backtest.labels import lead_label, percent, watts
from forecasting.backtest.leaderboard import Row
from forecasting.backtest.trial import Result
from forecasting.grid import local_time

_NONE = "–"


def tables(results: Sequence[Result], rated_w: float | None) -> RenderableType:
    """Each trial's leaderboard, and the mean over several; rated_w: what an RMSE is related to."""
    parts: list[RenderableType] = []
    for result in results:
        parts += [_heading(result), _board(result, rated_w), "", _duels(result), "", _leads(result), ""]
    if len(results) > 1:
        parts.append(_mean(results))
    return Group(*parts)


def _heading(result: Result) -> str:
    walked, board = result.walked, result.board
    first, last = local_time(walked.start_s[[0, -1]], result.timezone).dates
    return (
        f"[bold]{escape(result.name)}[/bold]: {first} to {last}, {board.measured} steps of "
        f"{walked.step_s // 60} min. Scored where [italic]{result.reference}[/italic] has a value too.\n"
    )


def _board(result: Result, rated_w: float | None) -> Table:
    related = () if rated_w is None else ("RMSE %",)
    others = ("steps", "RMSE W", *related, "MAE W", "WAPE %", "bias W", "pinball W", "P10–P90 %")
    table = _table("contender", *others)
    for row in result.board.rows:
        table.add_row(*_cells(row, rated_w), style="bold" if row.name in result.ours else None)
    return table


def _cells(row: Row, rated_w: float | None) -> tuple[str, ...]:
    quantiles = row.quantiles
    return (
        row.name,
        str(row.mean.pairs),
        watts(row.mean.rmse_w),
        *(() if rated_w is None else (percent(row.mean.nrmse_frac(rated_w), digits=2),)),
        watts(row.median.mae_w),
        percent(row.median.wape_frac, digits=1),
        watts(row.mean.bias_w),
        _NONE if quantiles is None else watts(quantiles.pinball_w),
        _NONE if quantiles is None else percent(quantiles.coverage_frac, digits=1),
    )


def _duels(result: Result) -> Table:
    table = _table("better by %", "than", "steps", "RMSE", "WAPE", "pinball")
    for duel in result.board.duels:
        shares = (duel.rmse_frac, duel.wape_frac, duel.pinball_frac)
        table.add_row(
            duel.ours, duel.reference, str(duel.pairs), *(percent(share, digits=1) for share in shares)
        )
    return table


def _leads(result: Result) -> Table:
    names = [row.name for row in result.board.rows]
    table = _table("RMSE W\nat lead", *names, "P10–P90 %")
    for lead in result.board.leads:
        rows = {row.name: row for row in lead.rows}
        ours = rows[result.ours[0]].quantiles
        table.add_row(
            lead_label(lead.from_s, lead.to_s),
            *(watts(rows[name].mean.rmse_w) if name in rows else _NONE for name in names),
            _NONE if ours is None else percent(ours.coverage_frac, digits=1),
        )
    return table


def _mean(results: Sequence[Result]) -> Table:
    table = _table("mean: better by %", "than", "trials", "RMSE", "WAPE", "pinball")
    for duel in mean_duels(results):
        shares = (duel["rmse_frac"], duel["wape_frac"], duel["pinball_frac"])
        table.add_row(
            duel["ours"],
            duel["reference"],
            str(duel["trials"]),
            *(percent(share, digits=1) for share in shares),
        )
    return table


def _table(first: str, *others: str) -> Table:
    """Headings stand in as many lines as they have words, so that all fits eighty columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 0, 0, 1), header_style="dim")
    table.add_column(first, no_wrap=True)
    for name in others:
        justify: JustifyMethod = "left" if name == "than" else "right"
        table.add_column(name.replace(" ", "\n"), justify=justify, no_wrap=True)
    return table
