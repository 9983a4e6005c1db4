from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cloudy_plant import LA_REUNION, VILLAGE, Roof, days_from, grow

from forecasting.grid import DAY_S, Floats
from forecasting.records import PvRecord, missing
from forecasting.site import Place, PvArray, PvSite
from forecasting.solar.learned import LearnedArray, LearnedSite
from forecasting.solar.site_learning import learn_arrays


def learned(place: Place, record: PvRecord, **nameplate: float) -> LearnedArray:
    site = PvSite(place, (PvArray("roof", **nameplate),))
    return learn_arrays({"roof": record}, site, record.grid.end_s).arrays[0]


def apart_deg(array: LearnedArray, roof: Roof) -> float:
    """Angle between the normals of the found and the true plane."""
    planes = np.radians([[array.tilt_deg, array.azimuth_deg], [roof.tilt_deg, roof.azimuth_deg]])
    found, true = (
        np.array([np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)])
        for tilt, azimuth in planes
    )
    return float(np.degrees(np.arccos(np.clip(found @ true, -1.0, 1.0))))


@pytest.mark.parametrize("place", [VILLAGE, LA_REUNION], ids=["village", "la_reunion"])
@pytest.mark.parametrize("azimuth_deg", [0.0, 90.0, 180.0, 270.0], ids=["north", "east", "south", "west"])
def test_a_roof_of_which_nothing_is_known_is_found(place: Place, azimuth_deg: float) -> None:
    roof = Roof(5000.0, 20.0, azimuth_deg)
    (record,) = grow(place, [roof], days_from(40, 150), seed=3)
    array = learned(place, record)
    assert apart_deg(array, roof) < 5.0
    assert array.dc_w == pytest.approx(5000.0, rel=0.08)
    assert array.clear_days > 20


def test_a_wrong_nameplate_is_outvoted_by_what_the_roof_gives() -> None:
    roof = Roof(5000.0, 15.0, 90.0)
    (record,) = grow(VILLAGE, [roof], days_from(300, 120), seed=4)
    array = learned(VILLAGE, record, dc_w=9000.0, tilt_deg=15.0, azimuth_deg=270.0)
    assert apart_deg(array, roof) < 5.0
    assert array.dc_w == pytest.approx(5000.0, rel=0.08)


@pytest.mark.parametrize("sensor", [False, True], ids=["sky only", "with a sensor"])
@pytest.mark.parametrize("written_w", [500.0, 50_000.0], ids=["a zero too few", "a zero too many"])
def test_a_mistyped_nameplate_is_found_out_within_days(written_w: float, sensor: bool) -> None:
    (record,) = grow(VILLAGE, [Roof(5000.0, 15.0, 90.0)], days_from(60, 7), seed=3, sensor=sensor)
    array = learned(VILLAGE, record, dc_w=written_w, tilt_deg=15.0, azimuth_deg=90.0)
    assert array.dc_w == pytest.approx(5000.0, rel=0.2)


def test_a_roof_whose_azimuth_alone_is_known_is_believed_to_look_there() -> None:
    (record,) = grow(VILLAGE, [Roof(5000.0, 10.0, 270.0)], days_from(10, 1), seed=6, clear_share=0.0)
    known, unknown = learned(VILLAGE, record, azimuth_deg=270.0), learned(VILLAGE, record)
    assert apart_deg(known, Roof(5000.0, 10.0, 270.0)) < apart_deg(unknown, Roof(5000.0, 10.0, 270.0))
    assert 180.0 < known.azimuth_deg < 360.0


def test_a_sensor_finds_the_plane_in_a_cloudy_month() -> None:
    roof = Roof(5000.0, 25.0, 270.0)
    (record,) = grow(VILLAGE, [roof], days_from(180, 30), seed=5, clear_share=0.1, sensor=True)
    array = learned(VILLAGE, record)
    assert apart_deg(array, roof) < 8.0


