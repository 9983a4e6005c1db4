"""Cross checks of place, time and storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys
from controller.config.hints import similar

_THAI_LATITUDES = (5.0, 21.0)
_ZONES_OF_THAI_TIME = {"Asia/Bangkok": ((5.0, 24.0), (92.0, 110.0))}
"""Thailand and the neighbours that keep its time, generously: latitudes and longitudes [°]."""


def timezone_known(draft: Draft) -> Iterator[Fault]:
    """The time zone is one of the IANA data base."""
    zone = draft.text("site", "timezone")
    if zone is None:
        return
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = similar(zone, available_timezones(), likeness=0.8) or "Asia/Bangkok in Thailand"
        message = f"there is no such time zone: did you mean {near}?"
        yield draft.fault(("site", "timezone"), message)


def village_in_its_zone(draft: Draft) -> Iterator[Fault]:
    """Coordinates fit the time zone; swapped ones are recognised."""
    latitude, longitude = draft.number("site", "latitude_deg"), draft.number("site", "longitude_deg")
    limits = _ZONES_OF_THAI_TIME.get(draft.text("site", "timezone") or "")
    if longitude is not None and latitude is None and _within(longitude, _THAI_LATITUDES):
        message = "this is a latitude of Thailand: are latitude_deg and longitude_deg swapped?"
        yield draft.fault(("site", "longitude_deg"), message)
        return
    if limits is None:
        return
    for keys, value, (low, high) in (
        (("site", "latitude_deg"), latitude, limits[0]),
        (("site", "longitude_deg"), longitude, limits[1]),
    ):
        if value is not None and not low <= value <= high:
            message = f"with the time zone Asia/Bangkok it lies between {low:g} and {high:g} degrees"
            yield draft.fault(keys, message)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def storage_apart(draft: Draft) -> Iterator[Fault]:
    """Storage paths are absolute and different files."""
    places: tuple[Keys, ...] = (("storage", "image"), ("storage", "telemetry"))
    seen: set[PurePosixPath] = set()
    for keys in places:
        text = draft.text(*keys)
        if text is None:
            continue
        path = PurePosixPath(text)
        if not path.is_absolute():
            yield draft.fault(keys, "allowed is a path beginning with /, such as /var/lib/tawan/telemetry.db")
        elif text.endswith("/"):
            yield draft.fault(keys, "this is a directory: name the file in it")
        elif path in seen:
            yield draft.fault(keys, "storage.image is the same file: give each its own")
        seen.add(path)


RULES = (timezone_known, village_in_its_zone, storage_apart)
