"""Loads that no village draws are named and left out; a good year is left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cloudy_year import codes, load, year

from forecasting.records import LoadRecord
from forecasting.sanity import inspect_load

DAYS = 60


def record() -> LoadRecord:
    return load(year(900, days=DAYS))


def spoilt(first: int, last: int, value: float) -> LoadRecord:
    good = record()
    power_w = good.power_w.copy()
    power_w[first:last] = value
    return replace(good, power_w=power_w)


@pytest.mark.parametrize("step_s", [600, 900, 3600])
@pytest.mark.parametrize("scale", [0.02, 1.0])
def test_no_guard_speaks_over_a_year(step_s: int, scale: float) -> None:
    good = load(year(step_s))
    good = replace(good, power_w=np.round(good.power_w * scale))
    kept, reasons = inspect_load(good)
    assert codes(reasons) == []
    np.testing.assert_array_equal(kept.power_w, good.power_w)


@pytest.mark.parametrize(
    ("value", "first", "last", "code"),
    [
        (1e6, 500, 502, "load_beyond"),
        (-700.0, 500, 502, "sensor_impossible"),
        (1234.0, 500, 600, "sensor_stuck"),
        (0.0, 500, 510, "load_zeros"),
    ],
)
def test_what_cannot_be_is_named_and_missing(value: float, first: int, last: int, code: str) -> None:
    kept, reasons = inspect_load(spoilt(first, last, value), name="clinic")
    assert codes(reasons) == [code]
    assert reasons[0].params["name"] == "clinic"
    assert np.flatnonzero(np.isnan(kept.power_w)).tolist() == list(range(first, last))


def test_a_feeder_that_was_switched_off_drew_nothing_and_that_is_no_finding() -> None:
    off = spoilt(500, 510, 0.0)
    unserved = off.unserved.copy()
    unserved[500:510] = True
    assert inspect_load(replace(off, unserved=unserved))[1] == ()


def test_a_feeder_that_often_draws_nothing_may_draw_nothing() -> None:
    random = np.random.default_rng(3)
    good = record()
    pump = replace(good, power_w=np.where(random.random(good.grid.count) < 0.3, random.uniform(0, 1500), 0.0))
    pump = replace(pump, power_w=pump.power_w * random.random(good.grid.count).round(2))
    assert inspect_load(pump)[1] == ()


def test_a_fortnight_of_two_months_in_another_unit_is_named_and_missing() -> None:
    good = record()
    power_w = good.power_w.copy()
    power_w[2000:3344] *= 1000.0
    kept, reasons = inspect_load(replace(good, power_w=power_w), name="clinic")
    assert codes(reasons) == ["load_beyond"]
    assert np.isnan(kept.power_w[2000:3344]).all()
    assert np.mean(np.isfinite(kept.power_w)) > 0.7


def test_a_pump_that_runs_on_few_days_is_no_other_unit() -> None:
    good = record()
    runs = (good.grid.starts_s // 86_400 % 7 == 0) & (good.grid.starts_s // 3600 % 24 < 12)
    jitter = np.random.default_rng(4).uniform(0.9, 1.1, good.grid.count)
    pump = replace(good, power_w=np.where(runs, 1500.0, 1.0) * jitter)
    kept, _ = inspect_load(pump)
    np.testing.assert_array_equal(kept.power_w, pump.power_w)


def test_street_lights_rest_by_day() -> None:
    good = record()
    by_night = good.grid.starts_s // 3600 % 24 < 12
    lamps = replace(good, power_w=np.where(by_night, good.power_w, 0.0))
    kept, reasons = inspect_load(lamps, name="street")
    assert reasons == ()
    np.testing.assert_array_equal(kept.power_w, lamps.power_w)


def test_a_meter_with_its_clamp_reversed_is_named_and_not_believed() -> None:
    good = record()
    kept, reasons = inspect_load(replace(good, power_w=-good.power_w))
    assert codes(reasons) == ["sensor_impossible"]
    assert np.isnan(kept.power_w).all()


def test_a_lamp_that_draws_the_same_all_day_is_not_stuck() -> None:
    good = record()
    lamp = replace(good, power_w=np.where(np.arange(good.grid.count) % 500 < 250, 3.0, 4.0))
    assert inspect_load(lamp)[1] == ()


def test_a_record_with_nothing_in_it_is_left_alone() -> None:
    nothing = replace(record(), power_w=np.full(DAYS * 96, np.nan))
    kept, reasons = inspect_load(nothing)
    assert reasons == ()
    assert np.isnan(kept.power_w).all()
