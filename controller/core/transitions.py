"""Grid-tied, islanded, genset-supported, dark: where the village stands, and what moves it on.

What is concluded comes from readings (`coupling`), not from what was asked for. What is asked for here still
has to pass `interlocks`. Announced outages are by the wall clock: while it is not synchronised they are not
believed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from controller.core.bounds import Bounds, Wish, Wishes
from controller.core.coupling import Coupling, breaker_closed, look
from controller.core.model import (
    Alarm,
    GridConnection,
    Memory,
    ModeMemory,
    Outage,
    PriorityClass,
    ProcessImage,
    Reason,
    SupplyMemory,
)
from controller.core.situation import Opinion, Situation, hold

GRID_TIED, ISLANDED, GENSET_SUPPORTED, DARK, BLACK_START, UNKNOWN = (
    "grid_tied",
    "islanded",
    "genset_supported",
    "dark",
    "black_start",
    "unknown",
)
ISLAND_BEFORE_S = 60.0
"""So long before an announced outage a breaker of ours is opened."""
_PREPARE_S = 2 * 3600.0
_MOST_KEPT_FRAC = 0.9
_KEPT_HYSTERESIS_FRAC = 0.02
_CARRIED_AFTER_S = 60.0
"""A grid that has been joined for so long is trusted to carry whom the battery could not."""
_LOST_ALARM_S, _STUCK_ALARM_S = 60.0, 10.0
_JOINED_WITHIN_S = 900.0
"""A sound grid is joined by then; so long at most the genset makes way for it."""
_SOUND = "grid_sound"
_TIED = "grid_tied"
_LOST = "grid_lost"
_STUCK = "breaker_stuck"
_AHEAD = "outage_ahead"
_BATTERY_GUARDS = ("soc_low", "cell_low", "drained")


@dataclass(frozen=True, slots=True)
class OutageView:
    """An announced outage that is near or under way."""

    starts_in_s: float
    """0 while it lasts."""
    lasts_s: float
    """What is left of it."""


def outage_near(image: ProcessImage, grid: GridConnection, within_s: float = 0.0) -> OutageView | None:
    """The outage that lasts, or the first that begins within so long."""
    if not image.clock_synchronised:
        return None
    for outage in grid.outages:
        view = _view(outage, image)
        if view is not None and view.starts_in_s <= within_s:
            return view
    return None


def _view(outage: Outage, image: ProcessImage) -> OutageView | None:
    ends_in_s = (outage.end - image.at).total_seconds()
    starts_in_s = max(0.0, (outage.begin - image.at).total_seconds())
    return OutageView(starts_in_s, ends_in_s - starts_in_s) if ends_in_s > 0.0 else None


def next_outage_s(image: ProcessImage, grid: GridConnection) -> float | None:
    """Until the next announced outage begins [s], 0 while one lasts; None: none is announced."""
    view = outage_near(image, grid, float("inf"))
    return None if view is None else view.starts_in_s


def watch_grid(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: count how long the grid is sound, joined or away; an alarm while it is away or not let go."""
    del bounds
    grid = situation.site.grid
    if grid is None:
        return Opinion(Wishes(), situation.memory)
    seen, memory = look(situation.image, situation.site), situation.memory
    if memory.monotonic_s is None:  # nobody has watched it meanwhile
        memory = replace(memory, held_s={k: v for k, v in memory.held_s.items() if k not in (_SOUND, _TIED)})
    if seen.grid_sound is not None:  # not knowing is not being sound, and undoes nothing that was seen
        memory, _ = hold(memory, _SOUND, seen.grid_sound, situation.dt_s)
    memory, _ = hold(memory, _TIED, seen.tied, situation.dt_s)
    memory, lost_s = hold(memory, _LOST, seen.grid_sound is False, situation.dt_s)
    joined = grid.breaker is not None and memory.supply.breaker_closed is False and seen.connected is True
    memory, stuck_s = hold(memory, _STUCK, joined, situation.dt_s)
    stuck = (Alarm("grid", Reason("breaker_stuck_closed")),) if stuck_s >= _STUCK_ALARM_S else ()
    alarms = (*stuck, *_grid_alarms(replace(situation, memory=memory), grid, seen, lost_s))
    return Opinion(Wishes(), memory, alarms)


