"""Several experts speak as one, with a band."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.quantiles import LEVELS
from forecasting.solar.day_ahead.blend import Blend, learn_blend

SUN = np.array([0.5, 1.0, 0.7])
DAYS = 200


def _experts(*errors: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.clip(0.6 + 0.2 * rng.standard_normal((DAYS, 3)), 0.05, 1.1)
    unseen = np.stack([truth + error * rng.standard_normal(truth.shape) for error in errors])
    return unseen, truth


def _blend(*errors: float) -> Blend:
    unseen, truth = _experts(*errors)
    return learn_blend(unseen, truth, truth[..., None], np.zeros(DAYS), SUN)[0]


def test_who_errs_less_counts_for_more() -> None:
    blend = _blend(0.3, 0.1, 0.15)
    assert blend.shares[1] > blend.shares[2] > blend.shares[0]
    assert blend.shares.sum() == pytest.approx(1.0)
    assert blend.error == pytest.approx([0.3, 0.1, 0.15], rel=0.1)


def test_together_they_err_less_than_the_best() -> None:
    unseen, truth = _experts(0.15, 0.15, 0.15)
    _, told = learn_blend(unseen, truth, truth[..., None], np.zeros(DAYS), SUN)
    assert np.sqrt(((told - truth) ** 2).mean()) < 0.1


def test_errors_of_long_ago_count_for_less() -> None:
    unseen, truth = _experts(0.3, 0.1, 0.1)
    unseen[1, :100] += 0.5  # wrong at first, good since
    age_days = np.arange(DAYS)[::-1].astype(float)
    forgetting, _ = learn_blend(unseen, truth, truth[..., None], 4.0 * age_days, SUN)
    remembering, _ = learn_blend(unseen, truth, truth[..., None], np.zeros(DAYS), SUN)
    assert forgetting.shares[1] > remembering.shares[1] + 0.1


def test_days_that_a_model_does_not_know_are_told_by_the_one_without_weather() -> None:
    unseen, truth = _experts(0.3, 0.1)
    unseen[1, 50:60] = np.nan
    _, told = learn_blend(unseen, truth, truth[..., None], np.zeros(DAYS), SUN)
    assert told[50:60] == pytest.approx(unseen[0, 50:60])


def test_a_model_that_is_away_leaves_its_share_to_the_fresh() -> None:
    blend = _blend(0.3, 0.1, 0.1)
    now = blend.now(np.array([0.0, np.inf, 0.0]))
    assert now[1] == 0.0
    assert now[2] == pytest.approx(blend.shares[1] + blend.shares[2])


def test_without_any_model_the_one_without_weather_speaks() -> None:
    assert _blend(0.3, 0.1, 0.1).now(np.array([0.0, np.inf, np.inf])) == pytest.approx([1.0, 0.0, 0.0])


@given(st.lists(st.floats(0.0, 1e6), min_size=2, max_size=2))
def test_shares_stay_shares_however_old_the_runs(overdue_days: list[float]) -> None:
    shares = _SHARED.now(np.array([0.0, *overdue_days]))
    assert (shares >= 0).all()
    assert shares.sum() == pytest.approx(1.0)


_SHARED = _blend(0.3, 0.1, 0.12)


def test_the_staler_the_wider() -> None:
    blend = _blend(0.3, 0.1)
    mean = np.full(3, 0.6)
    widths = []
    for overdue_days in (0.0, 1.0, 3.0, np.inf):
        band = blend.quantiles(mean, blend.now(np.array([0.0, overdue_days])), blend.error)
        widths.append(float((band[5] - band[1]).mean()))
    assert widths == sorted(widths)
    assert widths[-1] > 1.5 * widths[0]


def test_four_of_five_truths_lie_between_p10_and_p90() -> None:
    blend = _blend(0.3, 0.1)
    unseen, truth = _experts(0.3, 0.1, seed=5)
    shares = blend.now(np.zeros(2))
    inside = []
    for day in range(DAYS):
        band = blend.quantiles(shares @ unseen[:, day], shares, blend.error)
        assert band.shape == (len(LEVELS), 3)
        inside.append((truth[day] >= band[1]) & (truth[day] <= band[5]))
    assert np.mean(inside) == pytest.approx(0.82, abs=0.06)


def test_single_steps_waver_more_than_hours_and_widen_the_band() -> None:
    unseen, truth = _experts(0.3, 0.1)
    wavering = truth[..., None] + 0.2 * np.array([-1.0, 1.0, -1.0, 1.0])
    hourly, _ = learn_blend(unseen, truth, truth[..., None], np.zeros(DAYS), SUN)
    quarterly, _ = learn_blend(unseen, truth, wavering, np.zeros(DAYS), SUN)
    mean = np.full(3, 0.6)
    narrow, wide = (blend.quantiles(mean, blend.shares, blend.error) for blend in (hourly, quarterly))
    assert (wide[5] - wide[1] > narrow[5] - narrow[1] + 0.2).all()


def test_few_days_widen_the_band() -> None:
    unseen, truth = _experts(0.3, 0.1)
    few, _ = learn_blend(unseen[:, :25], truth[:25], truth[:25, :, None], np.zeros(25), SUN)
    many, _ = learn_blend(unseen, truth, truth[..., None], np.zeros(DAYS), SUN)
    assert few.widening > 1.2
    assert 1.0 < many.widening < 1.05


def test_no_hour_is_brighter_than_any_that_was_seen() -> None:
    unseen, truth = _experts(0.3, 0.1)
    blend, _ = learn_blend(unseen, truth, truth[..., None], np.zeros(DAYS), SUN)
    band = blend.quantiles(np.full(3, 1.05), blend.shares, blend.error)
    assert (band <= truth.max(axis=0)).all()
