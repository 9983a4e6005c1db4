"""A diesel genset with its own controller: cranking, warm-up, load, cool-down, fuel, and ways to fail."""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np

from controller.settings import GensetSettings

STOP, AUTO, MANUAL, TEST_ON_LOAD, AUTO_MANUAL_RESTORE = range(5)
"""Control modes of a Deep Sea controller."""

_RATED_RPM = 1500.0
_CRANK_RPM = 180.0
_HUNTING_RPM, _HUNTING_S = 4.0, 37.0
_SPEED_LAG_S = 1.2
_CRANK_LIMIT_S, _CRANK_REST_S, _CRANK_ATTEMPTS = 8.0, 8.0, 3
_WARM_UP_S, _COOL_DOWN_S = 60.0, 120.0
_LEAST_LOAD_FRAC = 0.30
_RAMP_FRAC_PER_S = 0.10
_STALL_FRAC, _STALL_S = 1.10, 5.0
TANK_L = 200.0
_IDLE_L_PER_H_KW = 0.08
_LOAD_L_PER_KWH = 0.22


class GensetState(StrEnum):
    """What the genset is doing."""

    STOPPED = "stopped"
    CRANKING = "cranking"
    RESTING = "resting"
    """Between two attempts to crank."""
    WARMING_UP = "warming_up"
    ON_LOAD = "on_load"
    COOLING_DOWN = "cooling_down"
    FAILED = "failed"
    """Shut down by its own protection: released by `STOP` or when the start request ends."""


_RUNNING = frozenset({GensetState.WARMING_UP, GensetState.ON_LOAD, GensetState.COOLING_DOWN})