def _grid_alarms(
    situation: Situation, grid: GridConnection, seen: Coupling, lost_s: float
) -> tuple[Alarm, ...]:
    """A grid away or not joined for no announced reason."""
    if outage_near(situation.image, grid) is not None:
        return ()
    alarms = []
    if lost_s >= _LOST_ALARM_S:
        alarms.append(Alarm("grid", Reason("grid_lost", {"lost_s": lost_s, "stable_s": grid.stable_s})))
    waited_s = sound_s(situation.memory)
    if seen.connected is False and waited_s >= grid.stable_s + _JOINED_WITHIN_S:
        alarms.append(Alarm("grid", Reason("grid_not_joined", {"sound_s": waited_s})))
    return tuple(alarms)


def sound_s(memory: Memory) -> float:
    """For how long the grid has been sound [s]."""
    return memory.held_s.get(_SOUND, 0.0)


def tied(situation: Situation) -> bool:
    """Whether the public grid holds the bus now."""
    return situation.site.grid is not None and look(situation.image, situation.site).tied


def carried_by_grid(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: while the grid holds the bus nobody is rationed for want of battery.

    It speaks after the plan, whose cuts stand, and before the rules.
    """
    del bounds
    if situation.memory.held_s.get(_TIED, -1.0) < _CARRIED_AFTER_S or not tied(situation):
        return Opinion(Wishes(), situation.memory)
    wish = Wish(True, Reason("powered_by_grid"))
    rested_s = situation.site.sharing.min_off_s
    ready = {
        feeder.id: wish
        for feeder in situation.site.feeders
        if situation.is_on(feeder.id) or situation.past(feeder.id).state_s >= rested_s
    }
    return Opinion(Wishes(ready), situation.memory)


def outage_ahead(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: before an announced outage the battery is filled first; flexible load waits."""
    del bounds
    grid, memory = situation.site.grid, situation.memory
    soc_frac, load_w = situation.plant.soc_frac, situation.plant.load_w
    outage = None if grid is None else outage_near(situation.image, grid, _PREPARE_S)
    if outage is None or soc_frac is None or load_w is None or not tied(situation):
        return Opinion(Wishes(), hold(memory, _AHEAD, False, situation.dt_s)[0])
    battery = situation.site.battery
    lasts_wh = load_w * outage.lasts_s / 3600.0
    need_frac = min(_MOST_KEPT_FRAC, battery.reserve_soc_frac + lasts_wh / battery.energy_wh)
    margin_frac = _KEPT_HYSTERESIS_FRAC if _AHEAD in memory.held_s else 0.0
    short = soc_frac < need_frac + margin_frac
    memory, _ = hold(memory, _AHEAD, short, situation.dt_s)
    if not short:
        return Opinion(Wishes(), memory)
    params = {"wait_s": outage.starts_in_s, "soc_frac": soc_frac, "need_frac": need_frac}
    wish = Wish(False, Reason("outage_ahead", params))
    flexible = (f.id for f in situation.site.feeders if f.priority is PriorityClass.FLEXIBLE)
    return Opinion(Wishes(dict.fromkeys(flexible, wish)), memory)


def island_load_w(situation: Situation) -> float | None:
    """What the inverters are about to carry alone [W]: the grid has just gone, or we are about to leave it.

    None at any other time, and while it is not known. Their own reading shows it only later.
    """
    grid = situation.site.grid
    if grid is None:
        return None
    now_tied, plant = tied(situation), situation.plant
    gone = situation.memory.supply.code == GRID_TIED and not now_tied
    leaving = now_tied and grid.breaker is not None and _leaves_soon(situation, grid)
    if not (gone or leaving) or plant.load_w is None or plant.pv_w is None:
        return None
    return plant.load_w + plant.pv_w + (plant.genset_w or 0.0)


def _leaves_soon(situation: Situation, grid: GridConnection) -> bool:
    return outage_near(situation.image, grid, ISLAND_BEFORE_S) is not None


def wish_breaker(situation: Situation) -> Wish | None:
    """What is wanted of the breaker to the grid; None where it is not ours, or not known how it stands."""
    grid = situation.site.grid
    if grid is None or grid.breaker is None:
        return None
    closed = breaker_closed(situation.image, grid.breaker.switch)
    if closed is None:
        return None
    seen = look(situation.image, situation.site)
    outage = outage_near(situation.image, grid, ISLAND_BEFORE_S)
    return _keep(situation, seen, outage) if closed else _join(situation, grid, seen, outage)


def _keep(situation: Situation, seen: Coupling, outage: OutageView | None) -> Wish:
    """Stay joined to the grid, unless it is gone or about to go."""
    if seen.grid_sound is False:
        return Wish(False, Reason("breaker_grid_lost"), urgent=True)
    if outage is not None and _can_stand_alone(situation):
        params = {"wait_s": outage.starts_in_s, "lasts_s": outage.lasts_s}
        return Wish(False, Reason("breaker_outage", params))
    return Wish(True, Reason("supply_grid_tied", {"power_w": seen.grid_power_w}))


def _can_stand_alone(situation: Situation) -> bool:
    """Whether battery and inverters carry what is connected; else the grid is used to its last minute."""
    limits, plant = situation.site.protection, situation.plant
    floor_frac = limits.soc_min_frac + situation.site.sharing.hysteresis_soc_frac
    load_w = island_load_w(situation)
    return (
        plant.soc_frac is not None
        and plant.soc_frac > floor_frac
        and load_w is not None
        and load_w <= limits.overload_w
    )


def _join(situation: Situation, grid: GridConnection, seen: Coupling, outage: OutageView | None) -> Wish:
    """Back to the grid, once nothing speaks against it."""
    if outage is not None:
        params = {"wait_s": outage.starts_in_s + outage.lasts_s}
        return Wish(False, Reason("supply_outage", params))
    if not seen.grid_sound:
        lost_s = situation.memory.held_s.get(_LOST, 0.0)
        return Wish(False, Reason("supply_grid_lost", {"lost_s": lost_s, "stable_s": grid.stable_s}))
    wait_s = grid.stable_s - sound_s(situation.memory)
    if wait_s > 0.0:
        return Wish(False, Reason("supply_grid_settling", {"wait_s": wait_s}))
    return Wish(True, Reason("breaker_grid_back"))


def make_way_for_grid(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: a grid that is back for good is joined, and the genset stops for it."""
    del bounds
    grid = situation.site.grid
    if grid is None or situation.site.genset is None or grid.parallel_genset:
        return Opinion(Wishes(), situation.memory)
    seen = look(situation.image, situation.site)
    waited_s = sound_s(situation.memory) - grid.stable_s
    back = grid.breaker is not None and seen.grid_surely_sound and 0.0 <= waited_s < _JOINED_WITHIN_S
    needed = seen.bus_live is False or any(situation.memory.guards.get(name) for name in _BATTERY_GUARDS)
    if not back or needed or seen.connected or outage_near(situation.image, grid, ISLAND_BEFORE_S):
        return Opinion(Wishes(), situation.memory)
    return Opinion(Wishes(genset=Wish(False, Reason("genset_grid_back"), urgent=True)), situation.memory)


def conclude(situation: Situation, mode: ModeMemory, breaker: Wish | None) -> tuple[SupplyMemory, Reason]:
    """Where the village stands, and why; mode: as concluded at this tick."""
    seen = look(situation.image, situation.site)
    code, reason = _state(situation, seen, mode.code, breaker)
    past = situation.memory.supply
    since_s = past.since_s + situation.dt_s if code == past.code else 0.0
    return replace(past, code=code, since_s=since_s), reason


def _state(situation: Situation, seen: Coupling, mode: str, breaker: Wish | None) -> tuple[str, Reason]:
    if mode == "blackout" and seen.bus_live is not True:
        return DARK, Reason("supply_dark")
    if mode in ("blackout", "black_start"):
        return BLACK_START, Reason("supply_black_start")
    if seen.bus_live is None or (situation.site.grid is not None and seen.connected is None):
        return UNKNOWN, Reason("supply_unknown")
    if seen.tied:
        return GRID_TIED, Reason("supply_grid_tied", {"power_w": seen.grid_power_w})
    if seen.genset_on_load:
        return GENSET_SUPPORTED, Reason("supply_genset", {"power_w": situation.plant.genset_w})
    return ISLANDED, _why_islanded(situation, seen, breaker)


def _why_islanded(situation: Situation, seen: Coupling, breaker: Wish | None) -> Reason:
    grid = situation.site.grid
    if grid is None:
        return Reason("supply_islanded")
    if breaker is not None:
        return breaker.reason
    outage = outage_near(situation.image, grid)
    if seen.grid_sound is not True and outage is not None:
        return Reason("supply_outage", {"wait_s": outage.lasts_s})
    if seen.grid_sound is not True:
        lost_s = situation.memory.held_s.get(_LOST, 0.0)
        return Reason("supply_grid_lost", {"lost_s": lost_s, "stable_s": grid.stable_s})
    return Reason("supply_inverter_checks")
