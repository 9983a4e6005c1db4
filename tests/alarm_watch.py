"""One look of the alarm rules at a world: what they are handed, and what they answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from core_world import World

from controller.core.alarming.book import Found
from controller.core.alarming.facts import AlarmSite, HostFacts
from controller.core.alarming.rules import Watch
from controller.core.model import Health, Reading, Role
from controller.core.reasons import render

PLACE = AlarmSite(
    latitude_deg=12.4,
    longitude_deg=99.8,
    roles={"battery": Role.BATTERY_INVERTER, "pv_south": Role.PV_INVERTER, "meter_pump": Role.METER},
    lines={
        "inverters": ("battery", "pv_south", "pv_east"),
        "meters": ("meter_clinic", "meter_pump"),
        "one": ("sun",),
    },
)
BANGKOK_S = 7 * 3600.0


def watch(
    world: World | None = None,
    *,
    at: datetime | None = None,
    facts: HostFacts | None = None,
    place: AlarmSite = PLACE,
    stands: tuple[str, ...] = (),
    points: dict[str, dict[str, float | None]] | None = None,
    **plant: Any,
) -> Watch:
    """One look at a world after a tick; `stands`: codes that stand already."""
    world = world or World()
    decision = world.step()
    image = world.image()
    told = {
        device: {**image.devices.get(device, {}), **{name: read(value) for name, value in values.items()}}
        for device, values in (points or {}).items()
    }
    image = replace(image, at=at or image.at, devices={**image.devices, **told})
    decision = replace(decision, plant=replace(decision.plant, **plant))
    return Watch(
        image,
        decision,
        world.site,
        world.plan,
        place,
        facts or HostFacts(local_offset_s=BANGKOK_S),
        lambda code, _subject: code in stands,
    )


def read(value: float | None) -> Reading:
    """A reading as fresh as can be; None is lost."""
    return Reading(value, 0.5, Health.GOOD) if value is not None else Reading(None, None, Health.LOST)


def codes(found: Iterable[Found]) -> list[str]:
    """Of all that was found; each has its sentence."""
    told = list(found)
    for each in told:
        render(each.reason)
    return [each.reason.code for each in told]


def only(found: Iterable[Found]) -> Found:
    """The one that was found."""
    (one,) = found
    return one