def test_two_days_leave_the_nameplate_nearly_as_it_was() -> None:
    (record,) = grow(VILLAGE, [Roof(5000.0, 15.0, 90.0)], days_from(10, 2), seed=6, clear_share=0.0)
    array = learned(VILLAGE, record, dc_w=6000.0, tilt_deg=10.0, azimuth_deg=180.0)
    assert array.clear_days < 2.0
    assert 0.6 * 0.85 * 6000 < array.dc_w < 1.1 * 0.85 * 6000
    assert array.tilt_deg < 25.0


def test_an_array_without_a_record_stands_at_its_nameplate() -> None:
    site = PvSite(VILLAGE, (PvArray("new", dc_w=4000.0, ac_w=3000.0, tilt_deg=12.0, azimuth_deg=90.0),))
    (array,) = learn_arrays({}, site, 1.7e9).arrays
    assert (array.tilt_deg, array.azimuth_deg, array.ac_w) == (12.0, 90.0, 3000.0)
    assert array.clear_days == 0.0
    assert np.all(array.level_at(days_from(0, 1)) == 1.0)


def test_clear_sky_power_is_what_the_roof_gives_on_clear_days() -> None:
    roof = Roof(5000.0, 20.0, 90.0)
    (record,) = grow(VILLAGE, [roof], days_from(40, 90), seed=7)
    (tomorrow,) = grow(VILLAGE, [roof], days_from(130, 1), seed=8, clear_share=1.0)
    site = learn_arrays({"roof": record}, PvSite(VILLAGE, (PvArray("roof"),)), record.grid.end_s)
    expected = site.clear_power_w(site.sky(tomorrow.grid))
    assert np.abs(expected - tomorrow.power_w).max() < 0.07 * 5000
    assert expected.sum() == pytest.approx(tomorrow.power_w.sum(), rel=0.06)


def test_a_palm_in_the_west_is_learned_and_the_rest_left_alone() -> None:
    def palm(azimuth_deg: Floats, elevation_deg: Floats) -> Floats:
        return np.where((azimuth_deg > 240) & (azimuth_deg < 285) & (elevation_deg < 40), 0.4, 1.0)

    (record,) = grow(VILLAGE, [Roof(5000.0, 10.0, 180.0, shade=palm)], days_from(290, 150), seed=9)
    shading = learned(VILLAGE, record).shading
    assert shading.factor[16:18, 2].max() < 0.65  # 240 to 270 degrees, 20 to 30 high
    assert shading.factor[5:9, 2].min() > 0.9  # the morning


def test_the_limit_of_an_inverter_is_seen() -> None:
    (record,) = grow(VILLAGE, [Roof(6000.0, 10.0, 180.0, ac_w=4000.0)], days_from(40, 120), seed=10)
    limited = learned(VILLAGE, record)
    assert limited.ac_w == pytest.approx(4000.0, rel=0.01)
    (free,) = grow(VILLAGE, [Roof(6000.0, 10.0, 180.0)], days_from(40, 120), seed=10)
    assert learned(VILLAGE, free).ac_w is None


def test_what_was_held_back_is_never_learned_from() -> None:
    (record,) = grow(VILLAGE, [Roof(5000.0, 10.0, 180.0)], days_from(40, 60), seed=11)
    hours = (record.grid.centres_s + 7 * 3600) % DAY_S / 3600
    curtailed = (hours > 10) & (hours < 15)
    held = replace(
        record, power_w=np.where(curtailed, 0.3 * record.power_w, record.power_w), held_back=curtailed
    )
    assert learned(VILLAGE, held).dc_w == pytest.approx(5000.0, rel=0.1)
    hidden = replace(record, power_w=np.where(curtailed, np.nan, record.power_w))
    assert learned(VILLAGE, held).dc_w == learned(VILLAGE, hidden).dc_w


