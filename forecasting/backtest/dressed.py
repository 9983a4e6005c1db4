"""References that give one value get their doubt from their own past errors, so that pinball is fair."""

from __future__ import annotations

from collections import deque

import numpy as np

from forecasting.backtest.contender import AnyKnown, Issued, PointForecaster
from forecasting.backtest.lookup import at_starts
from forecasting.grid import HOUR_S, Floats, Grid, Ints, local_time
from forecasting.quantiles import LEVELS, LEVELS_ARRAY, tidy

_LEAD_EDGES_S = tuple(hours * HOUR_S for hours in (1, 3, 6, 12, 24))
_ENOUGH = 10
_KEPT = 400
"""Errors kept of each hour and span of leads: of a year, or of some days where issues are frequent."""


class Dressed:
    """A point forecaster with the quantiles of the errors it made before, by lead and local hour."""

    def __init__(self, inner: PointForecaster, timezone: str) -> None:
        self._inner = inner
        self._timezone = timezone
        self._pending: deque[tuple[Grid, Ints, Floats]] = deque()
        self._errors: dict[int, deque[float]] = {}
        self._spread: dict[int, Floats] = {}

    @property
    def name(self) -> str:
        """That of the point forecaster."""
        return self._inner.name

    def learn(self, known: AnyKnown) -> None:
        """Let the point forecaster learn, and look at the errors anew."""
        self._spread.clear()
        self._inner.learn(known)

    def forecast(self, known: AnyKnown, grid: Grid) -> Issued:
        """Its point, and around it what the errors known by now were."""
        self._settle(known)
        point_w = self._inner.point(known, grid)
        keys = self._keys(known.at_s, grid)
        self._pending.append((grid, keys, point_w))
        with_doubt = np.isfinite(point_w)
        values_w = np.full((len(LEVELS), grid.count), np.nan)
        errors_w = np.stack([self._quantiles(int(key)) for key in keys], axis=1)
        values_w[:, with_doubt] = tidy((point_w + errors_w)[:, with_doubt])
        return Issued(point_w, point_w, values_w)

    def _settle(self, known: AnyKnown) -> None:
        """Take the errors of forecasts whose steps have all been measured."""
        while self._pending and self._pending[0][0].end_s <= known.at_s:
            grid, keys, point_w = self._pending.popleft()
            error_w = at_starts(known.record.grid, known.usable_w, grid.starts_s) - point_w
            for key, error in zip(keys.tolist(), error_w.tolist(), strict=True):
                if np.isfinite(error):
                    self._errors.setdefault(key, deque(maxlen=_KEPT)).append(error)

    def _keys(self, issued_s: int, grid: Grid) -> Ints:
        span = np.searchsorted(_LEAD_EDGES_S, grid.starts_s + grid.step_s - issued_s)
        hour = local_time(grid.starts_s, self._timezone).hour.astype(np.int64)
        keys: Ints = span * 24 + hour
        return keys

    def _quantiles(self, key: int) -> Floats:
        """Quantiles of the errors of an hour and span, shape (7,); NaN before there are enough."""
        if key not in self._spread:
            errors = list(self._errors.get(key, ()))
            if len(errors) < _ENOUGH:
                return np.full(len(LEVELS), np.nan)
            self._spread[key] = np.quantile(errors, LEVELS_ARRAY)
        return self._spread[key]
