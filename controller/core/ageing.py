"""What the passing of time and the sight of the plant do to the memory, before any voice is heard."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from controller.core.model import Alarm, Event, FeederMemory, Memory, Reason, Site
from controller.core.plant import FeederView
from controller.core.sharing import FORGETTING_S
from controller.core.situation import named

MISMATCH_ALARM_S = 5.0
_RETRY_EVERY_S, _RETRY_FOR_S = 60.0, 3.0
_SETTLED_S = 5.0
"""After switching, until a feeder's power is the one it will draw."""
_PEAK_S = 300.0
"""Time constant with which a peak of a feeder's power is forgotten."""


def elapsed_s(memory: Memory, monotonic_s: float) -> float:
    """Time since the last tick [s], >= 0; 0 at the first one after a restart."""
    return 0.0 if memory.monotonic_s is None else max(0.0, monotonic_s - memory.monotonic_s)


def age(
    memory: Memory, site: Site, views: Mapping[str, FeederView], dt_s: float
) -> tuple[Memory, tuple[Event, ...]]:
    """The memory dt_s later, with feeders taken as they are found after a restart."""
    dark = memory.mode.code == "blackout"
    feeders: dict[str, FeederMemory] = {}
    events: list[Event] = []
    for feeder in site.feeders:
        past, view = memory.feeders.get(feeder.id, FeederMemory()), views[feeder.id]
        now = _age_feeder(past, view, dt_s, dark=dark)
        if not now.adopted and view.closed is not None:
            now, changed = _adopted(now, view.closed)
            if changed:
                params = {"feeder": named(feeder.name), "closed": view.closed}
                events.append(Event(feeder.id, "adopt", Reason("adopted_after_restart", params)))
        feeders[feeder.id] = now
    mode = memory.mode
    aged = replace(
        memory,
        feeders=feeders,
        mode=replace(mode, since_s=mode.since_s + dt_s, calm_s=mode.calm_s + dt_s),
        since_connect_s=memory.since_connect_s + dt_s,
    )
    return aged, tuple(events)


def _adopted(past: FeederMemory, closed: bool) -> tuple[FeederMemory, bool]:
    """A feeder as found, and whether that is news; then its minimum times begin anew."""
    if past.closed is closed:
        return replace(past, adopted=True), False
    return replace(past, closed=closed, state_s=0.0, hold_s=0.0, adopted=True), True


def _age_feeder(past: FeederMemory, view: FeederView, dt_s: float, *, dark: bool) -> FeederMemory:
    closed = past.closed if view.closed is None else view.closed
    without = closed is False or (dark and closed is not None)
    mismatch_s = past.mismatch_s
    if view.closed_fresh is not None:
        disagrees = past.adopted and view.closed_fresh is not past.closed
        # The tick after a command still sees the state before it, however long that tick was.
        mismatch_s = (mismatch_s + dt_s if past.state_s > 0 else 0.0) if disagrees else 0.0
    return FeederMemory(
        closed=past.closed,
        state_s=past.state_s + dt_s,
        off_debt_s=past.off_debt_s * math.exp(-dt_s / FORGETTING_S) + (dt_s if without else 0.0),
        on_w=_on_w(past, view, dt_s),
        hold_s=max(0.0, past.hold_s - dt_s),
        mismatch_s=mismatch_s,
        adopted=past.adopted,
    )


def _on_w(past: FeederMemory, view: FeederView, dt_s: float) -> float | None:
    """What it draws while connected; peaks fade slowly, so that headroom is not judged by a lull."""
    power_w = view.power_w
    if not (view.closed and past.closed) or power_w is None or past.state_s < _SETTLED_S:
        return past.on_w
    if past.on_w is None or power_w >= past.on_w:
        return power_w
    return power_w + (past.on_w - power_w) * math.exp(-dt_s / _PEAK_S)


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
