"""What is known at one tick: readings and the process image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.core.model.words import Health


@dataclass(frozen=True, slots=True)
class Reading:
    """One point of one device as the process image holds it during a tick."""

    value: float | None
    """In the unit of the point's name; None when lost."""
    age_s: float | None
    """Seconds since it was read, on the monotonic clock; None when it never was."""
    health: Health


LOST = Reading(None, None, Health.LOST)


@dataclass(frozen=True, slots=True)
class ProcessImage:
    """Everything the controller knows at one tick; the only input from the field to `decide`."""

    tick: int
    monotonic_s: float
    at: datetime
    """Aware UTC; a label only."""
    clock_synchronised: bool
    devices: Mapping[str, Mapping[str, Reading]]
    """Device id -> point name -> reading."""

    def reading(self, device: str, point: str) -> Reading:
        """The reading, or LOST where the device has no such point."""
        return self.devices.get(device, {}).get(point, LOST)

    def value(self, device: str, point: str) -> float | None:
        """The reading's value, None when lost."""
        return self.reading(device, point).value

    def fresh(self, device: str, point: str) -> float | None:
        """The value only while its health is good, else None."""
        reading = self.reading(device, point)
        return reading.value if reading.health is Health.GOOD else None


@dataclass(frozen=True, slots=True)
class PlantState:
    """The site's sums at a tick; a sum with a missing part is None, and `missing` says which."""

    pv_w: float | None
    """<= 0."""
    load_w: float | None
    """>= 0, served load."""
    battery_w: float | None
    """DC power into the battery: charging > 0."""
    inverter_w: float | None
    """AC power into the grid-forming inverters: < 0 while they feed the feeders."""
    genset_w: float | None
    """<= 0."""
    soc_frac: float | None
    energy_left_h: float | None
    """Hours until the reserve at the present rate; None while charging or unknown."""
    grid_w: float | None = 0.0
    """Drawn from the public grid > 0; 0 without one."""
    missing: tuple[str, ...] = ()
    """Device ids that a sum lacks."""
