"""Checks that need a past: counters, and values that no longer move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from controller.core.diagnosis.checks import mixed_up
from controller.core.diagnosis.finding import Finding, Points

_COUNTED: Mapping[str, tuple[str, int]] = {
    "energy_import_wh": ("power_w", 1),
    "energy_export_wh": ("power_w", -1),
    "energy_wh": ("power_w", -1),
    "pv_energy_wh": ("pv_power_w", -1),
    "load_energy_wh": ("load_power_w", 1),
    "grid_energy_import_wh": ("grid_power_w", 1),
    "grid_energy_export_wh": ("grid_power_w", -1),
    "battery_energy_charged_wh": ("battery_power_w", 1),
    "battery_energy_discharged_wh": ("battery_power_w", -1),
}
"""Counter -> the power that it counts, and which sign of it."""
_ENOUGH_WH = 1000.0
"""Some counters move in steps of 100 Wh."""
_LIKE = (0.6, 1.67)
_JUMP_FACTOR, _JUMP_LEAST_WH = 3.0, 1000.0
_STEP_FRAC = 1e-6
"""A counter in 32-bit floats may waver by one step."""
_LONGEST_STEP_S = 10.0
_TOLD_S = 3600.0
"""For so long the misstep of a counter is told."""
_FROZEN_S = 600.0
_MOVING = ("_w", "_v", "_a", "_hz", "_wm2")
_RUNNING_W, _RUNNING_FRAC = 20.0, 0.01
"""Below, an inverter at dusk may well show the same few watts for long."""


@dataclass(slots=True)
class _Counter:
    value_wh: float
    at_s: float
    fault: Finding | None = None
    """What it did wrong, told for a while."""
    fault_until_s: float = 0.0
    start_wh: float = 0.0
    """When the comparison with power began."""
    counted_wh: float = 0.0
    """What power amounts to since then."""


@dataclass(slots=True)
class DeviceHistory:
    """What is remembered of one device. Times are the image's monotonic seconds."""

    device: str
    rated_w: float | None
    _counters: dict[str, _Counter] = field(default_factory=dict)
    _seen_s: float | None = None
    _picture: tuple[tuple[str, float], ...] = ()
    _still_since_s: float = 0.0

    def look(self, points: Points, now_s: float) -> Iterator[Finding]:
        """What this moment says together with the past."""
        step_s = 0.0 if self._seen_s is None else now_s - self._seen_s
        self._seen_s = now_s
        for name in points.names():
            if name in _COUNTED:
                yield from self._counter(name, points, now_s, step_s)
        yield from self._frozen(points, now_s)

    def _counter(self, name: str, points: Points, now_s: float, step_s: float) -> Iterator[Finding]:
        value_wh = points.good(name)
        if not value_wh:
            return  # some devices show 0 for what they do not count (Victron)
        counter = self._counters.get(name)
        if counter is None:
            self._counters[name] = _Counter(value_wh, now_s, start_wh=value_wh)
            return
        if value_wh != counter.value_wh:
            fault = self._misstep(name, counter, value_wh, now_s)
            if fault is not None:
                counter.fault, counter.fault_until_s = fault, now_s + _TOLD_S
                counter.start_wh, counter.counted_wh = value_wh, 0.0
            counter.value_wh, counter.at_s = value_wh, now_s
        power_point, sign = _COUNTED[name]
        yield from self._against_power(name, counter, value_wh, points.good(power_point), sign, step_s)
        if counter.fault is not None:
            lasting = now_s < counter.fault_until_s
            yield replace(counter.fault, wrong=lasting)
            if not lasting:
                counter.fault = None

    def _misstep(self, name: str, counter: _Counter, value_wh: float, now_s: float) -> Finding | None:
        """A counter that ran backwards, or further than anything could have flowed."""
        moved_wh = value_wh - counter.value_wh
        params = {"point": name, "before_wh": counter.value_wh, "after_wh": value_wh}
        if moved_wh < -max(1.0, _STEP_FRAC * counter.value_wh):
            return Finding(self.device, "diagnosis_counter_back", True, name, params, patience=1)
        if self.rated_w is None:
            return None
        most_wh = _JUMP_FACTOR * self.rated_w * (now_s - counter.at_s) / 3600 + _JUMP_LEAST_WH
        if moved_wh > most_wh:
            return Finding(self.device, "diagnosis_counter_jump", True, name, params, patience=1)
        return None

    def _against_power(
        self, name: str, counter: _Counter, value_wh: float, power_w: float | None, sign: int, step_s: float
    ) -> Iterator[Finding]:
        """What a counter counts is what its power amounts to, or one of them is in another unit."""
        if power_w is None or step_s > _LONGEST_STEP_S:
            counter.start_wh, counter.counted_wh = value_wh, 0.0
            return
        counter.counted_wh += max(0.0, sign * power_w) * step_s / 3600
        moved_wh = value_wh - counter.start_wh
        if max(counter.counted_wh, moved_wh) < _ENOUGH_WH:
            return
        if moved_wh == 0 and counter.counted_wh < 3 * _ENOUGH_WH:
            return
        ratio = moved_wh / counter.counted_wh if counter.counted_wh else float("inf")
        factor = mixed_up(ratio) if 0 < ratio < float("inf") else None
        params = {"point": name, "counted_wh": moved_wh, "power_wh": counter.counted_wh}
        wrong = not _LIKE[0] <= ratio <= _LIKE[1]
        yield Finding(
            self.device, "diagnosis_counter_units", wrong and factor is not None, name, params, patience=1
        )
        yield Finding(
            self.device, "diagnosis_counter_power", wrong and factor is None, name, params, patience=1
        )
        counter.start_wh, counter.counted_wh = value_wh, 0.0

    def _frozen(self, points: Points, now_s: float) -> Iterator[Finding]:
        """Measured values of something that runs never stand still all together."""
        picture = tuple(
            (name, value)
            for name in points.names()
            if name.endswith(_MOVING) and not _is_set(name) and (value := points.good(name))
        )
        least_w = max(_RUNNING_W, _RUNNING_FRAC * (self.rated_w or 0.0))
        runs = any(name.endswith("power_w") and abs(value) >= least_w for name, value in picture)
        if picture != self._picture or not runs:
            self._picture, self._still_since_s = picture, now_s
        still_s = now_s - self._still_since_s
        yield Finding(
            self.device,
            "diagnosis_frozen",
            runs and len(picture) > 1 and still_s >= _FROZEN_S,
            params={"still_s": still_s},
            patience=1,
        )


def _is_set(name: str) -> bool:
    """A limit or rating: it stands still by nature, and no power flows because of it."""
    return "limit" in name or name.startswith("rated_")
