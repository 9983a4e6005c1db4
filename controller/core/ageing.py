"""What the passing of time and the sight of the plant do to the memory, before any voice is heard."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from controller.core.model import Alarm, Event, Feeder, FeederLedger, FeederMemory, Memory, Reason, Site
from controller.core.plant import FeederView
from controller.core.sharing import ledger, rounds
from controller.core.situation import named

MISMATCH_ALARM_S = 5.0
_RETRY_EVERY_S, _RETRY_FOR_S = 60.0, 3.0
_SETTLED_S = 5.0
"""After switching, until a feeder's power is the one it will draw."""
_PEAK_S = 300.0
"""Time constant with which a peak of a feeder's power is forgotten."""
_SHED_PEAK_S = 5400.0
"""Likewise of one that is off."""
_NOBODY: Mapping[str, float] = MappingProxyType({})


def elapsed_s(memory: Memory, monotonic_s: float) -> float:
    """Time since the last tick [s], >= 0; 0 at the first one after a restart."""
    return 0.0 if memory.monotonic_s is None else max(0.0, monotonic_s - memory.monotonic_s)


@dataclass(frozen=True, slots=True)
class _Passed:
    """The time that has passed since the last tick, and what is known of it."""

    dt_s: float
    lived_s: float
    """`Memory.lived_s` at its end."""
    new_day: bool
    """Whether the accounts begin another day."""
    hour: int | None
    """Of the day, UTC; None while the clock is not synchronised."""
    wanted_w: Mapping[str, float]
    """What the plan says each feeder would draw if it were on [W]; empty without a plan."""
    dark: bool
    """Whether the bus was dead."""
    turn_s: float


def age(
    memory: Memory,
    site: Site,
    views: Mapping[str, FeederView],
    dt_s: float,
    *,
    hour: int | None = None,
    wanted_w: Mapping[str, float] = _NOBODY,
) -> tuple[Memory, tuple[Event, ...]]:
    """The memory dt_s later, with feeders taken as they are found after a restart.

    hour: of the day, UTC, None while that is not known; wanted_w: what the plan says each feeder would draw
    now if it were on [W], empty without a plan.
    """
    lived_s, mode = memory.lived_s + dt_s, memory.mode
    new_day = lived_s // ledger.DAY_S > memory.lived_s // ledger.DAY_S
    dark = mode.code == "blackout"
    passed = _Passed(dt_s, lived_s, new_day, hour, wanted_w, dark, site.sharing.turn_s)
    feeders: dict[str, FeederMemory] = {}
    events: list[Event] = []
    for feeder in site.feeders:
        past, view = memory.feeders.get(feeder.id, FeederMemory()), views[feeder.id]
        now = _age_feeder(feeder, past, view, passed)
        if not now.adopted and view.closed is not None:
            now, changed = _adopted(now, view.closed)
            if changed:
                params = {"feeder": named(feeder.name), "closed": view.closed}
                events.append(Event(feeder.id, "adopt", Reason("adopted_after_restart", params)))
        feeders[feeder.id] = now
    aged = replace(
        memory,
        feeders=feeders,
        lived_s=lived_s,
        mode=replace(mode, since_s=mode.since_s + dt_s, calm_s=mode.calm_s + dt_s),
        since_connect_s=memory.since_connect_s + dt_s,
    )
    return aged, tuple(events)


def _adopted(past: FeederMemory, closed: bool) -> tuple[FeederMemory, bool]:
    """A feeder as found, and whether that is news; then its minimum times begin anew."""
    if past.closed is closed:
        return replace(past, adopted=True), False
    return replace(past, closed=closed, state_s=0.0, hold_s=0.0, adopted=True), True


