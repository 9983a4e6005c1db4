"""What the accounts remember, and how fairness is told from them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from core_world import HOUSES, World
from hypothesis import given
from hypothesis import strategies as st
from sharing_village import HOUSEHOLD, houses

from controller.core.memory import from_json, to_json
from controller.core.model import FeederLedger, FeederMemory, Memory, Plan, Tally
from controller.core.sharing import ledger, rounds
from controller.core.sharing.fairness import fairness, jain_index

DAY = Tally(1000.0, 60.0, 40.0, 3600.0, 1800.0)


def test_thirty_days_are_remembered_besides_the_one_that_runs() -> None:
    account = FeederLedger()
    for day in range(40):
        account = ledger.entered(account, 100.0, 86400.0, without=day < 5, by_protection=False)
        account = ledger.day_closed(account)
    assert len(account.days) == 30
    assert account.window.wanted_wh == pytest.approx(30 * 2400.0)
    assert account.window.without_wh == 0.0


@given(st.lists(st.tuples(st.floats(0, 5000), st.floats(0, 9000), st.booleans(), st.booleans()), max_size=60))
def test_nobody_goes_without_more_than_was_wanted(lived: list[tuple[float, float, bool, bool]]) -> None:
    account = FeederLedger()
    for index, (wanted_w, dt_s, without, shed) in enumerate(lived):
        account = ledger.entered(account, wanted_w, dt_s, without=without, by_protection=shed)
        account = ledger.day_closed(account) if index % 7 == 6 else account
    sums = account.window
    assert 0 <= sums.without_wh <= sums.wanted_wh + 1.0
    assert sums.served_frac is None or 0.0 <= sums.served_frac <= 1.0


def test_an_account_survives_a_restart_and_one_of_an_older_version_is_read() -> None:
    past = FeederMemory(closed=False, ledger=FeederLedger((DAY, DAY), DAY, Tally(2000.0, 120.0, 80.0)))
    memory = Memory(lived_s=3e5, feeders={"a": replace(past, hourly_w=(None, 5.0), switched_s=(1.0, 2.0))})
    again = from_json(json.loads(json.dumps(to_json(memory))))
    assert again.feeders == memory.feeders
    older = from_json({"feeders": {"a": {"off_debt_s": 77.0, "ledger": {"today": [5.0]}}}})
    assert older.feeders["a"].ledger.today == Tally(5.0)


@pytest.mark.parametrize("days", [{"today": "5"}, {"today": ["5"]}, {"days": 5}, {"days": [[True]]}])
def test_an_account_that_is_none_is_an_error(days: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="ledger"):
        from_json({"feeders": {"a": {"ledger": days}}})


def test_what_a_dark_feeder_wants_is_as_planned_else_as_usual_at_this_hour_else_as_lately() -> None:
    past = FeederMemory(mean_w=300.0, hourly_w=(None,) * 12 + (900.0,) + (None,) * 11)
    assert ledger.wanted_w(past, 500.0, 12, 8000.0) == 500.0
    assert ledger.wanted_w(past, None, 12, 8000.0) == 900.0
    assert ledger.wanted_w(past, None, 13, 8000.0) == 300.0
    assert ledger.wanted_w(FeederMemory(), None, None, 8000.0) == 8000.0


def test_what_a_plan_expects_now_is_read_from_its_step() -> None:
    soc = (0.5, 0.5, 0.5)
    plan = Plan(0.0, 1e4, (0.0, 900.0, 1800.0), soc, soc, soc, {"a": (100.0, 200.0)})
    assert ledger.planned_w(plan, 1000.0) == {"a": 200.0}
    assert ledger.planned_w(plan, 5000.0) == {}
    assert ledger.planned_w(None, 0.0) == {}


def test_an_evening_hour_without_light_weighs_more_than_one_in_the_forenoon() -> None:
    village = World(soc=0.9)
    for hour in range(24):
        village.loads_w.update(dict.fromkeys(HOUSES, 3000.0 if 18 <= hour < 22 else 500.0))
        village.run(3600, dt_s=60)
    evening = village.memory.feeders["houses_a"].hourly_w
    assert max(power_w for power_w in evening if power_w is not None) > 2000.0
    assert min(power_w for power_w in evening if power_w is not None) < 1000.0


def test_a_blackout_is_on_the_account_as_protection_and_a_turn_as_a_turn() -> None:
    village = World(soc=0.30)
    village.run(7200, dt_s=10)
    turns = village.memory.feeders["houses_a"].ledger.window
    assert turns.turns_wh > 0
    assert turns.protection_wh == 0
    village.extra = {"inverter_state": 0.0}
    village.run(3600, dt_s=10)
    dark = village.memory.feeders["houses_a"].ledger.window
    assert dark.protection_s == pytest.approx(3600.0, abs=30.0)
    assert dark.turns_s == pytest.approx(turns.turns_s, abs=30.0)
    assert dark.protection_wh > 0


def test_protection_for_half_a_turn_counts_as_one_and_a_moment_does_not() -> None:
    long, short = Tally(protection_s=1900.0), Tally(protection_s=1000.0)
    assert rounds.had_a_turn(Tally(), long, 3600.0)
    assert not rounds.had_a_turn(Tally(), short, 3600.0)
    assert not rounds.had_a_turn(long, Tally(), 3600.0)  # another day has begun


def test_switchings_older_than_a_day_are_forgotten() -> None:
    past = FeederMemory(closed=True, switched_s=(10.0, 5e4))
    cut = rounds.switched(past, on=False, in_turn=True, lived_s=9e4)
    assert cut.switched_s == (5e4, 9e4)
    assert cut.cut_s == 9e4
    back = rounds.switched(cut, on=True, in_turn=True, lived_s=9.1e4)
    assert back.cut_s == 9e4
    assert rounds.switchings_of_day(back, 9.1e4) == 3
    shed = rounds.switched(back, on=False, in_turn=False, lived_s=9.2e4)
    assert (shed.cut_s, shed.switched_s) == (back.cut_s, back.switched_s)


def test_jains_index_counts_households_and_not_feeders() -> None:
    assert jain_index([(0.8, 10), (0.8, 30)]) == pytest.approx(1.0)
    assert jain_index([(1.0, 1), (0.0, 1)]) == pytest.approx(0.5)
    assert jain_index([(1.0, 3), (0.0, 1)]) == pytest.approx(0.75)
    assert jain_index([]) is None


def test_the_spread_is_between_those_who_wanted_something() -> None:
    feeders = [houses(0, 10), houses(1, 30), houses(2, 5)]
    half, most = Tally(100.0, 50.0), Tally(100.0, 5.0, 5.0)
    memory = Memory(
        lived_s=40 * 86400.0,
        feeders={
            "houses_0": FeederMemory(ledger=FeederLedger(today=half)),
            "houses_1": FeederMemory(ledger=FeederLedger(today=most)),
            "houses_2": FeederMemory(),
        },
    )
    found = fairness(feeders, memory)[HOUSEHOLD]
    assert found.spread_frac == pytest.approx(0.4)
    assert found.days == 30.0
    assert found.accounts["houses_2"].served_frac is None
    assert fairness(feeders, Memory()) == {}
