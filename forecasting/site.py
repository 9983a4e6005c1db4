"""What a forecast must know of a site: where it is, and which arrays stand there. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PvArray:
    """One array behind one inverter. What nobody wrote down is None and learned from what the array gives."""

    id: str
    dc_w: float | None = None
    """Nameplate power of the modules."""
    ac_w: float | None = None
    """Limit of the inverter."""
    tilt_deg: float | None = None
    azimuth_deg: float | None = None
    """Where the panels look: 0 north, 90 east, 180 south, 270 west."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the sun is looked up, and which calendar the people live by."""

    latitude_deg: float
    longitude_deg: float
    timezone: str
    """A name of the IANA time zone database."""
    altitude_m: float = 0.0
    country: str | None = "TH"
    """Whose holidays count, ISO 3166-1 alpha-2."""
    linke_turbidity: tuple[float, ...] | None = None
    """Twelve values by month; None: pvlib's world map, or the Thai fits where they are known."""


@dataclass(frozen=True, slots=True)
class PvSite:
    """The PV of one site."""

    place: Place
    arrays: tuple[PvArray, ...]
