"""The walk forward: at each issue the contenders are handed what was known then, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from forecasting.backtest.contender import AnyKnown, Contender, Issued, Known, Record
from forecasting.backtest.lookup import at_starts
from forecasting.backtest.plan import Issue
from forecasting.grid import DAY_S, Floats, Grid, Ints
from forecasting.quantiles import LEVELS


@dataclass(frozen=True, slots=True, eq=False)
class Fan:
    """A whole forecast, kept to be drawn."""

    issued_s: int
    grid: Grid
    values_w: Floats
    """Shape (7, grid.count)."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """All scored steps of one contender."""

    mean_w: Floats
    """Shape (n,)."""
    median_w: Floats
    """Shape (n,)."""
    values_w: Floats
    """Shape (7, n)."""
    fans: tuple[Fan, ...]
    """One for each local day."""


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """A trial that was walked: what was forecast and what came."""

    issued_s: Ints
    """Of each scored step, shape (n,)."""
    start_s: Ints
    """Shape (n,)."""
    step_s: int
    observed_w: Floats
    """Shape (n,), NaN where nothing usable was measured."""
    outcomes: dict[str, Outcome]
    """By the contender's name."""
    measured: AnyKnown
    """All of the file, for the report."""

    @property
    def lead_s(self) -> Ints:
        """From the issue to the end of each step, shape (n,)."""
        return self.start_s + self.step_s - self.issued_s


@dataclass(slots=True)
class _Kept:
    """What a contender said so far."""

    scored: list[Issued] = field(default_factory=list)
    fans: list[Fan] = field(default_factory=list)

    def take(self, issue: Issue, said: Issued) -> None:
        """Keep what is scored or drawn."""
        here = issue.scored
        self.scored.append(Issued(said.mean_w[here], said.median_w[here], said.values_w[:, here]))
        if issue.drawn:
            self.fans.append(Fan(issue.at_s, issue.grid, said.values_w))

    def outcome(self) -> Outcome:
        """All of it, one after the other."""
        return Outcome(
            np.concatenate([said.mean_w for said in self.scored]),
            np.concatenate([said.median_w for said in self.scored]),
            np.concatenate([said.values_w for said in self.scored], axis=1),
            tuple(self.fans),
        )


def walk(
    contenders: Sequence[Contender[Record]],
    everything: Known[Record],
    planned: Sequence[Issue],
    relearn_days: int,
    done: Callable[[], None],
) -> Walked:
    """Walk through the issues in the order of time.

    Args:
        contenders: who forecasts; each learns before its first forecast, and anew after `relearn_days`.
        everything: the whole file; it is cut at each issue before a contender sees it.
        planned: the issues, oldest first, the last of them scored.
        relearn_days: how long what was learned is kept.
        done: called after each issue.

    Raises ValueError for a contender whose forecast has another shape than its grid, and for an issue before
    which nothing was measured.
    """
    kept = {contender.name: _Kept() for contender in contenders}
    learned_s: int | None = None
    for issue in planned:
        known = everything.at(issue.at_s)
        if known is None:
            raise ValueError("a forecast is issued before anything was measured")
        relearn = learned_s is None or issue.at_s - learned_s >= relearn_days * DAY_S
        learned_s = issue.at_s if relearn else learned_s
        for contender in contenders:
            if relearn:
                contender.learn(known)
            said = contender.forecast(known, issue.grid)
            _check(contender.name, said, issue.grid)
            if not issue.warm_up:
                kept[contender.name].take(issue, said)
        done()
    return _walked(everything, [issue for issue in planned if not issue.warm_up], kept)


def _check(name: str, said: Issued, grid: Grid) -> None:
    if said.mean_w.shape != (grid.count,) or said.values_w.shape != (len(LEVELS), grid.count):
        msg = f"{name} forecast {said.values_w.shape} for a grid of {grid.count} steps"
        raise ValueError(msg)


def _walked(everything: Known[Record], scored: Sequence[Issue], kept: dict[str, _Kept]) -> Walked:
    start_s = np.concatenate([issue.grid.starts_s[issue.scored] for issue in scored])
    issued_s = np.concatenate([np.full(int(issue.scored.sum()), issue.at_s) for issue in scored])
    grid = everything.record.grid
    return Walked(
        issued_s,
        start_s,
        grid.step_s,
        at_starts(grid, everything.usable_w, start_s),
        {name: said.outcome() for name, said in kept.items()},
        everything,
    )
