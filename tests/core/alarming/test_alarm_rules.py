"""What is an alarm at a moment: the night ahead, cuts, panels, lines, fuel, the card, people's upkeep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alarm_watch import BANGKOK_S, PLACE, codes, only, watch
from core_world import World
from hypothesis import given
from hypothesis import strategies as st
from made_plan import make_plan

from controller.core.alarming import Severity
from controller.core.alarming.facts import (
    AlarmLimits,
    Disk,
    HostFacts,
    NightOutlook,
    Wear,
)
from controller.core.alarming.field_rules import (
    FIELD_RULES,
    Promises,
    cut_by_protection,
    dead_arrays,
    faults_reported,
    next_sunrise,
    short_of_dawn,
)
from controller.core.alarming.rules import (
    HOST_RULES,
    Watch,
    accounts,
    clock,
    controller,
    disk,
    genset_fuel,
    upkeep,
    wear,
)
from controller.core.model import Alarm, Reason, Supply
from controller.core.reasons import render

DAY_S = 86_400.0
EVENING = datetime(2026, 4, 1, 14, 0, tzinfo=UTC)
"""21:00 in the village; the sun rises at about 06:15, in nine hours."""
SUNRISE = datetime(2026, 4, 1, 23, 15, tzinfo=UTC)


# ---------------------------------------------------------------- the night ahead
def night(prob: float, reserve_in_h: float | None = None) -> HostFacts:
    reserve = None if reserve_in_h is None else EVENING + timedelta(hours=reserve_in_h)
    return HostFacts(local_offset_s=BANGKOK_S, night=NightOutlook(SUNRISE, prob, reserve))


@pytest.mark.parametrize(
    ("evening", "sunrise"),
    [
        (EVENING, datetime(2026, 4, 1, 23, 16, tzinfo=UTC)),
        (datetime(2026, 12, 20, 14, tzinfo=UTC), datetime(2026, 12, 20, 23, 37, tzinfo=UTC)),
        (datetime(2026, 7, 10, 14, tzinfo=UTC), datetime(2026, 7, 10, 23, 2, tzinfo=UTC)),
    ],
)
def test_the_sun_rises_when_the_solar_position_algorithm_says(evening: datetime, sunrise: datetime) -> None:
    """Of the NREL, as pvlib has it."""
    rises = next_sunrise(evening, 12.4, 99.8)
    assert rises is not None
    assert abs(rises - sunrise) <= timedelta(minutes=2)


def test_by_day_the_next_sunrise_is_tomorrows() -> None:
    noon = datetime(2026, 4, 1, 5, 0, tzinfo=UTC)
    rises = next_sunrise(noon, 12.4, 99.8)
    assert rises is not None
    assert rises > noon + timedelta(hours=17)


def test_where_the_sun_does_not_rise_there_is_no_sunrise() -> None:
    assert next_sunrise(datetime(2026, 12, 21, 12, tzinfo=UTC), 75.0, 20.0) is None


def test_a_battery_that_is_drawn_down_before_dawn_is_an_alarm_with_the_hours_left() -> None:
    found = only(short_of_dawn(watch(at=EVENING, soc_frac=0.4, energy_left_h=5.0)))
    assert found.severity is None
    text = render(found.reason)
    assert "in about 5 hours" in text.en
    assert "06:1" in text.en
    assert "ในอีกประมาณ 5 ชั่วโมง" in text.th


def test_a_battery_that_lasts_is_none() -> None:
    assert not codes(short_of_dawn(watch(at=EVENING, soc_frac=0.8, energy_left_h=11.0)))


def test_a_battery_that_charges_has_no_hours_left_to_tell() -> None:
    assert not codes(short_of_dawn(watch(at=EVENING, soc_frac=0.4, energy_left_h=None)))


def test_an_alarm_of_the_night_is_kept_until_an_hour_to_spare() -> None:
    look = {"at": EVENING, "soc_frac": 0.5, "energy_left_h": 9.6}
    assert not codes(short_of_dawn(watch(**look)))
    assert codes(short_of_dawn(watch(**look, stands=("battery_short_of_dawn",))))


def test_the_forecast_of_the_night_is_believed_before_the_present_rate() -> None:
    plant = {"soc_frac": 0.4, "energy_left_h": 5.0}
    assert not codes(short_of_dawn(watch(at=EVENING, facts=night(0.9), **plant)))
    assert codes(short_of_dawn(watch(at=EVENING, facts=night(0.3, 6.0), **plant)))


def test_with_two_hours_left_no_forecast_soothes() -> None:
    assert codes(short_of_dawn(watch(at=EVENING, facts=night(0.9), soc_frac=0.25, energy_left_h=1.5)))


def test_it_is_critical_once_two_hours_are_left_and_no_genset_comes() -> None:
    plant = {"soc_frac": 0.25, "energy_left_h": 1.5}
    assert only(short_of_dawn(watch(at=EVENING, **plant))).severity is None  # the genset is ready
    broken = World()
    broken.genset_mode = 0.0
    assert only(short_of_dawn(watch(broken, at=EVENING, **plant))).severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("soc", "genset_mode", "alarmed"),
    [
        ((0.30, 0.45, 0.30), 1.0, []),
        ((0.30, 0.15, 0.30), 1.0, ["battery_short_of_dawn"]),  # the plan itself falls below the reserve
        ((0.30, 0.45, 0.30), 0.0, ["battery_short_of_dawn"]),  # its genset will not come
    ],
)
def test_a_plan_that_sees_the_battery_through_soothes(
    soc: tuple[float, ...], genset_mode: float, alarmed: list[str]
) -> None:
    world = World(soc=0.30, genset_mode=genset_mode)
    world.plan = make_plan(world.now_s, soc=soc, genset=[(0.5, 2.0)], band=0.1)
    world.run(5)
    seen = watch(world, at=EVENING, facts=night(0.1, 1.5), soc_frac=0.30, energy_left_h=1.5)
    assert codes(short_of_dawn(seen)) == alarmed


def test_a_plan_that_is_not_followed_or_ends_too_soon_soothes_nobody() -> None:
    for hours, soc in ((6, 0.30), (12, 0.90)):
        world = World(soc=0.30)
        world.plan = make_plan(world.now_s, hours=hours, soc=(soc,))
        world.run(1200)
        seen = watch(world, at=EVENING, facts=night(0.1, 1.5), soc_frac=0.30, energy_left_h=1.5)
        assert codes(short_of_dawn(seen)) == ["battery_short_of_dawn"]


def test_nobody_is_told_of_the_night_on_the_grid_by_day_or_without_a_clock() -> None:
    short = {"soc_frac": 0.4, "energy_left_h": 2.5}
    assert not codes(short_of_dawn(watch(at=EVENING - timedelta(hours=9), **short)))
    assert not codes(short_of_dawn(watch(World(clock_synchronised=False), at=EVENING, **short)))
    on_grid = watch(at=EVENING, **short)
    tied = Supply("grid_tied", Reason("supply_unknown"))
    assert not codes(short_of_dawn(replace(on_grid, decision=replace(on_grid.decision, supply=tied))))


# ---------------------------------------------------------------- cuts
def off_by(why: str, state_s: float) -> Watch:
    seen = watch()
    memory = seen.decision.memory
    past = replace(memory.feeders["pump"], closed=False, off_by=why, state_s=state_s)
    memory = replace(memory, feeders={**memory.feeders, "pump": past})
    return replace(seen, decision=replace(seen.decision, memory=memory))


def test_protection_may_not_keep_a_feeder_off_for_ever() -> None:
    assert only(cut_by_protection(off_by("protection", 21_600.0))).subject == "pump"
    assert not codes(cut_by_protection(off_by("protection", 21_000.0)))
    assert not codes(cut_by_protection(off_by("turn", 90_000.0)))


def test_a_promise_that_is_not_kept_is_an_alarm_a_quarter_of_an_hour_later() -> None:
    promises, seen = Promises(), off_by("turn", 60.0)
    begin_s = seen.image.monotonic_s
    plan = make_plan(begin_s - 600, cuts={"pump": [(0, 1 / 3)]})

    def later(by_s: float, *, planned: bool = True) -> list[str]:
        image = replace(seen.image, monotonic_s=begin_s + by_s)
        return codes(promises.look(replace(seen, image=image, plan=plan if planned else None)))

    assert not later(0)
    assert not later(1400, planned=False)
    assert later(1500, planned=False) == ["cut_overdue"]


def test_a_feeder_that_came_back_is_forgotten() -> None:
    promises, seen = Promises(), off_by("turn", 60.0)
    begin_s = seen.image.monotonic_s
    plan = make_plan(begin_s - 600, cuts={"pump": [(0, 0.17)]})
    assert not codes(promises.look(replace(seen, plan=plan)))
    assert not codes(promises.look(watch()))
    later = replace(seen.image, monotonic_s=begin_s + 5000)
    assert not codes(promises.look(replace(seen, image=later)))


# ---------------------------------------------------------------- panels
def dark_array(power_w: float = 0.0, **others: Any) -> dict[str, dict[str, float | None]]:
    return {"pv_south": {"power_w": power_w}, **others}


def test_an_array_that_gives_nothing_beside_a_working_one_is_an_alarm() -> None:
    neighbour = {"pv_east": {"power_w": -6000.0}, "sun": {"irradiance_wm2": None}}
    assert only(dead_arrays(watch(points=dark_array(**neighbour)))).subject == "pv_south"
    assert not codes(dead_arrays(watch(points=dark_array(-120.0, **neighbour))))


def test_light_on_the_sensor_is_enough_to_know() -> None:
    both = {"pv_east": {"power_w": 0.0}}
    assert len(codes(dead_arrays(watch(points=dark_array(**both, sun={"irradiance_wm2": 600.0}))))) == 2
    assert not codes(dead_arrays(watch(points=dark_array(**both, sun={"irradiance_wm2": 90.0}))))


def test_without_sensor_and_neighbour_the_height_of_the_sun_tells() -> None:
    alone = dark_array(pv_east={"power_w": None}, sun={"irradiance_wm2": None})
    assert codes(dead_arrays(watch(points=alone))) == ["pv_no_production"]
    assert not codes(dead_arrays(watch(points=alone, at=EVENING)))
    assert not codes(dead_arrays(watch(World(clock_synchronised=False), points=alone)))


def test_an_array_that_is_held_back_or_not_seen_is_not_dead() -> None:
    bright = {"pv_east": {"power_w": -6000.0}}
    assert not codes(dead_arrays(watch(points={"pv_south": {"power_w": None}, **bright})))
    held = watch(points=dark_array(**bright))
    held = replace(held, decision=replace(held.decision, pv_limit_frac={"pv_south": 0.0}))
    assert not codes(dead_arrays(held))


# ---------------------------------------------------------------- devices
def test_a_fault_word_of_the_battery_inverter_is_critical() -> None:
    params = {"device": "battery", "point": "fault_word_1", "said": "DC over-voltage"}
    reported = Alarm("battery", Reason("diagnosis_reports", params))
    found = only(faults_reported(watch(), [reported]))
    assert (found.reason.code, found.severity) == ("device_fault", Severity.CRITICAL)
    assert render(found.reason).en == "battery reports a fault: DC over-voltage."


def test_a_device_that_complains_by_several_words_is_one_alarm() -> None:
    words = {"alarm_word_1": "low battery", "alarm_word_4": "overload", "fault_word_1": "fan"}
    checks = [
        Alarm("pv_south", Reason("diagnosis_reports", {"device": "pv_south", "point": point, "said": said}))
        for point, said in words.items()
    ]
    told = list(faults_reported(watch(), checks))
    assert [(each.reason.code, each.reason.params["said"]) for each in told] == [
        ("diagnosis_reports", "low battery, overload"),
        ("device_fault", "fan"),
    ]
    fewer = list(faults_reported(watch(), checks[1:]))
    assert [each.key for each in fewer] == [each.key for each in told]


def test_a_warning_and_another_finding_stay_what_they_are() -> None:
    params = {"device": "battery", "point": "warning_word_1", "said": "fan"}
    checks = [
        Alarm("battery", Reason("diagnosis_reports", params)),
        Alarm("meter_pump", Reason("diagnosis_frozen", {"device": "meter_pump", "still_s": 900.0})),
    ]
    assert codes(faults_reported(watch(), checks)) == ["diagnosis_frozen", "diagnosis_reports"]


# ---------------------------------------------------------------- genset, host, people
@pytest.mark.parametrize(
    ("fuel_frac", "stands", "severity"),
    [
        (0.30, False, "none"),
        (0.22, False, "none"),
        (0.22, True, None),
        (0.15, False, None),
        (0.05, True, "critical"),
    ],
)
def test_the_tank_is_told_with_hysteresis(fuel_frac: float, stands: bool, severity: str | None) -> None:
    standing = ("genset_fuel_low",) if stands else ()
    found = list(genset_fuel(watch(points={"genset": {"fuel_frac": fuel_frac}}, stands=standing)))
    assert [each.severity for each in found] == ([] if severity == "none" else [severity])


def test_a_tank_that_is_not_measured_is_no_alarm() -> None:
    assert not codes(genset_fuel(watch()))


def facts(**given: Any) -> Watch:
    return watch(facts=HostFacts(**given))


def test_a_card_that_fills_up_is_told_before_it_is_full() -> None:
    assert not codes(disk(facts(disk=Disk(int(9e9), int(32e9), read_only=False))))
    assert only(disk(facts(disk=Disk(int(0.4e9), int(32e9), read_only=False)))).severity is None
    full = only(disk(facts(disk=Disk(int(0.05e9), int(32e9), read_only=False))))
    assert full.severity is Severity.CRITICAL
    assert "50 MB" in render(full.reason).en


def test_a_card_that_nothing_can_be_written_to_says_only_that() -> None:
    assert codes(disk(facts(disk=Disk(0, int(32e9), read_only=True)))) == ["disk_read_only"]


def test_the_stores_budget_and_the_wear_of_the_card_are_told() -> None:
    assert not codes(wear(facts(wear=Wear(0.5, 30e6))))
    assert codes(wear(facts(wear=Wear(0.95, 90e6)))) == ["store_budget", "card_wear"]
    assert only(wear(facts(wear=Wear(1.0)))).severity is Severity.WARNING
    assert not codes(wear(facts(wear=Wear())))


def test_a_clock_that_is_set_is_no_alarm() -> None:
    assert not codes(clock(facts(clock_unset_s=0.0)))
    assert codes(clock(facts(clock_unset_s=1.0))) == ["clock_unset"]


def test_backups_and_contacts_come_due() -> None:
    assert not codes(upkeep(facts(lived_s=99 * DAY_S)))
    assert codes(upkeep(facts(backed_up=False, lived_s=15 * DAY_S))) == ["backup_never"]
    assert not codes(upkeep(facts(backed_up=False, lived_s=13 * DAY_S)))
    assert codes(upkeep(facts(backup_age_s=14 * DAY_S))) == ["backup_overdue"]
    assert codes(upkeep(facts(contacts_age_s=90 * DAY_S))) == ["contacts_unconfirmed"]
    assert not codes(upkeep(facts(backup_age_s=13 * DAY_S, contacts_age_s=89 * DAY_S)))


def test_nobody_is_reminded_of_backups_who_does_not_want_it() -> None:
    place = replace(PLACE, limits=AlarmLimits(backup_days=None))
    given = HostFacts(backed_up=False, backup_age_s=99 * DAY_S, lived_s=99 * DAY_S)
    assert not codes(upkeep(watch(place=place, facts=given)))


def test_a_controller_that_keeps_starting_is_told() -> None:
    assert not codes(controller(facts(starts_in_hour=3)))
    assert codes(controller(facts(starts_in_hour=4))) == ["controller_restarting"]


def test_accounts_that_run_low_are_counted_and_not_named() -> None:
    assert not codes(accounts(facts(low_accounts=0)))
    found = only(accounts(facts(low_accounts=3)))
    assert (found.subject, found.reason.params) == ("site", {"count": 3})


@given(
    fuel_frac=st.none() | st.floats(0, 1),
    left_h=st.none() | st.floats(0, 1000),
    prob=st.none() | st.floats(0, 1),
    hour=st.integers(0, 47),
    lost=st.sets(
        st.sampled_from(["battery", "pv_south", "pv_east", "sun", "meter_clinic", "meter_pump", "relays"])
    ),
    free=st.integers(0, 10**12),
)
def test_no_moment_is_beyond_words(
    fuel_frac: float | None, left_h: float | None, prob: float | None, hour: int, lost: set[str], free: int
) -> None:
    at = EVENING + timedelta(hours=hour)
    outlook = None if prob is None else NightOutlook(SUNRISE, prob, None)
    seen = watch(
        World(lost=lost),
        at=at,
        facts=HostFacts(night=outlook, disk=Disk(free, 10**12, read_only=False)),
        points={"genset": {"fuel_frac": fuel_frac}},
        energy_left_h=left_h,
    )
    for rule in (*HOST_RULES, *FIELD_RULES):
        codes(rule(seen))
