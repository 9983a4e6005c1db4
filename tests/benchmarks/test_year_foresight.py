"""What the year's plans are told: the truth and nothing else, or nothing that is not known yet."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from year_books import BEGIN_S, PLACE, VILLAGE, made_truth

from controller.planner.site import planned_site
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S
from forecasting.records import WeatherArchive
from simulation.physics.village import Village

# isort: split
from year_foresight import Forecasts, Perfect
from year_truth import Truth, find_truth
from year_villages import local_midnight
from year_weather import weather_archive


@cache
def long_truth() -> Truth:
    return made_truth(200)


def after(truth: Truth, at_s: int, factor: float) -> Truth:
    """Another future: all that comes after a moment is multiplied."""
    later = np.where(truth.grid.starts_s >= at_s, factor, 1.0)
    return replace(
        truth,
        pv_w={name: values * later for name, values in truth.pv_w.items()},
        demand_w={name: values * later for name, values in truth.demand_w.items()},
        plane_wm2=truth.plane_wm2 * later,
        ghi_wm2=truth.ghi_wm2 * later,
    )


def test_perfect_foresight_is_the_truth_from_the_quarter_of_now():
    truth = made_truth(5)
    at_s = BEGIN_S + DAY_S + 1000
    ahead = Perfect(truth).ahead(at_s)
    first = (DAY_S + 900) // QUARTER_S
    assert ahead.scenarios.grid.start_s == BEGIN_S + DAY_S + 900
    assert ahead.scenarios.pv_w[0] == pytest.approx(truth.total_pv_w[first : first + 192])
    assert ahead.scenarios.load_w[0].sum() == pytest.approx(
        sum(values[first : first + 192].sum() for values in truth.demand_w.values())
    )


def test_forecasts_know_nothing_of_what_is_still_to_come():
    truth, at_s = made_truth(66), BEGIN_S + 62 * DAY_S + 10 * HOUR_S
    site = planned_site(VILLAGE)
    one, other = (
        Forecasts(site, each, WeatherArchive(), rehearsed_days=1).ahead(at_s)
        for each in (truth, after(truth, at_s, 0.3))
    )
    assert one.scenarios.pv_w == pytest.approx(other.scenarios.pv_w)
    assert one.scenarios.load_w == pytest.approx(other.scenarios.load_w)
    assert one.scenarios.weights.size <= 5
    daily_wh = float(one.scenarios.weights @ one.scenarios.load_w.sum(axis=1)) / 4.0 / 2.0
    assert daily_wh == pytest.approx(
        sum(values.mean() for values in truth.demand_w.values()) * 24.0, rel=0.15
    )


def test_a_weather_run_is_issued_before_the_days_that_it_tells_of():
    archive = weather_archive(made_truth(10), PLACE, seed=1)
    assert len(archive.runs) == 9
    for run in archive.runs:
        assert run.issued_s < run.grid.start_s
        assert (run.grid.start_s - BEGIN_S) % DAY_S == 0


def test_the_weather_model_is_as_wrong_as_wrf_at_bangkok():
    truth = long_truth()
    archive = weather_archive(truth, PLACE, seed=1)
    measured = truth.ghi_wm2.reshape(-1, 4).mean(axis=1).reshape(-1, 24)[1:]
    foretold = np.stack([run.ghi_wm2[:24] for run in archive.runs])
    error = (foretold - measured)[:, 7:17]
    assert 170.0 < float(np.sqrt(np.mean(error**2))) < 240.0
    assert 60.0 < float(error.mean()) < 170.0
    daily = np.corrcoef(foretold.sum(axis=1), measured.sum(axis=1))[0, 1]
    assert 0.40 < float(daily) < 0.75


def test_a_later_run_sees_the_same_day_better():
    truth = long_truth()
    wanted = truth.ghi_wm2.reshape(-1, 96).sum(axis=1)[3:150]
    fits = []
    for hours, first in ((slice(0, 24), 2), (slice(48, 72), 0)):
        archives = [weather_archive(truth, PLACE, seed) for seed in range(4)]
        told = [
            np.array([run.ghi_wm2[hours].sum() for run in archive.runs[first : first + wanted.size]])
            for archive in archives
        ]
        fits.append(np.mean([np.corrcoef(each, wanted)[0, 1] for each in told]))
    assert fits[0] > fits[1] + 0.03


def test_the_truth_is_what_the_village_lives_through(tmp_path: Path):
    start = local_midnight(VILLAGE, 3, 10)
    truth = find_truth(VILLAGE, start, days=1, seed=5)
    village = Village(VILLAGE, start_utc=start, seed=5, soc_frac=0.3, quiet_step_s=20.0)
    village.advance(DAY_S)
    wanted = {name: line.wanted_wh for name, line in village.feeders.items()}
    for name, values in truth.demand_w.items():
        assert values.sum() / 4.0 == pytest.approx(wanted[name], rel=0.03, abs=50.0)
    offered = truth.total_pv_w.sum() / 4.0
    assert village.ledger.pv <= 1.01 * offered
    assert village.ledger.pv > 0.6 * offered
    truth.save(tmp_path / "truth.npz")
    kept = Truth.load(tmp_path / "truth.npz")
    assert kept.grid == truth.grid
    assert kept.total_pv_w == pytest.approx(truth.total_pv_w)
