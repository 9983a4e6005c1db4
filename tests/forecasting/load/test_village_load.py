"""A village's feeders and their sum, and what people would have drawn while they were cut."""

from dataclasses import replace

import numpy as np
import pytest
from village_loads import VILLAGE, cut, homes, hours_of, in_evening, midnight_s, recorded, wape

from forecasting.grid import Grid
from forecasting.load.calendar import DayKind
from forecasting.load.forecaster import forecast_load
from forecasting.load.learning import learn_load
from forecasting.load.priors import class_prior
from forecasting.load.unserved import estimate_unserved
from forecasting.load.village import forecast_village, learn_village, total_record

DAYS = 45
PRIORS = {name: class_prior("houses", 10, 8000.0) for name in ("north", "east", "south", "west")}
RECORDS = {name: homes(DAYS, seed=seed) for seed, name in enumerate(PRIORS)}
ISSUED_S = midnight_s(40)
TOMORROW = Grid(ISSUED_S, 900, 96)


def test_the_sum_is_surer_than_its_parts() -> None:
    learned = learn_village(RECORDS, PRIORS, VILLAGE, ISSUED_S)
    forecast = forecast_village(learned, RECORDS, VILLAGE, ISSUED_S, TOMORROW)
    assert forecast.feeders.keys() == PRIORS.keys()
    medians_w = sum(feeder.median_w for feeder in forecast.feeders.values())
    assert wape(forecast.total.median_w, medians_w) < 0.1
    widths_w = sum(f.level(0.90) - f.level(0.10) for f in forecast.feeders.values())
    assert (forecast.total.level(0.90) - forecast.total.level(0.10)).mean() < 0.75 * widths_w.mean()


def test_a_feeder_of_a_village_is_forecast_as_if_alone() -> None:
    learned = learn_village(RECORDS, PRIORS, VILLAGE, ISSUED_S)
    forecast = forecast_village(learned, RECORDS, VILLAGE, ISSUED_S, TOMORROW)
    alone = learn_load(RECORDS["east"], VILLAGE, PRIORS["east"], ISSUED_S)
    expected = forecast_load(alone, RECORDS["east"], VILLAGE, ISSUED_S, TOMORROW)
    np.testing.assert_allclose(forecast.feeders["east"].values_w, expected.values_w)


def test_a_village_without_a_history_is_forecast_by_its_classes() -> None:
    learned = learn_village({}, PRIORS, VILLAGE, ISSUED_S)
    forecast = forecast_village(learned, {}, VILLAGE, ISSUED_S, TOMORROW)
    saturday_w = sum(prior.typical_w[DayKind.SATURDAY].mean() for prior in PRIORS.values())
    assert forecast.total.median_w.mean() == pytest.approx(saturday_w, rel=0.02)


def test_turns_of_cuts_do_not_make_the_village_look_small() -> None:
    """Each evening another feeder is off: the sum goes on being what people want."""
    turns = {}
    for turn, (name, record) in enumerate(RECORDS.items()):
        day = np.arange(record.grid.count) // 96
        turns[name] = cut(record, in_evening(record.grid) & (day % 4 == turn))
    wanted = learn_village(RECORDS, PRIORS, VILLAGE, ISSUED_S)
    cut_in_turns = learn_village(turns, PRIORS, VILLAGE, ISSUED_S)
    expected_w = forecast_village(wanted, RECORDS, VILLAGE, ISSUED_S, TOMORROW).total.median_w
    found_w = forecast_village(cut_in_turns, turns, VILLAGE, ISSUED_S, TOMORROW).total.median_w
    evening = in_evening(TOMORROW)
    assert found_w[evening].sum() == pytest.approx(expected_w[evening].sum(), rel=0.1)


def test_a_total_of_which_too_little_was_measured_is_missing() -> None:
    dark = {name: cut(record, in_evening(record.grid)) for name, record in RECORDS.items()}
    feeders = {name: learn_load(RECORDS[name], VILLAGE, PRIORS[name], ISSUED_S) for name in RECORDS}
    total = total_record(feeders, dark, VILLAGE)
    assert total is not None
    assert np.isnan(total.power_w[in_evening(total.grid)]).all()
    afternoon = (hours_of(total.grid) > 10) & (hours_of(total.grid) < 17)
    sum_w = sum(record.power_w for record in RECORDS.values())
    np.testing.assert_allclose(total.power_w[afternoon], sum_w[afternoon])


