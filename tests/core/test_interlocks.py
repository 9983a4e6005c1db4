"""What must never be joined is not joined, whatever is seen, remembered or wished."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_world import NOON, read
from grid_world import GridWorld, grid_site
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.coupling import look
from controller.core.decide import decide
from controller.core.interlocks import Commands, check, export_slack_w
from controller.core.model import (
    Cut,
    Decision,
    GensetMemory,
    Health,
    Memory,
    ModeMemory,
    Plan,
    ProcessImage,
    Reading,
    Reason,
    Site,
    SupplyMemory,
)


def of(*values: float) -> st.SearchStrategy[Reading]:
    return st.sampled_from(values).flatmap(
        lambda value: st.sampled_from(
            [read(value), Reading(value, 9.0, Health.STALE), Reading(None, None, Health.LOST)]
        )
    )


VOLTS, HERTZ, FLAG = of(0.0, 120.0, 231.0, 270.0), of(0.0, 48.0, 50.0), of(0.0, 1.0)
BATTERY = {
    "battery_soc_frac": of(0.0, 0.04, 0.3, 0.9),
    "ac_power_w": of(-30_000.0, -4_000.0, 0.0, 6_000.0),
    "battery_power_w": of(-30_000.0, 0.0, 6_000.0),
    "inverter_state": of(0.0, 2.0, 3.0, 9.0),
    "voltage_l1_v": VOLTS,
    "grid_voltage_l1_v": VOLTS,
    "grid_frequency_hz": HERTZ,
    "grid_power_w": of(-9_000.0, -60.0, 0.0, 30_000.0),
    "grid_connected": FLAG,
    "grid_lost_alarm": of(0.0, 2.0),
}
DEVICES = {
    "battery": BATTERY,
    "meter_grid": {"voltage_l1_v": VOLTS, "frequency_hz": HERTZ, "power_w": of(-9_000.0, 0.0, 30_000.0)},
    "relays": {"channel_9": FLAG, "input_1": FLAG, **{f"channel_{n}": FLAG for n in range(1, 9)}},
    "genset": {
        "power_w": of(-12_000.0, -20.0, 0.0),
        "engine_speed_rpm": of(0.0, 180.0, 1500.0),
        "control_mode": of(0.0, 1.0, 2.0),
    },
    "pv_south": {"power_w": of(-18_000.0, -3_000.0, 0.0)},
    "pv_east": {"power_w": of(-18_000.0, -3_000.0, 0.0)},
}


def _site(breaker: bool, parallel: bool, synchronises: bool, export_w: float) -> Site:
    site = grid_site(breaker=breaker, parallel_genset=parallel, export_w=export_w)
    assert site.genset is not None
    return replace(site, genset=replace(site.genset, synchronises=synchronises))


images = st.fixed_dictionaries(
    {name: st.fixed_dictionaries({}, optional=points) for name, points in DEVICES.items()}
).map(lambda devices: ProcessImage(1, 5_000.0, NOON, True, devices))
sites = st.builds(_site, st.booleans(), st.booleans(), st.booleans(), st.sampled_from([0.0, 4_000.0]))
flags = st.none() | st.booleans()
memories = st.builds(
    lambda phase, requested, held_s, mode, breaker, supply, pv: Memory(
        monotonic_s=4_999.0,
        genset=GensetMemory(phase=phase, requested=requested),
        held_s=held_s,
        mode=ModeMemory(code=mode),
        supply=SupplyMemory(supply, breaker_closed=breaker, pv_limit_frac=pv),
    ),
    st.sampled_from(["stopped", "starting", "warming_up", "running", "cooling_down", "failed", "manual"]),
    flags,
    st.dictionaries(st.sampled_from(["grid_sound", "grid_tied", "dark"]), st.floats(0, 1e6)),
    st.sampled_from(["normal", "blackout", "black_start", "emergency"]),
    flags,
    st.sampled_from(["grid_tied", "islanded", "unknown"]),
    st.floats(0, 1),
)


def plan_that_wants_the_genset() -> Plan:
    why = (Reason("genset_needed", {"soc_frac": 0.1, "start_frac": 0.2, "stop_frac": 0.4}),)
    return Plan(
        made_s=4_990.0, valid_until_s=9_000.0, edges_s=(4_900.0, 9_000.0),
        soc_low_frac=(0.0, 0.0), soc_mid_frac=(0.5, 0.5), soc_high_frac=(1.0, 1.0), wanted_w={},
        cuts={"clinic": (Cut(4_900.0, 9_000.0, 4_900.0, Reason("powered")),)},
        genset_on=(True,), genset_why=why,
    )  # fmt: skip


def assert_safe(
    genset_run: bool | None, grid_closed: bool | None, pv: dict[str, float], image: ProcessImage, site: Site,
    sound_s: float,
) -> None:  # fmt: skip
    """What the docstring of `check` promises, said once more and by the image alone."""
    grid, spec = site.grid, site.genset
    assert grid is not None
    assert spec is not None
    seen = look(image, site)
    relay = image.value("relays", "channel_9") if grid.breaker else None
    if genset_run:
        if not grid.parallel_genset:
            assert not seen.tied
            assert not (grid.breaker is None and seen.grid_sound)
        if not spec.synchronises and seen.bus_live is not False:
            assert seen.genset_on_load or seen.genset_turning
    if grid_closed and relay != 1.0:
        assert image.fresh("relays", "input_1") == 1.0
        assert image.fresh("meter_grid", "voltage_l1_v") == 231.0
        assert sound_s >= grid.stable_s
        if not grid.parallel_genset:
            assert image.value("genset", "engine_speed_rpm") == 0.0
            assert not genset_run
    if grid_closed and not grid.parallel_genset:
        assert seen.genset_on_load is not True
    power_w = image.fresh(grid.device, f"{grid.prefix}power_w")
    if seen.tied and power_w is not None and -power_w - grid.export_w > export_slack_w(grid):
        given_w = sum(-(image.value(array.id, "power_w") or 0.0) for array in site.pv)
        allowed_w = sum(frac * 18_000 for frac in pv.values())
        assert allowed_w <= max(0.0, given_w + power_w + grid.export_w) + 1e-6


@given(images, sites, flags, flags, st.floats(0, 1), st.floats(0, 1000))
@settings(max_examples=300, deadline=None)
def test_no_command_gets_past_the_last_gate(
    image: ProcessImage, site: Site, run: bool | None, closed: bool | None, frac: float, sound_s: float
) -> None:
    wanted = Commands(run, closed, {"pv_south": frac, "pv_east": 1.0})
    if site.grid is None or site.grid.breaker is None:
        wanted = replace(wanted, grid_closed=None)  # there is none to command
    left = check(wanted, image, site, sound_s)
    assert_safe(
        left.commands.genset_run, left.commands.grid_closed, dict(left.commands.pv_limit_frac), image, site,
        sound_s,
    )  # fmt: skip
    assert (left.commands == wanted) == (not left.refusals)
    again = check(left.commands, image, site, sound_s)
    assert again.commands == left.commands
    # It only ever takes back.
    assert left.commands.genset_run in (wanted.genset_run, False)
    assert left.commands.grid_closed in (wanted.grid_closed, False)
    assert all(left.commands.pv_limit_frac[name] <= frac for name, frac in wanted.pv_limit_frac.items())


@given(images, sites, memories, st.booleans())
@settings(max_examples=200, deadline=None)
def test_whatever_is_seen_remembered_or_planned_what_is_decided_is_safe(
    image: ProcessImage, site: Site, memory: Memory, planned: bool
) -> None:
    decision = decide(image, site, memory, plan_that_wants_the_genset() if planned else None)
    sound_s = decision.memory.held_s.get("grid_sound", 0.0)
    assert_safe(decision.genset_run, decision.grid_closed, dict(decision.pv_limit_frac), image, site, sound_s)
    assert decision.supply is not None
    if decision.memory.genset.phase != "manual":
        assert decision.memory.genset.requested is decision.genset_run


# ---------------------------------------------------------------- one by one


def refused(world: GridWorld, **wanted: Any) -> list[str]:
    left = check(Commands(**wanted), world.image(), world.site, 1e6)
    return [reason.code for reason in left.refusals]


def test_the_genset_stays_off_while_the_grid_holds_the_bus() -> None:
    assert refused(GridWorld(), genset_run=True) == ["interlock_genset_grid"]
    assert refused(GridWorld(site=grid_site(parallel_genset=True)), genset_run=True) == []
    assert refused(GridWorld(grid_there=False, joined=False), genset_run=True) == []


def test_the_genset_is_off_before_inverters_join_a_grid_that_is_back() -> None:
    assert refused(GridWorld(joined=False), genset_run=True) == ["interlock_genset_grid"]


def test_nobody_starts_a_genset_while_the_connection_cannot_be_seen() -> None:
    world = GridWorld(lost={"battery"})
    assert refused(world, genset_run=True) == ["interlock_genset_unsure"]
    world.genset_w, world.rpm = 9_000.0, 1500.0
    assert refused(world, genset_run=True) == []  # it feeds the village: it is not the news that endangers


def test_a_genset_that_cannot_be_synchronised_is_started_onto_a_dead_bus_only() -> None:
    site = grid_site()
    assert site.genset is not None
    site = replace(site, genset=replace(site.genset, synchronises=False))
    world = GridWorld(site=site, grid_there=False, joined=False)
    assert refused(world, genset_run=True) == ["interlock_genset_live_bus"]
    world.extra = {"inverter_state": 0.0}
    assert refused(world, genset_run=True) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sync_permitted": False}, "interlock_breaker_sync"),
        ({"grid_v": 262.0}, "interlock_breaker_unsteady"),
        ({"grid_hz": 48.2}, "interlock_breaker_unsteady"),
        ({"grid_there": False}, "interlock_breaker_unsteady"),
        ({"rpm": 1500.0}, "interlock_breaker_genset"),
        ({"lost": {"genset"}}, "interlock_breaker_genset"),
        ({"lost": {"meter_grid"}}, "interlock_breaker_unsteady"),
    ],
)
def test_the_breaker_closes_only_when_nothing_speaks_against_it(change: dict[str, Any], code: str) -> None:
    ready = GridWorld(site=grid_site(breaker=True), joined=False)
    assert refused(ready, grid_closed=True) == []
    for name, value in change.items():
        setattr(ready, name, value)
    assert refused(ready, grid_closed=True) == [code]


def test_a_grid_that_has_been_sound_for_a_moment_only_is_not_joined() -> None:
    ready = GridWorld(site=grid_site(breaker=True), joined=False)
    left = check(Commands(grid_closed=True), ready.image(), ready.site, 299.0)
    assert left.commands.grid_closed is False
    assert left.refusals == (Reason("interlock_breaker_unsteady", {"wait_s": 1.0}),)


def test_a_breaker_and_a_genset_asked_for_at_once_leave_neither() -> None:
    ready = GridWorld(site=grid_site(breaker=True), joined=False)
    left = check(Commands(genset_run=True, grid_closed=True), ready.image(), ready.site, 1e6)
    assert left.commands.grid_closed is False
    assert left.commands.genset_run is True


def test_a_genset_that_somebody_started_by_hand_takes_the_village_off_the_grid() -> None:
    world = GridWorld(site=grid_site(breaker=True), genset_w=9_000.0, rpm=1500.0)
    assert refused(world, grid_closed=True) == ["interlock_breaker_genset"]


def test_panels_are_held_to_what_may_flow_out() -> None:
    world = GridWorld(sun_w=20_000.0, loads_w=dict.fromkeys(GridWorld().loads_w, 500.0))
    assert world.grid_w == -16_000
    left = check(Commands(pv_limit_frac={"pv_south": 1.0, "pv_east": 0.05}), world.image(), world.site, 0.0)
    assert left.commands.pv_limit_frac == pytest.approx({"pv_south": 4_000 / 36_000, "pv_east": 0.05})
    world.joined = False
    assert refused(world, pv_limit_frac={"pv_south": 1.0, "pv_east": 1.0}) == []


def test_a_battery_is_not_discharged_into_the_grid() -> None:
    world = GridWorld(loads_w=dict.fromkeys(GridWorld().loads_w, 500.0))
    assert world.grid_w == 4_000
    left = check(Commands(battery_w=-9_000.0), world.image(), world.site, 0.0)
    assert left.commands.battery_w == -4_000
    assert refused(world, battery_w=-3_000.0) == []
    assert refused(world, battery_w=5_000.0) == []
    world.lost = {"battery"}
    left = check(Commands(battery_w=-9_000.0), world.image(), world.site, 0.0)
    assert left.commands.battery_w == 0.0


def test_a_choice_that_is_refused_does_not_crank_the_engine() -> None:
    world = GridWorld(soc=0.10)
    for _ in range(100):
        decision: Decision = world.step()
        assert decision.genset_run is False
    assert decision.memory.genset.attempts == 0
    assert decision.genset_reason is not None
    assert decision.genset_reason.code == "interlock_genset_grid"
