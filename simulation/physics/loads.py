"""What people want: stochastic demand of a feeder, built of appliance uses, a day at a time.

All appliances of a feeder are drawn together with numpy, once a day, on a ten-second grid; `at` is a look-up.
"""

from __future__ import annotations

import zlib
from array import array
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from controller.settings import FeederSettings
from simulation.physics.appliances import KINDS, Appliance, Cooler
from simulation.physics.clouds import Array
from simulation.physics.recording import Recording
from simulation.physics.sky import DAY_S, GRID_S, SECONDS, Sky

_SLOTS = int(DAY_S / GRID_S)
_COMFORT_C = 28.0
_USE_PER_K = 0.03
_DUTY_PER_K = 0.012
_NOTHING = (0.0, 0.0, 0.0)

Phases = tuple[float, float, float]


class Demand(Protocol):
    """What a feeder's people want, by phase [W]."""

    def at(self, now_s: float) -> Phases:
        """Demand of the three phases now_s seconds after the start."""
        ...

    def cold(self, now_s: float) -> Phases:
        """What is drawn on top after a long outage, while every refrigerator runs at once."""
        ...


@dataclass(frozen=True, slots=True)
class _Day:
    wanted_w: tuple[array[float], ...]
    cold_w: tuple[array[float], ...]


