"""A technician's override: after protection, before plan and rules, and never for ever.

It says what a feeder or the genset is to be; protection may have narrowed that before, and the gates behind
(stagger, genset phases, interlocks) hold all the same. When its time is over the other voices decide again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from controller.core.bounds import Bounds, Wish, Wishes
from controller.core.model import (
    GENSET,
    Answer,
    Ask,
    Event,
    FeederDecision,
    Memory,
    Override,
    Reason,
    Site,
)
from controller.core.situation import Opinion, Situation


def take(memory: Memory, asked: Sequence[Ask], site: Site, dt_s: float) -> tuple[Memory, tuple[Event, ...]]:
    """The overrides dt_s later and with what was asked for, and an event for each that came or went."""
    if not asked and not memory.overrides:
        return memory, ()
    events: list[Event] = []
    standing: dict[str, Override] = {}
    for subject, override in memory.overrides.items():
        left_s = override.left_s - dt_s
        if left_s > 0:
            standing[subject] = replace(override, left_s=left_s)
        else:
            events.append(_event(site, subject, Reason("override_over", {"who": override.who})))
    for ask in asked:
        standing.pop(ask.subject, None)  # the newest word counts
        if ask.on is None:
            events.append(_event(site, ask.subject, Reason("override_withdrawn", {"who": ask.who})))
            continue
        standing[ask.subject] = Override(ask.on, ask.for_s, ask.who)
        params = {"who": ask.who, "on": ask.on, "for_s": ask.for_s}
        events.append(_event(site, ask.subject, Reason("override_taken", params)))
    return replace(memory, overrides=standing), tuple(events)


def technician(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: what technicians have ordered."""
    del bounds
    ordered = situation.memory.overrides
    feeders = {
        feeder.id: Wish(ordered[feeder.id].on, _reason(ordered[feeder.id], "feeder"))
        for feeder in situation.site.feeders
        if feeder.id in ordered
    }
    genset = ordered.get(GENSET)
    wish = None if genset is None else Wish(genset.on, _reason(genset, GENSET))
    return Opinion(Wishes(feeders, genset=wish), situation.memory)


def answers(
    asked: Sequence[Ask], feeders: Mapping[str, FeederDecision], genset_reason: Reason | None
) -> tuple[Answer, ...]:
    """What became of each request: it was taken, and this is how its subject stands now."""
    return tuple(
        Answer(ask.number, ask.id, "done", reason)
        for ask in asked
        if (reason := genset_reason if ask.subject == GENSET else feeders[ask.subject].reason) is not None
    )


def _reason(override: Override, what: str) -> Reason:
    params = {"left_s": override.left_s}
    if what == GENSET:
        return Reason("genset_ordered_on" if override.on else "genset_ordered_off", params)
    return Reason("feeder_ordered_on" if override.on else "feeder_ordered_off", params)


def _event(site: Site, subject: str, reason: Reason) -> Event:
    if subject == GENSET and site.genset is not None:
        return Event(site.genset.id, "override", reason)
    return Event(subject, "override", reason)