def test_what_comes_after_the_moment_changes_nothing() -> None:
    (record,) = grow(VILLAGE, [Roof(5000.0, 10.0, 180.0)], days_from(40, 60), seed=12)
    until_s = record.grid.start_s + 40 * DAY_S
    later = record.grid.starts_s >= until_s
    shuffled = replace(record, power_w=np.where(later, 7.0, record.power_w))
    site = PvSite(VILLAGE, (PvArray("roof"),))
    powers = [
        _power_on_the_last_day(learn_arrays({"roof": one}, site, until_s)) for one in (record, shuffled)
    ]
    assert np.array_equal(powers[0], powers[1])


def test_hours_stamped_at_their_middle_are_read_as_such() -> None:
    (quarters,) = grow(VILLAGE, [Roof(5000.0, 15.0, 180.0)], days_from(40, 60), seed=13, sensor=True)
    # Hourly means around each full hour, under a stamp that claims that the hour starts there.
    power, ghi = (
        np.roll(column, 2).reshape(-1, 4).mean(axis=1) for column in (quarters.power_w, quarters.ghi_wm2)
    )
    grid = days_from(40, 60, 3600)
    hourly = PvRecord(grid, power, np.zeros(grid.count, dtype=np.bool_), ghi, missing(grid))
    site = learn_arrays({"roof": hourly}, PvSite(VILLAGE, (PvArray("roof"),)), grid.end_s)
    assert site.shift_s == -1800
    assert apart_deg(site.arrays[0], Roof(5000.0, 15.0, 180.0)) < 5.0


def _power_on_the_last_day(site: LearnedSite) -> Floats:
    return site.clear_power_w(site.sky(days_from(100, 1)))


@pytest.mark.parametrize("reading", [0.0, 500.0, np.nan], ids=["dead", "stuck", "none"])
def test_a_sensor_that_does_not_work_is_left_out(reading: float) -> None:
    (record,) = grow(VILLAGE, [Roof(5000.0, 15.0, 90.0)], days_from(40, 60), seed=14)
    alone = learned(VILLAGE, record)
    broken = learned(VILLAGE, replace(record, ghi_wm2=np.full(record.grid.count, reading)))
    assert broken.dc_w == alone.dc_w
    assert broken.per_ghi == 1.0


def test_nothing_but_nights_and_single_steps_are_survived() -> None:
    (record,) = grow(VILLAGE, [Roof(5000.0, 15.0, 90.0)], days_from(40, 2), seed=15)
    for power_w in (np.zeros(192), np.full(192, np.nan), np.where(np.arange(192) == 50, 900.0, np.nan)):
        array = learned(VILLAGE, replace(record, power_w=power_w), dc_w=5000.0)
        assert np.isfinite(array.dc_w)
        assert array.clear_days < 0.5
    site = PvSite(VILLAGE, (PvArray("roof", dc_w=5000.0),))
    before_all = learn_arrays({"roof": record}, site, record.grid.start_s)
    assert before_all.arrays[0].clear_days == 0.0


def test_arrays_share_a_sky_and_add_up() -> None:
    grid = days_from(60, 60)
    roofs = [Roof(5000.0, 15.0, 90.0), Roof(3000.0, 15.0, 270.0)]
    records = dict(zip(("east", "west"), grow(VILLAGE, roofs, grid, seed=16), strict=True))
    site = learn_arrays(records, PvSite(VILLAGE, (PvArray("east"), PvArray("west"))), grid.end_s)
    sky = site.sky(days_from(120, 1))
    each = site.array_power_w(sky)
    assert each.shape == (2, 96)
    assert np.allclose(each.sum(axis=0), site.clear_power_w(sky))
    assert np.argmax(each[0]) < np.argmax(each[1])
    half_sun = site.power_from_ghi_w(sky, 0.5 * sky.ghi_wm2).sum()
    assert 0.4 * each.sum() < half_sun < 0.65 * each.sum()
    assert np.allclose(site.level(grid), 1.0, atol=0.1)
