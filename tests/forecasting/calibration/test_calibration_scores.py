"""Scores of forecasts: what they say of known cases, and that having no score is never a score of 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from forecasting.calibration.scores import (
    coverage_frac,
    crps_w,
    pinball_losses_w,
    score_point,
    score_quantiles,
    skill_frac,
    width_w,
)
from forecasting.grid import Floats
from forecasting.quantiles import LEVELS, LEVELS_ARRAY


def normal_quantiles(count: int, spread_w: float = 100.0) -> Floats:
    return np.repeat(1000 + spread_w * norm.ppf(LEVELS_ARRAY)[:, None], count, axis=1)


def normal_observations(count: int, spread_w: float = 100.0) -> Floats:
    return 1000 + spread_w * np.random.default_rng(1).standard_normal(count)


def test_errors_of_a_point_forecast_are_those_of_the_textbook() -> None:
    scores = score_point(np.array([110.0, 90.0, 130.0]), np.array([100.0, 100.0, 100.0]))
    assert scores.pairs == 3
    assert scores.rmse_w == pytest.approx(np.sqrt((100 + 100 + 900) / 3))
    assert scores.mae_w == pytest.approx(50 / 3)
    assert scores.bias_w == pytest.approx(10.0)
    assert scores.wape_frac == pytest.approx(50 / 300)
    assert scores.nrmse_frac(1000.0) == pytest.approx(scores.rmse_w / 1000)


def test_a_missing_side_leaves_the_pair_out_and_the_count_says_so() -> None:
    quantiles, observed = normal_quantiles(6), normal_observations(6)
    whole = score_quantiles(quantiles[:, :4], observed[:4])
    quantiles[2, 4] = np.nan
    observed[5] = np.nan
    scores = score_quantiles(quantiles, observed)
    assert scores.pairs == scores.median.pairs == 4
    assert scores.pinball_w == pytest.approx(whole.pinball_w)
    assert scores.width_w == pytest.approx(whole.width_w)


def test_without_a_pair_there_is_no_score() -> None:
    nothing = np.full(3, np.nan)
    with pytest.raises(ValueError, match="no pair"):
        score_point(np.ones(3), nothing)
    with pytest.raises(ValueError, match="no pair"):
        score_quantiles(normal_quantiles(3), nothing)
    with pytest.raises(ValueError, match="no pair"):
        width_w(normal_quantiles(0))


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        score_quantiles(normal_quantiles(3), normal_observations(4))


def test_a_perfect_observer_of_zeros_has_no_relative_error() -> None:
    assert score_point(np.ones(2), np.zeros(2)).wape_frac is None
    with pytest.raises(ValueError, match="positive capacity"):
        score_point(np.ones(2), np.zeros(2)).nrmse_frac(0.0)


def test_honest_quantiles_cover_what_they_promise() -> None:
    scores = score_quantiles(normal_quantiles(20_000), normal_observations(20_000))
    assert scores.coverage_frac == pytest.approx(0.80, abs=0.01)
    assert scores.observed_frac == pytest.approx(LEVELS_ARRAY, abs=0.01)


def test_nights_that_are_certain_and_right_say_nothing_of_coverage() -> None:
    quantiles = np.concatenate((normal_quantiles(100), np.zeros((len(LEVELS), 900))), axis=1)
    observed = np.concatenate((normal_observations(100), np.zeros(900)))
    assert coverage_frac(quantiles, observed) == coverage_frac(quantiles[:, :100], observed[:100])
    assert coverage_frac(quantiles[:, 100:], observed[100:]) is None
    assert score_quantiles(quantiles[:, 100:], observed[100:]).observed_frac is None


def test_a_certain_forecast_that_is_wrong_counts_as_missed() -> None:
    quantiles = np.zeros((len(LEVELS), 4))
    assert coverage_frac(quantiles, np.array([0.0, 0.0, 0.0, 5.0])) == 0.0


def test_crps_of_a_normal_forecast_is_close_to_its_closed_form() -> None:
    exact_w = 100 / np.sqrt(np.pi)
    assert crps_w(normal_quantiles(50_000), normal_observations(50_000)) == pytest.approx(exact_w, rel=0.05)


@given(st.floats(0.3, 3.0).filter(lambda factor: abs(factor - 1) > 0.2))
def test_pinball_is_least_for_the_honest_band(factor: float) -> None:
    observed = normal_observations(4000)
    honest = score_quantiles(normal_quantiles(4000), observed).pinball_w
    assert score_quantiles(normal_quantiles(4000, 100 * factor), observed).pinball_w > honest


def test_pinball_weighs_the_two_sides_by_the_level() -> None:
    losses = pinball_losses_w(np.full((len(LEVELS), 2), 100.0), np.array([110.0, 90.0]))
    assert losses[:, 0] == pytest.approx(10 * LEVELS_ARRAY)
    assert losses[:, 1] == pytest.approx(10 * (1 - LEVELS_ARRAY))


def test_skill_is_the_share_of_the_loss_that_is_gone() -> None:
    assert skill_frac(75.0, 100.0) == pytest.approx(0.25)
    assert skill_frac(120.0, 100.0) == pytest.approx(-0.2)
    assert skill_frac(1.0, 0.0) is None