def test_one_silent_meter_is_made_up_for_two_are_too_many() -> None:
    feeders = {name: learn_load(RECORDS[name], VILLAGE, PRIORS[name], ISSUED_S) for name in RECORDS}
    sum_w = sum(record.power_w for record in RECORDS.values())
    silent = {name: record for name, record in RECORDS.items() if name != "east"}
    total = total_record(feeders, silent, VILLAGE)
    assert total is not None
    known = np.isfinite(total.power_w)
    assert known.mean() > 0.8
    assert wape(total.power_w[known], sum_w[known]) < 0.08
    del silent["west"]
    total = total_record(feeders, silent, VILLAGE)
    assert total is not None
    assert np.isfinite(total.power_w).mean() < 0.1
    assert total_record(feeders, {}, VILLAGE) is None


def test_a_gap_of_a_meter_leaves_what_was_measured_elsewhere() -> None:
    feeders = {name: learn_load(RECORDS[name], VILLAGE, PRIORS[name], ISSUED_S) for name in RECORDS}
    power_w = RECORDS["east"].power_w.copy()
    power_w[100:120] = np.nan
    total = total_record(feeders, {**RECORDS, "east": replace(RECORDS["east"], power_w=power_w)}, VILLAGE)
    assert total is not None
    sum_w = sum(record.power_w for record in RECORDS.values())
    gap = np.zeros(total.grid.count, dtype=np.bool_)
    gap[100:120] = True
    np.testing.assert_allclose(total.power_w[~gap], sum_w[~gap])
    assert np.nanmax(np.abs(total.power_w[gap] / sum_w[gap] - 1.0)) < 0.2


def test_records_that_do_not_fit_the_village_are_refused() -> None:
    other = {**RECORDS, "east": homes(DAYS, step_s=3600)}
    with pytest.raises(ValueError, match="same grid"):
        learn_village(other, PRIORS, VILLAGE, ISSUED_S)
    with pytest.raises(ValueError, match="not learned"):
        learn_village({**RECORDS, "beyond": RECORDS["east"]}, PRIORS, VILLAGE, ISSUED_S)


def test_what_was_not_served_is_estimated_near_what_was_wanted() -> None:
    whole = homes(40)
    day = np.arange(whole.grid.count) // 96
    cuts = in_evening(whole.grid) & (day % 3 == 0)
    record = cut(whole, cuts)
    learned = learn_load(record, VILLAGE, None, midnight_s(40))
    estimate_w = estimate_unserved(learned, record, VILLAGE)
    np.testing.assert_array_equal(np.isfinite(estimate_w), cuts)
    assert wape(estimate_w[cuts], whole.power_w[cuts]) < 0.25
    assert estimate_w[cuts].sum() == pytest.approx(whole.power_w[cuts].sum(), rel=0.1)


def test_the_served_hours_of_a_day_tell_how_much_was_wanted_in_its_cut() -> None:
    whole = homes(30)
    busy = (np.arange(whole.grid.count) // 96) == 29
    cuts = busy & (hours_of(whole.grid) >= 12) & (hours_of(whole.grid) < 14)
    learned = learn_load(whole, VILLAGE, None, midnight_s(29))
    usual_w = estimate_unserved(learned, cut(whole, cuts), VILLAGE)[cuts]
    higher = replace(whole, power_w=np.where(busy, 1.6 * whole.power_w, whole.power_w))
    assert (estimate_unserved(learned, cut(higher, cuts), VILLAGE)[cuts] > 1.15 * usual_w).all()


def test_where_all_was_served_nothing_is_estimated() -> None:
    record = recorded(Grid(midnight_s(0), 900, 960), np.full(960, 300.0) + np.arange(960) % 7)
    learned = learn_load(record, VILLAGE, None, midnight_s(10))
    assert np.isnan(estimate_unserved(learned, record, VILLAGE)).all()
