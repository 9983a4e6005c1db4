"""An LFP battery: open-circuit voltage, resistance, energy counting, cell spread and temperature."""

from __future__ import annotations

import math

from simulation.physics.curves import Curve

_CELLS = 16
"""In series: a 51.2 V battery."""
_CELL_OCV_V = Curve(
    (0.00, 2.700), (0.02, 2.950), (0.05, 3.080), (0.10, 3.180), (0.20, 3.240), (0.30, 3.275), (0.40, 3.290),
    (0.60, 3.300), (0.70, 3.320), (0.90, 3.332), (0.95, 3.342), (0.98, 3.365), (1.00, 3.420),
)  # fmt: skip
_CELL_SPREAD_V = Curve(
    (0.00, 0.120), (0.05, 0.040), (0.15, 0.010), (0.90, 0.008), (0.97, 0.020), (1.00, 0.050)
)
"""Between the highest and the lowest cell: they part where the curve is steep."""
_CHARGE_RATE_PER_H = Curve((0.95, 0.5), (1.00, 0.0))
"""What the battery management allows, as a fraction of its energy per hour: tapering when nearly full."""
_CHARGE_TEMPERATURE_FRAC = Curve((0.0, 0.0), (5.0, 0.3), (12.0, 1.0), (45.0, 1.0), (55.0, 0.0))
_RESISTANCE_OHM_AT_120_KWH = 0.0015
_COULOMB_EFFICIENCY = 0.995
_HEAT_CAPACITY_J_PER_K_WH = 10.0
_COOLING_W_PER_K_WH = 0.0005
_POWER_HOUSE_ABOVE_AMBIENT_K = 1.5


class Battery:
    """State of the battery; power and current are positive while charging."""

    def __init__(self, energy_wh: float, soc_frac: float, ambient_c: float) -> None:
        self.energy_wh = energy_wh
        self.stored_wh = energy_wh * soc_frac
        self.temperature_c = ambient_c + _POWER_HOUSE_ABOVE_AMBIENT_K
        self.power_w = 0.0
        self.current_a = 0.0
        self.voltage_v = _CELLS * _CELL_OCV_V(soc_frac)
        self._resistance_ohm = _RESISTANCE_OHM_AT_120_KWH * 120_000.0 / energy_wh

    @property
    def soc_frac(self) -> float:
        """State of charge as the battery management counts it, 0 to 1."""
        return min(1.0, max(0.0, self.stored_wh / self.energy_wh))

    @property
    def cell_voltage_min_v(self) -> float:
        """Voltage of the weakest cell."""
        return self.voltage_v / _CELLS - 0.6 * _CELL_SPREAD_V(self.soc_frac)

    @property
    def cell_voltage_max_v(self) -> float:
        """Voltage of the fullest cell."""
        return self.voltage_v / _CELLS + 0.4 * _CELL_SPREAD_V(self.soc_frac)

    @property
    def charge_limit_w(self) -> float:
        """The most it accepts at its terminals."""
        rate = _CHARGE_RATE_PER_H(self.stored_wh / self.energy_wh)
        return self.energy_wh * rate * _CHARGE_TEMPERATURE_FRAC(self.temperature_c)

    def apply(self, power_w: float, dt_s: float, ambient_c: float) -> float:
        """Charge (> 0) or discharge (< 0) at the terminals for dt_s; returns the losses inside [W]."""
        ocv_v = _CELLS * _CELL_OCV_V(self.stored_wh / self.energy_wh)
        resistance_ohm = self._resistance_ohm
        # power = (ocv + resistance * current) * current, solved for the current
        current_a = (math.sqrt(ocv_v * ocv_v + 4.0 * resistance_ohm * power_w) - ocv_v) / (
            2.0 * resistance_ohm
        )
        loss_w = current_a * current_a * resistance_ohm
        if current_a > 0.0:
            loss_w += (1.0 - _COULOMB_EFFICIENCY) * ocv_v * current_a
        self.power_w, self.current_a = power_w, current_a
        self.voltage_v = ocv_v + resistance_ohm * current_a
        self.stored_wh += (power_w - loss_w) * dt_s / 3600.0
        cooling_w = (
            _COOLING_W_PER_K_WH
            * self.energy_wh
            * (self.temperature_c - ambient_c - _POWER_HOUSE_ABOVE_AMBIENT_K)
        )
        self.temperature_c += (loss_w - cooling_w) * dt_s / (_HEAT_CAPACITY_J_PER_K_WH * self.energy_wh)
        return loss_w
