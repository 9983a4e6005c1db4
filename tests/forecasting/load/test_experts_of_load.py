"""The simple models, their weights, and the spread of their errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from forecasting.load.experts import EXPERTS, begin, follow
from forecasting.load.recent import recent_mean_w, recent_median_w
from forecasting.load.scale import LogScale
from forecasting.load.spread import error_quantiles, spread_of
from forecasting.quantiles import LEVELS_ARRAY

FLAT = np.full(24, 50.0)


def test_of_hours_never_measured_the_fallback_is_told() -> None:
    history_w = np.full((5, 24), np.nan)
    np.testing.assert_array_equal(recent_median_w(history_w, FLAT), FLAT)
    np.testing.assert_array_equal(recent_mean_w(history_w, FLAT), FLAT)
    np.testing.assert_array_equal(recent_median_w(np.empty((0, 24)), FLAT), FLAT)


def test_one_wild_day_moves_the_mean_and_not_the_median() -> None:
    history_w = np.full((14, 24), 100.0)
    history_w[-1] = 1000.0
    assert recent_median_w(history_w, FLAT) == pytest.approx(np.full(24, 100.0))
    assert recent_mean_w(history_w, FLAT).min() > 200.0


def test_new_days_count_more_than_old_ones() -> None:
    history_w = np.vstack([np.full((20, 24), 100.0), np.full((8, 24), 200.0)])
    assert recent_median_w(history_w, FLAT) == pytest.approx(np.full(24, 200.0))
    assert recent_mean_w(history_w, FLAT).min() > 150.0


@given(st.floats(0.0, 1e7), st.floats(0.1, 1e5))
def test_the_scale_leads_back_to_the_same_power(power_w, reference_w) -> None:
    scale = LogScale(reference_w)
    assert scale.watts(scale.of(np.array([power_w])))[0] == pytest.approx(
        power_w, rel=1e-9, abs=1e-9 * reference_w
    )


def test_weight_goes_to_the_model_that_fits() -> None:
    """Days of a kind are alike and the kinds are not: institutions gain, the means of all days lose."""
    rng = np.random.default_rng(4)
    kinds = np.tile([0, 0, 0, 0, 0, 1, 2], 12)
    days_w = np.where((kinds == 0)[:, None], 300.0, 60.0) * np.exp(0.03 * rng.standard_normal((84, 24)))
    followed, expected = follow(begin(0, LogScale(200.0), None), kinds.tolist(), days_w)
    assert followed.weights.shape == (EXPERTS,)
    assert followed.weights.sum() == pytest.approx(1.0)
    assert followed.weights.argmax() == 1
    assert followed.weights[2:].sum() < 0.2
    late = np.stack([day.point_w for day in expected[-14:]])
    assert np.abs(late - days_w[-14:]).sum() / days_w[-14:].sum() < 0.12


def test_days_without_a_measurement_leave_the_weights() -> None:
    start = begin(0, LogScale(200.0), None)
    followed, _ = follow(start, [0] * 5, np.full((5, 24), np.nan))
    np.testing.assert_array_equal(followed.weights, np.full(EXPERTS, 1 / EXPERTS))
    assert followed.day == 5


def test_the_spread_is_that_of_the_errors_by_hour() -> None:
    rng = np.random.default_rng(5)
    size = np.where(np.arange(24) < 12, 0.5, 2.0)
    found = error_quantiles(size * rng.standard_normal((300, 24)))
    expected = ndtri(LEVELS_ARRAY)
    assert found[:, 5] == pytest.approx(0.5 * expected, abs=0.4)
    assert found[:, 18] == pytest.approx(2.0 * expected, abs=0.7)


def test_without_errors_the_spread_is_normal_and_steps_between_lie_between() -> None:
    nothing = np.full((10, 24), np.nan)
    np.testing.assert_allclose(error_quantiles(nothing), np.repeat(ndtri(LEVELS_ARRAY)[:, None], 24, axis=1))
    rng = np.random.default_rng(6)
    spread = spread_of(rng.standard_normal((60, 24)), 2 * rng.standard_normal((60, 96)), 900)
    np.testing.assert_array_equal(spread.at(3600), spread.hourly)
    np.testing.assert_array_equal(spread.at(900), spread.fine)
    np.testing.assert_array_equal(spread.at(300), spread.fine)
    assert spread.hourly[5].mean() < spread.at(1800)[5].mean() < spread.fine[5].mean()


@given(st.integers(0, 2**32 - 1), st.integers(0, 30), st.sampled_from([24, 96]))
def test_quantiles_of_errors_never_cross(seed, days, steps) -> None:
    rng = np.random.default_rng(seed)
    errors = np.where(rng.random((days, steps)) < 0.3, np.nan, rng.standard_t(2, (days, steps)))
    assert (np.diff(error_quantiles(errors), axis=0) >= -1e-12).all()


def test_a_day_of_many_times_the_typical_load_silences_no_model() -> None:
    """A pump that was repaired: weights that vanish for good would end in 0 / 0."""
    days_w = np.vstack([np.zeros((20, 24)), np.full((60, 24), 5000.0)])
    followed, _ = follow(begin(0, LogScale(1.0), None), [0] * 80, days_w)
    assert (followed.weights > 0).all()
    assert followed.weights.sum() == pytest.approx(1.0)
