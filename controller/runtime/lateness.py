"""How late ticks were, in bounded memory."""

from __future__ import annotations

import math

_FINEST_MS = 0.1
_RATIO = 1.1
_BINS = 128


class LatenessHistogram:
    """Counts latenesses in bins that grow by 10 %, so that any percentile is right to within 10 %."""

    def __init__(self) -> None:
        self._counts = [0] * _BINS
        self._total = 0

    def add(self, late_ms: float) -> None:
        """Count one tick that began late_ms after its instant."""
        index = 0
        if late_ms > _FINEST_MS:
            index = min(_BINS - 1, 1 + int(math.log(late_ms / _FINEST_MS, _RATIO)))
        self._counts[index] += 1
        self._total += 1

    def percentile_ms(self, percent: float) -> float | None:
        """The lateness [ms] that percent of the ticks did not exceed; None before the first tick."""
        if self._total == 0:
            return None
        wanted = math.ceil(self._total * percent / 100)
        seen = 0
        for index, count in enumerate(self._counts):
            seen += count
            if seen >= wanted:
                return round(_FINEST_MS * _RATIO**index, 3)
        return None
