from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pvlib
import pytest
from cloudy_plant import LA_REUNION, VILLAGE, days_from
from hypothesis import given
from hypothesis import strategies as st

from forecasting.grid import DAY_S, HOUR_S, Grid
from forecasting.site import Place
from forecasting.solar.clear_sky import clear_sky
from forecasting.solar.geometry import sun_position
from forecasting.solar.turbidity import linke_turbidity

MIDSUMMER_S = 1_687_280_400  # midnight of 2023-06-21 in Bangkok


def test_the_sun_stands_where_pvlib_sees_it() -> None:
    at_s = days_from(0, 365, HOUR_S).centres_s[::5]
    sun = sun_position(VILLAGE, at_s)
    site = pvlib.location.Location(VILLAGE.latitude_deg, VILLAGE.longitude_deg, altitude=VILLAGE.altitude_m)
    other = site.get_solarposition(pd.to_datetime(at_s, unit="s", utc=True))
    up = other["apparent_zenith"].to_numpy() < 88.0
    assert np.abs(sun.zenith_deg - other["apparent_zenith"].to_numpy())[up].max() < 0.05
    assert np.abs(sun.azimuth_deg - other["azimuth"].to_numpy())[up].max() < 0.05


def test_the_noon_sun_of_june_stands_in_the_north_of_a_thai_village() -> None:
    sky = clear_sky(VILLAGE, Grid(MIDSUMMER_S, 900, 96))
    noon = int(np.argmin(sky.zenith_deg))
    assert np.cos(np.radians(sky.azimuth_deg[noon])) > 0.9
    assert sky.zenith_deg[noon] == pytest.approx(23.44 - VILLAGE.latitude_deg, abs=0.5)


@given(
    latitude_deg=st.floats(-60, 60), longitude_deg=st.floats(-180, 180), day=st.integers(0, 364),
    step_s=st.sampled_from([300, 600, 900, 1800, 3600]),
)  # fmt: skip
def test_a_sky_is_whole(latitude_deg: float, longitude_deg: float, day: int, step_s: int) -> None:
    place = Place(latitude_deg, longitude_deg, "UTC", country=None, linke_turbidity=(3.5,) * 12)
    sky = clear_sky(place, days_from(day, 1, step_s))
    beam = sky.dni_wm2 * np.maximum(np.cos(np.radians(sky.zenith_deg)), 0.0)
    assert np.allclose(sky.ghi_wm2, beam + sky.dhi_wm2, atol=2.0)
    for column in (sky.ghi_wm2, sky.dni_wm2, sky.dhi_wm2):
        assert np.all((column >= 0.0) & (column < 1300.0))
    assert np.all(sky.ghi_wm2[sky.elevation_deg < -5.0] == 0.0)


@pytest.mark.parametrize("place", [VILLAGE, LA_REUNION], ids=["village", "la_reunion"])
def test_hours_are_the_means_of_their_quarters_at_sunrise_too(place: Place) -> None:
    hours, quarters = (clear_sky(place, days_from(100, 3, step_s)) for step_s in (3600, 900))
    assert np.allclose(hours.ghi_wm2, quarters.ghi_wm2.reshape(-1, 4).mean(axis=1), atol=0.5)
    assert np.allclose(hours.dhi_wm2, quarters.dhi_wm2.reshape(-1, 4).mean(axis=1), atol=0.5)


def test_a_shift_moves_the_sun_against_the_stamps() -> None:
    grid = days_from(10, 1)
    later = replace(grid, start_s=grid.start_s + 1800)
    assert np.allclose(clear_sky(VILLAGE, grid, 1800).ghi_wm2, clear_sky(VILLAGE, later).ghi_wm2)


def test_turbidity_given_for_the_place_rules_and_joins_the_months() -> None:
    place = replace(VILLAGE, linke_turbidity=(3.0,) * 6 + (5.0,) * 6)
    june, july = (1_686_800_000, 1_689_500_000)  # the middles of the months
    at_s = np.array([june, (june + july) // 2, july])
    assert linke_turbidity(place, at_s) == pytest.approx([3.0, 4.0, 5.0], abs=0.15)


def test_the_year_ends_where_the_next_begins() -> None:
    new_year_s = 1_704_067_200
    around = linke_turbidity(VILLAGE, np.array([new_year_s - 60, new_year_s + 60]))
    assert around[0] == pytest.approx(around[1], abs=0.02)


def test_thailand_has_its_own_turbidity_and_the_world_its_map() -> None:
    at_s = np.array([1_689_500_000])
    bangkok = Place(13.74, 100.53, "Asia/Bangkok")
    assert 3.0 < linke_turbidity(bangkok, at_s)[0] < 4.0
    for place in (replace(bangkok, country=None), LA_REUNION):
        mapped = pvlib.clearsky.lookup_linke_turbidity(
            pd.to_datetime(at_s, unit="s", utc=True), place.latitude_deg, place.longitude_deg
        )
        assert linke_turbidity(place, at_s) == pytest.approx(mapped.to_numpy(), abs=0.02)


def test_eleven_months_are_refused() -> None:
    with pytest.raises(ValueError, match="twelve"):
        linke_turbidity(replace(VILLAGE, linke_turbidity=(3.0,) * 11), np.array([0]))


def test_thin_air_lets_more_through() -> None:
    grid = Grid(MIDSUMMER_S, 900, DAY_S // 900)
    high = replace(VILLAGE, altitude_m=2000.0)
    assert clear_sky(high, grid).ghi_wm2.max() > 1.03 * clear_sky(VILLAGE, grid).ghi_wm2.max()
