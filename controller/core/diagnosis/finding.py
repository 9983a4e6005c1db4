"""What a check says, and what it knows of the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from controller.core.model import Health, ProcessImage, Reading, Role, Site

SAME_MOMENT_S = 3.0
"""Readings that are compared are no older than this, hence of nearly the same moment."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one check about one device at one moment."""

    device: str
    code: str
    """In the catalogue of reasons."""
    wrong: bool
    point: str = ""
    """What the check is about, where a device can have several of the same code."""
    params: Mapping[str, Any] = field(default_factory=dict)
    patience: int = 5
    """So many times in a row it must be wrong before it is told."""

    @property
    def key(self) -> tuple[str, str, str]:
        """By which it is the same finding at another moment."""
        return self.device, self.code, self.point


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checks know of a site."""

    site: Site
    roles: Mapping[str, Role]
    rated_w: Mapping[str, float]
    """Device id -> the most that can flow through it [W]; devices whose rating is not known are left out."""
    latitude_deg: float
    longitude_deg: float


def facts_of(site: Site, roles: Mapping[str, Role], latitude_deg: float, longitude_deg: float) -> Facts:
    """The facts of a site."""
    rated_w = {pv.id: pv.ac_w for pv in site.pv}
    rated_w |= {feeder.meter: feeder.rated_w for feeder in site.feeders if feeder.meter is not None}
    rated_w[site.battery.id] = max(site.battery.inverter_w, rated_w.get(site.battery.id, 0.0))
    if site.battery.bms is not None:
        rated_w[site.battery.bms] = site.battery.inverter_w
    if site.genset is not None:
        rated_w[site.genset.id] = site.genset.rated_w
    if site.grid is not None:
        rated_w.setdefault(site.grid.device, max(site.grid.import_w, site.grid.export_w))
    return Facts(site, roles, MappingProxyType(rated_w), latitude_deg, longitude_deg)


class Points:
    """The readings of one device, as far as they are of the present moment."""

    def __init__(self, device: str, readings: Mapping[str, Reading]) -> None:
        self.device = device
        self._readings = readings

    @classmethod
    def of(cls, image: ProcessImage, device: str) -> Points:
        """Those of a device in an image."""
        return cls(device, image.devices.get(device, {}))

    def now(self, name: str) -> float | None:
        """The value, if it was read just now."""
        reading = self._readings.get(name)
        if reading is None or reading.age_s is None or reading.age_s > SAME_MOMENT_S:
            return None
        return reading.value

    def good(self, name: str) -> float | None:
        """The value while it is as fresh as it is meant to be."""
        reading = self._readings.get(name)
        return None if reading is None or reading.health is not Health.GOOD else reading.value

    def names(self) -> tuple[str, ...]:
        """All points of the device."""
        return tuple(self._readings)
