"""Whatever a village's past and wherever the village: there is a forecast, finite, in order, believable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village_loads import VILLAGE as HERE
from village_loads import homes, midnight_s, recorded, wape

from forecasting.grid import DAY_S, HOUR_S, Bools, Floats, Grid
from forecasting.load.priors import FeederKind, class_prior
from forecasting.load.unserved import estimate_unserved
from forecasting.load.village import forecast_village, learn_village
from forecasting.records import LoadRecord, missing
from forecasting.site import Place

PLACES = (
    HERE,
    Place(27.7, 85.3, "Asia/Kathmandu", country=None),
    Place(52.5, 13.4, "Europe/Berlin", country="DE"),
    Place(-31.6, 159.1, "Australia/Lord_Howe", country="AU"),  # half an hour of daylight saving
    Place(-13.8, -171.8, "Pacific/Apia", country=None),
)
KINDS: tuple[FeederKind, ...] = ("clinic", "school", "street_lights", "water_pump", "houses")
# Leap day, both changes of clocks in the north and the south, a year's end.
MIDDLES_S = (1_709_164_800, 1_711_843_200, 1_729_987_200, 1_712_412_000, 1_728_136_800, 1_735_603_200)

Spoil = Callable[[np.random.Generator, Floats, Bools], tuple[Floats, Bools]]
SPOILS: dict[str, Spoil] = {
    "as it was": lambda rng, drawn_w, cut: (drawn_w, cut),
    "nothing measured": lambda rng, drawn_w, cut: (drawn_w * np.nan, cut),
    "never on": lambda rng, drawn_w, cut: (drawn_w * 0.0, cut),
    "idle, then on": lambda rng, drawn_w, cut: (np.where(_part(drawn_w) < 0.7, 0.0, drawn_w), cut),
    "a single value": lambda rng, drawn_w, cut: (
        np.where(np.arange(drawn_w.size) == drawn_w.size // 2, drawn_w, np.nan), cut),
    "cut since": lambda rng, drawn_w, cut: (
        np.where(_part(drawn_w) > 0.5, 0.0, drawn_w), _part(drawn_w) > 0.5),
    "always cut": lambda rng, drawn_w, cut: (drawn_w * 0.0, ~cut),
    "patchy": lambda rng, drawn_w, cut: (np.where(rng.random(drawn_w.size) < 0.9, np.nan, drawn_w), cut),
    "a millionth": lambda rng, drawn_w, cut: (1e-6 * drawn_w, cut),
    "a million times": lambda rng, drawn_w, cut: (1e6 * drawn_w, cut),
    "one value for ever": lambda rng, drawn_w, cut: (np.full(drawn_w.size, 77.0), cut),
    "the wrong sign": lambda rng, drawn_w, cut: (-drawn_w, cut),
    "one wild value": lambda rng, drawn_w, cut: (
        np.where(np.arange(drawn_w.size) == drawn_w.size // 3, 1e12, drawn_w), cut),
    "new": lambda rng, drawn_w, cut: (np.where(_part(drawn_w) < 0.8, np.nan, drawn_w), cut),
    "gone": lambda rng, drawn_w, cut: (np.where(_part(drawn_w) > 0.3, np.nan, drawn_w), cut),
}  # fmt: skip


def _part(values: Floats) -> Floats:
    """How much of the record has gone at each step, 0 to 1."""
    return np.arange(values.size) / values.size


def past(rng: np.random.Generator, grid: Grid) -> LoadRecord:
    hour = grid.starts_s % DAY_S / HOUR_S
    drawn_w = (200.0 + 150.0 * np.sin(2 * np.pi * hour / 24)) * rng.uniform(0.5, 1.5, grid.count)
    spoil = SPOILS[str(rng.choice(list(SPOILS)))]
    drawn_w, cut = spoil(rng, drawn_w, np.zeros(grid.count, dtype=np.bool_))
    return LoadRecord(grid, drawn_w, cut, missing(grid))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    place=st.sampled_from(PLACES),
    step_s=st.sampled_from([300, 600, 900, 1800, 3600]),
    days=st.sampled_from([1, 3, 12, 26]),
    middle_s=st.sampled_from(MIDDLES_S),
    ended_days_ago=st.sampled_from([0, 0, 0, 9, 100]),
)
def test_any_past_of_any_village_gives_a_forecast(
    seed: int, place: Place, step_s: int, days: int, middle_s: int, ended_days_ago: int
) -> None:
    rng = np.random.default_rng(seed)
    grid = Grid(middle_s - days * DAY_S // 2 // HOUR_S * HOUR_S, step_s, days * DAY_S // step_s)
    records = {name: past(rng, grid) for name in ("north", "east", "south")}
    priors = {
        name: class_prior(KINDS[rng.integers(len(KINDS))], int(rng.integers(1, 200)), 10 ** rng.uniform(0, 5))
        for name in (*records, "unmeasured")
    }
    until_s = grid.end_s + ended_days_ago * DAY_S
    learned = learn_village(records, priors, place, until_s)
    vanished = {name: record for name, record in records.items() if name != "east"}
    for later_s, known in ((0, records), (3 * HOUR_S, vanished), (DAY_S - 60, records)):
        issued_s = until_s + later_s
        for ahead in (Grid(issued_s // 900 * 900, 900, 192), Grid(issued_s // step_s * step_s, step_s, 1)):
            forecast = forecast_village(learned, known, place, issued_s, ahead)  # refuses NaN and crossing
            assert forecast.feeders.keys() == priors.keys()
            for name, feeder in forecast.feeders.items():
                assert feeder.values_w.max() <= learned.feeders[name].ceiling_w
    north = records["north"]
    estimated_w = estimate_unserved(learned.feeders["north"], north, place)
    np.testing.assert_array_equal(np.isfinite(estimated_w), north.unserved)
    assert (estimated_w[north.unserved] >= 0).all()


@pytest.mark.parametrize("measured", [True, False], ids=["dark", "silent"])
def test_a_village_cut_for_a_week_is_expected_to_want_what_it_wanted(measured: bool) -> None:
    names = ("north", "east")
    truth = {name: homes(40, seed=seed) for seed, name in enumerate(names)}
    priors = {name: class_prior("houses", 10, 8000.0) for name in names}
    dark = truth["north"].grid.starts_s >= midnight_s(30)
    records = {
        name: recorded(record.grid, np.where(dark, 0.0 if measured else np.nan, record.power_w), dark)
        for name, record in truth.items()
    }
    issued_s = midnight_s(37)
    learned = learn_village(records, priors, HERE, issued_s)
    forecast = forecast_village(learned, records, HERE, issued_s, Grid(issued_s, 900, 96))
    wanted_w = sum(record.power_w[37 * 96 : 38 * 96] for record in truth.values())
    assert wape(forecast.total.median_w, wanted_w) < 0.25


def test_a_feeder_that_vanished_leaves_the_others_as_they_were() -> None:
    records = {name: homes(20, seed=seed) for seed, name in enumerate(("north", "east"))}
    priors = {name: class_prior("houses", 10, 8000.0) for name in records}
    issued_s, at_noon = midnight_s(19), Grid(midnight_s(19), 900, 96)
    learned = learn_village(records, priors, HERE, issued_s)
    both = forecast_village(learned, records, HERE, issued_s, at_noon)
    one = forecast_village(learned, {"north": records["north"]}, HERE, issued_s, at_noon)
    np.testing.assert_array_equal(one.feeders["north"].values_w, both.feeders["north"].values_w)
    silent = replace(records["east"], power_w=np.full(records["east"].grid.count, np.nan))
    dumb = forecast_village(learned, {**records, "east": silent}, HERE, issued_s, at_noon)
    np.testing.assert_array_equal(one.feeders["east"].values_w, dumb.feeders["east"].values_w)
