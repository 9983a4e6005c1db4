"""One tick of thought: from what is known to what is to be done, and why. Pure.

Bounds are narrowed by the voices in their fixed order: protection first, then the plan, then the default
rules. A later voice can narrow what earlier ones left open, never widen it (`bounds`). Connections then pass
one last gate (`sequencing`), the genset its phases (`genset`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from controller.core import ageing, alarms, modes, override, recovery, soc_estimate, transitions
from controller.core.bounds import Bounds, Wish
from controller.core.curtailment import curtailment
from controller.core.dispatch import follow_plan
from controller.core.export import hold_export
from controller.core.genset import GensetStep, genset_rules, run_genset
from controller.core.model import (
    Alarm,
    Ask,
    Decision,
    Event,
    Feeder,
    FeederDecision,
    FeederMemory,
    Memory,
    Plan,
    ProcessImage,
    Reason,
    Site,
)
from controller.core.overload import overload
from controller.core.plant import summarise, view_feeders
from controller.core.protection import battery_hot, battery_low, battery_unseen
from controller.core.rules import default_rules
from controller.core.sequencing import Connections, note_crowding, stagger
from controller.core.setpoint import battery_setpoint
from controller.core.sharing import ledger, rounds
from controller.core.situation import Situation, Voice
from controller.core.standing import explain_standing, follows
from controller.core.supply import SupplyStep, genset_choice, run_supply
from controller.core.suspects import suspects

PROTECTION: tuple[Voice, ...] = (
    soc_estimate.soc_frozen,
    transitions.watch_grid,
    modes.blackout,
    battery_low,
    recovery.drained,
    overload,
    suspects,
    battery_hot,
    battery_unseen,
    curtailment,
    hold_export,
    recovery.start_from_genset,
    transitions.make_way_for_grid,
    transitions.outage_ahead,
)
DEFAULT_RULES: tuple[Voice, ...] = (default_rules, genset_rules)
VOICES = (*PROTECTION, override.technician, follow_plan, transitions.carried_by_grid, *DEFAULT_RULES)


@dataclass(frozen=True, slots=True)
class Heard:
    """What is left after voices have spoken."""

    situation: Situation
    """With the memory as the last voice left it."""
    bounds: Bounds
    alarms: tuple[Alarm, ...]


def decide(
    image: ProcessImage, site: Site, memory: Memory, plan: Plan | None = None, asked: Sequence[Ask] = ()
) -> Decision:
    """What to do now. Deterministic; no clock, no I/O; never raises for anything the field can bring.

    plan: the newest that the planner delivered; whether it is followed is judged here. None: the rules alone.
    asked: overrides that came since the last tick, each to be handed in once.
    """
    begun, begun_events = _begin(image, site, memory, plan, asked)
    heard = hear(begun, VOICES)
    situation, bounds = heard.situation, heard.bounds
    connections = stagger(situation, _wishes(situation, bounds))
    genset = None
    if site.genset is not None:
        genset = run_genset(situation, site.genset, genset_choice(situation, bounds.genset))
    mode, mode_reason = modes.conclude(situation, connections.wishes, waiting=connections.waiting)
    pv_limit_frac = {pv.id: bounds.pv_max_frac for pv in site.pv if pv.limitable}
    gate = run_supply(situation, mode, genset, pv_limit_frac, battery_setpoint(situation))
    genset = gate.genset
    watched, standing, alarm_events = _alarms(memory, heard, genset)
    watched = note_crowding(watched, connections, situation.dt_s)
    feeders, feeder_events = _feeders(situation, connections)
    after = replace(
        watched,
        monotonic_s=image.monotonic_s,
        feeders=feeders,
        genset=memory.genset if genset is None else genset.memory,
        mode=mode,
        supply=gate.memory,
        alarms=standing,
        since_connect_s=watched.since_connect_s if connections.connected is None else 0.0,
    )
    site_events = [*_site_events(situation, memory, after, bounds, mode_reason), *gate.events]
    site_events += _genset_events(site, memory, genset)
    events = (*begun_events, *feeder_events, *site_events, *alarm_events)
    decided = {feeder.id: _decision(feeder, connections, after) for feeder in site.feeders}
    concluded = _concluded(heard, gate, after, mode_reason, decided, events)
    return replace(concluded, answers=override.answers(asked, decided, concluded.genset_reason))


def _concluded(
    heard: Heard,
    gate: SupplyStep,
    after: Memory,
    mode_reason: Reason,
    feeders: Mapping[str, FeederDecision],
    events: tuple[Event, ...],
) -> Decision:
    """All that was decided at this tick, in one."""
    situation, mode = heard.situation, after.mode
    return Decision(
        feeders=feeders,
        pv_limit_frac=gate.commands.pv_limit_frac,
        genset_run=gate.commands.genset_run,
        grid_closed=gate.commands.grid_closed,
        supply=gate.supply,
        mode=mode.code,
        mode_reason=mode_reason,
        events=events,
        alarms=tuple(alarm.reason for alarm in after.alarms.values()),
        plant=situation.plant,
        memory=after,
        genset_reason=None if gate.genset is None else gate.genset.reason,
        pv_reason=heard.bounds.pv_reason,
        voice=_voice(situation, mode.code),
        plan=explain_standing(situation),
        battery=gate.battery,
    )


def hear(situation: Situation, voices: Iterable[Voice]) -> Heard:
    """Let the voices narrow the bounds, one after the other."""
    bounds, raised = Bounds(), list[Alarm]()
    for voice in voices:
        opinion = voice(situation, bounds)
        bounds = bounds.narrowed(opinion.wishes)
        raised.extend(opinion.alarms)
        if opinion.memory is not situation.memory:
            situation = replace(situation, memory=opinion.memory)
    return Heard(situation, bounds, tuple(raised))


def _voice(situation: Situation, mode: str) -> str:
    """Who decides now, as people are told."""
    if mode in ("emergency", "blackout"):
        return "protection"
    return "plan" if follows(situation) else "rules"


def _begin(
    image: ProcessImage, site: Site, memory: Memory, plan: Plan | None, asked: Sequence[Ask]
) -> tuple[Situation, Sequence[Event]]:
    views = view_feeders(site, image)
    dt_s = ageing.elapsed_s(memory, image.monotonic_s)
    hour = image.at.hour if image.clock_synchronised else None
    wanted_w = ledger.planned_w(plan, image.monotonic_s)
    aged, adopted = ageing.age(memory, site, views, dt_s, hour=hour, wanted_w=wanted_w)
    ordered, order_events = override.take(aged, asked, site, dt_s)
    told = summarise(image, site, views.values())
    watched = soc_estimate.follow(ordered, told, site.battery.energy_wh, dt_s)
    plant = soc_estimate.believed(watched, told, site)
    return Situation(image, site, plant, views, dt_s, watched, plan), (*adopted, *order_events)


def _wishes(situation: Situation, bounds: Bounds) -> dict[str, Wish]:
    """What the bounds come to.

    A feeder that nobody spoke of stays as it is. One not seen since the start is left alone, save by
    protection.
    """
    wishes: dict[str, Wish] = {}
    for feeder in situation.site.feeders:
        choice, past = bounds.feeder(feeder.id), situation.past(feeder.id)
        if not past.adopted and not choice.urgent:
            continue
        if choice.settled is not None and choice.reason is not None:
            wishes[feeder.id] = Wish(choice.settled, choice.reason, choice.urgent)
        elif past.closed is not None:
            wishes[feeder.id] = Wish(past.closed, Reason("as_found"))
    return wishes


def _feeders(
    situation: Situation, connections: Connections
) -> tuple[dict[str, FeederMemory], tuple[Event, ...]]:
    """The feeders' memory after their commands, and an event for each that changes."""
    feeders, events = dict(situation.memory.feeders), list[Event]()
    for feeder_id, wish in connections.wishes.items():
        past = feeders[feeder_id]
        off_by = past.off_by if wish.on else _off_by(past, wish)
        if wish.on is not past.closed:
            in_turn = off_by == "turn"
            past = rounds.switched(past, on=wish.on, in_turn=in_turn, lived_s=situation.memory.lived_s)
            events.append(Event(feeder_id, "close" if wish.on else "open", wish.reason))
        feeders[feeder_id] = past if past.off_by == off_by else replace(past, off_by=off_by)
    return feeders, tuple(events)


