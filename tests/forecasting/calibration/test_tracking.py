"""The running scorecard: the same figures as scoring everything at once, for the days that are asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.calibration.normal_scores import LEVEL_SCORES
from forecasting.calibration.scores import score_quantiles, skill_frac
from forecasting.calibration.tracking import (
    KEPT_DAYS,
    Scorecard,
    fresh_scorecard,
    score_onto,
    tallies,
    tally,
)
from forecasting.grid import DAY_S, HOUR_S, Floats, Grid
from forecasting.quantiles import LEVELS, QuantileForecast

START_S = 20_000 * DAY_S


def forecast(day: int, spread_w: float = 100.0, bias_w: float = 0.0) -> QuantileForecast:
    issued_s = START_S + day * DAY_S
    values = 1000 + bias_w + spread_w * np.repeat(LEVEL_SCORES[:, None], 48, axis=1)
    return QuantileForecast(issued_s, Grid(issued_s, HOUR_S, 48), values)


def observed(day: int) -> Floats:
    return 1000 + 100 * np.random.default_rng(day).standard_normal(48)


def walked(days: int) -> Scorecard:
    card = fresh_scorecard()
    for day in range(days):
        card = score_onto(card, forecast(day), observed(day), forecast(day, spread_w=300.0, bias_w=200.0))
    return card


def test_the_running_figures_are_those_of_scoring_everything_at_once() -> None:
    found = tally(walked(10), START_S + 11 * DAY_S, days=30)
    quantiles = np.concatenate([forecast(day).values_w for day in range(10)], axis=1)
    reference = np.concatenate([forecast(day, 300.0, 200.0).values_w for day in range(10)], axis=1)
    everything = np.concatenate([observed(day) for day in range(10)])
    at_once = score_quantiles(quantiles, everything)
    assert found.pairs == 480
    assert found.coverage_frac == pytest.approx(at_once.coverage_frac)
    assert found.pinball_w == pytest.approx(at_once.pinball_w)
    assert found.bias_w == pytest.approx(at_once.median.bias_w)
    assert found.wape_frac == pytest.approx(at_once.median.wape_frac)
    expected = skill_frac(at_once.pinball_w, score_quantiles(reference, everything).pinball_w)
    assert found.skill_frac == pytest.approx(expected)
    assert expected is not None
    assert expected > 0.3


def test_lead_times_are_told_one_by_one() -> None:
    found = tallies(walked(10), START_S + 11 * DAY_S, days=30)
    assert [(each.from_s // HOUR_S, each.to_s // HOUR_S) for each in found] == [
        (0, 1),
        (1, 6),
        (6, 24),
        (24, 48),
    ]
    assert [each.pairs for each in found] == [10, 50, 180, 240]


def test_only_the_days_asked_for_count() -> None:
    card = fresh_scorecard()
    for day in range(20):
        card = score_onto(card, forecast(day, bias_w=0.0 if day < 10 else 500.0), observed(day))
    last_week = tally(card, START_S + 20 * DAY_S, days=7)
    assert last_week.bias_w == pytest.approx(500, abs=20)
    assert last_week.coverage_frac == pytest.approx(0.0, abs=0.02)
    month = tally(card, START_S + 20 * DAY_S, days=30)
    assert month.bias_w == pytest.approx(250, abs=30)


def test_old_days_are_dropped_and_late_ones_do_not_come_back() -> None:
    card = walked(60)
    assert len(card.days) == KEPT_DAYS
    late = score_onto(card, forecast(0), observed(0))
    assert late.days == card.days
    assert np.array_equal(late.sums, card.sums)


def test_without_anything_scored_nothing_is_said() -> None:
    card = score_onto(fresh_scorecard(), forecast(0), np.full(48, np.nan))
    found = tally(card, START_S, days=14)
    assert found.pairs == 0
    assert (found.coverage_frac, found.pinball_w, found.skill_frac) == (None, None, None)
    assert (found.bias_w, found.wape_frac) == (None, None)


def test_without_a_reference_there_is_no_skill_but_the_rest() -> None:
    found = tally(score_onto(fresh_scorecard(), forecast(0), observed(0)), START_S + 2 * DAY_S)
    assert found.skill_frac is None
    assert found.pinball_w is not None


def test_skill_compares_only_what_both_forecast() -> None:
    compared = score_onto(fresh_scorecard(), forecast(0), observed(0), forecast(0, 300.0))
    more = score_onto(compared, forecast(1, bias_w=900.0), observed(1))
    later_s = START_S + 3 * DAY_S
    assert tally(more, later_s).skill_frac == pytest.approx(tally(compared, later_s).skill_frac)


def test_nights_of_pv_do_not_count_as_covered() -> None:
    night = QuantileForecast(START_S, Grid(START_S, HOUR_S, 48), np.zeros((len(LEVELS), 48)))
    found = tally(score_onto(fresh_scorecard(), night, np.zeros(48)), START_S + 2 * DAY_S)
    assert found.pairs == 48
    assert found.coverage_frac is None
    assert found.pinball_w == 0.0


def test_a_card_that_cannot_be_is_refused() -> None:
    card = walked(3)
    with pytest.raises(ValueError, match="another shape"):
        replace(card, days=(1, 2))
    with pytest.raises(ValueError, match="impossible"):
        replace(card, days=card.days[::-1])


def test_what_cannot_be_told_is_refused() -> None:
    with pytest.raises(ValueError, match="days"):
        tally(walked(1), START_S, days=KEPT_DAYS + 1)
    with pytest.raises(ValueError, match="same grid"):
        score_onto(fresh_scorecard(), forecast(0), observed(0), forecast(1))
