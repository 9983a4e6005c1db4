"""What technicians are told of arrays and sensors: once, by name, with date and size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from planner_village import ISSUED_S, default_site

from controller.core.reasons import render
from controller.planner.findings import TOLD_FOR_S, array_findings, inspected
from controller.planner.history import History
from controller.planner.site import PlannedSite
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Grid
from forecasting.records import LoadRecord, PvRecord
from forecasting.solar.arrays import panels_of, power_w
from forecasting.solar.changes import ArrayChange
from forecasting.solar.clear_sky import clear_sky
from forecasting.solar.learned import LearnedSite
from forecasting.solar.site_learning import learn_arrays

SITE = default_site()
GRID = Grid(ISSUED_S // DAY_S * DAY_S - 20 * DAY_S, QUARTER_S, 20 * DAY_S // QUARTER_S)
SKY = clear_sky(SITE.place, GRID)


def learned(*changes: ArrayChange, level: np.ndarray | None = None) -> LearnedSite:
    """The village's arrays as written down, with changes and a past level of the south array.

    Without a level, it is what the changes left.
    """
    site = learn_arrays({}, SITE.pv, ISSUED_S)
    south, east = site.arrays
    days = np.ones(120) if level is None else level
    starts_s = ISSUED_S - DAY_S * np.arange(len(days), 0, -1)
    if level is None:
        for one in changes:
            days[starts_s < one.at_s] /= one.factor
    return replace(site, arrays=(replace(south, changes=changes, day_starts_s=starts_s, level=days), east))


def change(days_ago: float, factor: float) -> ArrayChange:
    return ArrayChange("pv_south", int(ISSUED_S - days_ago * DAY_S) // HOUR_S * HOUR_S, factor, 0.99)


def history(**spoilt: np.ndarray) -> History:
    """A clear fortnight; spoilt replaces the sensor's irradiance."""
    none = np.zeros(GRID.count, dtype=bool)
    powers = power_w(panels_of(SITE.pv.arrays, SITE.place.latitude_deg), SKY)
    rng = np.random.default_rng(1)
    air_c = np.full(GRID.count, 30.0) + rng.normal(0, 0.5, GRID.count)
    ghi_wm2 = spoilt.get("ghi_wm2", SKY.ghi_wm2)
    arrays = {
        array.id: PvRecord(GRID, power * rng.uniform(0.97, 1.0, GRID.count), none, ghi_wm2, air_c)
        for array, power in zip(SITE.pv.arrays, powers, strict=True)
    }
    total = PvRecord(GRID, sum(record.power_w for record in arrays.values()), none, ghi_wm2, air_c)
    load = LoadRecord(GRID, rng.uniform(900, 1100, GRID.count), none, air_c)
    return History(total, arrays, load, {"clinic": load})


def test_half_an_array_lost_is_told_with_its_date_and_size() -> None:
    (finding,) = array_findings(learned(change(3, 0.5)), SITE, ISSUED_S)
    assert finding.code == "pv_array_lost"
    assert finding.params["array"] == "pv_south"
    assert finding.params["lost_frac"] == 0.5
    assert finding.params["date"] == "2026-03-29"
    assert "29 Mar" in render(finding).en


def told(
    *changes: ArrayChange, site: PlannedSite = SITE, dc_w: float | None = None
) -> list[tuple[str, float]]:
    """Code and size of each finding; dc_w: what the south array still gives."""
    parts = learned(*changes)
    south, east = parts.arrays
    south = replace(south, dc_w=south.dc_w if dc_w is None else dc_w)
    found = array_findings(replace(parts, arrays=(south, east)), site, ISSUED_S)
    sizes = ("lost_frac", "gained_frac")
    return [(one.code, next(one.params[size] for size in sizes if size in one.params)) for one in found]


LONG_AGO = TOLD_FOR_S / DAY_S + 60


def test_a_repair_is_no_news_after_a_month() -> None:
    assert told(change(LONG_AGO, 0.5), change(LONG_AGO - 5, 2.0)) == []


def test_a_rise_without_an_earlier_loss_is_no_repair() -> None:
    assert told(change(3, 1.3)) == []
    lost_and_repaired_then_dusty_and_washed = [change(80, 0.5), change(75, 2.0), change(3, 1.25)]
    assert told(*lost_and_repaired_then_dusty_and_washed) == []


def test_washing_off_the_dust_of_a_dry_season_is_no_alarm() -> None:
    dusty = np.append(np.linspace(1.0, 0.78, 50), np.ones(10))
    parts = learned(change(10, 1 / 0.78), level=dusty)
    assert array_findings(parts, SITE, ISSUED_S) == ()


