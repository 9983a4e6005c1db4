"""A household behind a feeder: what its own meter sees."""

from __future__ import annotations

from typing import Protocol

from controller.settings import Config
from simulation.physics.feeder import FeederLine
from simulation.physics.village import Village

Phases = tuple[float, float, float]


class MeteredLine(Protocol):
    """What a meter measures."""

    @property
    def power_w(self) -> float:
        """Of all phases."""
        ...

    @property
    def phase_power_w(self) -> Phases:
        """Of each phase."""
        ...

    @property
    def phase_current_a(self) -> Phases:
        """In each phase."""
        ...

    @property
    def voltage_v(self) -> float:
        """Between phase and neutral."""
        ...

    @property
    def frequency_hz(self) -> float:
        """Of the bus."""
        ...

    @property
    def energy_wh(self) -> float:
        """Counted so far."""
        ...


class HouseholdLine:
    """One of a feeder's households: all draw alike."""

    def __init__(self, feeder: FeederLine, households: int) -> None:
        self._feeder = feeder
        self._share = 1.0 / households

    @property
    def power_w(self) -> float:
        """Of all phases."""
        return self._feeder.power_w * self._share

    @property
    def phase_power_w(self) -> Phases:
        """Of each phase."""
        one, two, three = self._feeder.phase_power_w
        return one * self._share, two * self._share, three * self._share

    @property
    def phase_current_a(self) -> Phases:
        """In each phase."""
        one, two, three = self._feeder.phase_current_a
        return one * self._share, two * self._share, three * self._share

    @property
    def voltage_v(self) -> float:
        """Between phase and neutral."""
        return self._feeder.voltage_v

    @property
    def frequency_hz(self) -> float:
        """Of the bus."""
        return self._feeder.frequency_hz

    @property
    def energy_wh(self) -> float:
        """Counted so far."""
        return self._feeder.energy_wh * self._share


def metered_line(device: str, config: Config, village: Village) -> MeteredLine | None:
    """The feeder or household that a meter measures; None: nothing."""
    for name, feeder in config.feeders.items():
        if feeder.meter == device:
            return village.feeders[name]
    homes = {} if config.accounts is None else config.accounts.households
    for home in homes.values():
        if home.meter == device:
            return HouseholdLine(village.feeders[home.feeder], config.feeders[home.feeder].households)
    return None
