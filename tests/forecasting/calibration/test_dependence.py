"""What past errors teach of how errors hang together in time, and PV with load."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.calibration.dependence import (
    LOAD_PRIOR,
    PV_PRIOR,
    DependenceState,
    LagSums,
    correlation,
    fresh_dependence,
    learn_dependence,
)
from forecasting.calibration.normal_scores import LEVEL_SCORES
from forecasting.grid import DAY_S, HOUR_S, Floats, Grid
from forecasting.quantiles import QuantileForecast

START_S = 1_700_006_400
LAGS = 12


def certain_day(issued_s: int) -> QuantileForecast:
    grid = Grid(issued_s, HOUR_S, 48)
    return QuantileForecast(issued_s, grid, np.repeat(1000 + 100 * LEVEL_SCORES[:, None], 48, axis=1))


def watts(scores: Floats) -> Floats:
    return 1000 + 100 * scores


def lasting(rng: np.random.Generator, hours: float, count: int) -> Floats:
    """A stationary series whose correlation decays with a time constant."""
    keep = np.exp(-1 / hours)
    series = np.empty(count)
    series[0] = rng.standard_normal()
    for step in range(1, count):
        series[step] = keep * series[step - 1] + np.sqrt(1 - keep**2) * rng.standard_normal()
    return series


def learned(pv_hours: float, load_hours: float, days: int = 120, together: float = 0.0) -> DependenceState:
    rng = np.random.default_rng(7)
    pv, own = (lasting(rng, hours, 24 * (days + 2)) for hours in (pv_hours, load_hours))
    load = together * pv + np.sqrt(1 - together**2) * own
    state = fresh_dependence()
    for day in range(days):
        forecast, hours = certain_day(START_S + day * DAY_S), slice(24 * day, 24 * day + 48)
        state = learn_dependence(state, forecast, watts(pv[hours]), forecast, watts(load[hours]))
    return state


def test_before_anything_is_learned_the_priors_hold() -> None:
    state = fresh_dependence()
    assert state.pv_weights == pytest.approx(PV_PRIOR, abs=0.01)
    assert state.load_weights == pytest.approx(LOAD_PRIOR, abs=0.01)
    assert state.pv_load_correlation == 0.0


def test_how_long_errors_last_is_learned() -> None:
    state = learned(pv_hours=1.5, load_hours=20.0)
    at_s = np.array([3.0, 12.0]) * HOUR_S
    assert correlation(state.pv_weights, at_s) == pytest.approx(np.exp(-at_s / HOUR_S / 1.5), abs=0.12)
    assert correlation(state.load_weights, at_s) == pytest.approx(np.exp(-at_s / HOUR_S / 20), abs=0.12)


def test_that_use_rises_on_dull_days_is_learned() -> None:
    assert learned(6.0, 6.0, together=-0.6).pv_load_correlation == pytest.approx(-0.6, abs=0.15)


@given(
    st.lists(st.floats(-5.0, 5.0), min_size=LAGS, max_size=LAGS),
    st.lists(st.floats(0.0, 50.0), min_size=LAGS, max_size=LAGS),
)
def test_whatever_was_seen_the_correlation_is_one_that_can_be(products, squares) -> None:
    sums = LagSums(np.array(products), np.array(squares))
    weights = np.array(sums.weights(PV_PRIOR))
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1.0)
    distance_s = np.abs(np.subtract.outer(np.arange(48), np.arange(48))) * float(HOUR_S)
    matrix = correlation(tuple(weights.tolist()), distance_s)
    assert np.diag(matrix) == pytest.approx(1.0)
    assert np.linalg.eigvalsh(matrix).min() > -1e-9


def test_nights_and_gaps_teach_nothing() -> None:
    forecast = certain_day(START_S)
    nothing = np.full(48, np.nan)
    state = learn_dependence(fresh_dependence(), forecast, nothing, forecast, nothing)
    assert not state.pv.squares.any()
    assert not state.cross.any()
    assert state.pv_weights == pytest.approx(PV_PRIOR, abs=0.01)


def test_a_forecast_teaches_once_and_only_in_order() -> None:
    forecast = certain_day(START_S)
    observed = watts(lasting(np.random.default_rng(1), 5.0, 48))
    once = learn_dependence(fresh_dependence(), forecast, observed, forecast, observed)
    assert learn_dependence(once, forecast, observed, forecast, observed) is once


def test_two_grids_cannot_be_learned_from_together() -> None:
    other = certain_day(START_S + DAY_S)
    with pytest.raises(ValueError, match="same grid"):
        learn_dependence(fresh_dependence(), certain_day(START_S), np.ones(48), other, np.ones(48))


def test_a_state_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="another shape"):
        LagSums(np.zeros(2), np.zeros(LAGS))
    with pytest.raises(ValueError, match="impossible"):
        LagSums(np.full(LAGS, np.inf), np.zeros(LAGS))
    with pytest.raises(ValueError, match="pair of numbers"):
        replace(fresh_dependence(), cross=np.zeros(1))