def both(south: tuple[ArrayChange, ...], east_level: np.ndarray) -> list[str]:
    """Findings when the east array had a past of its own."""
    parts = learned(*south)
    east = replace(
        parts.arrays[1], day_starts_s=parts.arrays[0].day_starts_s, level=east_level * np.ones(120)
    )
    found = array_findings(replace(parts, arrays=(parts.arrays[0], east)), SITE, ISSUED_S)
    return [finding.code for finding in found if finding.params["array"] == "pv_south"]


def test_what_all_arrays_lose_at_once_and_a_little_is_smoke() -> None:
    smoky = np.where(np.arange(120) < 100, 1.2, 1.0)
    assert both((change(20, 0.82),), smoky) == []
    assert both((change(20, 0.82), change(2, 1.22)), np.where(np.arange(120) >= 118, 1.0, smoky)) == []


def test_what_one_array_loses_alone_or_all_lose_in_large_is_told() -> None:
    assert both((change(20, 0.82),), np.ones(120)) == ["pv_array_lost"]
    assert both((change(20, 0.5),), np.where(np.arange(120) < 100, 2.0, 1.0)) == ["pv_array_lost"]


def test_a_loss_that_came_back_little_by_little_is_none() -> None:
    """Smoke of burning fields may come in a day and go in weeks."""
    smoky = np.concatenate([np.full(20, 1.02), np.linspace(0.8, 1.0, 40)])
    assert array_findings(learned(change(40, 0.78), level=smoky), SITE, ISSUED_S) == ()


def test_a_loss_is_told_until_it_is_made_good() -> None:
    assert told(change(LONG_AGO, 0.5), dc_w=9_000.0) == [("pv_array_lost", 0.5)]
    repaired = [change(5, 0.5), change(1, 1.96)]
    assert told(*repaired, dc_w=18_000.0) == [("pv_array_recovered", 0.96)]


def test_of_a_loss_that_was_half_made_good_the_rest_is_told() -> None:
    found = told(change(9, 0.5), change(2, 1.6), dc_w=14_000.0)
    assert found == [("pv_array_recovered", 0.6), ("pv_array_lost", 0.2)]


def test_two_losses_are_told_each_by_its_size() -> None:
    found = told(change(9, 0.75), change(2, 0.5), dc_w=7_000.0)
    assert found == [("pv_array_lost", 0.5), ("pv_array_lost", 0.25)]


def test_a_loss_is_accepted_by_writing_down_what_is_left() -> None:
    south, east = SITE.pv.arrays
    accepted = replace(SITE, pv=replace(SITE.pv, arrays=(replace(south, dc_w=9_500.0), east)))
    assert told(change(LONG_AGO, 0.5), site=accepted, dc_w=9_000.0) == []
    assert told(change(3, 0.5), site=accepted, dc_w=9_000.0) == [("pv_array_lost", 0.5)]


def test_dust_is_told_by_what_it_took() -> None:
    (finding,) = array_findings(learned(level=np.linspace(1.25, 1.0, 60)), SITE, ISSUED_S)
    assert finding.code == "pv_array_soiled"
    assert finding.params["lost_frac"] == 0.2


def test_a_little_dust_is_none_and_a_lost_string_is_not_dust() -> None:
    assert array_findings(learned(level=np.linspace(1.08, 1.0, 60)), SITE, ISSUED_S) == ()
    lost = np.where(np.arange(60) < 40, 2.0, 1.0)
    found = array_findings(learned(change(20, 0.5), level=lost), SITE, ISSUED_S)
    assert [finding.code for finding in found] == ["pv_array_lost"]


def test_a_clear_fortnight_is_left_as_it_was() -> None:
    past = history()
    found = inspected(past, SITE, SKY)
    assert found.findings == ()
    np.testing.assert_allclose(found.history.pv.power_w, past.pv.power_w)
    np.testing.assert_array_equal(found.history.load.power_w, past.load.power_w)


def test_a_dead_irradiance_sensor_is_told_once_for_all_arrays() -> None:
    found = inspected(history(ghi_wm2=np.zeros(GRID.count)), SITE, SKY)
    assert [finding.code for finding in found.findings] == ["irradiance_sensor_dead"]
    assert np.isnan(found.history.arrays["pv_east"].ghi_wm2[SKY.ghi_wm2 > 300]).all()


def test_an_array_that_cannot_be_believed_is_missing_in_the_sum_too() -> None:
    past = history()
    power_w = past.arrays["pv_east"].power_w.copy()
    power_w[40] = 1e6
    arrays = {**past.arrays, "pv_east": replace(past.arrays["pv_east"], power_w=power_w)}
    total = replace(past.pv, power_w=sum(record.power_w for record in arrays.values()))
    found = inspected(replace(past, pv=total, arrays=arrays), SITE, SKY)
    assert [(finding.code, finding.params["name"]) for finding in found.findings] == [
        ("pv_beyond_plant", "pv_east")
    ]
    assert np.isnan(found.history.pv.power_w[40])
