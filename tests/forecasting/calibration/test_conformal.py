"""Online calibration: forecasters that promise wrongly are brought to what they promise, and stay there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.calibration.conformal import (
    calibrate,
    fresh_state,
    learn_from,
)
from forecasting.calibration.normal_scores import LEVEL_SCORES
from forecasting.calibration.scores import score_quantiles
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Floats, Grid
from forecasting.quantiles import LEVELS, LEVELS_ARRAY, QuantileForecast, tidy

START_S = 1_700_006_400
DAYS = 150
HOURS_AHEAD = 48
SPREAD = 0.2
"""Of the power, the standard deviation that the forecaster believes in."""


def daylight_w(hours: Floats) -> Floats:
    return np.clip(3000 * np.sin((hours % 24 - 6) / 12 * np.pi), 0.0, None)


@dataclass(frozen=True)
class Village:
    """PV of many days, with errors that last for hours; nights are exactly 0."""

    observed_w: Floats
    expected_w: Floats

    @classmethod
    def whose(cls, error_frac: Callable[[Floats, Floats], Floats], noise: str = "normal") -> Village:
        """error_frac: from the day and a noise of variance about 1 to the relative error."""
        rng = np.random.default_rng(11)
        hours = np.arange((DAYS + 2) * 24, dtype=np.float64)
        shocks = rng.standard_normal(hours.size) if noise == "normal" else rng.standard_t(2.5, hours.size)
        lasting = np.empty_like(shocks)
        level = 0.0
        for hour, shock in enumerate(shocks):
            level = 0.7 * level + np.sqrt(1 - 0.49) * shock
            lasting[hour] = level
        expected = daylight_w(hours)
        return cls(np.clip(expected * (1 + error_frac(hours // 24, lasting)), 0.0, None), expected)

    def forecast(self, day: int) -> QuantileForecast:
        hours = slice(day * 24, day * 24 + HOURS_AHEAD)
        issued_s = START_S + day * DAY_S
        values = self.expected_w[hours] * (1 + SPREAD * LEVEL_SCORES[:, None])
        return QuantileForecast(issued_s, Grid(issued_s, HOUR_S, HOURS_AHEAD), tidy(values))

    def observed(self, day: int) -> Floats:
        return self.observed_w[day * 24 : day * 24 + HOURS_AHEAD].copy()

    def walk(self, lost: Callable[[int], bool] = lambda day: False) -> list[QuantileForecast]:
        """Issue daily, learn two days later; days that are lost are neither observed nor learned."""
        state, issued = fresh_state(), []
        for day in range(DAYS):
            if day >= 2 and not lost(day - 2):
                state = learn_from(state, self.forecast(day - 2), self.observed(day - 2))
            issued.append(calibrate(state, self.forecast(day)))
        return issued

    def coverage(self, issued: list[QuantileForecast], days: range) -> float:
        quantiles = np.concatenate([issued[day].values_w for day in days], axis=1)
        found = score_quantiles(quantiles, np.concatenate([self.observed(day) for day in days])).coverage_frac
        assert found is not None
        return found


@pytest.mark.parametrize(
    ("error_frac", "noise"),
    [
        pytest.param(lambda day, noise: 0.2 * noise, "normal", id="honest"),
        pytest.param(lambda day, noise: 0.5 * noise, "normal", id="far too narrow"),
        pytest.param(lambda day, noise: 0.07 * noise, "normal", id="far too wide"),
        pytest.param(lambda day, noise: 0.2 * noise, "heavy", id="heavy tails"),
    ],
)
def test_coverage_comes_to_what_is_promised_and_stays(error_frac, noise: str) -> None:
    village = Village.whose(error_frac, noise)
    issued = village.walk()
    assert village.coverage(issued, range(20, 85)) == pytest.approx(0.80, abs=0.03)
    assert village.coverage(issued, range(85, DAYS)) == pytest.approx(0.80, abs=0.03)


def test_the_bands_of_a_biased_model_reach_to_what_comes_and_its_median_stays() -> None:
    village = Village.whose(lambda day, noise: 0.3 + 0.2 * noise)
    issued = village.walk()
    assert 0.77 <= village.coverage(issued, range(20, DAYS)) <= 0.87, "one side must reach back to the median"
    assert issued[60].median_w == pytest.approx(village.forecast(60).median_w)


def test_after_a_change_of_regime_coverage_comes_back() -> None:
    village = Village.whose(lambda day, noise: np.where(day < 70, 0.2 * noise, 0.3 * noise - 0.3))
    issued = village.walk()
    assert village.coverage(issued, range(70, 74)) < 0.65
    assert village.coverage(issued, range(95, DAYS)) == pytest.approx(0.80, abs=0.03)


def test_it_starts_wide() -> None:
    village = Village.whose(lambda day, noise: 0.2 * noise)
    raw, first = village.forecast(0), calibrate(fresh_state(), village.forecast(0))
    noon = 12
    assert first.level(0.90)[noon] > raw.level(0.90)[noon]
    assert first.level(0.10)[noon] < raw.level(0.10)[noon]
    assert first.median_w == pytest.approx(raw.median_w)


def test_weeks_without_measurements_are_survived() -> None:
    village = Village.whose(lambda day, noise: 0.5 * noise)
    issued = village.walk(lost=lambda day: 60 <= day < 90)
    assert village.coverage(issued, range(64, 92)) == pytest.approx(0.80, abs=0.05)
    assert village.coverage(issued, range(92, DAYS)) == pytest.approx(0.80, abs=0.03)


def test_nights_neither_teach_nor_change() -> None:
    village = Village.whose(lambda day, noise: 0.5 * noise)
    state = learn_from(fresh_state(), village.forecast(0), village.observed(0))
    by_day_only = village.observed(0)
    by_day_only[village.expected_w[:HOURS_AHEAD] == 0] = np.nan
    same = learn_from(fresh_state(), village.forecast(0), by_day_only)
    assert np.array_equal(state.counts, same.counts)
    assert np.array_equal(state.shifts, same.shifts)
    nights = village.expected_w[24 : 24 + HOURS_AHEAD] == 0
    assert not calibrate(state, village.forecast(1)).values_w[:, nights].any()


def test_bounds_are_kept_whatever_was_learned() -> None:
    village = Village.whose(lambda day, noise: 3.0 + noise)
    state = fresh_state()
    for day in range(10):
        state = learn_from(state, village.forecast(day), village.observed(day))
    assert calibrate(state, village.forecast(10)).values_w.max() > 3500
    held = calibrate(state, village.forecast(10), ceiling_w=3500.0)
    assert held.values_w.max() == 3500.0
    assert held.values_w.min() >= 0


def test_the_worst_hours_are_widened_most() -> None:
    def mornings_fail(day: Floats, noise: Floats) -> Floats:
        return np.where(np.arange(day.size) % 24 < 9, 0.6, 0.1) * noise

    village = Village.whose(mornings_fail)
    last = village.walk()[-1]
    width = (last.level(0.90) - last.level(0.10))[:24]
    assert width[8] > 2 * width[15]  # the forecaster believes both hours alike


def test_a_forecast_is_learned_from_once_by_each_lead_time() -> None:
    village = Village.whose(lambda day, noise: 0.5 * noise)
    forecast, observed = village.forecast(0), village.observed(0)
    whole = learn_from(fresh_state(), forecast, observed)
    early, late = observed.copy(), observed.copy()
    early[24:], late[:24] = np.nan, np.nan
    in_portions = learn_from(learn_from(fresh_state(), forecast, early), forecast, late)
    again = learn_from(whole, forecast, observed)
    for other in (in_portions, again):
        assert np.array_equal(whole.counts, other.counts)
        assert np.array_equal(whole.shifts, other.shifts)


def test_many_forecasts_a_day_weigh_no_more_than_a_day() -> None:
    """Every quarter of an hour as in operation: what overlaps is not counted as new."""
    state, rng = fresh_state(), np.random.default_rng(5)
    for number in range(96):
        issued_s = START_S + number * QUARTER_S
        grid = Grid(issued_s, QUARTER_S, 192)
        values = 1000 + 100 * np.repeat(LEVEL_SCORES[:, None], grid.count, axis=1)
        observed = 1000 + 100 * rng.standard_normal(grid.count)
        state = learn_from(state, QuantileForecast(issued_s, grid, values), observed)
    by_lead_and_part = state.counts.sum(axis=2)
    assert by_lead_and_part.max() < 2.5
    assert by_lead_and_part.min() > 0.5


def test_a_state_that_cannot_be_is_refused() -> None:
    state = fresh_state()
    with pytest.raises(ValueError, match="another shape"):
        replace(state, counts=np.zeros((1, 2)))
    with pytest.raises(ValueError, match="impossible"):
        replace(state, shifts=np.full_like(state.shifts, np.nan))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1.0, 1e6]))
def test_whatever_is_observed_the_result_is_a_valid_forecast(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    grid = Grid(START_S, HOUR_S, HOURS_AHEAD)
    forecast = QuantileForecast(START_S, grid, np.sort(scale * rng.random((len(LEVELS), grid.count)), axis=0))
    observed = np.where(rng.random(grid.count) < 0.3, np.nan, 10 * scale * rng.random(grid.count))
    calibrated = calibrate(learn_from(fresh_state(), forecast, observed), forecast, ceiling_w=5 * scale)
    assert calibrated.values_w.max() <= 5 * scale
    assert calibrated.issued_s == forecast.issued_s


def test_the_levels_are_kept_one_by_one() -> None:
    village = Village.whose(lambda day, noise: 0.4 * noise)
    issued = village.walk()
    days = range(40, DAYS)
    quantiles = np.concatenate([issued[day].values_w for day in days], axis=1)
    observed = np.concatenate([village.observed(day) for day in days])
    assert score_quantiles(quantiles, observed).observed_frac == pytest.approx(LEVELS_ARRAY, abs=0.03)
