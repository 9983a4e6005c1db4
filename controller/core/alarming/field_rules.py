"""Alarms that come of looking at the village as a whole: the night ahead, cuts and panels. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.alarming.book import Found
from controller.core.alarming.facts import NightOutlook
from controller.core.alarming.record import Severity
from controller.core.alarming.rules import Rule, Watch
from controller.core.diagnosis.between import sun_elevation_deg
from controller.core.model import Alarm, Health, PvInverter, Reason, Role
from controller.core.model.reason import Params
from controller.core.standing import FOLLOWED

_SUNRISE_DEG = -0.833
"""Of the sun's centre when its rim appears (Meeus, Astronomical Algorithms, ch. 15)."""
_STEP = timedelta(minutes=30)
_LOOKED_AHEAD_S = 15 * 3600.0
_LASTS_PROB, _LASTS_AGAIN_PROB = 0.5, 0.65
_MARGIN_H, _SOON_H = 1.0, 2.0
_OVERDUE_S = 900.0
_BRIGHT_WM2, _BRIGHT_DEG = 250.0, 20.0
_NOTHING_FRAC, _NEIGHBOUR_FRAC, _HELD_FRAC = 0.005, 0.15, 0.05
_FULL_FRAC = 0.95
_INVERTERS = frozenset({Role.PV_INVERTER, Role.BATTERY_INVERTER, Role.HYBRID_INVERTER, Role.SOLAR_CHARGER})


def next_sunrise(at: datetime, latitude_deg: float, longitude_deg: float) -> datetime | None:
    """The next time that the sun comes up, to a few minutes; None: not within a day. at: aware UTC."""
    before_deg: float | None = None
    for step in range(25 * 2):
        moment = at + step * _STEP
        above_deg = sun_elevation_deg(moment, latitude_deg, longitude_deg) - _SUNRISE_DEG
        if before_deg is not None and before_deg < 0 <= above_deg:
            return moment - _STEP * (above_deg / (above_deg - before_deg))
        before_deg = above_deg
    return None


def short_of_dawn(watch: Watch) -> Iterator[Found]:
    """A battery that will not last until the sun carries the village again.

    The forecast of the night is believed where there is one; by the present rate it is judged as well once
    less than two hours are left, or where there is none. Neither knows of turns and genset: where the plan
    that is followed sees the battery through with them, nobody is alarmed.
    """
    image, place, plant = watch.image, watch.place, watch.decision.plant
    supply = watch.decision.supply
    tied = supply is not None and supply.state == "grid_tied"
    if tied or not image.clock_synchronised or plant.soc_frac is None:
        return
    night = watch.facts.night
    if night is not None and night.sunrise_utc <= image.at:
        night = None
    dark = sun_elevation_deg(image.at, place.latitude_deg, place.longitude_deg) < 0
    if night is None and not dark:
        return
    sunrise = night.sunrise_utc if night else next_sunrise(image.at, place.latitude_deg, place.longitude_deg)
    if sunrise is None or (sunrise - image.at).total_seconds() > _LOOKED_AHEAD_S:
        return
    if _planned_to_last(watch, sunrise):
        return
    stands = watch.stands("battery_short_of_dawn", "site")
    left_h = _hours_left(image.at, night, plant.energy_left_h)
    if not (_forecast_short(night, stands) or _rate_short(watch, sunrise, night, dark, stands)):
        return
    local_s = (sunrise.timestamp() + watch.facts.local_offset_s) % 86_400
    params = {"sunrise": local_s, "left_s": None if left_h is None else 3600 * left_h}
    soon = left_h is not None and left_h < _SOON_H and (sunrise - image.at).total_seconds() / 3600 > left_h
    severity = Severity.CRITICAL if soon and dark and not _genset_ready(watch) else None
    yield Found("site", Reason("battery_short_of_dawn", params), severity)


def _genset_ready(watch: Watch) -> bool:
    return watch.site.genset is not None and watch.decision.memory.genset.phase not in ("failed", "manual")


def _planned_to_last(watch: Watch, sunrise: datetime) -> bool:
    """Whether the plan in force expects (median) the battery above its reserve until then.

    A plan of which the battery falls short, or whose genset does not come, is not one to rely on.
    """
    plan, now_s = watch.plan, watch.image.monotonic_s
    if plan is None or watch.decision.memory.plan.standing != FOLLOWED:
        return False
    until_s = now_s + (sunrise - watch.image.at).total_seconds()
    if until_s > plan.edges_s[-1] or (any(plan.genset_on) and not _genset_ready(watch)):
        return False
    ahead = (
        soc_frac
        for at_s, soc_frac in zip(plan.edges_s, plan.soc_mid_frac, strict=True)
        if now_s <= at_s <= until_s
    )
    return min(ahead, default=0.0) >= watch.site.battery.reserve_soc_frac


def _hours_left(at: datetime, night: NightOutlook | None, rate_h: float | None) -> float | None:
    """Until the reserve is reached: the sooner of what forecast and present rate say."""
    told = [] if rate_h is None else [rate_h]
    if night is not None and night.reserve_utc is not None:
        told.append(max(0.0, (night.reserve_utc - at).total_seconds() / 3600))
    return min(told, default=None)