class ApplianceDemand:
    """Demand of one feeder from the catalogue of appliances, the same for the same seed."""

    def __init__(self, feeder_id: str, settings: FeederSettings, sky: Sky, seed: int) -> None:
        self._kind = kind = KINDS[settings.kind]
        self._households = settings.households if kind.reference_rated_w is None else 1
        self._watts_frac = settings.rated_w / kind.reference_rated_w if kind.reference_rated_w else 1.0
        self._sky = sky
        self._key = [seed, zlib.crc32(feeder_id.encode())]
        self._ready_for_next_s = 43200.0 + 60.0 * (self._key[1] % 600)
        """Second of the day at which the next is built: feeders take turns, so that no step pays for all."""
        rng = np.random.default_rng([*self._key, 0])
        items: tuple[Appliance | Cooler, ...] = (*kind.appliances, *kind.coolers)
        self._counts = {item.name: _count(item.count * self._households, rng) for item in items}
        self._days: dict[int, _Day] = {}
        self._uses: dict[int, Array] = {}

    def at(self, now_s: float) -> Phases:
        """Demand of the three phases."""
        day, slot = self._find(now_s)
        one, two, three = day.wanted_w
        return one[slot], two[slot], three[slot]

    def cold(self, now_s: float) -> Phases:
        """What the refrigerators that would be idle now draw while all of them run."""
        day, slot = self._find(now_s)
        one, two, three = day.cold_w
        return one[slot], two[slot], three[slot]

    def _find(self, now_s: float) -> tuple[_Day, int]:
        since_midnight_s = self._sky.start_s + now_s
        index = int(since_midnight_s // DAY_S)
        second = since_midnight_s - index * DAY_S
        if index not in self._days:
            self._days[index] = self._build(index)
        if second >= self._ready_for_next_s and index + 1 not in self._days:
            self._days[index + 1] = self._build(index + 1)
            for past in [known for known in self._days if known < index]:
                del self._days[past]
        return self._days[index], min(int(second / GRID_S), _SLOTS - 1)

    def _build(self, index: int) -> _Day:
        wanted = self._uses_of(index)[:_SLOTS] + self._uses_of(index - 1)[_SLOTS:]
        self._uses = {known: uses for known, uses in self._uses.items() if known >= index}
        sky_day = self._sky.day(index)
        cold = np.zeros((_SLOTS, 3))
        for cooler in self._kind.coolers:
            running, idle = self._cycle(cooler, index, sky_day.mean_ambient_c())
            wanted = wanted + running
            cold += idle
        if self._kind.photocell_w:
            wanted = wanted + (
                sky_day.dark()[:_SLOTS, None] * self._kind.photocell_w * self._watts_frac / 3.0
            )
        return _Day(_columns(wanted), _columns(cold))

    def _uses_of(self, index: int) -> Array:
        """Demand of the uses that begin on a day, by slot and phase, over that day and the next."""
        if index not in self._uses:
            date = self._sky.date_of(index)
            rng = np.random.default_rng([*self._key, 1, date.toordinal()])
            warmth = max(0.3, 1.0 + _USE_PER_K * (self._sky.day(index).mean_ambient_c() - _COMFORT_C))
            steps = np.zeros((2 * _SLOTS + 1, 3))
            for item in self._kind.appliances:
                if not item.school_days or date.weekday() < 5:
                    self._use(item, warmth if item.cooling else 1.0, rng, steps)
            self._uses[index] = np.cumsum(steps[:-1], axis=0).clip(min=0.0)
        return self._uses[index]

    def _use(self, item: Appliance, factor: float, rng: np.random.Generator, steps: Array) -> None:
        """Add a day's uses of one appliance to the steps of demand."""
        count = int(rng.poisson(self._counts[item.name] * item.uses_per_day * factor))
        starts_h, ends_h, weights = (np.asarray(column) for column in zip(*item.windows, strict=True))
        window = rng.choice(len(weights), size=count, p=weights / weights.sum())
        starts_s = np.sort(3600.0 * rng.uniform(starts_h[window], ends_h[window]))
        lasting_s = 60.0 * item.minutes * rng.gamma(6.0, 1.0 / 6.0, count)
        watts = item.watts * self._watts_frac * rng.uniform(0.85, 1.15, count)
        phase = _balanced_phases(count, rng)
        begin = (starts_s / GRID_S).astype(int)
        end = (begin + np.maximum(1, lasting_s / GRID_S).astype(int)).clip(max=2 * _SLOTS)
        if item.three_phase:
            begin, end, watts = np.repeat(begin, 3), np.repeat(end, 3), np.repeat(watts / 3.0, 3)
            phase = np.tile(np.arange(3), count)
        np.add.at(steps, (begin, phase), watts)
        np.add.at(steps, (end, phase), -watts)

    def _cycle(self, cooler: Cooler, index: int, ambient_c: float) -> tuple[Array, Array]:
        """Power of the units that run and of those that idle, by slot and phase."""
        count = self._counts[cooler.name]
        rng = np.random.default_rng([*self._key, 2, zlib.crc32(cooler.name.encode())])
        period_s = 60.0 * cooler.period_min * rng.uniform(0.8, 1.25, count)
        offset = rng.uniform(0.0, 1.0, count)
        watts = cooler.watts * self._watts_frac * rng.uniform(0.85, 1.15, count)
        duty = (cooler.duty_frac + _DUTY_PER_K * (ambient_c - _COMFORT_C)) * rng.uniform(0.85, 1.15, count)
        seconds = self._sky.date_of(index).toordinal() * DAY_S + SECONDS[:_SLOTS]
        runs = (seconds[:, None] / period_s + offset) % 1.0 < duty
        on_phase = watts[:, None] * np.eye(3)[(np.arange(count) + self._key[1]) % 3]
        return runs @ on_phase, ~runs @ on_phase


class RecordedDemand:
    """Demand of one feeder from a CSV of measured power, spread evenly over the phases."""

    def __init__(self, feeder_id: str, recording: Recording, sky: Sky) -> None:
        self._feeder_id, self._recording, self._sky = feeder_id, recording, sky
        self._index = -1
        self._third_w: array[float] = array("d")

    def at(self, now_s: float) -> Phases:
        """Demand of the three phases."""
        since_midnight_s = self._sky.start_s + now_s
        index = int(since_midnight_s // DAY_S)
        if index != self._index:
            self._index = index
            day = self._recording.day(self._feeder_id, index, SECONDS).clip(min=0.0) / 3.0
            self._third_w = array("d", day.tobytes())
        third_w = self._third_w[int((since_midnight_s - index * DAY_S) / GRID_S)]
        return third_w, third_w, third_w

    def cold(self, now_s: float) -> Phases:  # noqa: ARG002
        """Nothing: a recording does not tell its refrigerators apart."""
        return _NOTHING


def _count(mean: float, rng: np.random.Generator) -> int:
    """A whole number of units around a mean."""
    return int(mean + rng.random())


def _balanced_phases(count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Phases of consecutive uses: at random, but each once in every three, as technicians spread houses."""
    threes = np.tile(np.arange(3), (count // 3 + 1, 1))
    return rng.permuted(threes, axis=1).ravel()[:count]


def _columns(values: Array) -> tuple[array[float], ...]:
    return tuple(array("d", np.ascontiguousarray(values[:, phase]).tobytes()) for phase in range(3))
