"""Alarms of what does not answer: meters of households, and whole lines. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from controller.core.alarming.book import Found
from controller.core.alarming.facts import AlarmSite
from controller.core.alarming.record import Severity
from controller.core.alarming.rules import Watch
from controller.core.model import Health, Reason

_LOST_S = 20.0
"""Of silence after the last answer has grown too old, as for all devices (core.alarms)."""


@dataclass(slots=True)
class HouseholdMeters:
    """Remembers since when meters of households, which the core does not know, have been silent."""

    _since_s: dict[str, float] = field(default_factory=dict)

    def look(self, watch: Watch) -> Iterator[Found]:
        """Those that are lost while their feeder has power; without it they are dark.

        One that was lost before its feeder was cut stays lost. Nobody goes without power for it, and a meter
        counts on while nobody listens: it is a notice.
        """
        now_s = watch.image.monotonic_s
        for meter, feeder in watch.place.household_meters.items():
            if watch.image.reading(meter, "power_w").health is not Health.LOST:
                self._since_s.pop(meter, None)
                continue
            stands = watch.stands("device_lost", meter)
            if not stands and watch.decision.memory.feeders[feeder].closed is False:
                self._since_s.pop(meter, None)
                continue
            lost_s = now_s - self._since_s.setdefault(meter, now_s)
            if stands or lost_s >= _LOST_S:
                reason = Reason("device_lost", {"device": meter, "lost_s": lost_s})
                yield Found(meter, reason, Severity.NOTICE)


def lost_lines(watch: Watch, found: Iterable[Found]) -> Iterator[Found]:
    """Lines of several devices of which none answers. found: what other rules say is lost.

    Points that are read seldom grow old later than others: who is known to be lost is not asked for them.
    A line of households' meters alone carries no control: nobody is woken for it.
    """
    told = (*map(Found.of, watch.decision.memory.alarms.values()), *found)
    silent = {each.subject for each in told if each.reason.code in ("device_lost", "battery_unseen")}
    homes = watch.place.household_meters.keys()
    for line, devices in watch.place.lines.items():
        gone = all(each in silent or _dumb(watch, each) for each in devices)
        if len(devices) > 1 and gone and silent & set(devices):
            severity = Severity.WARNING if homes >= set(devices) else None
            yield Found(line, Reason("line_lost", {"line": line, "count": len(devices)}), severity)


def _dumb(watch: Watch, device: str) -> bool:
    return all(reading.health is Health.LOST for reading in watch.image.devices.get(device, {}).values())


def without_the_lines(place: AlarmSite, found: Iterable[Found]) -> Iterator[Found]:
    """Of a whole line that is lost one alarm is told, not one for each device."""
    told = tuple(found)
    on_lost_lines = {
        device
        for each in told
        if each.reason.code == "line_lost"
        for device in place.lines.get(each.subject, ())
    }
    for each in told:
        if each.reason.code != "device_lost" or each.subject not in on_lost_lines:
            yield each