def _off_by(past: FeederMemory, wish: Wish) -> str:
    """What keeps a feeder off: turn, protection, or hours."""
    if past.closed is False and wish.reason.code in modes.WAITING_CODES:
        return past.off_by
    if wish.urgent or wish.reason.code in modes.REPAID_CODES:
        return "protection"
    return "hours" if wish.reason.code == "waits_for_its_hours" else "turn"


def _decision(feeder: Feeder, connections: Connections, after: Memory) -> FeederDecision:
    """The command for a feeder: none while its state is unknown or its contactor is stuck."""
    wish, past = connections.wishes.get(feeder.id), after.feeders[feeder.id]
    if wish is None:
        return FeederDecision(None, Reason("state_unknown"))
    silenced = ageing.disobeys(past) and not ageing.may_retry(past) and not wish.urgent
    return FeederDecision(None if silenced else wish.on, wish.reason, wish.urgent)


def _alarms(
    before: Memory, heard: Heard, genset: GensetStep | None
) -> tuple[Memory, dict[str, Alarm], tuple[Event, ...]]:
    """The memory of the watch over devices, the alarms that stand, and what came and went."""
    memory, silent = alarms.silent_devices(heard.situation)
    raised = [*heard.alarms, *ageing.stuck_alarms(memory, heard.situation.site), *silent]
    if genset is not None and genset.alarm is not None:
        raised.append(genset.alarm)
    return memory, *alarms.compare(before.alarms, raised)


def _site_events(
    situation: Situation, before: Memory, after: Memory, bounds: Bounds, mode_reason: Reason
) -> list[Event]:
    events = []
    if before.mode.code != after.mode.code:
        events.append(Event("site", "mode", mode_reason))
    if before.pv.limited != after.pv.limited:
        free = Reason("pv_free", {"soc_frac": situation.plant.soc_frac})
        events.append(Event("site", "limit" if after.pv.limited else "release", bounds.pv_reason or free))
    if before.plan.standing != after.plan.standing:
        reason = explain_standing(situation).reason or Reason("plan_followed")
        events.append(Event("site", "plan", reason))
    return events


def _genset_events(site: Site, before: Memory, step: GensetStep | None) -> list[Event]:
    if (
        site.genset is None
        or step is None
        or step.run is None
        or step.run is (before.genset.requested or False)
    ):
        return []
    return [Event(site.genset.id, "start" if step.run else "stop", step.reason)]
