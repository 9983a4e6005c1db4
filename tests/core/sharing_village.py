"""Villages to share energy in: what their feeders want through the day, and turns that are lived through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from controller.core.model import (
    Feeder,
    FeederMemory,
    Memory,
    PriorityClass,
    SharingRules,
    SwitchPoint,
    Text,
)
from controller.core.sharing import ledger, rounds
from controller.core.sharing.slots import Needs, Slot, Standing, standings
from controller.core.sharing.turns import schedule_turns

HOUSEHOLD = PriorityClass.HOUSEHOLD
QUARTER_S = 900.0
STEPS_S = [900.0] * 16 + [1800.0] * 16 + [3600.0] * 12
EDGES_S = [0.0, *np.cumsum(STEPS_S).tolist()]
RULES = SharingRules(
    classes={}, hysteresis_soc_frac=0.04, turn_s=3600, min_on_s=900, min_off_s=600, stagger_s=5
)
EVENING = [18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5]
HOURLY = np.repeat([0.47, 0.8, 0.61, 0.9, 2.65, 1.55, 0.9], [5, 3, 8, 2, 3, 1, 2])
"""A day of a household, as parts of its mean."""


def houses(index: int, households: int = 15, phase: int | None = None) -> Feeder:
    """A feeder of houses."""
    switch = SwitchPoint("relays", index + 1, closed_when_energised=False)
    name = Text(f"บ้าน {index}", f"Houses {index}")
    return Feeder(f"houses_{index}", name, HOUSEHOLD, households, switch, None, 8000.0, phase)


def peer(index: int, **given: object) -> Standing:
    """A feeder that has been on for long and was never cut."""
    usual = Standing(f"houses_{index}", HOUSEHOLD, 15, None, True, 1e5, None, 0.0, 0.0)
    return replace(usual, **given)


@dataclass
class Month:
    """A class that lives by announced turns, quarter after quarter; its plans waver, its people too."""

    households: list[int]
    scarcity: Callable[[int], float]
    """Day -> the part of what is wanted that must be gone without, in the evening and at night."""
    seed: int = 1
    protection: Callable[[int], dict[str, float]] = lambda _: {}
    """Quarter -> feeders that protection cuts in it, and for how long [s]."""
    plan_every: int = 24
    quarter: int = 0
    cuts: list[tuple[float, str, str]] = field(default_factory=list)
    """When [s], who, and by what."""
    announced: int = 0
    lifted: int = 0

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        self.feeders = [houses(i, count, i % 3 + 1) for i, count in enumerate(self.households)]
        day = np.exp(self.random.normal(0, 0.15, (len(self.feeders), 24))) * HOURLY
        self.usual_w = day / day.mean(axis=1, keepdims=True) * 90.0 * np.array(self.households)[:, None]
        self.memory = Memory(feeders={f.id: FeederMemory(closed=True, state_s=1e5) for f in self.feeders})
        self.told: dict[str, tuple[Slot, ...]] = {}
        self.told_until_s = 0.0
        self.held_until_s: dict[str, float] = {}
        self.wanted_wh: list[np.ndarray] = []
        self.without_wh: list[np.ndarray] = []

    @property
    def now_s(self) -> float:
        return self.quarter * QUARTER_S

    def live(self, days: int) -> None:
        """So many days go by."""
        for _ in range(days * 96):
            if self.quarter % self.plan_every == 0:
                self._plan()
            self._quarter()

    def shares(self, days: int) -> np.ndarray:
        """Served share of each feeder over the last so many days."""
        wanted, without = (np.sum(rows[-96 * days :], axis=0) for rows in (self.wanted_wh, self.without_wh))
        return 1.0 - without / wanted

    def worst_spread(self, days: int = 30) -> float:
        """The largest spread of served shares over any so many days."""
        wanted, without = np.cumsum(self.wanted_wh, axis=0), np.cumsum(self.without_wh, axis=0)
        width = 96 * days
        shares = 1.0 - (without[width:] - without[:-width]) / (wanted[width:] - wanted[:-width])
        return float((shares.max(axis=1) - shares.min(axis=1)).max())

    # ------------------------------------------------------------ what a plan knows
    def _owed_wh(self, quarter: int) -> float:
        hour, together_w = quarter % 96 // 4, self.usual_w.sum(axis=0)
        if hour not in EVENING:
            return 0.0
        night_frac = self.scarcity((quarter - 72) // 96) * together_w.sum() / together_w[EVENING].sum()
        return float(min(0.7, night_frac) * together_w[hour] / 4)

    def _plan(self) -> None:
        spans = [range(int(a // QUARTER_S), int(b // QUARTER_S)) for a, b in pairwise(EDGES_S)]
        owed = [sum(self._owed_wh(self.quarter + q) for q in span) for span in spans]
        hours = [[(self.quarter + q) % 96 // 4 for q in span] for span in spans]
        wavering = self.random.normal(1.0, 0.1, len(owed)).clip(0.0)
        needs = Needs(
            EDGES_S,
            {f.id: [float(self.usual_w[i, h].mean()) for h in hours] for i, f in enumerate(self.feeders)},
            {HOUSEHOLD: (np.array(owed) * wavering).tolist()},
        )
        before = {
            name: tuple(self._moved(s, -self.now_s) for s in slots) for name, slots in self.told.items()
        }
        open_s = max(0.0, self.told_until_s - self.now_s)
        laid = schedule_turns(standings(self.memory, self.feeders), RULES, needs, before, open_from_s=open_s)
        self.told_until_s = self.now_s + 12 * 3600.0
        after = {name: tuple(s for s in slots if s.from_s < 12 * 3600.0) for name, slots in laid.items()}
        for name in {*before, *after}:
            old, new = set(before.get(name, ())), set(after.get(name, ()))
            old = {slot for slot in old if slot.to_s > 0}
            self.lifted += len(old - new)
            self.announced += len(new - old)
            assert all(slot.from_s >= open_s for slot in new - old)
        self.told = {name: tuple(self._moved(s, self.now_s) for s in slots) for name, slots in after.items()}

    @staticmethod
    def _moved(slot: Slot, by_s: float) -> Slot:
        return replace(slot, from_s=slot.from_s + by_s, to_s=slot.to_s + by_s, announced_s=slot.announced_s)

    # ------------------------------------------------------------ what comes
    def _quarter(self) -> None:
        for name, hold_s in self.protection(self.quarter).items():
            self.held_until_s[name] = self.now_s + hold_s
        lived_s, feeders = self.memory.lived_s, {}
        new_day = (lived_s + QUARTER_S) % ledger.DAY_S == 0
        noise = np.exp(self.random.normal(0, 0.25, len(self.feeders)))
        wanted = self.usual_w[:, self.quarter % 96 // 4] * noise / 4
        missed = np.zeros_like(wanted)
        for index, feeder in enumerate(self.feeders):
            past, shed = self.memory.feeders[feeder.id], self.held_until_s.get(feeder.id, 0.0) > self.now_s
            in_turn = any(s.from_s <= self.now_s < s.to_s for s in self.told.get(feeder.id, ()))
            off = shed or in_turn
            off_by = "protection" if shed else "turn"
            if off is past.closed:
                by = off_by if off else past.off_by
                past = rounds.switched(past, on=not off, in_turn=by == "turn", lived_s=lived_s)
                if off:
                    self.cuts.append((self.now_s, feeder.id, by))
            account = ledger.entered(
                past.ledger, 4 * float(wanted[index]), QUARTER_S, without=off, by_protection=shed
            )
            turn = rounds.had_a_turn(past.ledger.today, account.today, RULES.turn_s)
            missed[index] = wanted[index] if off else 0.0
            feeders[feeder.id] = replace(
                past,
                ledger=ledger.day_closed(account) if new_day else account,
                state_s=past.state_s + QUARTER_S,
                cut_s=lived_s if turn else past.cut_s,
                off_by=off_by,
            )
        self.wanted_wh.append(wanted)
        self.without_wh.append(missed)
        self.memory = replace(self.memory, feeders=feeders, lived_s=lived_s + QUARTER_S)
        self.quarter += 1


def cut_before_a_peer(cuts: list[tuple[float, str, str]], names: list[str]) -> list[tuple[float, str]]:
    """Who was cut in turn twice although some peer was not cut in between."""
    found, last = [], dict[str, float]()
    for at_s, name, by in sorted(cuts):
        together = {other for when_s, other, _ in cuts if when_s == at_s}
        before_s = last.get(name)
        if by == "turn" and before_s is not None:
            spared = [o for o in names if o not in together and last.get(o, -1.0) < before_s]
            found += [(at_s, other) for other in spared]
        last[name] = at_s
    return found
