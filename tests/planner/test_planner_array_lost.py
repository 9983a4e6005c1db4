"""Half of an array stops giving: within three sunny days it is an alarm, and the forecast follows."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from planner_store import store_quarters
from planner_village import default_config, default_site, past_grid

from controller.core.reasons import render
from controller.planner.forecasts import SitePlanner
from controller.runtime.forecast_document import Outline, outline
from controller.telemetry.schema import SeriesKey
from forecasting.grid import local_time
from forecasting.solar.arrays import panels_of, power_w
from forecasting.solar.clear_sky import clear_sky
from forecasting.weather.source import NoWeather

DAYS = 120
NIGHT_S = int(datetime.fromisoformat("2026-04-01T02:10+07:00").timestamp())
"""When the planner learns."""
LOST_S = int(datetime.fromisoformat("2026-03-29T00:00+07:00").timestamp())
"""Three sunny days before."""


def past(lost_s: float | None) -> dict[SeriesKey, np.ndarray]:
    """Sunny, broken and overcast days in no order, the last four sunny; lost_s: half of pv_south goes."""
    rng = np.random.default_rng(7)
    site, grid = default_site(), past_grid(DAYS, NIGHT_S)
    local = local_time(grid.centres_s, site.place.timezone)
    day = local.day - local.day[0]
    kind = rng.choice(3, day[-1] + 1, p=(0.4, 0.4, 0.2))
    kind[-4:] = 0
    middle, width = np.array([0.97, 0.65, 0.25])[kind][day], np.array([0.02, 0.35, 0.15])[kind][day]
    clearness = np.clip(middle + width * rng.uniform(-1, 1, grid.count), 0.03, 1.1)
    sky = clear_sky(site.place, grid)
    south_w, east_w = power_w(panels_of(site.pv.arrays, site.place.latitude_deg), sky) * clearness
    if lost_s is not None:
        south_w = np.where(grid.starts_s >= lost_s, 0.5 * south_w, south_w)
    return {
        ("pv_south", "power_w"): -south_w,
        ("pv_east", "power_w"): -east_w,
        ("pv_south", "limit_frac"): np.ones(grid.count),
        ("pv_east", "limit_frac"): np.ones(grid.count),
        ("sun", "irradiance_wm2"): sky.ghi_wm2 * clearness,
        ("site", "soc_frac"): np.full(grid.count, 0.6),
    }


def after_a_night(folder: Path, lost_s: float | None) -> dict:
    """What the planner answers once it has learned from all that."""
    path = folder / f"{lost_s}.db"
    store_quarters(path, past(lost_s), past_grid(DAYS, NIGHT_S).start_s)
    planner = SitePlanner(default_config(), path, NoWeather())
    planner.learn(NIGHT_S)
    return planner.forecast(NIGHT_S, 0.6)


def told(answer: dict) -> Outline:
    return outline(answer["document"], answer["models"])


def energy_kwh(answer: dict, array: str) -> float:
    """The median of the first day."""
    return float(np.sum(answer["document"]["arrays"][array]["values_w"][3][:96])) / 4000


def test_half_an_array_lost_is_an_alarm_with_date_and_size_and_the_forecast_follows(tmp_path: Path) -> None:
    whole, lost = after_a_night(tmp_path, None), after_a_night(tmp_path, LOST_S)
    assert told(whole).alarms == ()
    (alarm,) = told(lost).alarms or ()
    assert alarm.code == "pv_array_lost"
    assert alarm.params["array"] == "pv_south"
    assert date.fromisoformat(alarm.params["date"]) == date(2026, 3, 29)
    assert alarm.params["lost_frac"] == pytest.approx(0.5, abs=0.1)
    assert "fuses" in render(alarm).en
    assert energy_kwh(lost, "pv_south") == pytest.approx(0.5 * energy_kwh(whole, "pv_south"), rel=0.15)
    assert energy_kwh(lost, "pv_east") == pytest.approx(energy_kwh(whole, "pv_east"), rel=0.1)
