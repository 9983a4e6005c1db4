"""The site's sums and the feeders' states, as far as the process image tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from controller.core.model import (
    Battery,
    Feeder,
    Health,
    PlantState,
    ProcessImage,
    Reading,
    Site,
    SwitchPoint,
)

_FLOWING_W = 50.0
_IDLE_W = 50.0
"""Below this a battery counts as resting: its hours left would be astronomical."""


@dataclass(frozen=True, slots=True)
class FeederView:
    """What is seen of a feeder at one tick."""

    feeder: Feeder
    closed: bool | None
    """By its relay's read-back, unless its meter knows better; None when not known."""
    closed_fresh: bool | None
    """Likewise, but only while the read-back is recent."""
    power_w: float | None
    """Served load [W], >= 0: 0 when open, None when not known."""


def view_feeder(feeder: Feeder, image: ProcessImage) -> FeederView:
    """What the image tells of a feeder.

    The relay's read-back tells what the contactor was told, not what it does: one that is welded shut is
    known by the power that still flows through its meter.
    """
    switch = feeder.switch
    closed = _is_closed(switch, image.value(switch.device, switch.point))
    closed_fresh = _is_closed(switch, image.fresh(switch.device, switch.point))
    power_w = None if feeder.meter is None else image.value(feeder.meter, "power_w")
    flowing_w = None if feeder.meter is None else image.fresh(feeder.meter, "power_w")
    if closed is False and flowing_w is not None and flowing_w > _FLOWING_W:
        closed, closed_fresh = True, True if closed_fresh is False else None
    if closed is False:
        power_w = 0.0
    return FeederView(feeder, closed, closed_fresh, None if power_w is None else max(0.0, power_w))


def _is_closed(switch: SwitchPoint, energised: float | None) -> bool | None:
    if energised is None:
        return None
    return (energised >= 0.5) == switch.closed_when_energised


def view_feeders(site: Site, image: ProcessImage) -> dict[str, FeederView]:
    """What the image tells of every feeder."""
    return {feeder.id: view_feeder(feeder, image) for feeder in site.feeders}


def battery_reading(image: ProcessImage, battery: Battery, point: str) -> Reading:
    """A point of the battery: as its own management tells it, else as its inverter does."""
    if battery.bms is not None:
        own = image.reading(battery.bms, point)
        if own.health is not Health.LOST:
            return own
    return image.reading(battery.id, point)


def summarise(image: ProcessImage, site: Site, views: Iterable[FeederView]) -> PlantState:
    """The site's sums, its feeders as viewed; one that lacks a part is None, and `missing` names the part."""
    battery = site.battery
    parts = [
        *((pv.id, image.value(pv.id, pv.power_point)) for pv in site.pv),
        *((view.feeder.meter or view.feeder.id, view.power_w) for view in views),
        (battery.id, image.value(battery.id, "ac_power_w")),
    ]
    pv_w = _total(value for _, value in parts[: len(site.pv)])
    load_w = _total(value for _, value in parts[len(site.pv) : -1])
    genset_w: float | None = 0.0
    if site.genset is not None:
        genset_w = image.value(site.genset.id, "power_w")
        parts.append((site.genset.id, genset_w))
    grid_w: float | None = 0.0
    if site.grid is not None:
        grid_w = image.value(site.grid.device, f"{site.grid.prefix}power_w")
        parts.append((site.grid.device, grid_w))
    battery_w = battery_reading(image, battery, "battery_power_w").value
    soc_frac = battery_reading(image, battery, "battery_soc_frac").value
    parts.extend(((battery.id, battery_w), (battery.id, soc_frac)))
    return PlantState(
        pv_w=pv_w,
        load_w=load_w,
        battery_w=battery_w,
        inverter_w=image.value(battery.id, "ac_power_w"),
        genset_w=genset_w,
        grid_w=grid_w,
        soc_frac=soc_frac,
        energy_left_h=energy_left_h(battery, soc_frac, battery_w),
        missing=tuple(dict.fromkeys(name for name, value in parts if value is None)),
    )


def energy_left_h(battery: Battery, soc_frac: float | None, battery_w: float | None) -> float | None:
    """Hours until the battery is down to its reserve at the present rate [h].

    None while it charges or rests, or when SoC or power are not known; 0 below the reserve.
    """
    if soc_frac is None or battery_w is None or battery_w > -_IDLE_W:
        return None
    return max(0.0, soc_frac - battery.reserve_soc_frac) * battery.energy_wh / -battery_w


def _total(values: Iterable[float | None]) -> float | None:
    """The sum, None when a part is missing."""
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total
