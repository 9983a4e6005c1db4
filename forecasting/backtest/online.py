"""Online calibration inside the walk, as in operation: learned from what was measured since an issue."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from forecasting.backtest.contender import AnyKnown
from forecasting.backtest.lookup import at_starts
from forecasting.calibration.conformal import (
    LEAD_EDGES_S,
    CalibrationState,
    calibrate,
    fresh_state,
    learn_from,
)
from forecasting.quantiles import QuantileForecast


@dataclass(frozen=True, slots=True, eq=False)
class _Portion:
    """The steps of a forecast in one span of lead times, learned from once all of them are over."""

    forecast: QuantileForecast
    from_s: int
    to_s: int


@dataclass(slots=True)
class OnlineCalibration:
    """Keeps what was issued until it can be compared with what came."""

    state: CalibrationState = field(default_factory=fresh_state)
    _pending: dict[int, deque[_Portion]] = field(default_factory=dict)
    """By span of lead times, oldest first."""

    def calibrated(
        self, known: AnyKnown, forecast: QuantileForecast, ceiling_w: float | None = None
    ) -> QuantileForecast:
        """The forecast as it would be published; it is remembered as it came."""
        self._learn(known)
        self._remember(forecast)
        return calibrate(self.state, forecast, ceiling_w)

    def _learn(self, known: AnyKnown) -> None:
        record = known.record.grid
        for portions in self._pending.values():
            while portions and portions[0].to_s <= known.at_s:
                portion = portions.popleft()
                starts_s = portion.forecast.grid.starts_s
                observed_w = at_starts(record, known.usable_w, starts_s)
                within = (starts_s >= portion.from_s) & (starts_s < portion.to_s)
                observed_w = np.where(within, observed_w, np.nan)
                self.state = learn_from(self.state, portion.forecast, observed_w)

    def _remember(self, forecast: QuantileForecast) -> None:
        for span, (edge_s, next_s) in enumerate(zip(LEAD_EDGES_S, (*LEAD_EDGES_S[1:], None), strict=True)):
            from_s = forecast.issued_s + edge_s
            to_s = (
                forecast.grid.end_s
                if next_s is None
                else min(forecast.issued_s + next_s, forecast.grid.end_s)
            )
            if max(from_s, forecast.grid.start_s) < to_s:
                self._pending.setdefault(span, deque()).append(_Portion(forecast, from_s, to_s))
