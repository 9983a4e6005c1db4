"""What became of earlier forecasts: learned from when it is time, scored against what is usual."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from planner_village import slow_noise

from controller.planner.hindsight import (
    KEPT_S,
    Issued,
    Measured,
    Quality,
    caught_up,
    fresh_calibrations,
    issued_forecasts,
    quality,
)
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.issued import IssuedForecast
from forecasting.calibration.conformal import calibrate
from forecasting.calibration.dependence import correlation
from forecasting.calibration.scores import coverage_frac
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Grid
from forecasting.quantiles import LEVELS, QuantileForecast

START_S = 1_775_000_700 // DAY_S * DAY_S
HORIZON = 192
_NORMAL = np.array([-1.645, -1.2816, -0.6745, 0.0, 0.6745, 1.2816, 1.645])


def world(days: int, seed: int = 1) -> Measured:
    """A load around 1000 W with a daily rhythm and a spread of 100 W."""
    grid = Grid(START_S, QUARTER_S, days * DAY_S // QUARTER_S)
    rhythm = 300.0 * np.sin(2 * np.pi * grid.starts_s / DAY_S)
    return Measured(grid, 1000.0 + rhythm + 100.0 * slow_noise(np.random.default_rng(seed), grid.count, 8))


def forecast_at(issued_s: int, spread_w: float, bias_w: float = 0.0) -> QuantileForecast:
    """The rhythm with a band: right when its spread is 100 W and its bias 0."""
    grid = Grid(issued_s // QUARTER_S * QUARTER_S, QUARTER_S, HORIZON)
    middle = 1000.0 + bias_w + 300.0 * np.sin(2 * np.pi * grid.starts_s / DAY_S)
    return QuantileForecast(issued_s, grid, middle + spread_w * _NORMAL[:, None])


def hourly(days: int, **kwargs: float) -> list[QuantileForecast]:
    return [forecast_at(START_S + hour * HOUR_S + 75, **kwargs) for hour in range(24 * days)]


def test_what_was_measured_is_found_on_any_grid() -> None:
    measured = Measured(Grid(9000, 900, 4), np.array([1.0, 2.0, 3.0, 4.0]))
    assert measured.on(Grid(9900, 900, 2)).tolist() == [2.0, 3.0]
    around = measured.on(Grid(8100, 900, 7))
    assert np.isnan(around[[0, 5, 6]]).all()
    assert around[1:5].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert np.isnan(measured.on(Grid(90_000, 900, 2))).all()


def test_bands_that_are_too_narrow_become_right() -> None:
    measured = world(28)
    learned_s = START_S + 18 * DAY_S
    past = Measured(measured.grid, np.where(measured.grid.starts_s < learned_s, measured.values_w, np.nan))
    forecasts = hourly(18, spread_w=25.0)
    said = Issued(forecasts, forecasts)
    learned = caught_up(fresh_calibrations(), said, said, past, past, learned_s)
    later = [forecast_at(learned_s + day * DAY_S, spread_w=25.0) for day in range(8)]
    observed = np.concatenate([measured.on(one.grid) for one in later])
    raw = np.concatenate([one.values_w for one in later], axis=1)
    kept = np.concatenate([calibrate(learned.load, one).values_w for one in later], axis=1)
    assert coverage_frac(raw, observed) == pytest.approx(0.25, abs=0.06)
    assert coverage_frac(kept, observed) == pytest.approx(0.80, abs=0.06)


def test_learning_all_at_once_or_hour_by_hour_comes_to_the_same() -> None:
    measured, forecasts = world(3), hourly(3, spread_w=60.0, bias_w=50.0)
    now_s = measured.grid.end_s
    said = Issued(forecasts, forecasts)
    at_once = caught_up(fresh_calibrations(), said, said, measured, measured, now_s)
    by_hours = fresh_calibrations()
    for hour in range(1, 24 * 3 + 1):
        at_s = START_S + hour * HOUR_S
        known = [forecast for forecast in forecasts if forecast.issued_s < at_s]
        said = Issued(known, known)
        past = Measured(measured.grid, np.where(measured.grid.starts_s < at_s, measured.values_w, np.nan))
        by_hours = caught_up(by_hours, said, said, past, past, at_s)
    assert by_hours.load.learned_s == at_once.load.learned_s
    assert by_hours.dependence.learned_s == at_once.dependence.learned_s
    assert by_hours.dependence.load.squares == pytest.approx(at_once.dependence.load.squares)


def test_a_bias_that_calibration_takes_away_is_no_error_that_lasts() -> None:
    """How errors hang together is that of the forecasts as published, whatever the models had said."""
    measured, now_s = world(28), START_S + 28 * DAY_S
    right, biased = hourly(26, spread_w=100.0), hourly(26, spread_w=100.0, bias_w=400.0)

    def half_a_day_apart(models: Issued, published: Issued) -> float:
        learned = caught_up(fresh_calibrations(), models, published, measured, measured, now_s)
        return float(correlation(learned.dependence.load_weights, np.array([12.0 * HOUR_S]))[0])

    unbiased = half_a_day_apart(Issued(right, right), Issued(right, right))
    assert half_a_day_apart(Issued(biased, biased), Issued(right, right)) == unbiased
    assert half_a_day_apart(Issued(biased, biased), Issued(biased, biased)) > unbiased + 0.2


def test_a_lead_time_is_not_learned_from_before_all_of_it_is_over() -> None:
    measured, forecast = world(3), forecast_at(START_S, spread_w=60.0)
    said, none = Issued([forecast], []), Issued([], [])
    half = caught_up(fresh_calibrations(), said, none, measured, measured, START_S + HOUR_S // 2)
    assert half.pv.learned_s[0] is None
    whole = caught_up(half, said, none, measured, measured, START_S + HOUR_S)
    assert whole.pv.learned_s[0] == START_S
    assert whole.pv.learned_s[1] is None


def test_good_forecasts_score_better_than_what_is_usual_and_bad_ones_worse() -> None:
    measured = world(60)
    now_s = measured.grid.end_s
    recent = [one for one in hourly(60, spread_w=100.0) if one.issued_s >= now_s - 10 * DAY_S]
    good = quality(recent, measured, now_s)
    biased = [forecast_at(one.issued_s, spread_w=100.0, bias_w=500.0) for one in recent]
    bad = quality(biased, measured, now_s)
    assert good.days == 10
    assert good.coverage_80_frac == pytest.approx(0.8, abs=0.06)
    assert good.pinball_skill_frac is not None
    assert bad.pinball_skill_frac is not None
    assert abs(good.pinball_skill_frac) < 0.1  # what is usual is as good as this world allows
    assert bad.pinball_skill_frac < -1.0
    assert bad.coverage_80_frac is not None
    assert bad.coverage_80_frac < 0.05


def test_with_few_days_nothing_is_claimed() -> None:
    measured = world(20)
    now_s = measured.grid.end_s
    assert quality([], measured, now_s) == Quality(0)
    late = [forecast_at(now_s - 2 * DAY_S, spread_w=100.0)]
    assert quality(late, measured, now_s) == Quality(2)
    young = world(6)
    scored = quality(hourly(4, spread_w=100.0), young, young.grid.end_s)
    assert scored.coverage_80_frac is not None
    assert scored.pinball_skill_frac is None  # nothing is usual yet


def test_forecasts_come_back_from_the_store_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.db"
    issued = forecast_at(START_S, spread_w=100.0)
    rows = tuple(tuple(row) for row in issued.values_w.tolist())
    strange = IssuedForecast("load_model", START_S + 1, START_S, QUARTER_S, rows[: len(LEVELS) - 2])
    database = TelemetryDatabase(path)
    database.open("boot", datetime.fromtimestamp(START_S, UTC))
    database.keep_forecasts(
        [IssuedForecast("load_model", START_S, issued.grid.start_s, QUARTER_S, rows), strange]
    )
    database.close()
    (found,) = issued_forecasts(path, "load_model", START_S - KEPT_S, START_S + 10)
    assert found.grid == issued.grid
    assert found.values_w == pytest.approx(issued.values_w, rel=1e-6)
