"""A PV inverter with its array: sun in, AC out, within what the bus and the controller allow."""

from __future__ import annotations

import math

from controller.settings import PvSettings

OFF, SLEEPING, STARTING, MPPT, THROTTLED, STANDBY = 1, 2, 3, 4, 5, 8
"""SunSpec operating states."""

_USUAL_DC_AC_RATIO = 1.2
"""Where config.yaml does not say how large the array is."""
_TEMPERATURE_FRAC_PER_K = -0.0037
_ARRAY_FRAC = 0.92
"""What soiling, mismatch and cables leave."""
_IDLE_FRAC = 0.004
_DC_EFFICIENCY = 0.978
_WAKE_FRAC, _SLEEP_FRAC = 0.010, 0.005
_CONNECT_S = 60.0
_RAMP_FRAC_PER_S = 0.05
_CABINET_LAG_S = 900.0
_CABINET_RISE_K = 25.0


def cell_temperature_c(irradiance_wm2: float, ambient_c: float) -> float:
    """Temperature of a free-standing panel's cells in a light wind (Faiman 2008: 25 + 6.84 x 1 m/s)."""
    return ambient_c + irradiance_wm2 / 31.84


class PvPlant:
    """One inverter; powers are magnitudes."""

    def __init__(self, settings: PvSettings) -> None:
        self.ac_rated_w = settings.ac_w
        self.ac_power_w = 0.0
        self.dc_power_w = 0.0
        self.energy_wh = 0.0
        self.limit_frac = 1.0
        self.limit_enabled = False
        self.operating_state = SLEEPING
        self.cabinet_temperature_c = 30.0
        self.voltage_v = 0.0
        self.frequency_hz = 0.0
        self.available_w = 0.0
        """AC power it would feed in now if the frequency allowed all of it."""
        self._dc_rated_w = settings.ac_w * _USUAL_DC_AC_RATIO if settings.dc_w is None else settings.dc_w
        self._potential_w = 0.0
        self._revert_in_s: float | None = None
        self._connect_in_s = 0.0  # the simulation finds it running, if there is sun

    def set_limit(self, frac: float, enabled: bool, revert_s: float | None) -> None:
        """Limit the power to a fraction of the rated one; after revert_s (if any) the limit lapses."""
        self.limit_frac, self.limit_enabled = min(1.0, max(0.0, frac)), enabled
        self._revert_in_s = revert_s if enabled and revert_s else None

    def prepare(self, dt_s: float, irradiance_wm2: float, ambient_c: float, *, bus_alive: bool) -> None:
        """Work out `available_w` for the next dt_s from the sun in the array's plane."""
        self._lapse(dt_s)
        heating_k = cell_temperature_c(irradiance_wm2, ambient_c) - 25.0
        dc_w = (
            self._dc_rated_w
            * irradiance_wm2
            / 1000.0
            * (1.0 + _TEMPERATURE_FRAC_PER_K * heating_k)
            * _ARRAY_FRAC
        )
        self._potential_w = min(
            self.ac_rated_w, max(0.0, dc_w * _DC_EFFICIENCY - _IDLE_FRAC * self.ac_rated_w)
        )
        self._settle(dt_s, bus_alive)
        if self.operating_state not in (MPPT, THROTTLED):
            self.available_w = 0.0
            return
        limit_w = self.limit_frac * self.ac_rated_w if self.limit_enabled else self.ac_rated_w
        ramped_w = self.ac_power_w + _RAMP_FRAC_PER_S * self.ac_rated_w * dt_s
        self.available_w = min(self._potential_w, limit_w, ramped_w)

    def produce(
        self, share: float, dt_s: float, voltage_v: float, frequency_hz: float, ambient_c: float
    ) -> None:
        """Feed in for dt_s, at most `share` of the rated power."""
        rated_w = self.ac_rated_w
        self.voltage_v, self.frequency_hz = voltage_v, frequency_hz
        self.ac_power_w = ac_w = min(self.available_w, share * rated_w)
        self.energy_wh += ac_w * dt_s / 3600.0
        if self.operating_state in (MPPT, THROTTLED):
            self.dc_power_w = (ac_w + _IDLE_FRAC * rated_w) / _DC_EFFICIENCY
            self.operating_state = THROTTLED if ac_w < self._potential_w - 0.005 * rated_w else MPPT
        else:
            self.dc_power_w = 0.0
        target_c = ambient_c + 3.0 + _CABINET_RISE_K * ac_w / rated_w
        self.cabinet_temperature_c += (target_c - self.cabinet_temperature_c) * -math.expm1(
            -dt_s / _CABINET_LAG_S
        )

    def _lapse(self, dt_s: float) -> None:
        if self._revert_in_s is not None:
            self._revert_in_s -= dt_s
            if self._revert_in_s <= 1e-9:
                self._revert_in_s = None
                self.limit_enabled = False

    def _settle(self, dt_s: float, bus_alive: bool) -> None:
        """Sleep at night, stand by on a dead bus, wait out the connection time, run."""
        awake = self.operating_state not in (OFF, SLEEPING)
        if self._potential_w < (_SLEEP_FRAC if awake else _WAKE_FRAC) * self.ac_rated_w:
            self.operating_state, self._connect_in_s = SLEEPING, _CONNECT_S
        elif not bus_alive:
            self.operating_state, self._connect_in_s = STANDBY, _CONNECT_S
        elif self._connect_in_s > 0.0:
            self.operating_state = STARTING
            self._connect_in_s -= dt_s
        elif self.operating_state not in (MPPT, THROTTLED):
            self.operating_state, self.ac_power_w = MPPT, 0.0