def _age_feeder(feeder: Feeder, past: FeederMemory, view: FeederView, passed: _Passed) -> FeederMemory:
    dt_s, mismatch_s = passed.dt_s, past.mismatch_s
    account = _account(feeder, past, view, passed)
    had_a_turn = rounds.had_a_turn(past.ledger.today, account.today, passed.turn_s)
    drawn_w = _drawn_w(past, view)
    if view.closed_fresh is not None:
        disagrees = past.adopted and view.closed_fresh is not past.closed
        # The tick after a command still sees the state before it, however long that tick was.
        mismatch_s = (mismatch_s + dt_s if past.state_s > 0 else 0.0) if disagrees else 0.0
    return FeederMemory(
        closed=past.closed,
        state_s=past.state_s + dt_s,
        ledger=ledger.day_closed(account) if passed.new_day else account,
        cut_s=passed.lived_s if had_a_turn else past.cut_s,
        off_by=past.off_by,
        switched_s=past.switched_s,
        on_w=_unseen_w(past, dt_s) if drawn_w is None else _peak_w(past.on_w, drawn_w, dt_s),
        mean_w=past.mean_w if drawn_w is None else ledger.mean_w(past, drawn_w, dt_s),
        hourly_w=past.hourly_w if drawn_w is None else ledger.hourly_w(past, drawn_w, dt_s, passed.hour),
        hold_s=max(0.0, past.hold_s - dt_s),
        mismatch_s=mismatch_s,
        adopted=past.adopted,
    )


def _account(feeder: Feeder, past: FeederMemory, view: FeederView, passed: _Passed) -> FeederLedger:
    """What it wanted and whether it had it; nothing while its state is unknown, or while it can wait."""
    closed = past.closed if view.closed is None else view.closed
    without = passed.dark or not closed
    if closed is None or (without and past.off_by == "hours"):
        return past.ledger
    wanted_w = view.power_w
    if without or wanted_w is None:
        wanted_w = ledger.wanted_w(past, passed.wanted_w.get(feeder.id), passed.hour, feeder.rated_w)
    by_protection = passed.dark or past.off_by == "protection"
    return ledger.entered(past.ledger, wanted_w, passed.dt_s, without=without, by_protection=by_protection)


def _drawn_w(past: FeederMemory, view: FeederView) -> float | None:
    """What it draws while connected [W]; None while that does not show."""
    settled = view.closed and past.closed and past.state_s >= _SETTLED_S
    return view.power_w if settled else None


def _peak_w(before_w: float | None, drawn_w: float, dt_s: float) -> float:
    """Peaks fade slowly, so that headroom is not judged by a lull."""
    if before_w is None or drawn_w >= before_w:
        return drawn_w
    return drawn_w + (before_w - drawn_w) * math.exp(-dt_s / _PEAK_S)


def _unseen_w(past: FeederMemory, dt_s: float) -> float | None:
    """A peak that a feeder was shed for fades while it is off: nobody is kept dark for ever by a kettle."""
    if past.on_w is None or past.mean_w is None or past.closed is not False:
        return past.on_w
    return past.mean_w + (past.on_w - past.mean_w) * math.exp(-dt_s / _SHED_PEAK_S)


def disobeys(past: FeederMemory) -> bool:
    """Whether a feeder's contactor has not followed for so long that it must be stuck."""
    return past.mismatch_s >= MISMATCH_ALARM_S


def may_retry(past: FeederMemory) -> bool:
    """Whether a stuck contactor is told again at this tick: rarely, not at every one."""
    return past.mismatch_s % _RETRY_EVERY_S < _RETRY_FOR_S


def stuck_alarms(memory: Memory, site: Site) -> tuple[Alarm, ...]:
    """Contactors that do not follow their commands."""
    alarms = []
    for feeder in site.feeders:
        past = memory.feeders[feeder.id]
        if disobeys(past):
            params = {"feeder": named(feeder.name)}
            stuck = Reason("contactor_stuck_open" if past.closed else "contactor_stuck_closed", params)
            alarms.append(Alarm(feeder.id, stuck))
    return tuple(alarms)
