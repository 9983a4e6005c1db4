"""Normal scores: where a value lies within a forecast, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import norm

from forecasting.calibration.normal_scores import LEVEL_SCORES, in_doubt, scores_of, values_at
from forecasting.quantiles import LEVELS

bands = hnp.arrays(np.float64, (len(LEVELS),), elements=st.floats(1.0, 1000.0)).map(
    lambda steps: 500 + np.cumsum(steps)[:, None]
)


@given(bands, st.floats(-6.0, 6.0))
def test_there_and_back_is_the_same_value(quantiles, score: float) -> None:
    value = values_at(quantiles, np.full((1, 1), score))[0]
    if value[0] > 0:
        assert scores_of(quantiles, value) == pytest.approx(score, abs=1e-6)


@given(bands)
def test_the_quantiles_lie_at_the_scores_of_their_levels(quantiles) -> None:
    assert values_at(quantiles, LEVEL_SCORES[:, None]) == pytest.approx(quantiles)


def test_scores_of_a_normal_forecast_are_standard_normal() -> None:
    observed = 1000 + 100 * np.random.default_rng(3).standard_normal(20_000)
    quantiles = np.repeat(1000 + 100 * LEVEL_SCORES[:, None], observed.size, axis=1)
    scores = scores_of(quantiles, observed)
    assert scores[0] == pytest.approx((observed - 1000) / 100, abs=1e-6)
    assert np.array_equal(scores[0], scores[-1])


def test_nothing_observed_or_no_band_gives_no_score() -> None:
    quantiles = np.repeat(LEVEL_SCORES[:, None] + 10, 3, axis=1)
    quantiles[:, 1] = 0.0
    scores = scores_of(quantiles, np.array([np.nan, 0.0, 10.0]))
    assert in_doubt(quantiles).tolist() == [True, False, True]
    assert np.isnan(scores[:, :2]).all()
    assert scores[:, 2] == pytest.approx(0.0)


def test_a_tie_is_spread_over_its_probabilities() -> None:
    """A circuit that is off half of the time: P05 to P50 are all 0, and 0 means anything below one half."""
    quantiles = np.array([0.0, 0.0, 0.0, 0.0, 20.0, 40.0, 50.0])[:, None]
    probabilities = norm.cdf(scores_of(quantiles, np.zeros(1))[:, 0])
    assert probabilities == pytest.approx([0.05, 0.15, 0.25, 0.35, 0.45])


def test_far_outside_a_band_squeezed_against_its_ceiling_the_score_stays_finite() -> None:
    quantiles = np.array([100.0, 200.0, 300.0, 400.0, 400.0, 400.0, 400.0])[:, None]
    assert 3.0 < scores_of(quantiles, np.array([420.0]))[0, 0] < 10.0
