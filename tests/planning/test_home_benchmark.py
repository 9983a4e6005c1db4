"""The home's days are read as they are, and its controllers are compared on equal terms."""

from __future__ import annotations

import gzip
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import home_days
import home_policies
from home import stretch
from home_days import BATTERY, STEPS, Days, Likeness, outlooks, read_days
from home_policies import Foresight, LikelyDays, MeanPattern, Rules, live_day, tuned_level_wh

HEAD = "time_local,load_kw,pv_kw_of_1p04kwp\n"


def rows_of(day: str, load_kw: float, count: int = STEPS) -> str:
    return "".join(f"{day} {step // 2:02d}:{step % 2 * 30:02d}:00,{load_kw},0.26\n" for step in range(count))


def made_days(count: int, seed: int = 1) -> Days:
    """Weather that lasts for days, evenings with lamps."""
    rng = np.random.default_rng(seed)
    hours = np.arange(STEPS) / 2
    clear, clearness = [], 0.7
    for _ in range(count):
        clearness = float(np.clip(0.7 * clearness + 0.3 * rng.uniform(0.0, 1.2), 0.05, 1.0))
        clear.append(clearness)
    sun_w = 1700 * np.maximum(0.0, np.sin((hours - 6) / 12 * np.pi)) * (hours > 6) * (hours < 18)
    load_w = 300 + 900 * np.exp(-(((hours - 19) / 2) ** 2)) + rng.uniform(0, 100, (count, STEPS))
    dates = tuple(date(2026, 1, 1) + timedelta(days=day) for day in range(count))
    return Days(dates, load_w, np.array(clear)[:, np.newaxis] * sun_w)


def cost_of(policy, days: Days, first: int) -> float:
    total, energy_wh = 0.0, 4000.0
    for day in range(first, len(days)):
        policy.begin_day(days.pick(slice(0, day)))
        cost, unserved_wh, energy_wh = live_day(policy, days.load_w[day], days.pv_w[day], energy_wh)
        assert unserved_wh == 0.0
        assert -1e-6 <= energy_wh <= BATTERY.energy_wh + 1e-6
        total += cost
    return total


def test_two_files_in_any_order_are_one_story(tmp_path) -> None:
    (tmp_path / "later.csv").write_text(
        HEAD + rows_of("2011-07-02", 2.0) + HEAD + rows_of("2011-07-03", 3.0, 40)
    )
    with gzip.open(tmp_path / "first.csv.gz", "wt") as file:
        file.write(HEAD + rows_of("2011-07-01", 1.0) + rows_of("2011-07-02", 9.0))
    days, left_out = read_days([tmp_path / "later.csv", tmp_path / "first.csv.gz"])
    assert days.dates == (date(2011, 7, 1), date(2011, 7, 2))
    assert days.load_w[:, 0].tolist() == [1000.0, 2000.0]
    assert days.pv_w[0, 0] == pytest.approx(1000.0)
    assert left_out == 1


def test_a_row_that_cannot_be_read_is_named(tmp_path) -> None:
    (tmp_path / "home.csv").write_text(HEAD + "2011-07-01 00:00:00,much,0\n")
    with pytest.raises(ValueError, match=r"home\.csv, line 2"):
        read_days([tmp_path / "home.csv"])


def test_the_last_thirty_days_are_judged_unless_told_otherwise() -> None:
    dates = made_days(60).dates
    assert stretch(dates, None, None) == (30, 60)
    assert stretch(dates, date(2026, 2, 10), 5) == (40, 45)
    with pytest.raises(ValueError, match="needed to learn from"):
        stretch(dates, date(2026, 1, 5), None)


def test_after_a_clear_evening_clear_days_are_likely() -> None:
    days = made_days(60)
    sun_w = days.pv_w.sum(axis=1)
    clearest, dullest = int(np.argmax(sun_w[30:])) + 31, int(np.argmin(sun_w[30:])) + 31

    def expected_net_w(day: int) -> float:
        likely, usual = outlooks(days.pick(slice(0, day)), Likeness())
        assert likely.weights.sum() == pytest.approx(1.0)
        return float((likely.weights @ likely.net_w - usual.weights @ usual.net_w).mean())

    assert expected_net_w(clearest) < 0 < expected_net_w(dullest)


def test_who_uses_twice_as_much_of_late_is_expected_to_go_on() -> None:
    days = made_days(60)
    grown = Days(
        days.dates, days.load_w * np.where(np.arange(60) < 15, 1.0, 2.0)[:, np.newaxis], 0 * days.pv_w
    )
    likely, _ = outlooks(grown, Likeness(level_days=5.0))
    expected = (likely.weights @ likely.net_w).mean()
    assert expected == pytest.approx(grown.load_w[-1].mean(), rel=0.05)


def test_nobody_beats_foresight_and_looking_at_the_sky_pays() -> None:
    days, first = made_days(50), 40
    foresight = cost_of(Foresight(days.pick(slice(first, None))), days, first)
    tuned = cost_of(Rules(tuned_level_wh(days.pick(slice(0, first)))), days, first)
    likely = cost_of(LikelyDays(), days, first)
    assert foresight < likely < tuned


def test_the_mean_day_is_planned_for_when_all_days_are_alike() -> None:
    days = made_days(20)
    alike = Days(days.dates, np.tile(days.load_w[0], (20, 1)), np.tile(0.1 * days.pv_w[0], (20, 1)))
    planned, known = (
        cost_of(MeanPattern(), alike, 18),
        cost_of(Foresight(alike.pick(slice(18, None))), alike, 18),
    )
    assert planned == pytest.approx(known, rel=0.03)


def test_without_a_battery_all_that_the_sun_does_not_give_is_bought() -> None:
    load_w, pv_w = np.full(STEPS, 1000.0), np.zeros(STEPS)
    cost, unserved_wh, _ = live_day(None, load_w, pv_w, 0.0)
    assert cost == pytest.approx(6 * 0.10 + 18 * 0.20)
    assert unserved_wh == 0.0


def test_no_policy_can_draw_more_than_the_grid_gives() -> None:
    load_w, pv_w = np.full(STEPS, 2500.0), np.zeros(STEPS)
    _, unserved_wh, energy_wh = live_day(Rules(8000.0), load_w, pv_w, 0.0)
    assert unserved_wh == 0.0
    assert energy_wh <= 6 * 500.0


def test_the_market_is_that_of_the_hour() -> None:
    shifted = home_days.market(20).offer_price_per_wh[0]
    assert shifted[0] == home_days.DAY_PRICE
    assert shifted[28] == home_days.NIGHT_PRICE
    assert home_policies.NODES > 2
