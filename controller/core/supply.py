"""From what is wished of breaker, genset and panels to what is commanded, and where the village stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.core import transitions
from controller.core.bounds import Choice, Wish
from controller.core.coupling import Coupling, look
from controller.core.genset import GensetStep
from controller.core.interlocks import Checked, Commands, check, refuse_genset
from controller.core.model import Event, GridState, ModeMemory, Reason, Setpoint, Supply, SupplyMemory
from controller.core.situation import Situation

REFUSED_NOW = frozenset({"interlock_genset_live_bus"})


@dataclass(frozen=True, slots=True)
class SupplyStep:
    """What comes of a tick for everything that forms or feeds the bus."""

    commands: Commands
    genset: GensetStep | None
    battery: Setpoint | None
    supply: Supply
    memory: SupplyMemory
    events: tuple[Event, ...]


def genset_choice(situation: Situation, choice: Choice) -> Choice:
    """What the voices left of the genset, after the interlocks: who may not run is not cranked in vain."""
    refusal = refuse_genset(look(situation.image, situation.site), situation.site)
    if refusal is None or choice.settled is not True:
        return choice
    return Choice(may_be_on=False, reason=refusal, urgent=refusal.code not in REFUSED_NOW)


def run_supply(
    situation: Situation,
    mode: ModeMemory,
    genset: GensetStep | None,
    pv_limit_frac: Mapping[str, float],
    battery: Setpoint | None = None,
) -> SupplyStep:
    """The commands as the interlocks let them pass, and what the village is supplied by.

    genset: as its phases have it; mode: as concluded at this tick.
    """
    wish = transitions.wish_breaker(situation)
    wanted = Commands(
        genset_run=None if genset is None else genset.run,
        grid_closed=None if wish is None else wish.on,
        pv_limit_frac=pv_limit_frac,
        battery_w=None if battery is None else battery.power_w,
    )
    checked = check(wanted, situation.image, situation.site, transitions.sound_s(situation.memory))
    commands = checked.commands
    if genset is not None and genset.run is not commands.genset_run:
        genset = replace(genset, run=False, memory=replace(genset.memory, requested=False))
    if wish is not None and wish.on is not commands.grid_closed:
        wish = replace(wish, on=False, reason=_of_breaker(checked) or wish.reason)
    memory, reason = transitions.conclude(situation, mode, wish)
    memory = replace(memory, breaker_closed=commands.grid_closed)
    seen = look(situation.image, situation.site)
    if battery is not None and commands.battery_w is not None:
        battery = replace(battery, power_w=commands.battery_w)
    supply = Supply(memory.code, reason, _grid_state(situation, seen), checked.refusals)
    return SupplyStep(commands, genset, battery, supply, memory, _events(situation, memory, reason, wish))


def _of_breaker(checked: Checked) -> Reason | None:
    return next((each for each in checked.refusals if each.code.startswith("interlock_breaker")), None)


def _grid_state(situation: Situation, seen: Coupling) -> GridState | None:
    grid = situation.site.grid
    if grid is None:
        return None
    return GridState(
        sound=seen.grid_sound,
        connected=seen.connected,
        power_w=seen.grid_power_w,
        voltage_v=seen.grid_voltage_v,
        frequency_hz=seen.grid_frequency_hz,
        sound_s=transitions.sound_s(situation.memory),
        outage_in_s=transitions.next_outage_s(situation.image, grid),
    )


def _events(
    situation: Situation, after: SupplyMemory, reason: Reason, wish: Wish | None
) -> tuple[Event, ...]:
    """For the log: a change of supply, and what the breaker was told."""
    before, events = situation.memory.supply, list[Event]()
    if after.code != before.code and before.code != transitions.UNKNOWN:
        events.append(Event("site", "supply", reason))
    told = after.breaker_closed
    if wish is not None and told is not None and told is not before.breaker_closed:
        events.append(Event("grid", "connect" if told else "disconnect", wish.reason))
    return tuple(events)
