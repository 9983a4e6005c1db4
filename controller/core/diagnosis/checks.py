"""Checks within one device at one moment. Pure; a check that cannot be made yields nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache

from controller.core.diagnosis.finding import Finding, Points

_SUMS = ("power_w", "ac_power_w", "grid_power_w", "load_power_w", "backup_power_w", "generator_power_w")
_PHASES = ("l1", "l2", "l3")
_PARTS_LEAST_W, _PARTS_FRAC = 100.0, 0.1
"""Total and parts are read one after the other, while loads come and go."""
_BATTERY_LEAST_W, _BATTERY_FRAC = 200.0, 0.2
_VA_LEAST, _VA_FACTOR = 100.0, 1.2
_REVERSED_W = 50.0
_STRING = re.compile(r"pv[1-9][0-9]?_power_w")
_POWERS_OF_TEN = (0.001, 0.01, 0.1, 10.0, 100.0, 1000.0)
_NEAR = 0.25
"""How near a ratio must be to a power of ten to be called a mix-up of units."""


def device_findings(points: Points, *, is_feeder: bool) -> Iterator[Finding]:
    """What is checked within each device."""
    for total in _SUMS:
        yield from _sum_of_phases(points, total)
    yield from _strings(points)
    yield from _within_apparent_power(points)
    yield from _battery(points)
    if is_feeder:
        yield from _direction(points)


def mixed_up(ratio: float) -> float | None:
    """The power of ten that a ratio is near to, other than 1; None where there is none."""
    for factor in _POWERS_OF_TEN:
        if abs(ratio / factor - 1.0) <= _NEAR:
            return factor
    return None


def _sum_of_phases(points: Points, total: str) -> Iterator[Finding]:
    stem = total.removesuffix("_w")
    # The phases of a battery inverter's AC side bear no prefix of their own.
    prefix = "power" if total == "ac_power_w" else stem
    parts = [points.now(f"{prefix}_{phase}_w") for phase in _PHASES]
    yield from _compared(points, total, [part for part in parts if part is not None], len(parts))


def _strings(points: Points) -> Iterator[Finding]:
    names = [name for name in points.names() if _is_string(name)]
    parts = [points.now(name) for name in names]
    yield from _compared(points, "pv_power_w", [part for part in parts if part is not None], len(names))


@cache
def _is_string(name: str) -> bool:
    return _STRING.fullmatch(name) is not None


def _compared(points: Points, total: str, parts: list[float], expected: int) -> Iterator[Finding]:
    """A total against the sum of its parts, where all were read just now."""
    total_w = points.now(total)
    if total_w is None or not parts or len(parts) < expected:
        return
    sum_w = math.fsum(parts)
    slack_w = max(_PARTS_LEAST_W, _PARTS_FRAC * max(abs(total_w), math.fsum(map(abs, parts))))
    params = {"point": total, "total_w": total_w, "sum_w": sum_w}
    opposite = total_w * sum_w < 0 and min(abs(total_w), abs(sum_w)) > _REVERSED_W
    apart = abs(total_w - sum_w) > slack_w
    yield Finding(points.device, "diagnosis_parts_sign", opposite, total, {"point": total})
    yield Finding(points.device, "diagnosis_parts", apart and not opposite, total, params)


def _within_apparent_power(points: Points) -> Iterator[Finding]:
    """Active power is never more than voltage times current."""
    for phase in _PHASES:
        name = f"power_{phase}_w"
        power_w, voltage_v, current_a = (
            points.now(name),
            points.now(f"voltage_{phase}_v"),
            points.now(f"current_{phase}_a"),
        )
        if power_w is None or voltage_v is None or current_a is None:
            continue
        apparent_va = voltage_v * abs(current_a)
        wrong = abs(power_w) > _VA_FACTOR * apparent_va + _VA_LEAST
        factor = mixed_up(abs(power_w) / apparent_va) if wrong and apparent_va > 0 else None
        params = {"point": name, "power_w": power_w, "apparent_w": apparent_va}
        yield Finding(points.device, "diagnosis_units", factor is not None, name, params)
        yield Finding(points.device, "diagnosis_beyond_va", wrong and factor is None, name, params)


def _battery(points: Points) -> Iterator[Finding]:
    """Battery power against voltage times current: sign, unit and size."""
    power_w, voltage_v, current_a = (
        points.now(f"battery_{what}") for what in ("power_w", "voltage_v", "current_a")
    )
    if power_w is None or voltage_v is None or current_a is None:
        return
    product_w = voltage_v * current_a
    largest_w = max(abs(power_w), abs(product_w))
    flows = min(abs(power_w), abs(product_w)) > _BATTERY_LEAST_W
    opposite = flows and power_w * product_w < 0
    ratio = abs(power_w / product_w) if product_w else 0.0
    factor = None if largest_w <= _BATTERY_LEAST_W or not product_w else mixed_up(ratio)
    apart = abs(abs(power_w) - abs(product_w)) > max(_BATTERY_LEAST_W, _BATTERY_FRAC * largest_w)
    params = {"power_w": power_w, "product_w": product_w}
    yield Finding(points.device, "diagnosis_battery_sign", opposite, params=params)
    units = {"point": "battery_power_w", "power_w": power_w, "apparent_w": product_w}
    yield Finding(points.device, "diagnosis_units", apart and factor is not None, "battery_power_w", units)
    unequal = apart and factor is None and not opposite
    yield Finding(points.device, "diagnosis_battery_power", unequal, params=params)


def _direction(points: Points) -> Iterator[Finding]:
    """A feeder's meter counts what the feeder draws; houses give nothing back."""
    power_w = points.now("power_w")
    latest = [points.good(f"power_{phase}_w") for phase in _PHASES]
    if power_w is not None:
        # Phases that say otherwise are a matter of their own.
        agreed = all(value is None or value < _REVERSED_W for value in latest)
        wrong = power_w < -_REVERSED_W and agreed
        yield Finding(points.device, "diagnosis_meter_reversed", wrong, params={"power_w": power_w})
    known = {phase: value for phase in _PHASES if (value := points.now(f"power_{phase}_w")) is not None}
    forward = any(value > _REVERSED_W for value in known.values())
    for phase, value in known.items():
        params = {"phase": phase.removeprefix("l"), "power_w": value}
        reversed_ = value < -_REVERSED_W and forward
        yield Finding(points.device, "diagnosis_phase_reversed", reversed_, phase, params)
