"""Which control points `tawan test` tries, with which value, and what it asks first. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from controller.commands.control_plan import shown
from controller.core.model import Role
from controller.settings import Config
from drivers.codec import resolution
from drivers.model import Profile, WritePoint

_CHANNEL = re.compile(r"channel_([1-9][0-9]?)")
_PART = 0.01
"""Of its range is how far a value is moved for a trial."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a trial may go."""

    flash: bool = False
    """Also what is stored in flash, which wears out."""
    modes: bool = False
    """Also modes of operation and what switches the device on and off."""
    engine: bool = False
    """Also the start of an engine."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A control point to be tried."""

    point: WritePoint
    value: float
    back: float
    """What is written afterwards."""
    question: str
    """What a person should know before agreeing."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A control point that is not tried, and why."""

    point: WritePoint
    why: str


def plan(
    device: str, profile: Profile, now: Mapping[str, float | None], config: Config | None, limits: Limits
) -> tuple[Exercise | Skipped, ...]:
    """What to do with each control point; now: what the read points show."""
    return tuple(
        _planned(device, profile, point, now.get(point.readback or ""), config, limits)
        for point in profile.writes.values()
    )


def _planned(
    device: str, profile: Profile, point: WritePoint, now: float | None, config: Config | None, limits: Limits
) -> Exercise | Skipped:
    if point.eeprom and not limits.flash:
        return Skipped(point, "it is stored in flash, which wears out: --flash tries it all the same")
    if profile.role is Role.GENSET and point.name == "run":
        return _engine(point, limits)
    if point.readback is None or now is None:
        return _blind(point)
    if not point.range[0] <= now <= point.range[1]:
        return Skipped(point, f"it is {now:g} now, which could not be restored")
    if _is_mode(point) and not limits.modes:
        return Skipped(point, "it is a mode of operation or a switch of the device: --modes tries it")
    value = _other(point, now)
    if value is None:
        return Skipped(point, "it takes no other value")
    what = f"{point.name} is {shown(point, now)}; it is set to {shown(point, value)} for a moment, then back"
    fed = _fed(device, point, config)
    return Exercise(point, value, now, f"{what}.{fed}")


def _engine(point: WritePoint, limits: Limits) -> Exercise | Skipped:
    if not limits.engine:
        return Exercise(point, 0.0, 0.0, "run: the request to run is withdrawn; no engine starts")
    return Exercise(
        point, 1.0, 0.0, "run: THE ENGINE STARTS, if its controller is in auto. Is everybody clear of it?"
    )


def _blind(point: WritePoint) -> Exercise | Skipped:
    """What cannot be read is only written its release value, which changes nothing."""
    if point.release is None:
        return Skipped(point, "it cannot be read, so it could not be restored")
    value = point.release
    return Exercise(point, value, value, f"{point.name} is released: {shown(point, value)} is written")


def _is_mode(point: WritePoint) -> bool:
    """Whether it takes few values that mean something, a relay's channel excepted."""
    if _CHANNEL.fullmatch(point.name) is not None:
        return False
    is_switch = point.range == (0.0, 1.0) and not point.name.endswith("_frac")
    return bool(point.codes or point.words) or is_switch


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
    """Which feeder hangs on a relay's channel."""
    match = _CHANNEL.fullmatch(point.name)
    if match is None:
        return ""
    for feeder in () if config is None else config.feeders.values():
        if (feeder.switch.device, feeder.switch.channel) == (device, int(match[1])):
            name = f"{feeder.name.en} ({feeder.name.th})"
            return f" THE FEEDER {name} IS SWITCHED: its people notice. Do they know?"
    return " No feeder of config.yaml is on it; do you know what is?"
