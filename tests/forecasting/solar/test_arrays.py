from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib
import pytest
from cloudy_plant import LA_REUNION, VILLAGE, days_from
from hypothesis import given
from hypothesis import strategies as st

from forecasting.grid import Grid
from forecasting.site import Place, PvArray
from forecasting.solar.arrays import Panels, air_c, panels_of, power_w, with_ghi
from forecasting.solar.clear_sky import clear_sky

MARCH, JUNE, DECEMBER = 80, 171, 355


def panels(tilt_deg: list[float], azimuth_deg: list[float], ac_w: float = np.inf) -> Panels:
    ones = np.ones(len(tilt_deg))
    return Panels(1000.0 * ones, np.array(tilt_deg), np.array(azimuth_deg), ac_w * ones)


@pytest.mark.parametrize(
    ("place", "day", "best"),
    [(VILLAGE, JUNE, 0), (VILLAGE, DECEMBER, 180), (LA_REUNION, JUNE, 0), (LA_REUNION, DECEMBER, 180)],
)
def test_the_best_roof_follows_the_noon_sun(place: Place, day: int, best: float) -> None:
    sky = clear_sky(place, days_from(day, 1))
    azimuths = [0.0, 90.0, 180.0, 270.0]
    given = power_w(panels([25.0] * 4, azimuths), sky).sum(axis=1)
    assert azimuths[int(np.argmax(given))] == best


def test_east_has_the_morning_and_west_the_afternoon() -> None:
    sky = clear_sky(VILLAGE, days_from(MARCH, 1))
    east, west = power_w(panels([30.0, 30.0], [90.0, 270.0]), sky)
    morning = sky.azimuth_deg < 180.0
    assert east[morning].sum() > 1.3 * west[morning].sum()
    assert west[~morning].sum() > 1.3 * east[~morning].sum()


def test_it_agrees_with_pvlibs_chain_of_models() -> None:
    grid = days_from(MARCH, 1)
    sky = clear_sky(VILLAGE, grid)
    ours = power_w(panels([20.0], [120.0]), sky, np.full(grid.count, 30.0))[0]
    plane = pvlib.irradiance.get_total_irradiance(
        20.0, 120.0, pd.Series(sky.zenith_deg), pd.Series(sky.azimuth_deg), pd.Series(sky.dni_wm2),
        pd.Series(sky.ghi_wm2), pd.Series(sky.dhi_wm2), dni_extra=pd.Series(sky.extra_wm2), model="haydavies",
    )["poa_global"].to_numpy()  # fmt: skip
    cell_c = pvlib.temperature.faiman(plane, 30.0)
    other = pvlib.pvsystem.pvwatts_dc(plane, cell_c, 1000.0, -0.004)
    met = pvlib.irradiance.aoi(20.0, 120.0, sky.zenith_deg, sky.azimuth_deg) < 50.0  # at the glass
    assert np.abs(ours[met] / other[met] - 1.0).max() < 0.04


def test_an_inverter_gives_no_more_than_its_limit_and_heat_costs() -> None:
    sky = clear_sky(VILLAGE, days_from(MARCH, 1))
    free = power_w(panels([10.0], [180.0]), sky)[0]
    assert np.allclose(power_w(panels([10.0], [180.0], ac_w=500.0), sky)[0], np.minimum(free, 500.0))
    hot, cool = (power_w(panels([10.0], [180.0]), sky, np.full(96, temp_c)) for temp_c in (40.0, 20.0))
    assert hot.sum() == pytest.approx(0.92 * cool.sum(), rel=0.02)


@given(
    tilt_deg=st.floats(0, 90),
    azimuth_deg=st.floats(0, 360),
    clearness=st.floats(0, 2),
    day=st.integers(0, 364),
)
def test_power_is_finite_and_never_negative(
    tilt_deg: float, azimuth_deg: float, clearness: float, day: int
) -> None:
    sky = clear_sky(VILLAGE, days_from(day, 1))
    found = power_w(panels([tilt_deg], [azimuth_deg]), with_ghi(sky, clearness * sky.ghi_wm2))
    assert np.all(np.isfinite(found))
    assert np.all((found >= 0.0) & (found < 2000.0))


def test_more_sun_gives_more_and_missing_sun_stays_missing() -> None:
    sky = clear_sky(VILLAGE, days_from(MARCH, 1))
    ghi_wm2 = 0.5 * sky.ghi_wm2
    noon = int(np.argmax(sky.ghi_wm2))
    ghi_wm2[noon + 1] = np.nan
    flat = panels([0.0], [0.0])
    dim, clear = power_w(flat, with_ghi(sky, ghi_wm2))[0], power_w(flat, sky)[0]
    assert 0.4 * clear[noon] < dim[noon] < 0.62 * clear[noon]
    assert np.isnan(dim[noon + 1])
    assert np.isfinite(np.delete(dim, noon + 1)).all()


def test_under_thick_cloud_all_directions_are_alike() -> None:
    sky = clear_sky(VILLAGE, days_from(MARCH, 1))
    dull = with_ghi(sky, 0.2 * sky.ghi_wm2)
    given = power_w(panels([15.0] * 4, [0.0, 90.0, 180.0, 270.0]), dull).sum(axis=1)
    assert np.ptp(given) < 0.02 * given.mean()


def test_an_irradiance_is_parted_without_loss() -> None:
    sky = clear_sky(VILLAGE, days_from(MARCH, 1))
    cloudy = with_ghi(sky, 0.7 * sky.ghi_wm2)
    beam = cloudy.dni_wm2 * np.maximum(np.cos(np.radians(cloudy.zenith_deg)), 0.0)
    assert np.allclose(beam + cloudy.dhi_wm2, cloudy.ghi_wm2)
    assert np.all(cloudy.dhi_wm2 >= -1e-9)


def test_the_usual_air_is_warm_in_the_afternoon_and_fills_gaps_only() -> None:
    sky = clear_sky(VILLAGE, days_from(JUNE, 1))
    usual = air_c(sky, None)
    assert 13.0 < (np.argmax(usual) + 0.5) / 4 < 15.0
    measured = np.full(96, 31.0)
    measured[5] = np.nan
    filled = air_c(sky, measured)
    assert filled[5] == usual[5]
    assert np.all(np.delete(filled, 5) == 31.0)


def test_what_is_not_written_down_is_filled_with_the_usual() -> None:
    north, south = (panels_of([PvArray("a", dc_w=2000.0)], latitude_deg) for latitude_deg in (12.0, -21.0))
    assert (north.azimuth_deg[0], south.azimuth_deg[0]) == (180.0, 0.0)
    assert 1500.0 < north.dc_w[0] < 2000.0
    assert np.isinf(north.ac_w[0])
    assert panels_of([PvArray("b", tilt_deg=0.0, azimuth_deg=0.0)], 12.0).tilt_deg[0] == 0.0


def test_a_grid_of_one_step_works() -> None:
    sky = clear_sky(VILLAGE, Grid(days_from(0, 1).start_s + 6 * 3600, 900, 1))
    assert power_w(panels([0.0], [0.0]), sky).shape == (1, 1)
