"""Which control points `tawan test` tries, with which value, and what it asks first. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.commands.control_plan import shown
from controller.core.model import Role
from controller.settings import Config, FeederSettings
from drivers.codec import resolution
from drivers.model import Profile, WritePoint

_CHANNEL = re.compile(r"channel_([1-9][0-9]?)")
_SWITCH = re.compile(r"(?:.*_)?(?:enabled|mode|source|startup|shutdown|run|reset)")
_PART = 0.01
"""Of its range is how far a value is moved for a trial."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a trial may go."""

    flash: bool = False
    """Also what is stored in flash, which wears out."""
    engine: bool = False
    """Also the start of an engine."""
    named: frozenset[str] = frozenset()
    """These control points and no others, modes and switches among them; empty: all but those."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A control point to be tried."""

    point: WritePoint
    value: float
    back: float
    """What is written afterwards."""
    question: str
    """What a person should know before agreeing."""
    needs_yes: bool = False
    """People would notice: a yes to everything is none to this."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A control point that is not tried, and why."""

    point: WritePoint
    why: str


def plan(
    device: str, profile: Profile, now: Mapping[str, float | None], config: Config | None, limits: Limits
) -> tuple[Exercise | Skipped, ...]:
    """What to do with each control point; now: what the read points show."""
    speed_rpm = now.get("engine_speed_rpm")
    return tuple(
        _engine(point, limits, speed_rpm)
        if profile.role is Role.GENSET and point.name == "run"
        else _planned(device, point, now.get(point.readback or ""), config, limits)
        for point in profile.writes.values()
        if not limits.named or point.name in limits.named
    )


def _planned(
    device: str, point: WritePoint, now: float | None, config: Config | None, limits: Limits
) -> Exercise | Skipped:
    is_named = point.name in limits.named
    if _is_switch(point) and not is_named:
        also = " --flash" if point.eeprom else ""
        why = "it may stop the device or darken what hangs on it"
        return Skipped(point, f"{why}: --point {point.name}{also} tries it")
    if point.eeprom and not limits.flash:
        return Skipped(point, "it is stored in flash, which wears out: --flash tries it all the same")
    if point.readback is None or now is None:
        return _blind(point)
    if not point.range[0] <= now <= point.range[1]:
        return Skipped(point, f"it is {now:g} now, which could not be restored")
    value = _other(point, now)
    if value is None:
        return Skipped(point, "it takes no other value")
    what = f"{point.name} is {shown(point, now)}; it is set to {shown(point, value)} for a moment, then back"
    fed = _fed(device, point, config)
    is_relay = _CHANNEL.fullmatch(point.name) is not None
    return Exercise(point, value, now, f"{what}.{fed}", needs_yes=is_relay and not is_named)


def _engine(point: WritePoint, limits: Limits, speed_rpm: float | None) -> Exercise | Skipped:
    if not limits.engine:
        return Skipped(point, "it starts and stops the engine: --engine tries it")
    if speed_rpm != 0:
        return Skipped(point, "the engine runs, or nobody knows: afterwards it would be stopped")
    return Exercise(
        point, 1.0, 0.0, "run: THE ENGINE STARTS, if its controller is in auto. Is everybody clear of it?"
    )


def _blind(point: WritePoint) -> Exercise | Skipped:
    """What cannot be read is only written its release value, which changes nothing."""
    if point.release is None:
        return Skipped(point, "it cannot be read, so it could not be restored")
    value = point.release
    return Exercise(point, value, value, f"{point.name} is released: {shown(point, value)} is written")


def _is_switch(point: WritePoint) -> bool:
    """Whether it takes few values that mean something, as modes and on/off do; a relay's channel excepted."""
    if _CHANNEL.fullmatch(point.name) is not None:
        return False
    is_on_off = point.range == (0.0, 1.0) and not point.name.endswith("_frac")
    return bool(point.codes or point.words) or is_on_off or _SWITCH.fullmatch(point.name) is not None


def _other(point: WritePoint, now: float) -> float | None:
    """Another value near the present one; None: there is none."""
    if point.codes or point.words:
        return next((float(code) for code in sorted({*point.codes, *point.words}) if code != now), None)
    low, high = point.range
    if point.table.is_bits:
        return 1.0 - now
    step = max(resolution(point), _PART * (high - low))
    step = round(step / abs(point.scale)) * abs(point.scale) or step
    for value in (now - step, now + step):
        if low <= value <= high:
            return value
    return None


def _fed(device: str, point: WritePoint, config: Config | None) -> str:
    """Which feeder hangs on a relay's channel, as a question."""
    if _CHANNEL.fullmatch(point.name) is None:
        return ""
    feeder = _feeder(device, point, config)
    if feeder is None:
        return " No feeder of config.yaml is on it; do you know what is?"
    name = f"{feeder.name.en} ({feeder.name.th})"
    return f" THE FEEDER {name} IS SWITCHED: its people notice. Do they know?"


def feeds(device: str, point: WritePoint, config: Config | None) -> Iterator[str]:
    """Which feeder hangs on a relay's channel, and what switches it off."""
    feeder = _feeder(device, point, config)
    if feeder is not None:
        off = 1 if feeder.switch.closed_when == "released" else 0
        yield f"THE FEEDER {feeder.name.en} ({feeder.name.th}) hangs on it: {off} switches it off"


def _feeder(device: str, point: WritePoint, config: Config | None) -> FeederSettings | None:
    match = _CHANNEL.fullmatch(point.name)
    if match is None or config is None:
        return None
    place = (device, int(match[1]))
    feeders = config.feeders.values()
    return next((each for each in feeders if (each.switch.device, each.switch.channel) == place), None)
