"""Plans do what one would do oneself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_village import KWH, genset, household, plain

from controller.planning.problem import (
    FlexibleLoad,
    GridSupply,
    LoadClass,
    Present,
    Problem,
    Storage,
)
from controller.planning.solution import Solution
from controller.planning.solver import solve

LOSSLESS = Storage(
    10_000.0, charge_w=5000.0, discharge_w=5000.0, charge_efficiency=1.0, discharge_efficiency=1.0
)


def unserved_wh(problem: Problem, solution: Solution, name: str = "household") -> float:
    return float(problem.weights @ solution.unserved_w[name] @ problem.step_h)


def uncertain(chance: float, **changes: object) -> Problem:
    """Of two scenarios one, with this probability, has no energy in the second of two hours."""
    lights = household(np.full((2, 2), 1000.0), cut_at_will=True)
    problem = plain(
        step_h=np.ones(2),
        weights=np.array([chance, 1 - chance]),
        pv_w=np.array([[1000.0, 0.0], [1000.0, 1000.0]]),
        loads=(lights,),
        storage=None,
        announced_h=2.0,
    )
    return replace(problem, **changes)


def test_with_enough_energy_nobody_goes_without() -> None:
    assert unserved_wh(plain(), solve(plain())) == pytest.approx(0.0, abs=0.1)


def test_a_battery_gives_what_its_losses_leave_and_no_more() -> None:
    problem = plain(storage=replace(LOSSLESS, discharge_efficiency=0.8), present=Present(soc_frac=0.3))
    assert unserved_wh(problem, solve(problem)) == pytest.approx(4000.0 - 0.8 * 3000.0, rel=1e-4)


def test_the_clinic_is_served_before_houses() -> None:
    clinic = LoadClass("critical", np.full((1, 4), 700.0), ((1.0, 2000 * KWH),))
    problem = replace(plain(storage=LOSSLESS, present=Present(soc_frac=0.3)), loads=(*plain().loads, clinic))
    solution = solve(problem)
    assert unserved_wh(problem, solution, "critical") == pytest.approx(0.0, abs=0.1)
    assert unserved_wh(problem, solution) == pytest.approx(4000.0 - 200.0, rel=1e-3)


def test_scarcity_is_spread_where_the_last_half_of_a_ration_is_dearer() -> None:
    tiers = household(np.full((1, 4), 1000.0), unserved_prices=((0.5, 30 * KWH), (0.5, 60 * KWH)))
    problem = plain(storage=LOSSLESS, present=Present(soc_frac=0.2), loads=(tiers,))
    assert solve(problem).unserved_w["household"][0] == pytest.approx(np.full(4, 500.0), abs=0.5)


def test_energy_worth_more_later_is_kept() -> None:
    kept = replace(LOSSLESS, end_prices=((2000.0, 100 * KWH), (8000.0, 1 * KWH)))
    problem = plain(storage=kept)
    assert solve(problem).soc_frac[0, -1] == pytest.approx(0.2, abs=1e-3)


def test_a_battery_fills_early_where_it_costs_nothing() -> None:
    problem = plain(storage=LOSSLESS, pv_w=np.full((1, 4), 4000.0), present=Present(soc_frac=0.6), loads=())
    assert solve(problem).soc_frac[0, 1] == pytest.approx(1.0, abs=1e-3)


def test_the_reserve_is_touched_only_for_what_is_worth_it() -> None:
    reserve = replace(LOSSLESS, reserve_soc_frac=0.5, reserve_price_per_wh_h=30 * KWH)
    cheap = LoadClass("flexible", np.full((1, 4), 1000.0), ((1.0, 8 * KWH),))
    dear = LoadClass("critical", np.full((1, 4), 1000.0), ((1.0, 2000 * KWH),))
    problem = plain(storage=reserve, loads=(cheap, dear))
    solution = solve(problem)
    assert unserved_wh(problem, solution, "critical") == pytest.approx(0.0, abs=0.1)
    assert unserved_wh(problem, solution, "flexible") == pytest.approx(4000.0, abs=0.5)


def test_a_battery_below_its_least_recovers_before_houses_are_served() -> None:
    problem = plain(
        storage=replace(LOSSLESS, soc_min_frac=0.1),
        present=Present(soc_frac=0.02),
        pv_w=np.full((1, 4), 1000.0),
    )
    expensive = replace(
        problem, loads=(*problem.loads, LoadClass("critical", np.zeros((1, 4)), ((1.0, 2.0),)))
    )
    soc = solve(expensive).soc_frac[0]
    assert soc[1] == pytest.approx(0.1, abs=1e-3)
    assert (soc[1:] >= 0.1 - 1e-6).all()


def test_a_genset_runs_its_least_time_at_its_least_load_or_more() -> None:
    problem = plain(
        step_h=np.full(12, 0.25),
        pv_w=np.zeros((1, 12)),
        loads=(household(np.full((1, 12), 1000.0)),),
        storage=None,
        generators=(genset(min_run_h=1.0, least_w=800.0),),
    )
    solution = solve(problem)
    runs = solution.generator_on["genset"][0]
    assert runs.sum() >= 4
    assert (solution.generator_w["genset"][0][runs] >= 800.0 - 0.01).all()


def test_what_a_genset_gives_too_much_is_dumped_and_not_lost_from_the_balance() -> None:
    small = household(np.full((1, 4), 500.0), unserved_prices=((1.0, 400 * KWH),))
    problem = plain(storage=None, loads=(small,), generators=(genset(),))
    solution = solve(problem)
    assert solution.generator_w["genset"][0] == pytest.approx(np.full(4, 2000.0), abs=0.1)
    assert solution.dumped_w[0] == pytest.approx(np.full(4, 1500.0), abs=0.1)


def test_an_empty_tank_means_no_run() -> None:
    problem = plain(
        storage=None,
        generators=(genset(min_run_h=3.0),),
        present=Present(
            generator_on={"genset": True}, generator_since_h={"genset": 0.1}, fuel_l={"genset": 0.0}
        ),
    )
    assert not solve(problem).generator_on["genset"].any()


def test_a_genset_that_must_not_run_stops_though_it_has_just_begun() -> None:
    allowed = np.array([False, True, True, True])
    problem = plain(
        storage=None,
        generators=(genset(min_run_h=3.0, allowed=allowed),),
        present=Present(generator_on={"genset": True}, generator_since_h={"genset": 0.1}),
    )
    assert not solve(problem).generator_on["genset"][0, 0]


def test_quiet_hours_are_broken_for_a_price_and_not_for_less() -> None:
    quiet = genset(allowed=np.zeros(4, dtype=bool), disallowed_price_per_h=60.0)
    hungry = plain(storage=None, generators=(quiet,))
    assert not solve(hungry).generator_on["genset"].any()
    clinic = household(np.full((1, 4), 1000.0), unserved_prices=((1.0, 2000 * KWH),))
    assert solve(replace(hungry, loads=(clinic,))).generator_on["genset"].all()


def test_the_monthly_test_is_run() -> None:
    problem = plain(generators=(genset(required=np.array([False, True, False, False])),))
    assert solve(problem).generator_on["genset"][0].tolist() == [False, True, False, False]


def test_runs_are_the_same_in_all_scenarios_until_they_are_each_ones_own() -> None:
    lights = household(np.array([[1000.0] * 4, [0.0] * 4]), unserved_prices=((1.0, 400 * KWH),))
    problem = plain(
        weights=np.array([0.5, 0.5]),
        pv_w=np.zeros((2, 4)),
        storage=None,
        loads=(lights,),
        generators=(genset(),),
        committed_h=2.0,
    )
    on = solve(problem).generator_part["genset"]
    assert on[:, :2].all()
    assert (on[0, 2:] > 0).all()
    assert not on[1, 2:].any()


def test_power_is_bought_when_it_is_cheap_for_when_there_is_none() -> None:
    grid = GridSupply(
        import_w=np.array([5000.0, 5000.0, 0.0, 0.0]),
        export_w=np.zeros(4),
        import_price_per_wh=np.array([8.0, 2.0, 0.0, 0.0]) * KWH,
        export_price_per_wh=np.zeros(4),
    )
    problem = plain(storage=LOSSLESS, grid=grid, present=Present(soc_frac=0.1))
    solution = solve(problem)
    assert unserved_wh(problem, solution) == pytest.approx(0.0, abs=0.1)
    assert solution.import_w[0] == pytest.approx([0.0, 3000.0, 0.0, 0.0], abs=0.5)


def test_power_is_never_bought_and_sold_at_once_though_it_would_pay() -> None:
    grid = GridSupply(
        import_w=np.full(4, 5000.0),
        export_w=np.full(4, 5000.0),
        import_price_per_wh=np.full(4, 2.0 * KWH),
        export_price_per_wh=np.full(4, 5.0 * KWH),
    )
    solution = solve(plain(storage=None, grid=grid))
    assert (np.minimum(solution.import_w, solution.export_w) <= 0.01).all()


def test_a_pump_draws_in_its_window_when_the_sun_is_there() -> None:
    pump = FlexibleLoad("pump", 1000.0, 1000.0, np.array([False, True, True, True]), 8 * KWH)
    problem = plain(storage=None, loads=(), pv_w=np.array([[1000.0, 0.0, 1000.0, 0.0]]), flexible=(pump,))
    assert solve(problem).flexible_w["pump"][0] == pytest.approx([0, 0, 1000.0, 0], abs=0.5)


def test_a_mill_runs_at_its_power_or_not_at_all() -> None:
    mill = FlexibleLoad("mill", 3000.0, 6000.0, np.ones(4, dtype=bool), 30 * KWH, all_or_nothing=True)
    solution = solve(plain(loads=(), pv_w=np.full((1, 4), 1000.0), storage=LOSSLESS, flexible=(mill,)))
    drawn_w = solution.flexible_w["mill"][0]
    assert drawn_w.sum() == pytest.approx(6000.0)
    assert np.isin(drawn_w, (0.0, 3000.0)).all()


def test_a_likely_cut_is_announced() -> None:
    assert solve(uncertain(0.6)).announced_w["household"] == pytest.approx([0.0, 1000.0], abs=0.5)


def test_an_unlikely_cut_is_not_announced_but_left_to_chance() -> None:
    solution = solve(uncertain(0.05))
    assert solution.announced_w["household"] == pytest.approx([0.0, 0.0], abs=0.5)
    assert solution.unserved_w["household"][0, 1] == pytest.approx(1000.0, abs=0.5)


def test_an_announced_cut_is_lifted_where_the_sun_shines_after_all() -> None:
    solution = solve(uncertain(0.6))
    assert solution.unserved_w["household"][:, 1] == pytest.approx([1000.0, 0.0], abs=0.5)


def test_what_was_promised_is_not_added_to() -> None:
    solution = solve(uncertain(0.6, promised_h=2.0))
    assert not solution.announced_w["household"].any()


def test_what_people_know_already_is_kept_where_a_new_cut_would_not_be_worth_telling() -> None:
    told = {"household": np.array([0.0, 1000.0])}
    doubtful = uncertain(0.12)
    assert not solve(doubtful).announced_w["household"].any()
    kept = solve(replace(doubtful, announced_cut_w=told, promised_h=2.0))
    assert kept.announced_w["household"] == pytest.approx([0.0, 1000.0], abs=0.5)


def test_the_price_of_energy_is_that_of_whom_it_would_light() -> None:
    solution = solve(plain(storage=None))
    assert solution.energy_price_per_wh == pytest.approx(np.full(4, 40 * KWH), rel=1e-6)


def test_time_that_is_up_costs_little() -> None:
    problem = plain(
        step_h=np.ones(12),
        pv_w=np.zeros((1, 12)),
        loads=(household(np.full((1, 12), 1500.0)),),
        generators=(genset(min_run_h=2.0),),
        present=Present(soc_frac=0.2),
    )
    assert solve(problem, time_limit_s=0.0).cost <= 1.1 * solve(problem, time_limit_s=10.0).cost


def test_an_earlier_plan_is_taken_up_when_there_is_no_time_for_another() -> None:
    problem = plain(
        step_h=np.ones(12),
        pv_w=np.zeros((1, 12)),
        loads=(household(np.full((1, 12), 1500.0)),),
        generators=(genset(min_run_h=2.0),),
        present=Present(soc_frac=0.2),
    )
    best = solve(problem, time_limit_s=10.0, gap_frac=0.0)
    again = solve(problem, time_limit_s=0.0, warm=best)
    assert again.cost == pytest.approx(best.cost, rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": np.array([0.5])}, "do not sum to 1"),
        ({"pv_w": np.zeros((1, 3))}, "pv_w has the shape"),
        ({"pv_w": np.full((1, 4), np.nan)}, "no number"),
        ({"step_h": np.zeros(4)}, "length"),
        ({"loads": (household(np.full((1, 4), -1.0)),)}, "below 0"),
        ({"storage": replace(LOSSLESS, energy_wh=0.0)}, "energy above 0"),
    ],
)
def test_nonsense_is_refused_with_a_word(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        solve(plain(**changes))


def test_no_hour_is_darker_than_another_for_being_announced() -> None:
    tiers = household(
        np.full((1, 4), 1000.0), unserved_prices=((0.5, 30 * KWH), (0.5, 60 * KWH)), cut_at_will=True
    )
    problem = plain(
        storage=LOSSLESS, present=Present(soc_frac=0.2), loads=(tiers,), announced_h=2.0, promised_h=0.0
    )
    solution = solve(problem)
    assert solution.unserved_w["household"][0] == pytest.approx(np.full(4, 500.0), abs=0.5)
    assert solution.announced_w["household"] == pytest.approx([500.0, 500.0, 0.0, 0.0], abs=0.5)


def test_what_people_know_is_taken_back_when_no_scenario_needs_it() -> None:
    told = {"household": np.full(4, 1000.0)}
    lights = household(np.full((1, 4), 1000.0), cut_at_will=True)
    problem = plain(loads=(lights,), announced_cut_w=told, announced_h=4.0, promised_h=4.0)
    assert not solve(problem).announced_w["household"].any()


def test_demand_of_nearly_nothing_is_no_hindrance() -> None:
    crumbs = household(np.array([[1000.0, 1e-12, 1e-15, 1000.0]]), cut_at_will=True)
    problem = plain(loads=(crumbs,), announced_h=4.0)
    assert unserved_wh(problem, solve(problem)) == pytest.approx(0.0, abs=0.1)
