"""Will it last tonight: chances, times and sentences for batteries whose fate is known by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.reasons import render
from forecasting.calibration.scenarios import Scenarios
from forecasting.grid import HOUR_S, QUARTER_S, Floats, Grid
from forecasting.outlook import Battery, Outlook, Verdict, look_ahead, next_sunrise_s, verdict_of
from forecasting.site import Place

ZONE = "Asia/Bangkok"
EVENING_S = int(datetime(2026, 3, 10, 11, 0, tzinfo=UTC).timestamp())
"""18:00 in Bangkok."""
SUNRISE_S = EVENING_S + int(12.5 * HOUR_S)
GRID = Grid(EVENING_S, QUARTER_S, 192)
HOURS = (18 + np.arange(GRID.count) / 4) % 24
SUN = np.clip(np.sin((HOURS - 6) / 12 * np.pi), 0.0, None)
BATTERY = Battery(
    energy_wh=10_000.0,
    soc_frac=0.7,
    reserve_soc_frac=0.2,
    inverter_w=5000.0,
    charge_efficiency_frac=1.0,
    discharge_efficiency_frac=1.0,
)


def village(loads_w: list[float], noon_w: float = 0.0, weights: list[float] | None = None) -> Scenarios:
    """Paths that differ in a constant load."""
    count = len(loads_w)
    load = np.repeat(np.array(loads_w)[:, None], GRID.count, axis=1)
    shares = np.full(count, 1 / count) if weights is None else np.array(weights)
    return Scenarios(EVENING_S, GRID, np.tile(noon_w * SUN, (count, 1)), load, shares)


def outlook(paths: Scenarios, battery: Battery = BATTERY, *, has_genset: bool = False) -> Outlook:
    return look_ahead(paths, battery, sunrise_s=SUNRISE_S, timezone=ZONE, has_genset=has_genset)


def english(found: Outlook) -> list[str]:
    return [render(reason).en for reason in found.reasons]


def hours_after_evening(at_s: float | None) -> float:
    assert at_s is not None
    return (at_s - EVENING_S) / HOUR_S


def test_a_light_load_surely_lasts() -> None:
    found = outlook(village([100.0]))
    assert found.battery is not None
    assert found.battery.lasting_prob == 1.0
    assert found.battery.verdict is Verdict.SURELY
    assert english(found) == [
        "The battery will very probably last until sunrise at 06:30: 99 of 100 nights like this."
    ]


def test_a_heavy_load_runs_out_when_the_energy_is_used() -> None:
    """5 kWh above the reserve last 5 hours at 1 kW."""
    found = outlook(village([1000.0]))
    assert found.battery is not None
    assert [hours_after_evening(at_s) for at_s in found.battery.reserve_at_s] == [5.0, 5.0, 5.0]
    assert found.battery.above_reserve_prob[:20].tolist() == [1.0] * 19 + [0.0]
    (told,) = english(found)
    assert told == (
        "The battery will probably not last until sunrise at 06:30: lights go off around 23:00 in 10 of 10 "
        "nights like this. Saving power now helps."
    )


def test_chances_are_the_weights_of_the_paths() -> None:
    found = outlook(village([300.0, 600.0], weights=[0.8, 0.2]))
    assert found.battery is not None
    assert found.battery.lasting_prob == pytest.approx(0.8)
    assert found.battery.verdict is Verdict.PROBABLY
    early, middle, late = found.battery.reserve_at_s
    assert hours_after_evening(early) == pytest.approx(5 / 0.6, abs=0.01)
    assert hours_after_evening(middle) == pytest.approx(5 / 0.3, abs=0.01)
    assert middle == late
    (told,) = english(found)
    assert told == (
        "The battery will probably last until sunrise at 06:30: 8 of 10 nights like this. If it does not, "
        "lights may go off around 02:15."
    )


def test_when_it_is_uncertain_the_sentence_says_how_many_nights_fail() -> None:
    found = outlook(village([100.0, 550.0], weights=[0.6, 0.4]))
    assert found.battery is not None
    assert found.battery.verdict is Verdict.UNCERTAIN
    assert found.battery.reserve_at_s[1:] == (None, None)
    assert english(found) == [
        "Lights may go off around 03:00, before sunrise at 06:30: 4 of 10 nights like this."
    ]
    assert "10 คืน" in render(found.reasons[0]).th


def test_an_unknown_soc_is_said_and_nothing_is_made_up() -> None:
    found = outlook(village([100.0]), replace(BATTERY, soc_frac=None))
    assert found.battery is None
    assert english(found) == [
        "The battery's level is not known, so nobody can say whether it lasts until sunrise."
    ]


def test_a_battery_at_its_reserve_in_the_evening_does_not_last() -> None:
    found = outlook(village([100.0], noon_w=3000.0), replace(BATTERY, soc_frac=0.15))
    assert found.battery is not None
    assert found.battery.lasting_prob == 0.0
    assert found.battery.reserve_at_s[0] == EVENING_S
    assert found.reasons[0].code == "outlook_at_reserve"


def test_a_battery_below_its_reserve_in_the_morning_may_be_charged_in_time() -> None:
    morning = Grid(EVENING_S - 10 * HOUR_S, QUARTER_S, 192)
    sun = np.clip(np.sin((HOURS - 10 - 6) / 12 * np.pi), 0.0, None)
    paths = Scenarios(
        morning.start_s, morning, 3000 * sun[None, :], np.full((1, GRID.count), 200.0), np.array([1.0])
    )
    found = outlook(paths, replace(BATTERY, soc_frac=0.15))
    assert found.battery is not None
    assert found.battery.above_reserve_prob[0] == 0.0
    assert found.battery.verdict is Verdict.SURELY


def test_the_sentence_never_promises_less_than_its_verdict() -> None:
    """190 of 200 equal weights add up to a hair less or more than 0.95."""
    found = outlook(village([100.0] * 190 + [1000.0] * 10))
    assert found.battery is not None
    assert found.battery.verdict is Verdict.SURELY
    assert found.reasons[0].params["nights"] == 95


def test_losses_make_it_shorter() -> None:
    found = outlook(village([1000.0]), replace(BATTERY, discharge_efficiency_frac=0.8))
    assert found.battery is not None
    assert hours_after_evening(found.battery.reserve_at_s[1]) == pytest.approx(4.0)


def test_the_genset_is_left_out_and_that_is_said_where_there_is_one() -> None:
    found = outlook(village([100.0]), has_genset=True)
    assert english(found)[1] == "This is reckoned without the genset."


def test_hours_in_which_sun_is_spilled_are_good_for_heavy_uses() -> None:
    found = outlook(village([100.0], noon_w=4000.0))
    assert found.battery is not None
    good = HOURS[found.battery.good_hours]
    assert good.min() < 8.0  # charging can wait: the battery is full by noon all the same
    assert good.max() > 16.0
    (told,) = [reason for reason in found.reasons if reason.code == "outlook_good_hours_tomorrow"]
    assert render(told).en.startswith("Tomorrow from 06:15 to 17:")


def test_sun_that_the_battery_still_needs_is_not_to_spare() -> None:
    found = outlook(village([300.0], noon_w=900.0), replace(BATTERY, soc_frac=0.6))
    assert found.battery is not None
    assert not found.battery.good_hours.any()
    assert len(found.reasons) == 1


def test_spare_sun_must_be_likely() -> None:
    few_dull = outlook(village([100.0, 2500.0], noon_w=4000.0, weights=[0.75, 0.25])).battery
    many_dull = outlook(village([100.0, 2500.0], noon_w=4000.0, weights=[0.65, 0.35])).battery
    assert few_dull is not None
    assert few_dull.good_hours.any()
    assert many_dull is not None
    assert not many_dull.good_hours.any()


def test_a_sunrise_out_of_reach_is_an_error() -> None:
    for sunrise_s in (GRID.start_s, GRID.end_s + 1):
        with pytest.raises(ValueError, match="next sunrise"):
            look_ahead(village([1.0]), BATTERY, sunrise_s=sunrise_s, timezone=ZONE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"energy_wh": 0.0},
        {"energy_wh": float("nan")},
        {"inverter_w": -1.0},
        {"soc_frac": 70.0},
        {"reserve_soc_frac": 1.0},
        {"charge_efficiency_frac": 0.0},
        {"discharge_efficiency_frac": 1.2},
    ],
)
def test_what_no_battery_can_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"battery|SoC|efficiencies"):
        replace(BATTERY, **wrong)


@pytest.mark.parametrize(
    ("chance", "verdict"),
    [
        (0.95, Verdict.SURELY),
        (0.94, Verdict.PROBABLY),
        (0.75, Verdict.PROBABLY),
        (0.74, Verdict.UNCERTAIN),
        (0.40, Verdict.UNCERTAIN),
        (0.39, Verdict.PROBABLY_NOT),
    ],
)
def test_verdicts_have_fixed_thresholds(chance: float, verdict: Verdict) -> None:
    assert verdict_of(chance) is verdict


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 1.0), st.floats(0.0, 6000.0), st.floats(10.0, 2000.0))
def test_more_in_the_battery_never_makes_it_worse(
    seed: int, soc: float, noon_w: float, mean_w: float
) -> None:
    rng = np.random.default_rng(seed)
    loads: Floats = mean_w * rng.uniform(0.5, 1.5, (30, 1)) * rng.uniform(0.5, 1.5, (30, GRID.count))
    pv = noon_w * SUN * rng.uniform(0.2, 1.0, (30, 1))
    paths = Scenarios(EVENING_S, GRID, pv, loads, np.full(30, 1 / 30))
    less = outlook(paths, replace(BATTERY, soc_frac=0.9 * soc)).battery
    more = outlook(paths, replace(BATTERY, soc_frac=soc)).battery
    assert less is not None
    assert more is not None
    assert more.lasting_prob >= less.lasting_prob
    assert np.all(more.soc_frac >= less.soc_frac - 1e-12)
    assert np.all(np.diff(more.soc_frac, axis=0) >= 0)
    assert more.above_reserve_prob.max() <= 1
    assert more.spare_sun_prob.max() <= 1
    assert more.soc_frac.min() >= 0
    assert more.soc_frac.max() <= 1


def test_the_next_sunrise_is_that_of_the_almanac() -> None:
    """Bangkok, 21 June 2026: the sun rises at 05:51."""
    bangkok = Place(latitude_deg=13.75, longitude_deg=100.5, timezone=ZONE)
    almanac = datetime(2026, 6, 20, 22, 51, tzinfo=UTC)
    for hours_before in (1, 9, 23):
        at = almanac - timedelta(hours=hours_before)
        found = next_sunrise_s(int(at.timestamp()), bangkok)
        assert found == pytest.approx(almanac.timestamp(), abs=120)


def test_where_the_sun_does_not_rise_there_is_no_sunrise() -> None:
    tromso = Place(latitude_deg=69.6, longitude_deg=18.9, timezone="Europe/Oslo", country="NO")
    with pytest.raises(ValueError, match="does not rise"):
        next_sunrise_s(int(datetime(2026, 12, 21, tzinfo=UTC).timestamp()), tromso)
