"""Plans of the default village: they read well, are kept, and pass the controller's own check."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from planned_days import EVENING_S, MORNING_S, NOON_S, changed, memory, planned, scenarios, without_genset
from planner_village import default_config, default_site

from controller.core.model import PriorityClass, Site
from controller.planner.plan_now import NOTICE_S, PlanNow
from controller.planner.plans import Planned, ahead_of, make_plan
from controller.planner.site import planned_site
from controller.planning.solution import PlanningError
from controller.runtime.plan_document import PlanOutline, outline
from forecasting.grid import HOUR_S, Grid
from forecasting.quantiles import LEVELS, QuantileForecast

HOUSES = {"houses_a", "houses_b", "houses_c", "houses_d"}


def checked(plan: Planned, site: Site | None = None) -> PlanOutline:
    """As the controller takes it from the pipe."""
    return outline(json.loads(json.dumps(plan.document)), site or default_site().core)


def codes(plan: Planned) -> set[str]:
    """Of all that is said in a plan."""
    document = plan.document
    parts = [
        *document["why"],
        *document["heavy_use"],
        *(cut for each in document["cuts"].values() for cut in each),
    ]
    return {part["reason"]["code"] for part in parts}


@pytest.fixture(scope="module")
def scarce() -> Planned:
    """No genset, and half the sun that is needed."""
    return planned(MORNING_S, sun=0.45, soc_frac=0.35, config=without_genset())


@pytest.fixture(scope="module")
def sunny() -> Planned:
    """More sun than anybody can use."""
    return planned(MORNING_S, sun=1.0, load=0.5, soc_frac=0.6, config=without_genset(), paths=np.ones(1))


def test_with_sun_enough_nobody_is_cut_and_the_hours_to_use_it_are_told(sunny: Planned) -> None:
    assert sunny.cuts == {}
    assert sum(sunny.document["expected"]["unserved_wh"].values()) == pytest.approx(0.0, abs=1.0)
    (good, *_) = [part for part in sunny.document["heavy_use"] if part["good"]]
    assert good["reason"]["code"] == "heavy_use_good"
    assert {"binds_battery_full", "binds_sun_unused"} <= codes(sunny)


def test_what_is_to_spare_is_cheap_and_evenings_are_not(sunny: Planned) -> None:
    prices, unused = (np.array(sunny.document[name]) for name in ("energy_thb_per_kwh", "curtailed_w"))
    assert prices[unused > 100].max() < 0.1 * prices.max()


def test_with_too_little_sun_houses_take_announced_turns(scarce: Planned) -> None:
    assert HOUSES & set(scarce.cuts)
    assert "clinic" not in scarce.cuts
    assert {"turn_announced", "turn_of_all_announced"} & codes(scarce)
    assert "binds_unserved" in codes(scarce)
    assert scarce.document["expected"]["unserved_wh"]["critical"] == pytest.approx(0.0, abs=1.0)


def test_the_only_feeder_of_its_class_is_not_told_of_others_that_take_turns(scarce: Planned) -> None:
    reasons = {cut.reason.code for cut in scarce.cuts["pump"]}
    assert reasons == {"turn_of_all_announced"}
    later_s = MORNING_S + HOUR_S
    now = PlanNow(later_s, 0.35, memory(), announced=scarce.cuts, promised_until_s=MORNING_S + 12 * HOUR_S)
    again = planned(later_s, sun=0.45, config=without_genset(), now=now)
    told = {(max(cut.from_s, later_s), cut.to_s, cut.announced_s) for cut in scarce.cuts["pump"]}
    kept = {
        (cut.from_s, cut.to_s, cut.announced_s)
        for cut in again.cuts["pump"]
        if cut.from_s < MORNING_S + 12 * HOUR_S
    }
    assert kept
    assert kept <= told


def test_a_feeder_that_has_become_critical_keeps_no_announced_cut(scarce: Planned) -> None:
    config = without_genset()
    houses = config.feeders["houses_a"].model_copy(update={"priority": PriorityClass.CRITICAL})
    config = config.model_copy(update={"feeders": {**config.feeders, "houses_a": houses}})
    (cut, *_) = scarce.cuts["houses_a"]
    off = replace(memory().feeders["houses_a"], closed=False, state_s=600.0)
    remembered = replace(memory(), feeders={**memory().feeders, "houses_a": off})
    at_s = cut.from_s + 600
    now = PlanNow(at_s, 0.3, remembered, announced=scarce.cuts, promised_until_s=MORNING_S + 12 * HOUR_S)
    again = planned(at_s, sun=0.45, config=config, now=now)
    assert "houses_a" not in again.cuts
    assert checked(again, planned_site(config).core)


def test_nobody_is_cut_without_an_hours_notice(scarce: Planned) -> None:
    assert min(cut.from_s for cuts in scarce.cuts.values() for cut in cuts) >= MORNING_S + NOTICE_S


def test_what_is_told_reaches_twelve_hours_ahead(scarce: Planned) -> None:
    found = checked(scarce, replace(default_site().core, genset=None))
    assert found.announced_until_s == MORNING_S + 12 * HOUR_S
    assert all(cut.from_s < found.announced_until_s for cuts in found.cuts.values() for cut in cuts)


def test_the_next_plan_keeps_what_was_announced_or_lifts_it_and_adds_nothing(scarce: Planned) -> None:
    later_s = MORNING_S + 3 * HOUR_S
    until_s = MORNING_S + 12 * HOUR_S
    now = PlanNow(later_s, 0.30, memory(), announced=scarce.cuts, promised_until_s=until_s)
    again = planned(later_s, sun=0.35, config=without_genset(), now=now)
    told = {
        (name, cut.from_s, cut.to_s, cut.announced_s) for name, cuts in scarce.cuts.items() for cut in cuts
    }
    for name, cuts in again.cuts.items():
        for cut in cuts:
            kept = (name, max(cut.from_s, later_s), cut.to_s, cut.announced_s)
            assert cut.from_s >= until_s or kept in {
                (feeder, max(begin, later_s), end, at) for feeder, begin, end, at in told
            }


def test_with_more_sun_than_announced_cuts_are_lifted(scarce: Planned) -> None:
    later_s = MORNING_S + HOUR_S
    until_s = MORNING_S + 12 * HOUR_S
    now = PlanNow(later_s, 0.9, memory(), announced=scarce.cuts, promised_until_s=until_s)
    again = planned(later_s, sun=1.2, load=0.5, config=without_genset(), now=now)
    assert again.cuts == {}


def test_a_plan_that_broke_may_add_cuts_again_with_notice(scarce: Planned) -> None:
    later_s = MORNING_S + 3 * HOUR_S
    now = PlanNow(later_s, 0.15, memory(), announced={}, promised_until_s=None)
    again = planned(later_s, sun=0.1, config=without_genset(), now=now)
    begins = [cut.from_s for cuts in again.cuts.values() for cut in cuts]
    assert begins
    assert later_s + NOTICE_S <= min(begins) < MORNING_S + 12 * HOUR_S


@pytest.fixture(scope="module")
def evening() -> Planned:
    """A low battery before a night, and a genset."""
    return planned(EVENING_S, sun=0.5, soc_frac=0.25, paths=np.ones(1))


def test_the_genset_runs_rather_than_that_houses_go_dark(evening: Planned) -> None:
    found = checked(evening)
    assert any(found.genset_on)
    assert evening.document["expected"]["diesel_l"] > 1
    assert evening.document["expected"]["unserved_wh"]["household"] == pytest.approx(0.0, abs=50.0)
    assert {reason.code for reason in found.genset_why if reason} <= {
        "genset_run_planned",
        "genset_run_in_quiet_hours",
    }


def test_quiet_hours_are_kept_where_the_evening_does(evening: Planned) -> None:
    found = checked(evening)
    middles = [(begin + end) / 2 for begin, end in pairwise(found.edges_s)]
    runs = {(at / 3600 + 7) % 24 for at, on in zip(middles, found.genset_on, strict=True) if on}
    assert not {hour for hour in runs if hour < 5 or hour >= 22}


@pytest.mark.parametrize("phase", ["manual", "failed"])
def test_a_genset_that_cannot_be_had_is_not_counted_on(phase: str) -> None:
    now = PlanNow(EVENING_S, 0.25, memory(phase))
    found = checked(planned(EVENING_S, sun=0.5, paths=np.ones(1), now=now))
    soon = [
        on
        for on, edge_s in zip(found.genset_on, found.edges_s, strict=False)
        if edge_s < EVENING_S + 4 * HOUR_S
    ]
    assert not any(soon)


def test_once_a_month_the_genset_is_tried_unless_it_ran_lately() -> None:
    test_day = changed(genset={"monthly_test": {"day": 1, "begin": "14:00", "run_s": 1800.0}})
    runs = [
        checked(planned(NOON_S, sun=1.0, soc_frac=0.9, config=test_day, paths=np.ones(1), now=now)).genset_why
        for now in (
            PlanNow(NOON_S, 0.9, memory()),
            PlanNow(NOON_S, 0.9, memory(), longest_run_s=3600.0),
        )
    ]
    assert "genset_test_run" in {reason.code for reason in runs[0] if reason}
    assert {reason for reason in runs[1] if reason} == set()


def pump_waits() -> Any:
    feeders = default_config().model_dump()["feeders"]
    wants = {"energy_wh": 8000.0, "power_w": 4000.0, "begin": "08:00", "end": "17:00"}
    feeders["pump"] = {**feeders["pump"], "flexible": wants}
    return changed(feeders=feeders).model_copy(update={"genset": None})


def test_a_pump_that_can_wait_runs_in_its_window_where_sun_is_cheapest() -> None:
    plan = planned(MORNING_S, sun=1.0, soc_frac=0.4, config=pump_waits(), paths=np.ones(1))
    wanted_w, prices = np.array(plan.document["wanted_w"]["pump"]), plan.solution.energy_price_per_wh
    drawn_wh = float(wanted_w @ plan.steps.hours)
    assert drawn_wh == pytest.approx(2 * 8000, rel=0.02)
    assert prices[wanted_w > 1].max() <= np.median(prices)
    assert {cut.reason.code for cut in plan.cuts.get("pump", ())} <= {"waits_for_its_hours"}


def test_what_a_pump_has_had_today_it_does_not_want_again() -> None:
    now = PlanNow(MORNING_S, 0.4, memory(), used_wh={"pump": 8000.0})
    plan = planned(MORNING_S, sun=1.0, config=pump_waits(), paths=np.ones(1), now=now)
    wanted_w = np.array(plan.document["wanted_w"]["pump"])
    assert float(wanted_w @ plan.steps.hours) == pytest.approx(8000, rel=0.02)


def test_the_battery_is_not_drained_by_the_end_of_the_horizon(evening: Planned) -> None:
    # It ends at 18:00, with a night to come.
    assert evening.document["soc_frac"]["p50"][-1] > 0.3


def test_the_corridor_begins_where_the_battery_is(scarce: Planned) -> None:
    assert [scarce.document["soc_frac"][name][0] for name in ("p10", "p50", "p90")] == pytest.approx(
        [0.35] * 3
    )


def test_what_is_served_used_and_stored_balances(evening: Planned) -> None:
    told = {
        name: np.array(evening.document[name])
        for name in ("pv_w", "discharge_w", "genset_w", "charge_w", "served_w")
    }
    in_w = told["pv_w"] + told["discharge_w"] + told["genset_w"]
    out_w = told["served_w"] + told["charge_w"]
    standing_w = 0.005 * default_config().battery.inverter_w
    assert in_w - out_w == pytest.approx(np.full(in_w.size, standing_w), abs=5.0)


def test_only_inverters_that_follow_a_grid_are_given_a_setpoint(evening: Planned) -> None:
    assert evening.document["battery_setpoint_w"] is None
    config = changed(battery={"role": "grid_following"}).model_copy(update={"genset": None})
    plan = planned(NOON_S, sun=0.8, config=config, paths=np.ones(1))
    setpoint_w = np.array(plan.document["battery_setpoint_w"])
    charge_w, discharge_w = (np.array(plan.document[name]) for name in ("charge_w", "discharge_w"))
    assert setpoint_w == pytest.approx(charge_w - discharge_w, abs=0.2)
    assert setpoint_w.max() > 1000 > -1000 > setpoint_w.min()


def test_in_the_middle_of_a_quarter_of_an_hour_the_plan_begins_now() -> None:
    at_s = NOON_S + 11 * 60  # two minutes before the next quarter
    made, feeders = scenarios(NOON_S, sun=0.8)
    plan = make_plan(default_site(), default_config(), made, feeders, PlanNow(at_s, 0.5, memory()))
    found = checked(plan)
    assert found.edges_s[0] == at_s
    assert found.edges_s[1] % 900 == 0
    assert found.edges_s[-1] <= made.grid.end_s


@pytest.mark.parametrize("at_s", [NOON_S - 3 * HOUR_S, NOON_S + 60 * HOUR_S])
def test_a_forecast_of_other_days_is_no_ground_for_a_plan(at_s: int) -> None:
    made, feeders = scenarios(NOON_S, sun=0.8)
    with pytest.raises(PlanningError, match="forecast"):
        make_plan(default_site(), default_config(), made, feeders, PlanNow(at_s, 0.5, memory()))


def test_a_site_of_which_nothing_is_expected_has_a_plan_all_the_same() -> None:
    made, feeders = scenarios(NOON_S, sun=0.0)
    nothing = replace(made, load_w=np.zeros_like(made.load_w))
    dark = {name: np.zeros_like(power_w) for name, power_w in feeders.items()}
    plan = make_plan(
        planned_site(without_genset()), without_genset(), nothing, dark, PlanNow(NOON_S, 0.5, memory())
    )
    assert plan.cuts == {}


def test_a_rare_use_counts_by_its_mean_and_a_handful_of_paths_stands_for_all() -> None:
    made, _ = scenarios(NOON_S, sun=0.8)
    grid = Grid(NOON_S // 900 * 900, 900, 192)
    rows = np.zeros((len(LEVELS), grid.count))
    rows[-1] = 4000.0
    ahead = ahead_of(made, {"pump": QuantileForecast(NOON_S, grid, rows)})
    assert ahead.feeders_w["pump"] == pytest.approx(np.full(grid.count, 0.075 * 4000))
    assert ahead.scenarios.weights.size == 5
