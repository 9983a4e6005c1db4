"""A feeder: people's demand behind a contactor, metered on the bus side, with inrush when it is connected."""

from __future__ import annotations

import math

from controller.settings import FeederSettings
from simulation.physics.appliances import KINDS
from simulation.physics.contactor import Contactor
from simulation.physics.loads import Demand, Phases

_INRUSH_DECAY_S = 0.35
_INRUSH_OVER = 0.02
"""Of the settled power: below it the inrush is forgotten."""
_MOTOR_START_W = 500.0
_COLD_AFTER_S = 300.0
_COLD_FRAC = 0.5
_COLD_MOST_S = 3600.0
_DARK: Phases = (0.0, 0.0, 0.0)


class FeederLine:
    """Powers are >= 0; voltage and frequency are those of the bus side, where the meter sits."""

    def __init__(self, settings: FeederSettings, demand: Demand, contactor: Contactor) -> None:
        kind = KINDS[settings.kind]
        self.priority = settings.priority
        self.contactor = contactor
        self.power_w = 0.0
        self.phase_power_w = _DARK
        self.phase_current_a = _DARK
        self.power_factor = kind.power_factor
        self.voltage_v = 0.0
        self.frequency_hz = 0.0
        self.energy_wh = 0.0
        self.demand_w = 0.0
        self.wanted_wh = 0.0
        """What people wanted so far."""
        self.unserved_wh = 0.0
        """What of it they did not get: the feeder was open, or the bus dead."""
        self.unserved_s = 0.0
        """For how long they had no power."""
        self._demand = demand
        self._inrush_ratio = kind.inrush_ratio
        self._motor = kind.motor
        self._settled_w = 0.0
        self._inrush_w = 0.0
        self._powered = True
        self._unpowered_s = 0.0
        self._cold_s = 0.0
        self._extra: list[tuple[float, float]] = []
        """Watts and the moment of their end."""

    @property
    def powered(self) -> bool:
        """Whether people have power."""
        return self._powered

    @property
    def transient(self) -> bool:
        """Whether something is happening here that asks for short steps."""
        return self._inrush_w > 0.0 or self.contactor.moves_in_s is not None

    def add(self, watts: float, until_s: float) -> None:
        """Add demand until a moment, evenly over the phases."""
        self._extra.append((watts, until_s))

    def draw(self, now_s: float, dt_s: float, *, alive: bool) -> Phases:
        """Power of the three phases over the next dt_s; `measure` sets voltage and current afterwards."""
        one, two, three = self._demand.at(now_s)
        if self._extra:
            self._extra = [(watts, until_s) for watts, until_s in self._extra if until_s > now_s + 1e-9]
            third_w = sum(watts for watts, _ in self._extra) / 3.0
            one, two, three = one + third_w, two + third_w, three + third_w
        self.demand_w = one + two + three
        wanted_wh = self.demand_w * dt_s / 3600.0
        self.wanted_wh += wanted_wh
        if not (alive and self.contactor.closed):
            self._lose_power(dt_s)
            self.unserved_wh += wanted_wh
            return _DARK
        if not self._powered:
            self._connect()
        if self._cold_s > 0.0:
            self._cold_s -= dt_s
            cold = self._demand.cold(now_s)
            one, two, three = one + cold[0], two + cold[1], three + cold[2]
        third_w = self._inrush(one + two + three, dt_s) / 3.0
        self.phase_power_w = phases = (one + third_w, two + third_w, three + third_w)
        self.power_w = phases[0] + phases[1] + phases[2]
        self.energy_wh += self.power_w * dt_s / 3600.0
        return phases

    def measure(self, voltage_v: float, frequency_hz: float) -> None:
        """Show the bus's voltage and frequency, and the currents that follow."""
        self.voltage_v, self.frequency_hz = voltage_v, frequency_hz
        if voltage_v <= 0.0 or not self._powered:
            self.phase_current_a = _DARK
            return
        per_watt = 1.0 / (voltage_v * self.power_factor)
        one, two, three = self.phase_power_w
        self.phase_current_a = (one * per_watt, two * per_watt, three * per_watt)

    def _lose_power(self, dt_s: float) -> None:
        self._powered = False
        self._unpowered_s += dt_s
        self.unserved_s += dt_s
        self._settled_w = self._inrush_w = self.power_w = 0.0
        self.phase_power_w = _DARK

    def _connect(self) -> None:
        """Refrigerators that warmed up in a long outage all start, and run for a while."""
        if self._unpowered_s > _COLD_AFTER_S:
            self._cold_s = min(_COLD_MOST_S, self._cold_s + _COLD_FRAC * self._unpowered_s)
        self._powered, self._unpowered_s, self._settled_w = True, 0.0, -1.0

    def _inrush(self, settled_w: float, dt_s: float) -> float:
        """Mean inrush over the next dt_s, after a connection or a motor's start."""
        if self._settled_w < 0.0:
            self._inrush_w = (self._inrush_ratio - 1.0) * settled_w
        elif self._motor and settled_w - self._settled_w > _MOTOR_START_W:
            self._inrush_w += (self._inrush_ratio - 1.0) * (settled_w - self._settled_w)
        self._settled_w = settled_w
        if self._inrush_w <= 0.0:
            return 0.0
        left = math.exp(-dt_s / _INRUSH_DECAY_S)
        mean_w = self._inrush_w * (1.0 - left) * _INRUSH_DECAY_S / dt_s
        self._inrush_w *= left
        if self._inrush_w < _INRUSH_OVER * settled_w + 1.0:
            self._inrush_w = 0.0
        return mean_w
