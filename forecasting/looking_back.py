"""How far a forecast looks back, in operation and in the backtest; learning looks back on all there is."""

from __future__ import annotations

from forecasting.grid import DAY_S

RECENT_S = 14 * DAY_S
"""What was measured longer ago than this is left to what was learned."""
WEATHER_USED_S = 2 * DAY_S
"""A weather run issued longer ago than this says nothing of tomorrow."""
