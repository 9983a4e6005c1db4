"""Checks between devices, and against the sun. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime
from statistics import median

from controller.core.diagnosis.checks import mixed_up
from controller.core.diagnosis.finding import Facts, Finding, Points
from controller.core.model import ProcessImage, Role
from controller.core.points import REQUIRED

_NIGHT_DEG = -6.0
_DARK_WM2 = 2.0
_PV_LEAST_W, _PV_FRAC = 100.0, 0.03
_SOC_APART = 0.10
_BALANCE_LEAST_W, _BALANCE_FRAC = 600.0, 0.2
_BALANCE_PATIENCE = 150
_MISSING_PATIENCE = 60
_LIVE_V = 60.0
_VOLTAGE = re.compile(r"voltage_l[123]_v")


def site_findings(image: ProcessImage, facts: Facts) -> Iterator[Finding]:
    """What is checked between the devices of a site."""
    yield from _sun(image, facts)
    yield from _voltages(image, facts)
    yield from _soc(image, facts)
    yield from _balance(image, facts)
    yield from _required(image, facts)


def sun_elevation_deg(at: datetime, latitude_deg: float, longitude_deg: float) -> float:
    """How high the sun stands, within about half a degree (Spencer 1971, as in Iqbal, Solar Radiation)."""
    day = 2 * math.pi * (at.timetuple().tm_yday - 1) / 365
    declination = (
        0.006918
        - 0.399912 * math.cos(day)
        + 0.070257 * math.sin(day)
        - 0.006758 * math.cos(2 * day)
        + 0.000907 * math.sin(2 * day)
    )
    equation_min = 229.18 * (
        0.000075
        + 0.001868 * math.cos(day)
        - 0.032077 * math.sin(day)
        - 0.014615 * math.cos(2 * day)
        - 0.04089 * math.sin(2 * day)
    )
    minutes = at.hour * 60 + at.minute + at.second / 60 + equation_min + 4 * longitude_deg
    hour_angle = math.radians(minutes / 4 - 180)
    latitude = math.radians(latitude_deg)
    sine = math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(
        hour_angle
    )
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))


def _is_night(image: ProcessImage, facts: Facts) -> bool | None:
    """By the sun where the clock is right, else by the light; None where neither is known."""
    if image.clock_synchronised:
        return sun_elevation_deg(image.at, facts.latitude_deg, facts.longitude_deg) < _NIGHT_DEG
    sensor = facts.site.irradiance_sensor
    light_wm2 = None if sensor is None else image.fresh(sensor, "irradiance_wm2")
    return None if light_wm2 is None else light_wm2 < _DARK_WM2


def _sun(image: ProcessImage, facts: Facts) -> Iterator[Finding]:
    night = _is_night(image, facts)
    for pv in facts.site.pv:
        power_w = Points.of(image, pv.id).now(pv.power_point)
        if power_w is None:
            continue
        least_w = max(_PV_LEAST_W, _PV_FRAC * pv.ac_w)
        params = {"power_w": power_w}
        yield Finding(pv.id, "diagnosis_pv_sign", power_w > least_w, params=params)
        if night is not None:
            yield Finding(pv.id, "diagnosis_pv_at_night", night and power_w < -least_w, params=params)


def _voltages(image: ProcessImage, facts: Facts) -> Iterator[Finding]:
    """All that hangs on the village's bus sees about the same voltage."""
    seen = {
        (device, name): value
        for device in facts.roles
        for name in image.devices.get(device, {})
        if _VOLTAGE.fullmatch(name) and (value := image.fresh(device, name))
    }
    if len(seen) < 3 or (usual_v := median(seen.values())) < _LIVE_V:
        return
    for (device, name), value in seen.items():
        factor = mixed_up(value / usual_v)
        params = {"point": name, "voltage_v": value, "usual_v": usual_v}
        yield Finding(device, "diagnosis_voltage_units", factor is not None, name, params)


def _soc(image: ProcessImage, facts: Facts) -> Iterator[Finding]:
    battery = facts.site.battery
    if battery.bms is None:
        return
    own, inverter = (image.fresh(device, "battery_soc_frac") for device in (battery.bms, battery.id))
    if own is not None and inverter is not None:
        params = {"bms_frac": own, "inverter_frac": inverter}
        yield Finding(battery.bms, "diagnosis_soc", abs(own - inverter) > _SOC_APART, params=params)


def _balance(image: ProcessImage, facts: Facts) -> Iterator[Finding]:
    """At the village's bus all that flows in flows out, where all of it is metered."""
    site = facts.site
    if facts.roles.get(site.battery.id) is not Role.BATTERY_INVERTER:
        return  # a hybrid has further ports
    if not all(pv.limitable for pv in site.pv) or any(feeder.meter is None for feeder in site.feeders):
        return
    flows = [image.fresh(pv.id, "power_w") for pv in site.pv]
    flows += [image.fresh(feeder.meter or "", "power_w") for feeder in site.feeders]
    flows.append(image.fresh(site.battery.id, "ac_power_w"))
    if site.genset is not None:
        flows.append(image.fresh(site.genset.id, "power_w"))
    if site.grid is not None:  # what comes in from it flows out of nothing else
        drawn_w = image.fresh(site.grid.device, f"{site.grid.prefix}power_w")
        flows.append(None if drawn_w is None else -drawn_w)
    known = [flow for flow in flows if flow is not None]
    if len(known) < len(flows):
        return
    rest_w = math.fsum(known)
    slack_w = max(_BALANCE_LEAST_W, _BALANCE_FRAC * math.fsum(map(abs, known)) / 2)
    yield Finding(
        "site",
        "diagnosis_balance",
        abs(rest_w) > slack_w,
        params={"rest_w": rest_w},
        patience=_BALANCE_PATIENCE,
    )


def _required(image: ProcessImage, facts: Facts) -> Iterator[Finding]:
    """A device that answers gives what its role needs."""
    for device, role in facts.roles.items():
        points = Points.of(image, device)
        if not any(points.good(name) is not None for name in points.names()):
            continue
        for name in sorted(REQUIRED[role]):
            lacks = points.good(name) is None
            yield Finding(
                device, "diagnosis_missing", lacks, name, {"point": name}, patience=_MISSING_PATIENCE
            )
