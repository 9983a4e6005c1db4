"""What the last hours tell of the next ones: the signals from which the nowcast learns. Pure.

Clearness is power over clear-sky power. A signal is how much clearer than foreseen it was in a window, as a
ratio of sums, so that low sun weighs little and what is missing counts as foreseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Bools, Floats, Grid, Ints

_WINDOWS_S = (0, HOUR_S // 2, HOUR_S, 2 * HOUR_S, 4 * HOUR_S, 14 * HOUR_S, DAY_S)
"""How far back the means of the last hours reach: the last step, ... the day so far, a day and night."""
LAST_STEP, HOUR_BEFORE, DAY_BEFORE = (_WINDOWS_S.index(window_s) for window_s in (0, HOUR_S, DAY_S))
"""Which signals tell of the last step, hour, and day and night."""
_JUMPS_S = (HOUR_S, 3 * HOUR_S)
_AROUND_S = HOUR_S
"""Yesterday's clearness is taken this much to both sides of the hour ahead."""
_LOW_SUN_FRAC = 0.05
"""Of the highest clear-sky power: below it a ratio says little."""
_DOUBT_FRAC = 0.05
"""A ratio is drawn to 0 as if, for this share of its window, high sun had come just as foreseen."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What was measured, what a clear sky gives, and what was foreseen; all shape (grid.count,)."""

    grid: Grid
    power_w: Floats
    """Magnitude >= 0 [W], NaN where missing or held back."""
    clear_w: Floats
    """Clear-sky power of the site [W]."""
    foreseen_w: Floats
    """Power expected by a forecast that hardly knew the hours to which it is compared [W]."""
    peak_w: float
    """Clear-sky power at its highest, > 0 [W]: what powers are compared to."""

    @property
    def measured(self) -> Bools:
        """Where the clearness is known and the sun high enough for it to mean something."""
        known: Bools = np.isfinite(self.power_w) & (self.clear_w > _LOW_SUN_FRAC * self.peak_w)
        return known


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Steps to be foretold, each seen from a moment; all shape (m,)."""

    now: Ints
    """Number of steps of the history that had ended by then, >= 1."""
    yesterday: Ints
    """Position in the history of the step a day before the one to be foretold."""
    clear_w: Floats
    foreseen_w: Floats

    @property
    def foreseen(self) -> Floats:
        """Foreseen clearness; 0 where the sun is down."""
        return _over(self.foreseen_w, self.clear_w)


def signals(history: History, targets: Targets) -> Floats:
    """The signals for each target, shape (m, signals); finite whatever is missing."""
    sums, now, peak_w = _Sums.of(history), targets.now, history.peak_w

    def ratio(of: Floats, ends: Ints, window_s: float) -> Floats:
        steps = max(1, round(window_s / history.grid.step_s))
        doubt_w = _DOUBT_FRAC * steps * peak_w
        return _within(of, ends, steps) / (_within(sums.clear_w, ends, steps) + doubt_w)

    around = _AROUND_S // history.grid.step_s
    yesterday = np.minimum(targets.yesterday + around + 1, now)
    last = now - 1
    columns = [
        *(ratio(sums.surplus_w, now, window_s) for window_s in _WINDOWS_S),
        ratio(sums.surplus_w, yesterday, 2 * _AROUND_S),
        *(ratio(sums.jumps_w, now, window_s) for window_s in _JUMPS_S),
        targets.foreseen,
        _over(history.foreseen_w, history.clear_w)[last],
        targets.clear_w / peak_w,
        history.clear_w[last] / peak_w,
    ]
    return np.stack(columns, axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Running sums from the start of a history over what is measured, shape (count + 1,)."""

    surplus_w: Floats
    """Power above the foreseen one."""
    clear_w: Floats
    jumps_w: Floats
    """Changes of the clearness from step to step, whatever their sign, by clear-sky power."""

    @classmethod
    def of(cls, history: History) -> Self:
        known, clear_w = history.measured, history.clear_w
        power_w = np.where(known, history.power_w, 0.0)
        change = np.abs(np.diff(_over(power_w, clear_w), prepend=0.0))
        both = known & np.concatenate([[False], known[:-1]])
        return cls(
            surplus_w=_running(np.where(known, power_w - history.foreseen_w, 0.0)),
            clear_w=_running(np.where(known, clear_w, 0.0)),
            jumps_w=_running(np.where(both, np.minimum(change, 1.0) * clear_w, 0.0)),
        )


def _running(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])


def _within(sums: Floats, ends: Ints, steps: int) -> Floats:
    """Sum over the steps before `ends`, as far as the history reaches."""
    last = sums.size - 1
    found: Floats = sums[np.clip(ends, 0, last)] - sums[np.clip(ends - steps, 0, last)]
    return found


def _over(power_w: Floats, clear_w: Floats) -> Floats:
    """Clearness; 0 where the sun is down."""
    return np.divide(power_w, clear_w, out=np.zeros_like(clear_w), where=clear_w > 0)
