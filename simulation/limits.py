"""What the devices of a village can bear, and how often it was more than that: for trials and stories.

Told of every second by what really is in the physics, not by what the controller believes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from controller.core.model import Site
from simulation.physics.genset import STOP, GensetState
from simulation.physics.village import Village

OVERLOAD_GRACE_S = 5.0
"""Inverters bear more than their continuous power for a while (30 % more for 10 s): so long to shed in."""
_SOC_SLACK_FRAC = 0.005
_STARTER_RESTED_S = 3600.0
_AT_REST = frozenset({GensetState.STOPPED, GensetState.FAILED})
_TURNING = frozenset({GensetState.WARMING_UP, GensetState.ON_LOAD, GensetState.COOLING_DOWN})


@dataclass(slots=True)
class Strain:
    """What was too much; all zero where every device stayed within its limits."""

    overload_s: float = 0.0
    """Above the inverters' continuous power for longer than the grace."""
    soc_low_s: float = 0.0
    """Battery in use below its least SoC."""
    cell_high_s: float = 0.0
    hot_s: float = 0.0
    short_runs: int = 0
    """Runs of the genset shorter than its least."""
    short_rests: int = 0
    """Likewise rests."""
    wearing_starts: int = 0
    """Starts tried beyond the most in a row."""

    def total(self) -> float:
        """0 where nothing was too much."""
        return (
            self.overload_s
            + self.soc_low_s
            + self.cell_high_s
            + self.hot_s
            + self.short_runs
            + self.short_rests
            + self.wearing_starts
        )


@dataclass(slots=True)
class LimitWatch:
    """Follows one village; call `look` after each step."""

    site: Site
    village: Village
    strain: Strain = field(default_factory=Strain)
    dark_s: float = 0.0
    """For how long the bus was dead."""
    switchings: dict[str, int] = field(default_factory=dict)
    """Contactor moves by feeder."""
    genset_starts: int = 0
    """Starts tried."""
    _overloaded_s: float = 0.0
    _closed: dict[str, bool] = field(default_factory=dict)
    _state: GensetState = GensetState.STOPPED
    _state_s: float = 1e9
    """For how long the engine has turned, or has been at rest."""
    _in_vain: int = 0
    _since_try_s: float = 0.0

    def look(self, dt_s: float) -> None:
        """Judge the dt_s that have just passed."""
        storage, limits = self.village.storage, self.site.protection
        self.dark_s += 0.0 if storage.alive else dt_s
        overloaded = storage.alive and storage.inverter.load_ratio > 1.0
        self._overloaded_s = self._overloaded_s + dt_s if overloaded else 0.0
        if self._overloaded_s > OVERLOAD_GRACE_S:
            self.strain.overload_s += dt_s
        if storage.battery_power_w < 0.0 and storage.soc_frac < limits.soc_min_frac - _SOC_SLACK_FRAC:
            self.strain.soc_low_s += dt_s
        if storage.battery_power_w > 0.0 and storage.cell_voltage_max_v > limits.cell_voltage_max_v:
            self.strain.cell_high_s += dt_s
        if storage.battery_power_w != 0.0 and storage.battery_temperature_c > limits.temperature_max_c:
            self.strain.hot_s += dt_s
        self._count_moves()
        self._follow_genset(dt_s)

    def _count_moves(self) -> None:
        for feeder_id, line in self.village.feeders.items():
            closed = line.contactor.closed
            moved = self._closed.get(feeder_id, closed) is not closed
            self.switchings[feeder_id] = self.switchings.get(feeder_id, 0) + moved
            self._closed[feeder_id] = closed

    def _follow_genset(self, dt_s: float) -> None:
        genset, spec = self.village.genset, self.site.genset
        if genset is None or spec is None:
            return
        before, now = self._state, genset.state
        if genset.control_mode == STOP:
            self._in_vain = 0  # a technician is with it
        self._state_s += dt_s
        self._since_try_s += dt_s
        self._state = now
        if before in _AT_REST and now not in _AT_REST:
            self._in_vain = 0 if self._since_try_s > _STARTER_RESTED_S else self._in_vain
            self._since_try_s = 0.0
            self.genset_starts += 1
            self.strain.short_rests += self._in_vain == 0 and self._state_s < spec.min_rest_s
            self.strain.wearing_starts += self._in_vain >= spec.max_start_attempts
            self._in_vain += 1
        if before not in _TURNING and now in _TURNING:
            self._in_vain, self._state_s = 0, 0.0
        if before in _TURNING and now not in _TURNING:
            self.strain.short_runs += self._state_s < spec.min_run_s
            self._state_s = 0.0
