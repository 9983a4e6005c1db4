"""Where the axis of a chart ends. Pure."""

from __future__ import annotations

import math

_NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def axis_top(highest: float) -> float:
    """A round number at or above the highest value; at least 1."""
    highest = max(highest, 1.0)
    magnitude = 10.0 ** math.floor(math.log10(highest))
    return next(nice * magnitude for nice in _NICE if nice * magnitude >= highest)
