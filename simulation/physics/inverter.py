"""The grid-forming battery inverters: losses, overload and its trip, frequency and voltage of the bus."""

from __future__ import annotations

import math

from simulation.physics.curves import Curve

NOMINAL_HZ = 50.0
NOMINAL_V = 230.0
"""Phase to neutral."""

_THROTTLE_FROM_HZ = 50.2
_THROTTLE_TO_HZ = 52.7
"""PV inverters fall from all to nothing of their rated power between these two."""
_FREQUENCY_LAG_S = 0.4
_SAG_HZ_PER_OVERLOAD = 1.0
_LOG_TRIP_S = Curve(
    (1.00, math.log(3600.0)), (1.10, math.log(120.0)), (1.30, math.log(10.0)), (2.00, math.log(1.5)),
    (3.00, math.log(0.1)),
)  # fmt: skip
"""Natural logarithm of how long an overload is borne, by its ratio to the continuous power."""
_COOL_DOWN_S = 60.0
_VOLTAGE_FRAC = Curve((-1.0, 1.01), (0.0, 1.0), (1.0, 0.985), (1.5, 0.95), (2.5, 0.80))
_RESTART_S = 30.0
_TRIES = 3
_TRIES_WITHIN_S = 600.0
_LOCKED_OUT_S = 1800.0


def pv_share(frequency_hz: float) -> float:
    """Fraction of their rated power that PV inverters feed in at most at a frequency: P(f)."""
    if frequency_hz <= _THROTTLE_FROM_HZ:
        return 1.0
    return max(0.0, (_THROTTLE_TO_HZ - frequency_hz) / (_THROTTLE_TO_HZ - _THROTTLE_FROM_HZ))


def frequency_for(share: float) -> float:
    """The frequency at which PV inverters feed in at most `share` of their rated power; below 1.0 a shift."""
    return _THROTTLE_TO_HZ - share * (_THROTTLE_TO_HZ - _THROTTLE_FROM_HZ)


def trip_after_s(load_ratio: float) -> float:
    """How long a constant load is borne, as a ratio of the continuous power; infinite up to 1.0."""
    return math.inf if load_ratio <= 1.0 else math.exp(_LOG_TRIP_S(load_ratio))


class Inverter:
    """What the inverters themselves do; `Storage` joins them to the battery and the bus."""

    def __init__(self, rated_w: float) -> None:
        self.rated_w = rated_w
        self.charge_rated_w = 0.85 * rated_w
        """The chargers are smaller than the inverters, as in most makes."""
        self.frequency_hz = NOMINAL_HZ
        self.voltage_v = NOMINAL_V
        self.load_ratio = 0.0
        """Load of the most loaded phase or of all, against the continuous power."""
        self.faulted = False
        self.restart_in_s = 0.0
        """While faulted: until the next try."""
        self._heat = 0.0
        self._since_trips_s: list[float] = []

    def loss_w(self, ac_w: float) -> float:
        """Losses while running at an AC power of either sign."""
        magnitude_w = abs(ac_w)
        return 0.0045 * self.rated_w + 0.018 * magnitude_w + 0.025 * magnitude_w * magnitude_w / self.rated_w

    def ac_for_dc_w(self, dc_w: float) -> float:
        """AC power that charges the battery with dc_w >= 0, within the chargers' rating."""
        a, b = 0.025 / self.rated_w, 1.0 - 0.018
        # dc = b * ac - a * ac^2 - idle, solved for the smaller ac
        ac_w = (b - math.sqrt(b * b - 4.0 * a * (dc_w + 0.0045 * self.rated_w))) / (2.0 * a)
        return min(ac_w, self.charge_rated_w)

    def steer(self, share: float, dt_s: float) -> None:
        """Move the frequency towards the one at which PV feeds in `share`, and sag with overload."""
        target_hz = frequency_for(share) if share < 1.0 else NOMINAL_HZ
        target_hz -= _SAG_HZ_PER_OVERLOAD * max(0.0, self.load_ratio - 1.0)
        self.frequency_hz += (target_hz - self.frequency_hz) * (1.0 - math.exp(-dt_s / _FREQUENCY_LAG_S))

    def carry(self, phase_power_w: tuple[float, float, float], dt_s: float) -> None:
        """Bear the AC power of each phase (< 0 feeding) for dt_s; may trip."""
        total_ratio = -sum(phase_power_w) / self.rated_w
        phase_ratio = -min(phase_power_w) * 3.0 / self.rated_w
        self.load_ratio = ratio = max(total_ratio, phase_ratio)
        self.voltage_v = NOMINAL_V * _VOLTAGE_FRAC(ratio)
        for index in range(len(self._since_trips_s)):
            self._since_trips_s[index] += dt_s
        if ratio <= 1.0:
            self._heat = max(0.0, self._heat - dt_s / _COOL_DOWN_S)
            return
        self._heat += dt_s / trip_after_s(ratio)
        if self._heat >= 1.0 - 1e-9:
            self._trip()

    def rest(self, dt_s: float) -> None:
        """Stand still for dt_s: dead, or waiting after a trip."""
        self.frequency_hz = self.voltage_v = self.load_ratio = 0.0
        self._heat = max(0.0, self._heat - dt_s / _COOL_DOWN_S)
        for index in range(len(self._since_trips_s)):
            self._since_trips_s[index] += dt_s
        if self.faulted:
            self.restart_in_s -= dt_s
            self.faulted = self.restart_in_s > 1e-9

    def wake(self) -> None:
        """Form the bus again."""
        self.frequency_hz, self.voltage_v = NOMINAL_HZ, NOMINAL_V

    def _trip(self) -> None:
        self.faulted = True
        self._heat = 0.0
        recent = [since_s for since_s in self._since_trips_s if since_s < _TRIES_WITHIN_S]
        self._since_trips_s = [*recent, 0.0]
        if len(self._since_trips_s) > _TRIES:
            self.restart_in_s, self._since_trips_s = _LOCKED_OUT_S, []
        else:
            self.restart_in_s = _RESTART_S
