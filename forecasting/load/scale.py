"""The scale on which loads are compared: logarithmic for large ones, linear near zero. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import Floats

_SOFTNESS = 0.2
"""Share of the typical load below which the scale becomes linear: a load may be zero."""


@dataclass(frozen=True, slots=True)
class LogScale:
    """log(power / reference + softness): 0.1 more is about 10 % more, whatever the size of the feeder."""

    reference_w: float
    """A typical load of the feeder."""

    def of(self, power_w: Floats) -> Floats:
        """From watts; shape and NaN kept."""
        scaled: Floats = np.log(power_w / self.reference_w + _SOFTNESS)
        return scaled

    def watts(self, scaled: Floats) -> Floats:
        """Back to watts, not below 0."""
        power_w: Floats = np.maximum(np.exp(np.minimum(scaled, 50.0)) - _SOFTNESS, 0.0) * self.reference_w
        return power_w
