"""Within an hour clearness jumps: bands of hourly means are too narrow for shorter steps. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from forecasting.grid import HOUR_S, Floats
from forecasting.quantiles import weighted_quantiles
from forecasting.solar.recent import History

_Kind = TypeVar("_Kind", np.float64, np.bool_)

_FEWEST_HOURS = 50
_TAILS: Floats = np.array([0.1, 0.9])
_WIDEST = 3.0


@dataclass(frozen=True, slots=True)
class WithinHour:
    """How much wider the band of a step is than that of its hour; 1 at least."""

    below: float = 1.0
    above: float = 1.0

    def widened(self, values_w: Floats, mean_w: Floats) -> Floats:
        """Quantiles of steps [W], shape (levels, n), from those of hours about a mean, shape (n,)."""
        off = values_w - mean_w
        return np.maximum(mean_w + off * np.where(off < 0.0, self.below, self.above), 0.0)


def learn_within_hour(history: History) -> WithinHour:
    """From what was foreseen and what came, step by step and hour by hour: the tails of both errors.

    Steps of an hour or more, and fewer than some tens of whole hours, need or teach nothing.
    """
    steps = HOUR_S // history.grid.step_s
    if steps < 2:
        return WithinHour()
    known = history.measured
    error = np.where(known, history.power_w - history.foreseen_w, 0.0)
    first = -(history.grid.start_s // history.grid.step_s) % steps
    whole = _by_hour(known, first, steps).all(axis=1)
    if whole.sum() < _FEWEST_HOURS:
        return WithinHour()
    errors, clear_w = (_by_hour(column, first, steps)[whole] for column in (error, history.clear_w))
    by_step = weighted_quantiles((errors / clear_w).ravel(), clear_w.ravel(), _TAILS)
    sums = clear_w.sum(axis=1)
    by_hour = weighted_quantiles(errors.sum(axis=1) / sums, sums, _TAILS)
    if not by_hour[0] < 0.0 < by_hour[1]:
        return WithinHour()
    below, above = np.clip(by_step / by_hour, 1.0, _WIDEST).tolist()
    return WithinHour(below, above)


def _by_hour(column: npt.NDArray[_Kind], first: int, steps: int) -> npt.NDArray[_Kind]:
    """Whole hours as rows, shape (hours, steps)."""
    rest = column[first:]
    return rest[: rest.size // steps * steps].reshape(-1, steps)
