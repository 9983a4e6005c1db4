"""The village year keeps true books: energies, money, fairness, and what was promised."""

from __future__ import annotations

from typing import Any

import pytest
from year_books import VILLAGE, made_tally

from controller.core.model import Decision, FeederDecision, Memory, PlantState, PriorityClass, Reason
from controller.planner.plan_now import AnnouncedCut
from controller.site import site_from
from simulation.direct import DirectVillage
from simulation.physics.village import Village

# isort: split
from year_chain import TICK_S
from year_policies import NoControl, Rules
from year_promises import Promises
from year_report import Outcome, gap_closed, report
from year_svg import picture
from year_tally import Bookkeeper, Tally, Turns, by_class, cost_thb, fairness, stored_thb_per_kwh
from year_villages import Variant, local_midnight, stretches, truth_span, village_config

QUARTER_S = 900
HOUSES = ("houses_a", "houses_b", "houses_c", "houses_d")
NOTHING = PlantState(None, None, None, None, None, None, None)


def decided(**off: str) -> Decision:
    """All feeders on, but for those named with their reason's code."""
    return Decision(
        feeders={
            name: FeederDecision(name not in off, Reason(off.get(name, "powered")))
            for name in VILLAGE.feeders
        },
        pv_limit_frac={},
        genset_run=None,
        mode="normal",
        mode_reason=Reason("normal"),
        events=(),
        alarms=(),
        plant=NOTHING,
        memory=Memory(),
    )


def live_quarters(promises: Promises, first: int, *quarters: Decision) -> None:
    """One decision for all ticks of each quarter, and a tick more to close the last."""
    for number, decision in enumerate((*quarters, decided())):
        ticks = 15 if number < len(quarters) else 1
        for tick in range(ticks):
            promises.look(decision, (first + number) * QUARTER_S + tick * TICK_S)


def cut(first: int, last: int, announced: int) -> AnnouncedCut:
    """Quarters of Unix time."""
    return AnnouncedCut(first * QUARTER_S, last * QUARTER_S, announced * QUARTER_S, Reason("cut_in_turn"))


def run_village(hours: float, policy: Any, **village: Any) -> tuple[Tally, Village]:
    start = local_midnight(VILLAGE, 3, 10)
    physics = Village(VILLAGE, start_utc=start, clouds="clear", quiet_step_s=20.0, **village)
    direct = DirectVillage(VILLAGE, physics, start_utc=start)
    tally = Tally()
    book = Bookkeeper(VILLAGE, physics, tally)
    policy.begin(direct)
    for tick in range(round(hours * 60)):
        direct.advance(TICK_S)
        policy.step(direct, tick)
        book.step(TICK_S)
    book.end_of_day()
    book.end(pv_offered_wh=1.0)
    return tally, physics


def test_a_cut_that_came_as_told_is_kept_one_that_did_not_is_lifted():
    promises = Promises(site_from(VILLAGE), turns := Turns())
    promises.tell({"houses_a": (cut(104, 106, announced=90),)})
    live_quarters(promises, 104, decided(houses_a="cut_in_turn"), decided())
    assert turns == Turns(announced=2, came=1, lifted=1)


def test_a_cut_nobody_was_told_of_in_time_is_a_surprise():
    promises = Promises(site_from(VILLAGE), turns := Turns())
    promises.tell({"houses_a": (cut(104, 105, announced=102),)})
    live_quarters(promises, 104, decided(houses_a="cut_in_turn", houses_b="class_rationed"))
    assert turns == Turns(surprises=2)


def test_protection_breaks_no_promise():
    promises = Promises(site_from(VILLAGE), turns := Turns())
    live_quarters(promises, 104, decided(houses_a="overload_shed"))
    assert turns == Turns(protection=1)


def test_a_rehearsed_promise_counts_once_however_often_it_was_published():
    promises = Promises(site_from(VILLAGE), turns := Turns())
    for _ in range(3):
        promises.tell({"houses_a": (cut(104, 105, announced=90),)})
    live_quarters(promises, 104, decided(houses_a="cut_in_turn"))
    assert turns == Turns(announced=1, came=1)


def test_energy_is_summed_by_class():
    sums = by_class(VILLAGE, made_tally([{"houses_a": 0.5, "pump": 1.0}, {}]))
    assert sums[PriorityClass.HOUSEHOLD] == (80_000.0, 5_000.0)
    assert sums[PriorityClass.FLEXIBLE] == (20_000.0, 10_000.0)
    assert sums[PriorityClass.CRITICAL][1] == 0.0


def test_equal_cuts_are_fair_and_one_feeder_that_bears_all_is_not():
    equal = fairness(VILLAGE, made_tally([dict.fromkeys(HOUSES, 0.2)]))
    assert equal is not None
    assert equal.worst_spread_frac == pytest.approx(0.0)
    assert equal.jain == pytest.approx(1.0)
    single = fairness(VILLAGE, made_tally([{"houses_a": 0.2}]))
    assert single is not None
    assert single.worst_spread_frac == pytest.approx(0.2)
    served = [0.8] * 16 + [1.0] * 44
    assert single.jain == pytest.approx(sum(served) ** 2 / (60 * sum(each**2 for each in served)))