class Genset:
    """Power is a magnitude; `deliver` is asked each step what it takes of the load."""

    def __init__(self, settings: GensetSettings, rng: np.random.Generator, ambient_c: float) -> None:
        self.rated_w = settings.rated_w
        self.power_w = 0.0
        self.engine_speed_rpm = 0.0
        self.fuel_frac = 0.80
        self.run_s = 3_240_000.0
        """Since new."""
        self.starts = 412
        self.oil_pressure_kpa = 0.0
        self.coolant_temperature_c = ambient_c
        self.starter_battery_v = 12.7
        self.control_mode = AUTO
        self.state = GensetState.STOPPED
        self.fails_to_start = False
        """Fault: it cranks but does not fire."""
        self._rng = rng
        self._requested = False
        self._state_s = 0.0
        self._attempts = 0
        self._fires_after_s = 0.0
        self._overload_s = 0.0

    @property
    def running(self) -> bool:
        """Whether the engine runs by itself."""
        return self.state in _RUNNING

    @property
    def on_load(self) -> bool:
        """Whether its breaker is closed."""
        return self.state is GensetState.ON_LOAD

    @property
    def transient(self) -> bool:
        """Whether something is happening here that asks for short steps."""
        return self.state is GensetState.CRANKING or self._overload_s > 0.0

    @property
    def frequency_hz(self) -> float:
        """Of the alternator."""
        return self.engine_speed_rpm / _RATED_RPM * 50.0

    @property
    def voltage_v(self) -> float:
        """Of the alternator, phase to neutral: it builds up with speed."""
        return 230.0 if self.engine_speed_rpm > 0.9 * _RATED_RPM else 0.0

    @property
    def least_load_w(self) -> float:
        """Below it the engine soots up: PV makes room for this much while it is on load."""
        return _LEAST_LOAD_FRAC * self.rated_w

    def set_mode(self, mode: int) -> None:
        """Select a control mode; `STOP` opens the breaker and stops at once. Raises ValueError."""
        if mode not in range(5):
            raise ValueError(f"genset control mode {mode}: allowed 0 to 4")
        self.control_mode = mode
        if mode == STOP:
            self._requested = False
            self._enter(GensetState.STOPPED)

    def telemetry_start(self, on: bool) -> None:
        """Ask it to run (on load) or stop; heard in the automatic modes only."""
        self._requested = on

    def reset_alarms(self) -> None:
        """Acknowledge a failure; an engine that is still asked to run is started again."""
        if self.state is GensetState.FAILED:
            self._enter(GensetState.STOPPED)

    def advance(self, dt_s: float, ambient_c: float) -> None:
        """Let dt_s pass: state, engine and fuel, with the power of the last `deliver`."""
        self._state_s += dt_s
        self._follow(self._wanted())
        self._engine(dt_s, ambient_c)

    def deliver(self, need_w: float, charge_w: float, dt_s: float, *, alone: bool) -> float:
        """Power for the next dt_s: the load that PV leaves and as much charging as it can.

        need_w: load less PV; charge_w: the most the battery takes; alone: the battery cannot help.
        """
        if not self.on_load:
            self.power_w = 0.0
            return 0.0
        target_w = min(self.rated_w, max(0.0, need_w + charge_w))
        power_w = min(self.power_w + _RAMP_FRAC_PER_S * self.rated_w * dt_s, target_w)
        self.power_w = max(power_w, need_w, 0.0) if alone else power_w
        self._overload_s = self._overload_s + dt_s if self.power_w > _STALL_FRAC * self.rated_w else 0.0
        if self._overload_s > _STALL_S:
            self._enter(GensetState.FAILED)
        return self.power_w

    def _wanted(self) -> bool:
        if self.control_mode == TEST_ON_LOAD:
            return True
        if self.control_mode == MANUAL:  # keeps doing what it does
            return self.state not in (GensetState.STOPPED, GensetState.FAILED)
        return self._requested and self.control_mode != STOP

    def _follow(self, wanted: bool) -> None:
        match self.state:
            case GensetState.STOPPED:
                if wanted:
                    self._attempts = 0
                    self._crank()
            case GensetState.CRANKING | GensetState.RESTING:
                self._try_to_start(wanted)
            case GensetState.WARMING_UP | GensetState.ON_LOAD | GensetState.COOLING_DOWN:
                self._keep_running(wanted)
            case GensetState.FAILED:
                if not wanted:
                    self._enter(GensetState.STOPPED)

    def _keep_running(self, wanted: bool) -> None:
        if self.state is GensetState.COOLING_DOWN:
            if wanted and self.control_mode != MANUAL:
                self._enter(GensetState.ON_LOAD)
            elif self._state_s >= _COOL_DOWN_S:
                self._enter(GensetState.STOPPED)
        elif not wanted:
            self._enter(GensetState.COOLING_DOWN)
        elif self.state is GensetState.WARMING_UP and self._state_s >= _WARM_UP_S:
            self._enter(GensetState.ON_LOAD)

    def _try_to_start(self, wanted: bool) -> None:
        if not wanted:
            self._enter(GensetState.STOPPED)
        elif self.state is GensetState.RESTING:
            if self._state_s >= _CRANK_REST_S:
                self._crank()
        elif self._state_s >= self._fires_after_s and not self.fails_to_start and self.fuel_frac > 0.0:
            self.starts += 1
            self._enter(GensetState.WARMING_UP)
        elif self._state_s >= _CRANK_LIMIT_S:
            self._enter(GensetState.RESTING if self._attempts < _CRANK_ATTEMPTS else GensetState.FAILED)

    def _crank(self) -> None:
        self._attempts += 1
        self._fires_after_s = float(self._rng.uniform(3.0, 5.0))
        self._enter(GensetState.CRANKING)

    def _enter(self, state: GensetState) -> None:
        if state is not self.state:
            self.state, self._state_s, self._overload_s = state, 0.0, 0.0
        if state is not GensetState.ON_LOAD:
            self.power_w = 0.0

    def _engine(self, dt_s: float, ambient_c: float) -> None:
        running, cranking = self.running, self.state is GensetState.CRANKING
        # A governor hunts a little: were every figure to stand still it would be taken for a frozen gauge.
        hunting_rpm = _HUNTING_RPM * math.sin(math.tau * self.run_s / _HUNTING_S)
        target_rpm = _RATED_RPM + hunting_rpm if running else _CRANK_RPM if cranking else 0.0
        self.engine_speed_rpm += (target_rpm - self.engine_speed_rpm) * -math.expm1(-dt_s / _SPEED_LAG_S)
        if self.engine_speed_rpm < 1.0:
            self.engine_speed_rpm = 0.0
        hot_c, lag_s = (82.0, 240.0) if running else (ambient_c, 5400.0)
        self.coolant_temperature_c += (hot_c - self.coolant_temperature_c) * -math.expm1(-dt_s / lag_s)
        warm = max(0.0, self.coolant_temperature_c - 30.0)
        self.oil_pressure_kpa = (480.0 - 2.0 * warm) * min(1.0, self.engine_speed_rpm / _RATED_RPM)
        self.starter_battery_v = 13.9 if running else 10.4 if cranking else 12.7
        if not running:
            return
        self.run_s += dt_s
        litres_per_h = _IDLE_L_PER_H_KW * self.rated_w / 1000.0 + _LOAD_L_PER_KWH * self.power_w / 1000.0
        self.fuel_frac = max(0.0, self.fuel_frac - litres_per_h * dt_s / 3600.0 / TANK_L)
        if self.fuel_frac <= 0.0:
            self._enter(GensetState.FAILED)
