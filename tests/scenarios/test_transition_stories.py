"""Stories of a village at the edge of the grid: on it, off it, with the genset, dark, and back."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from core_world import FEEDERS, HOUSES, World
from grid_world import GridWorld, grid_site, outage

EVERYONE = {feeder.id for feeder in FEEDERS}
MINUTE_S, HOUR_S = 60.0, 3600.0


@dataclass(frozen=True)
class Then:
    """One row of a story: what happens, for how long it is let be, and how the village stands then."""

    what: str
    for_s: float
    state: str
    why: str
    change: dict[str, Any] = field(default_factory=dict)
    lit: set[str] | None = None
    dark: set[str] = field(default_factory=set)
    breaker: bool | None = None


def tell(village: GridWorld, story: list[Then]) -> None:
    for row in story:
        for name, value in row.change.items():
            setattr(village, name, value)
        village.run(row.for_s, dt_s=5.0 if row.for_s > 600 else 1.0)
        assert village.supply() == row.state, row.what
        assert village.why_supply() == row.why, row.what
        if row.lit is not None:
            assert row.lit <= village.on(), row.what
        assert not row.dark & village.on(), row.what
        if row.breaker is not None:
            assert village.joined is row.breaker, row.what


def test_the_grid_goes_and_comes_back_and_the_inverters_see_to_it() -> None:
    village = GridWorld(soc=0.60)
    tell(
        village,
        [
            Then("18:00 on the grid", 120, "grid_tied", "supply_grid_tied", lit=EVERYONE),
            Then(
                "18:02 the grid is gone", 1, "islanded", "supply_grid_lost", {"grid_there": False}, EVERYONE
            ),
            Then(
                "20:00 alone, half empty", 1800, "islanded", "supply_grid_lost", {"soc": 0.44}, dark={"pump"}
            ),
            Then("20:30 the grid is back", 30, "islanded", "supply_inverter_checks", {"grid_there": True}),
            Then("20:31 joined again", 60, "grid_tied", "supply_grid_tied"),
            Then("20:45 nobody is rationed on the grid", 900, "grid_tied", "supply_grid_tied", lit=EVERYONE),
        ],
    )
    assert village.why("pump") == "powered_by_grid"
    codes = [event.reason.code for event in village.events("supply")]
    assert codes == ["supply_grid_lost", "supply_grid_tied"]
    raised = [event.reason.code for event in village.events("alarm")]
    assert raised.count("grid_lost") == 1


def test_what_the_inverters_cannot_carry_is_shed_in_the_tick_in_which_the_grid_goes() -> None:
    village = GridWorld(site=grid_site(import_w=40_000.0), soc=0.80)
    village.loads_w = dict.fromkeys(EVERYONE, 4000.0)
    village.run(120)
    assert village.load_w == 32_000
    village.grid_there = False
    decision = village.step()
    assert village.load_w <= 0.9 * 24_000
    assert {"clinic", "school", "street"} <= village.on()
    assert decision.feeders["pump"].reason.code == "grid_lost_shed"
    assert decision.feeders["pump"].emergency


def test_more_is_not_drawn_from_the_grid_than_agreed_for_longer_than_a_motor_starts() -> None:
    village = GridWorld(soc=0.80)
    village.run(60)
    village.loads_w.update(dict.fromkeys(HOUSES, 5000.0))
    village.run(2)
    assert village.on() == EVERYONE
    village.run(5)
    assert village.grid_w <= 15_000
    assert "clinic" in village.on()
    assert {event.reason.code for event in village.events("open")} == {"import_shed"}


def test_a_planned_outage_finds_the_village_already_on_its_own() -> None:
    away = outage(in_s=2 * HOUR_S, lasts_s=3 * HOUR_S)
    village = GridWorld(site=grid_site(breaker=True, outages=(away,)), soc=0.30)
    village.loads_w = {feeder.id: 0.2 * feeder.rated_w for feeder in FEEDERS}
    ahead = 2 * HOUR_S
    tell(
        village,
        [
            Then("two hours before: the battery comes first", 120, "grid_tied", "supply_grid_tied",
                 dark={"pump"}, lit=EVERYONE - {"pump"}, breaker=True),
            Then("an hour before: it is full enough", 3600, "grid_tied", "supply_grid_tied",
                 {"soc": 0.90}, lit=EVERYONE, breaker=True),
            Then("half a minute before: off it goes", ahead - 3750, "islanded", "supply_outage",
                 lit=EVERYONE, breaker=False),
            Then("the utility switches off", HOUR_S, "islanded", "supply_outage", {"grid_there": False},
                 breaker=False),
            Then("earlier than announced it is back: not trusted yet", HOUR_S, "islanded", "supply_outage",
                 {"grid_there": True}, breaker=False),
            Then("past the announced end", HOUR_S + 120, "grid_tied", "supply_grid_tied", breaker=True),
        ],
    )  # fmt: skip
    assert not [event for event in village.events("alarm") if event.reason.code == "grid_lost"]
    moves = [(event.action, event.reason.code) for event in village.events("connect", "disconnect")]
    assert moves == [
        ("connect", "supply_grid_tied"),
        ("disconnect", "breaker_outage"),
        ("connect", "breaker_grid_back"),
    ]


def test_an_announced_outage_is_not_believed_while_nobody_knows_the_time() -> None:
    away = outage(in_s=-60.0, lasts_s=HOUR_S)
    village = GridWorld(site=grid_site(breaker=True, outages=(away,)), soc=0.80, clock_synchronised=False)
    village.run(60)
    assert village.supply() == "grid_tied"


def test_an_empty_battery_stays_on_the_grid_to_its_last_minute() -> None:
    away = outage(in_s=30.0, lasts_s=HOUR_S)
    village = GridWorld(site=grid_site(breaker=True, outages=(away,)), soc=0.06)
    village.run(60)
    assert village.joined
    village.grid_there = False
    village.run(2)
    assert not village.joined


def test_resynchronisation_waits_for_a_steady_grid_and_for_permission() -> None:
    village = GridWorld(site=grid_site(breaker=True), soc=0.80, sync_permitted=False)
    tell(
        village,
        [
            Then("on the grid", 60, "grid_tied", "supply_grid_tied", breaker=True),
            Then("voltage collapses", 2, "islanded", "supply_grid_lost", {"grid_v": 150.0}, EVERYONE,
                 breaker=False),
            Then("back, but for a minute only", 60, "islanded", "supply_grid_settling", {"grid_v": 231.0}),
            Then("gone again: the count begins anew", 60, "islanded", "supply_grid_lost",
                 {"grid_there": False}),
            Then("back", 290, "islanded", "supply_grid_settling", {"grid_there": True}, breaker=False),
            Then("steady, but out of step", 60, "islanded", "interlock_breaker_sync", breaker=False),
            Then("in step", 3, "grid_tied", "supply_grid_tied", {"sync_permitted": True}, breaker=True),
        ],
    )  # fmt: skip


def test_a_restart_of_the_controller_does_not_make_an_unwatched_grid_steady() -> None:
    village = GridWorld(site=grid_site(breaker=True), soc=0.80, joined=False, sync_permitted=True)
    village.run(290)
    village.restart(replace(village.memory, monotonic_s=None))
    village.run(60)
    assert not village.joined
    village.run(260)
    assert village.joined


def test_the_genset_makes_way_for_a_grid_that_is_back() -> None:
    village = GridWorld(site=grid_site(breaker=True), soc=0.15, joined=False, grid_there=False)
    tell(
        village,
        [
            Then("the battery runs low: the genset comes", 400, "genset_supported", "supply_genset"),
            Then("the grid is back", 200, "genset_supported", "supply_genset", {"grid_there": True}),
            Then("it has been steady: genset off, grid on", 120, "grid_tied", "supply_grid_tied",
                 breaker=True),
        ],
    )  # fmt: skip
    assert village.rpm == 0
    stop = village.events("stop")[-1]
    connect = village.events("connect")[-1]
    assert village.log.index((next(at for at, e in village.log if e is stop), stop)) < village.log.index(
        (next(at for at, e in village.log if e is connect), connect)
    )


def test_a_dark_village_with_a_battery_nobody_sees_is_brought_back_by_the_genset() -> None:
    village = GridWorld(grid_there=False, joined=False, soc=0.30)
    village.run(30)
    village.extra = {"inverter_state": 0.0, "battery_soc_frac": None, "ac_power_w": 0.0}
    village.run(50)
    assert village.supply() == "dark"
    assert village.decision is not None
    assert village.decision.genset_run is False
    village.run(30)
    assert village.decision.genset_run is True
    assert village.decision.genset_reason is not None
    assert village.decision.genset_reason.code == "genset_black_start"


def test_inverters_that_only_tripped_are_not_helped_by_the_genset() -> None:
    village = GridWorld(grid_there=False, joined=False, soc=0.80)
    village.run(30)
    village.extra = {"inverter_state": 2.0, "battery_soc_frac": None}
    village.run(300)
    assert village.decision is not None
    assert village.decision.genset_run is False


def test_after_a_deep_discharge_only_the_clinic_is_served_until_the_battery_is_seen_to_charge() -> None:
    village = GridWorld(grid_there=False, joined=False, soc=0.02, genset_mode=0.0)
    village.run(30)
    assert village.on() == set()
    village.soc = 0.11  # the gauge recovers as soon as the load is gone
    village.run(900)
    assert village.on() <= {"clinic"}
    assert village.why("school") == "battery_drained"
    village.sun_w = 12_000.0
    village.run(30)
    assert "school" not in village.on()
    village.run(60)
    village.soc = 0.22
    village.run(1200)
    assert {"clinic", "school", "street"} <= village.on()


def test_a_black_start_that_fails_is_repeated_with_longer_pauses_and_fewer_feeders() -> None:
    village = GridWorld(grid_there=False, joined=False, soc=0.80)
    village.loads_w = dict.fromkeys(EVERYONE, 2600.0)
    village.run(30)
    gaps, counts = [], []
    for _ in range(3):
        village.extra = {"inverter_state": 2.0}
        village.run(10)
        assert village.on() == set()
        village.extra = {}
        before = len(village.log)
        while village.decision is None or village.decision.mode == "blackout":
            village.step()
        village.run(400)
        closed = [at for at, event in village.log[before:] if event.action == "close"]
        gaps.append(min(late - soon for soon, late in itertools.pairwise(closed)))
        counts.append(len(village.on()))
        first = next(event.subject for _, event in village.log[before:] if event.action == "close")
        assert first == "clinic"
    assert gaps[0] < gaps[1] < gaps[2]
    assert counts[0] > counts[2]


def test_a_village_without_a_grid_tells_of_sun_genset_and_darkness_only() -> None:
    village = World(soc=0.80)
    decision = village.run(10)
    assert decision.supply is not None
    assert (decision.supply.state, decision.supply.grid) == ("islanded", None)
    assert decision.grid_closed is None
    village.lost = {"battery"}
    decision = village.run(10)
    assert decision.supply is not None
    assert decision.supply.state == "unknown"