def _forecast_short(night: NightOutlook | None, stands: bool) -> bool:
    return night is not None and night.lasting_prob < (_LASTS_AGAIN_PROB if stands else _LASTS_PROB)


def _rate_short(
    watch: Watch, sunrise: datetime, night: NightOutlook | None, dark: bool, stands: bool
) -> bool:
    left_h = watch.decision.plant.energy_left_h
    if not dark or left_h is None:
        return False
    until_h = (sunrise - watch.image.at).total_seconds() / 3600
    if night is not None and left_h >= _SOON_H:
        return False
    return left_h < until_h + (_MARGIN_H if stands else 0.0)


def cut_by_protection(watch: Watch) -> Iterator[Found]:
    """Feeders that protection has kept off for longer than anybody should wait without an answer."""
    for feeder in watch.site.feeders:
        past = watch.decision.memory.feeders[feeder.id]
        off = past.closed is False and past.off_by == "protection"
        if off and past.state_s >= watch.place.limits.cut_longest_s:
            name = {"th": feeder.name.th, "en": feeder.name.en}
            yield Found(feeder.id, Reason("cut_too_long", {"feeder": name, "off_s": past.state_s}))


@dataclass(slots=True)
class Promises:
    """Remembers until when a cut was announced, as plans forget what is over."""

    _until_s: dict[str, float] = field(default_factory=dict)

    def look(self, watch: Watch) -> Iterator[Found]:
        """Feeders that were promised power, and are still off a quarter of an hour later."""
        now_s = watch.image.monotonic_s
        for feeder in watch.site.feeders:
            if watch.decision.memory.feeders[feeder.id].closed is not False:
                self._until_s.pop(feeder.id, None)
                continue
            cut = None if watch.plan is None else watch.plan.cut_at(feeder.id, now_s)
            if cut is not None:
                self._until_s[feeder.id] = cut.to_s
            until_s = self._until_s.get(feeder.id)
            if until_s is not None and now_s - until_s >= _OVERDUE_S:
                params = {"feeder": {"th": feeder.name.th, "en": feeder.name.en}, "late_s": now_s - until_s}
                yield Found(feeder.id, Reason("cut_overdue", params))


def dead_arrays(watch: Watch) -> Iterator[Found]:
    """Arrays that give nothing although the light is good, as the sensor, the neighbours or the sun tell."""
    if watch.decision.mode == "blackout":
        return
    for array in watch.site.pv:
        reading = watch.image.reading(array.id, array.power_point)
        held = watch.decision.pv_limit_frac.get(array.id, 1.0) <= _HELD_FRAC or _rests(watch, array)
        if reading.health is not Health.GOOD or reading.value is None or held:
            continue
        if -reading.value < _NOTHING_FRAC * array.ac_w and _bright(watch, array):
            name = {"th": array.name.th, "en": array.name.en}
            yield Found(array.id, Reason("pv_no_production", {"array": name}))


def _rests(watch: Watch, array: PvInverter) -> bool:
    """A charger or hybrid has nothing to do beside a full battery."""
    soc_frac = watch.decision.plant.soc_frac
    return not array.limitable and (soc_frac is None or soc_frac >= _FULL_FRAC)


def _bright(watch: Watch, array: PvInverter) -> bool:
    image, sensor = watch.image, watch.site.irradiance_sensor
    light_wm2 = None if sensor is None else image.fresh(sensor, "irradiance_wm2")
    neighbours = [
        -power_w / other.ac_w
        for other in watch.site.pv
        if other.id != array.id and (power_w := image.fresh(other.id, other.power_point)) is not None
    ]
    if max(neighbours, default=0.0) >= _NEIGHBOUR_FRAC:
        return True
    if light_wm2 is not None:
        return light_wm2 >= _BRIGHT_WM2
    if neighbours or not image.clock_synchronised:
        return False
    elevation_deg = sun_elevation_deg(image.at, watch.place.latitude_deg, watch.place.longitude_deg)
    return elevation_deg >= _BRIGHT_DEG


def faults_reported(watch: Watch, diagnoses: Iterable[Alarm]) -> Iterator[Found]:
    """What checks found; a fault that an inverter reports of itself is more than a remark."""
    complaints: dict[tuple[str, bool], list[Params]] = {}
    for alarm in diagnoses:
        params = alarm.reason.params
        if alarm.reason.code != "diagnosis_reports":
            yield Found.of(alarm)
        else:
            complaints.setdefault((alarm.subject, "fault_word" in params["point"]), []).append(params)
    for (device, is_fault), all_params in complaints.items():
        said = {"device": device, "said": ", ".join(str(params["said"]) for params in all_params)}
        if is_fault:
            inverter = device == watch.site.battery.id and watch.place.roles.get(device) in _INVERTERS
            yield Found(device, Reason("device_fault", said), Severity.CRITICAL if inverter else None)
        else:
            points = ", ".join(str(params["point"]) for params in all_params)
            yield Found(device, Reason("diagnosis_reports", {**said, "point": points}))


FIELD_RULES: tuple[Rule, ...] = (short_of_dawn, cut_by_protection, dead_arrays)
