"""What every voice is handed, and what it answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.core.bounds import Bounds, Wishes
from controller.core.model import (
    Alarm,
    Feeder,
    FeederMemory,
    Health,
    Memory,
    Plan,
    PlantState,
    ProcessImage,
    Site,
    Text,
)
from controller.core.plant import FeederView, battery_reading

_NEW_FEEDER = FeederMemory()


@dataclass(frozen=True, slots=True)
class Situation:
    """One tick as the voices see it."""

    image: ProcessImage
    site: Site
    plant: PlantState
    views: Mapping[str, FeederView]
    dt_s: float
    """Since the last tick, >= 0; 0 at the first after a restart."""
    memory: Memory
    plan: Plan | None = None
    """What the planner intends, if it has delivered."""

    def past(self, feeder_id: str) -> FeederMemory:
        """What is remembered of a feeder."""
        return self.memory.feeders.get(feeder_id, _NEW_FEEDER)

    def is_on(self, feeder_id: str) -> bool:
        """Whether a feeder is connected, as last commanded or seen."""
        return self.past(feeder_id).closed is True

    def served_frac(self, feeder_id: str) -> float:
        """The part of what a feeder wanted in 30 days that it got, to a thousandth; else 1."""
        served = self.past(feeder_id).ledger.window.served_frac
        return 1.0 if served is None else round(served, 3)

    def battery(self, point: str) -> float | None:
        """A point of the battery or its inverter while it is good or stale."""
        return battery_reading(self.image, self.site.battery, point).value

    def expected_w(self, feeder: Feeder) -> float:
        """What a feeder would draw if it were connected [W]: as the last time, else its rated power."""
        on_w = self.past(feeder.id).on_w
        return feeder.rated_w if on_w is None else on_w

    def battery_fresh(self, point: str) -> float | None:
        """Likewise, but only while it is good."""
        reading = battery_reading(self.image, self.site.battery, point)
        return reading.value if reading.health is Health.GOOD else None

    def lock_s(self, feeder: Feeder) -> float:
        """For how much longer a feeder keeps its state [s]: nothing is switched again so soon."""
        rules, past = self.site.sharing, self.past(feeder.id)
        if past.closed:
            return max(0.0, rules.min_on_s - past.state_s)
        # A blackout is no ration: whoever it cut comes back as soon as the bus can carry it.
        return 0.0 if self.memory.mode.code == "black_start" else max(0.0, rules.min_off_s - past.state_s)

    @property
    def battery_seen(self) -> bool:
        """Whether SoC and AC power of the battery inverter are known and recent."""
        ac_power_w = self.image.fresh(self.site.battery.id, "ac_power_w")
        return self.battery_fresh("battery_soc_frac") is not None and ac_power_w is not None


@dataclass(frozen=True, slots=True)
class Opinion:
    """A voice's answer."""

    wishes: Wishes
    memory: Memory
    alarms: tuple[Alarm, ...] = ()


Voice = Callable[[Situation, Bounds], Opinion]
"""Looks at the situation and at what earlier voices left open, and says what it wants."""


def hold(memory: Memory, condition: str, holds: bool, dt_s: float) -> tuple[Memory, float]:
    """Count for how long a condition has held: the memory and that time [s], 0 when it does not hold.

    It counts from the tick that first sees it, so that one reading is never taken for a lasting state.
    """
    before_s = memory.held_s.get(condition)
    if not holds:
        if before_s is None:
            return memory, 0.0
        rest = {name: value for name, value in memory.held_s.items() if name != condition}
        return replace(memory, held_s=rest), 0.0
    held_s = 0.0 if before_s is None else before_s + dt_s
    return replace(memory, held_s={**memory.held_s, condition: held_s}), held_s


def smoothed(before: float | None, value: float | None, dt_s: float, time_constant_s: float) -> float | None:
    """An exponential mean brought up to date; starts anew whenever the value was missing."""
    if value is None or before is None:
        return value
    return value + (before - value) * math.exp(-dt_s / time_constant_s)


def named(text: Text) -> dict[str, Any]:
    """A name as a parameter of a reason."""
    return {"th": text.th, "en": text.en}
