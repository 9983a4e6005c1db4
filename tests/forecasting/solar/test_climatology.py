"""How clear it usually is: what stands without a weather service."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_days import OFFSET_S, PLACE, day_grid, made_up_site

from forecasting.grid import DAY_S, Floats, Grid
from forecasting.quantiles import LEVELS
from forecasting.site import Place
from forecasting.solar.clear_sky import clear_sky
from forecasting.solar.climatology import ELSEWHERE_CLEARNESS, learn_climatology
from forecasting.solar.solar_days import SolarDays, solar_days

YEAR = Grid(1_640_995_200 - OFFSET_S, 3600, 365 * 24)  # 2022


def test_a_new_thai_village_has_the_sun_that_atlases_give() -> None:
    mean, _ = learn_climatology(None, PLACE).at(YEAR)
    daily_kwh = (mean * clear_sky(PLACE, YEAR).ghi_wm2).reshape(365, 24).sum(axis=1) / 1000
    assert daily_kwh.mean() == pytest.approx(5.1, abs=0.15)
    assert daily_kwh[59:120].mean() == pytest.approx(5.9, abs=0.2)  # March and April
    assert daily_kwh[273:334].mean() == pytest.approx(4.45, abs=0.2)  # October and November


def test_where_nothing_is_known_all_months_are_alike() -> None:
    mean, _ = learn_climatology(None, Place(-21.3, 55.5, "Indian/Reunion", country="RE")).at(YEAR)
    assert mean == pytest.approx(ELSEWHERE_CLEARNESS, abs=0.01)


def test_quantiles_are_in_order_and_lie_around_the_mean() -> None:
    site = made_up_site(60)
    mean, quantiles = learn_climatology(solar_days(site.record, site.clear_w, OFFSET_S), PLACE).at(YEAR)
    assert quantiles.shape == (len(LEVELS), YEAR.count)
    assert (np.diff(quantiles, axis=0) >= 0).all()
    assert ((quantiles[0] < mean) & (mean < quantiles[-1])).all()


def test_a_site_with_foggy_mornings_is_learned() -> None:
    mean, _ = learn_climatology(_days(200, foggy_until=9), PLACE).at(day_grid(200))
    assert mean[7] < 0.45
    assert mean[12] > 0.75


def test_a_few_days_move_what_is_known_of_the_country_only_a_little() -> None:
    before, _ = learn_climatology(None, PLACE).at(day_grid(3))
    after, _ = learn_climatology(_days(3, level=0.3), PLACE).at(day_grid(3))
    noon_before, noon_after = before[12], after[12]
    assert noon_before - 0.2 < noon_after < noon_before - 0.03


def test_seasons_are_kept_apart() -> None:
    level = np.where((np.arange(365) > 120) & (np.arange(365) < 300), 0.5, 0.9)
    climatology = learn_climatology(_days(365, level=level), PLACE)
    assert climatology.at(day_grid(60))[0][12] == pytest.approx(0.89, abs=0.04)
    assert climatology.at(day_grid(210))[0][12] == pytest.approx(0.55, abs=0.04)


def test_the_year_has_no_seam() -> None:
    level = np.where((np.arange(365) > 120) & (np.arange(365) < 300), 0.5, 0.9)
    mean, _ = learn_climatology(_days(365, level=level), PLACE).at(YEAR)
    noons = mean.reshape(365, 24)[:, 12]
    assert abs(noons[-1] - noons[0]) < 0.01
    assert np.abs(np.diff(noons)).max() < 0.02


def test_four_of_five_hours_lie_between_p10_and_p90() -> None:
    site = made_up_site(500, seed=3)
    seen = solar_days(*site.until(day_grid(400).start_s), OFFSET_S)
    coming = day_grid(400, 100)
    _, quantiles = learn_climatology(seen, PLACE).at(coming)
    power_w, clear_w = site.record.power_w[400 * 24 :], site.clear_w[400 * 24 :]
    light = clear_w > 0.1 * clear_w.max()
    inside = (power_w >= quantiles[1] * clear_w) & (power_w <= quantiles[5] * clear_w)
    assert inside[light].mean() == pytest.approx(0.8, abs=0.07)


def _days(count: int, level: float | Floats = 0.9, foggy_until: int = 0) -> SolarDays:
    grid = day_grid(0, count)
    rng = np.random.default_rng(2)
    clear_w = clear_sky(PLACE, grid).ghi_wm2
    clearness = np.broadcast_to(np.asarray(level, dtype=float).reshape(-1, 1), (count, 24)).copy()
    clearness[:, :foggy_until] = 0.3
    clearness += 0.03 * rng.standard_normal(clearness.shape)
    site = made_up_site(count)
    record = type(site.record)(
        grid, clearness.ravel() * clear_w, site.record.held_back, site.record.ghi_wm2, site.record.temp_c
    )
    assert grid.end_s - grid.start_s == count * DAY_S
    return solar_days(record, clear_w, OFFSET_S)
