"""What the guards of all sensors share. Pure."""

from __future__ import annotations

from typing import Literal

from controller.core.model import Reason
from forecasting.grid import Bools, Grid
from forecasting.sanity.series import lasted_s

COARSE = 20
"""Values of fewer than so many counts of a meter repeat by nature."""


def sensor_reason(
    code: Literal["sensor_stuck", "sensor_impossible"], name: str, point: str, where: Bools, grid: Grid
) -> Reason:
    """That a sensor's point was stuck, or showed what cannot be, for so long in all."""
    params = {"name": name, "point": point, "lasted_s": lasted_s(where, grid)}
    return Reason("sensor_stuck", params) if code == "sensor_stuck" else Reason("sensor_impossible", params)