def test_turns_that_go_round_within_thirty_days_are_fair_and_longer_ones_are_not():
    round_ = [{HOUSES[day % 4]: 0.4} for day in range(60)]
    fair = fairness(VILLAGE, made_tally(round_))
    assert fair is not None
    assert fair.worst_spread_frac == pytest.approx(0.4 / 30, abs=1e-9)
    in_blocks = [{HOUSES[day // 15]: 0.4} for day in range(60)]
    unfair = fairness(VILLAGE, made_tally(in_blocks))
    assert unfair is not None
    assert unfair.worst_spread_frac == pytest.approx(0.2, abs=1e-9)


def test_without_cuts_there_is_no_fairness_to_speak_of():
    assert fairness(VILLAGE, made_tally([{}, {}])) is None


def test_the_bill_adds_diesel_starts_wear_and_what_people_missed():
    tally = made_tally([{"houses_a": 0.1}])
    assert VILLAGE.genset is not None
    tally.litres, tally.genset_starts, tally.battery_out_wh = 10.0, 2, 5_000.0
    prices = VILLAGE.planning
    expected = (
        10.0 * VILLAGE.genset.fuel_thb_per_l
        + 2 * VILLAGE.genset.start_thb
        + 5.0 * prices.battery_wear_thb_per_kwh
        + 1.0 * prices.unserved_thb_per_kwh.household
    )
    assert cost_thb(VILLAGE, tally) == pytest.approx(expected)
    tally.stored_wh = 1_000.0
    assert cost_thb(VILLAGE, tally) == pytest.approx(expected - stored_thb_per_kwh(VILLAGE.genset))


def test_the_gap_is_measured_between_rules_and_foresight():
    costs = {"rules": 100.0, "perfect": 40.0, "plan": 55.0}
    assert gap_closed(costs, "plan") == pytest.approx(0.75)
    assert gap_closed({"rules": 100.0, "plan": 55.0}, "plan") is None


def test_table_and_picture_hold_every_policy():
    tally = made_tally([{"houses_a": 0.1}, {}])
    tally.pv_wh, tally.pv_offered_wh = 50.0, 100.0
    outcomes = [Outcome("ban-wang-won", name, VILLAGE, tally) for name in ("rules", "plan & more")]
    found = report(outcomes)["ban-wang-won"]
    assert found["rules"]["pv_unused_frac"] == pytest.approx(0.5)
    assert found["rules"]["unserved_kwh"]["household"] == pytest.approx(1.0)
    assert found["rules"]["switchings_per_feeder_day"] == pytest.approx(0.25)
    assert "plan &amp; more" in picture(outcomes)
    assert found["plan & more"]["days"] == 2


def test_without_control_the_relay_starts_the_genset_and_nobody_is_cut():
    tally, village = run_village(4.0, NoControl(VILLAGE.genset), soc_frac=0.25)
    assert village.genset is not None
    assert tally.genset_starts >= 1
    assert tally.litres > 1.0
    assert sum(tally.days[0].unserved_wh) == 0.0


def test_fuel_that_is_fetched_is_not_forgotten():
    def burn(fuel_frac: float) -> Tally:
        policy = NoControl(VILLAGE.genset)
        original = policy.begin

        def begin(direct: DirectVillage) -> None:
            original(direct)
            assert direct.village.genset is not None
            direct.village.genset.fuel_frac = fuel_frac

        policy.begin = begin  # type: ignore[method-assign]
        return run_village(1.0, policy, soc_frac=0.21)[0]

    refuelled, plenty = burn(0.31), burn(0.8)
    # The first begins the book with a full tank in mind: what was already gone is no part of this hour.
    assert refuelled.litres - (0.8 - 0.31) * 200.0 == pytest.approx(plenty.litres, rel=1e-6)


def test_the_rules_cut_by_switching_and_the_book_sees_both():
    tally, _ = run_village(3.0, Rules(), soc_frac=0.30)
    unserved = dict(zip(VILLAGE.feeders, tally.days[0].unserved_wh, strict=True))
    assert unserved["clinic"] == 0.0
    assert sum(unserved[name] for name in HOUSES) > 0.0
    assert sum(tally.days[0].switchings) >= 2


def test_a_week_of_each_month_or_the_months_in_one_go():
    weeks = stretches(VILLAGE, (1, 2), full=False)
    assert [week.days for week in weeks] == [7, 7]
    assert weeks[0].start_utc == local_midnight(VILLAGE, 1, 8)
    whole = stretches(VILLAGE, tuple(range(1, 13)), full=True)
    assert [stretch.days for stretch in whole] == [365]
    assert [stretch.days for stretch in stretches(VILLAGE, (1, 3), full=True)] == [31, 31]
    assert truth_span(weeks).days == 60 + 31 + 7 + 3


def test_a_lean_village_has_fewer_panels_and_nothing_else():
    lean = village_config("ban-wang-won", Variant(lean=True))
    assert lean.pv["pv_south"].dc_w == pytest.approx(0.7 * 22_000)
    assert lean.battery == VILLAGE.battery


@pytest.mark.parametrize("name", ["ban-wang-won", "koh-jik"])
def test_a_village_without_a_genset_can_be_lived_in(name: str):
    config = village_config(name, Variant(genset=False))
    assert config.genset is None
    start = local_midnight(config, 3, 10)
    direct = DirectVillage(config, Village(config, start_utc=start, quiet_step_s=20.0), start_utc=start)
    policy = Rules()
    for tick in range(3):
        direct.advance(TICK_S)
        policy.step(direct, tick)
    assert not direct.image(3).devices.keys() & {"genset"}
