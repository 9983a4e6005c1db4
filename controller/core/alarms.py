"""Alarms: which devices have gone silent, and what is new since the last tick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from controller.core.model import Alarm, Event, Health, Memory, Reason, Site
from controller.core.situation import Situation, hold

_LOST_S = 20.0
"""At start a slow line needs some time to ask everybody once."""
_DARK_WM2 = 30.0
_DARK_FRAC = 0.01


def silent_devices(situation: Situation) -> tuple[Memory, tuple[Alarm, ...]]:
    """Devices that give no value any more.

    The battery has its own alarm, PV inverters sleep at night, and a meter behind an open contactor may go
    dark with its feeder: only one that was silent before is still missed then.
    """
    memory, alarms = situation.memory, []
    unpowered = _meters_of_cut_feeders(situation)
    dark: bool | None = None
    arrays = {pv.id for pv in situation.site.pv}
    for device, point in _watched(situation.site).items():
        lost = situation.image.reading(device, point).health is Health.LOST
        if lost and device in arrays:
            dark = _is_dark(situation) if dark is None else dark
            lost = not dark
        if device in unpowered and memory.held_s.get(f"lost:{device}", 0.0) < _LOST_S:
            lost = False
        memory, lost_s = hold(memory, f"lost:{device}", lost, situation.dt_s)
        if lost_s >= _LOST_S:
            alarms.append(Alarm(device, Reason("device_lost", {"device": device, "lost_s": lost_s})))
    return memory, tuple(alarms)


def _watched(site: Site) -> dict[str, str]:
    """Device id -> the point without which it is silent."""
    watched = {pv.id: pv.power_point for pv in site.pv}
    watched.update({feeder.switch.device: feeder.switch.point for feeder in site.feeders})
    watched.update({feeder.meter: "power_w" for feeder in site.feeders if feeder.meter is not None})
    if site.genset is not None:
        watched[site.genset.id] = "engine_speed_rpm"
    if site.battery.bms is not None:
        watched[site.battery.bms] = "battery_soc_frac"
    if site.irradiance_sensor is not None:
        watched[site.irradiance_sensor] = "irradiance_wm2"
    return watched


def _meters_of_cut_feeders(situation: Situation) -> set[str]:
    """Meters that may have no supply, where they are wired behind the contactor."""
    cut, powered = set[str](), set[str]()
    for feeder in situation.site.feeders:
        if feeder.meter is not None:
            (cut if situation.past(feeder.id).closed is False else powered).add(feeder.meter)
    return cut - powered


def _is_dark(situation: Situation) -> bool:
    """Whether a silent PV inverter is rather asleep: no light, or its neighbours make nothing either."""
    sensor = situation.site.irradiance_sensor
    light_wm2 = None if sensor is None else situation.image.value(sensor, "irradiance_wm2")
    if light_wm2 is not None:
        return light_wm2 < _DARK_WM2
    return all(
        (power_w := situation.image.value(pv.id, pv.power_point)) is None or -power_w < _DARK_FRAC * pv.ac_w
        for pv in situation.site.pv
    )


def compare(before: Mapping[str, Alarm], now: Iterable[Alarm]) -> tuple[dict[str, Alarm], tuple[Event, ...]]:
    """The alarms that stand, the longest-standing first, and the events of what came and went."""
    present = {alarm.key: alarm for alarm in now}
    standing = {key: present[key] for key in before if key in present}
    raised = {key: alarm for key, alarm in present.items() if key not in before}
    events = (
        *(Event(alarm.subject, "alarm", alarm.reason) for alarm in raised.values()),
        *(Event(alarm.subject, "clear", alarm.reason) for key, alarm in before.items() if key not in present),
    )
    return {**standing, **raised}, events
