"""The site's modes: blackout and black start as a voice, the others as a conclusion.

While the bus is dead every feeder is opened, so that the grid-forming inverters come back to no load. Once
the bus has been stable for a while the feeders follow one by one (`sequencing`); blackouts that come back
soon make that while longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from controller.core import coupling
from controller.core.bounds import Bounds, Wish, Wishes
from controller.core.model import Alarm, ModeMemory, Reason
from controller.core.situation import Opinion, Situation, hold

_CONFIRM_S = 2.0
_STABLE_S = 10.0
_LONGEST_STABLE_S = 600.0
_SOON_S = 1800.0
_LONGEST_START_S = 900.0
SHED_CODES = frozenset(
    {
        "battery_empty",
        "battery_cell_low",
        "battery_hot",
        "overload_shed",
        "frequency_shed",
        "overload_alarm_shed",
        "overload_hold",
        "grid_lost_shed",
        "import_shed",
        "battery_drained",
    }
)
"""Protection keeps a feeder off."""
REPAID_CODES = SHED_CODES | {
    "blackout",
    "bus_settling",
    "bus_uncertain",
    "battery_unseen",
    "feeder_suspect",
    "feeder_ordered_off",
}
"""What a feeder goes without for these was not its turn: it is repaid."""
WAITING_CODES = frozenset({"connecting_soon", "no_headroom", "as_found"})
"""A feeder stays off a little longer, for whatever reason it went off."""
RATION_CODES = frozenset(
    {
        "class_off",
        "class_rationed",
        "resting",
        "making_room",
        "outage_ahead",
        "turn_announced",
        "turn_of_all_announced",
    }
)
"""Rules or plan keep a feeder off."""
UNSURE_CODES = frozenset({"as_found", "bus_uncertain", "battery_unseen"})
"""A feeder is off for want of data: that alone ends no mode."""
_BLIND_AFTER_S = 5.0


def bus_alive(situation: Situation) -> bool | None:
    """Whether the grid-forming inverters hold the bus; None when nothing tells."""
    return coupling.bus_alive(situation.image, situation.site.battery)


def blackout(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: open everything while the bus is dead, connect nothing until it is stable again."""
    del bounds
    alive = bus_alive(situation)
    memory, dead_s = hold(situation.memory, "bus_dead", alive is False, situation.dt_s)
    mode = _advance(memory.mode, alive, dead_s >= _CONFIRM_S, situation.dt_s)
    memory = replace(memory, mode=mode)
    if mode.code != "blackout":
        if alive is not False:
            return Opinion(Wishes(), memory)
        return Opinion(_no_new_connections(situation, Reason("bus_uncertain")), memory)
    alarm = Alarm("site", Reason("blackout"))
    if alive is False:
        wish = Wish(False, Reason("blackout"), urgent=True)
        return Opinion(Wishes({feeder.id: wish for feeder in situation.site.feeders}), memory, (alarm,))
    waiting = Reason("bus_settling", {"wait_s": max(0.0, stable_wait_s(mode) - mode.stable_s)})
    return Opinion(_no_new_connections(situation, waiting), memory, (alarm,))


def stable_wait_s(mode: ModeMemory) -> float:
    """How long the bus must be alive before the first feeder is connected [s]."""
    return float(min(_STABLE_S * 2.0**mode.strikes, _LONGEST_STABLE_S))


def _advance(mode: ModeMemory, alive: bool | None, dead: bool, dt_s: float) -> ModeMemory:
    if mode.code == "blackout":
        # Not knowing is not being stable, and it does not undo what has been seen either.
        stable_s = 0.0 if alive is False else mode.stable_s + (dt_s if alive else 0.0)
        if alive and stable_s >= stable_wait_s(mode):
            return replace(mode, code="black_start", since_s=0.0, stable_s=0.0, calm_s=0.0)
        return replace(mode, stable_s=stable_s)
    if not dead:
        return mode
    strikes = min(mode.strikes + 1, 6) if mode.calm_s < _SOON_S else 0
    return replace(mode, code="blackout", since_s=0.0, stable_s=0.0, strikes=strikes)


def _no_new_connections(situation: Situation, reason: Reason) -> Wishes:
    wish = Wish(False, reason)
    return Wishes({f.id: wish for f in situation.site.feeders if not situation.is_on(f.id)})


def _blind(situation: Situation) -> bool:
    """Whether nothing has been seen of the battery for a while: then nobody may say that all is well."""
    plant = situation.plant
    unseen_s = situation.memory.held_s.get("battery_unseen", 0.0)
    return plant.soc_frac is None and plant.inverter_w is None and unseen_s >= _BLIND_AFTER_S


def conclude(situation: Situation, wishes: Mapping[str, Wish], *, waiting: bool) -> tuple[ModeMemory, Reason]:
    """The mode, and why, from what came of all wishes. waiting: a feeder is about to be connected."""
    mode = situation.memory.mode
    if mode.code == "blackout":
        return mode, Reason("blackout")
    if mode.code == "black_start" and waiting and mode.since_s < _LONGEST_START_S:
        return mode, Reason("black_start")
    if _blind(situation):
        return mode if mode.code == "unknown" else replace(mode, code="unknown", since_s=0.0), Reason(
            "unknown"
        )
    off = [wish.reason for wish in wishes.values() if not wish.on]
    shed = next((reason for reason in off if reason.code in SHED_CODES), None)
    crowded = next((reason for reason in off if reason.code == "no_headroom"), None)
    code, reason = "normal", Reason("normal")
    if shed is not None:
        code, reason = "emergency", shed
    elif any(reason.code in RATION_CODES for reason in off):
        code, reason = "saving", Reason("saving", {"soc_frac": situation.plant.soc_frac})
    elif crowded is not None:
        code, reason = "saving", crowded
    elif mode.code == "saving" and any(reason.code in UNSURE_CODES for reason in off):
        code, reason = "saving", Reason("saving", {"soc_frac": situation.plant.soc_frac})
    return (mode if code == mode.code else replace(mode, code=code, since_s=0.0)), reason
