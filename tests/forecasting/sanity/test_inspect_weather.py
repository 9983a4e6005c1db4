"""Weather that cannot be is named, and survived; weather that can be is left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cloudy_year import NEW_YEAR_S, codes, sky, weather, year

from forecasting.grid import DAY_S, Grid
from forecasting.records import WeatherArchive, WeatherRun
from forecasting.sanity import inspect_archive, inspect_weather, source_shifts_h

THREE_DAYS = Grid(NEW_YEAR_S + 100 * DAY_S, 3600, 72)


def run_of(day: int, hours: int = 72, seed: int = 7) -> WeatherRun:
    return weather(Grid(NEW_YEAR_S + day * DAY_S, 3600, hours), seed=seed)


def inspected(run: WeatherRun) -> tuple[WeatherRun | None, list[str]]:
    kept, reasons = inspect_weather(run, sky(run.grid))
    return kept, codes(reasons)


def rolled(run: WeatherRun, hours: int) -> WeatherRun:
    by = hours * 3600 // run.grid.step_s
    return replace(run, ghi_wm2=np.roll(run.ghi_wm2, by), temp_c=np.roll(run.temp_c, by))


def assert_same_sun(kept: WeatherRun | None, true: WeatherRun, within: float = 1e-6) -> None:
    """Sunlight as it was, but for what is not known any more."""
    assert kept is not None
    there = np.isfinite(kept.ghi_wm2)
    assert there.mean() > 0.75
    np.testing.assert_allclose(kept.ghi_wm2[there], true.ghi_wm2[there], rtol=within, atol=within)


@pytest.mark.parametrize("step_s", [900, 3600])
def test_no_guard_speaks_over_a_year_of_good_runs(step_s: int) -> None:
    for day in range(0, 362, 4):
        run = weather(Grid(NEW_YEAR_S + day * DAY_S, step_s, 3 * DAY_S // step_s), seed=day)
        kept, found = inspected(run)
        assert found == []
        assert_same_sun(kept, run)


def test_no_guard_speaks_over_a_year_in_one_archive() -> None:
    runs = tuple(run_of(day, seed=day) for day in range(0, 362, 2))
    kept, reasons = inspect_archive(WeatherArchive(runs), sky)
    assert reasons == ()
    assert len(kept.runs) == len(runs)


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("kW/m²", 1e-3), ("MJ/m²", 3.6e-3), ("kJ/m²", 3.6), ("J/m²", 3600.0), ("mW/m²", 1e3)],
)
@pytest.mark.parametrize("day", [5, 80, 170, 300])
def test_sunlight_in_another_unit_is_converted(unit: str, factor: float, day: int) -> None:
    run = run_of(day)
    kept, reasons = inspect_weather(replace(run, ghi_wm2=run.ghi_wm2 * factor), sky(run.grid))
    assert codes(reasons) == ["weather_wrong_unit"]
    assert reasons[0].params["unit"] == unit
    assert_same_sun(kept, run)


def test_an_evening_told_an_hour_late_is_no_other_unit() -> None:
    true = rolled(run_of(80, hours=24), 1)
    clear = sky(true.grid).ghi_wm2
    evening = np.arange(24) > np.flatnonzero(clear > 0.5 * clear.max())[-1]
    late = replace(true, ghi_wm2=np.where(evening, np.roll(clear, 2), np.nan))
    assert not {"weather_wrong_unit", "weather_unit_unknown"} & set(inspected(late)[1])


def test_sunlight_in_a_unit_that_is_not_certain_is_not_used_but_its_temperature_is() -> None:
    run = run_of(50)
    kept, found = inspected(replace(run, ghi_wm2=run.ghi_wm2 * 17.0))
    assert found == ["weather_unit_unknown"]
    assert kept is not None
    assert np.isnan(kept.ghi_wm2).all()
    np.testing.assert_array_equal(kept.temp_c, run.temp_c)


@pytest.mark.parametrize("unit", ["K", "°F"])
def test_temperature_in_another_unit_is_converted(unit: str) -> None:
    run = run_of(50)
    told = run.temp_c + 273.15 if unit == "K" else run.temp_c * 1.8 + 32
    kept, reasons = inspect_weather(replace(run, temp_c=told), sky(run.grid))
    assert [(reason.code, reason.params["unit"]) for reason in reasons] == [
        ("weather_wrong_temperature_unit", unit)
    ]
    assert kept is not None
    np.testing.assert_allclose(kept.temp_c, run.temp_c)


def test_humidity_in_percent_is_a_fraction_afterwards() -> None:
    run = run_of(50)
    kept, _ = inspected(replace(run, humidity_frac=100 * run.humidity_frac))
    assert kept is not None
    np.testing.assert_allclose(kept.humidity_frac, run.humidity_frac)


@pytest.mark.parametrize("hours", [-10, -7, -3, -2, 2, 3, 7, 12])
@pytest.mark.parametrize("day", [5, 95, 185, 275])
def test_weather_in_another_time_zone_is_moved_back(hours: int, day: int) -> None:
    run = run_of(day)
    kept, reasons = inspect_weather(rolled(run, hours), sky(run.grid))
    assert codes(reasons) == ["weather_late" if hours > 0 else "weather_early"]
    assert reasons[0].params["shift_s"] == abs(hours) * 3600
    assert_same_sun(kept, run)


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("day", [5, 95, 185, 275])
def test_one_hour_is_found_when_many_runs_agree(hours: int, day: int) -> None:
    true = tuple(run_of(day + more, seed=more) for more in range(20))
    kept, reasons = inspect_archive(WeatherArchive(tuple(rolled(run, hours) for run in true)), sky)
    assert [reason.params["shift_s"] for reason in reasons] == [3600]
    for one, other in zip(kept.runs, true, strict=True):
        assert_same_sun(one, other)


def test_one_source_out_of_time_does_not_move_another() -> None:
    good, late = run_of(100), rolled(replace(run_of(100), source="late"), 7)
    kept, reasons = inspect_archive(WeatherArchive((good, late)), sky)
    assert [(reason.code, reason.params["source"]) for reason in reasons] == [("weather_late", "late")]
    assert_same_sun(kept.runs[0], good)


def test_what_many_runs_proved_is_applied_to_few_and_not_judged_anew() -> None:
    late = WeatherArchive(tuple(rolled(run_of(day), 3) for day in range(30)))
    known_h = source_shifts_h(late, sky)
    assert list(known_h.values()) == [3]
    one = WeatherArchive((late.runs[-1],))
    kept, reasons = inspect_archive(one, sky, known_h)
    assert codes(reasons) == ["weather_late"]
    assert_same_sun(kept.runs[0], run_of(29))
    unmoved, reasons = inspect_archive(one, sky, dict.fromkeys(known_h, 0))
    assert "weather_late" not in codes(reasons)
    assert np.nanargmax(unmoved.runs[0].ghi_wm2[:24]) != np.nanargmax(kept.runs[0].ghi_wm2[:24])


def test_sources_in_time_are_known_to_be_in_time() -> None:
    good = WeatherArchive(tuple(run_of(day) for day in range(30)))
    assert set(source_shifts_h(good, sky).values()) == {0}


def test_a_value_that_stays_for_hours_is_not_believed() -> None:
    run = run_of(100)
    stuck = run.ghi_wm2.copy()
    stuck[34:39] = stuck[34]
    kept, found = inspected(replace(run, ghi_wm2=stuck))
    assert found == ["weather_stuck"]
    assert kept is not None
    assert np.isnan(kept.ghi_wm2[34:39]).all()
    np.testing.assert_array_equal(kept.ghi_wm2[:34], run.ghi_wm2[:34])


def test_zeros_for_missing_are_missing() -> None:
    run = run_of(100)
    kept, found = inspected(replace(run, ghi_wm2=np.where(np.arange(72) >= 60, 0.0, run.ghi_wm2)))
    assert found == ["weather_zeros"]
    assert kept is not None
    assert np.isnan(kept.ghi_wm2[62])
    assert kept.ghi_wm2[71] == 0.0, "by night zero is the truth"


@pytest.mark.parametrize("value", [0.0, 300.0])
def test_nothing_but_a_constant_leaves_the_temperature_only(value: float) -> None:
    run = run_of(100)
    kept, found = inspected(replace(run, ghi_wm2=np.full(72, value)))
    assert found[-1] == "weather_unusable"
    assert kept is not None
    assert np.isnan(kept.ghi_wm2).all()
    assert np.isfinite(kept.temp_c).all()


def test_a_run_without_anything_to_believe_is_none() -> None:
    run = run_of(100)
    kept, found = inspected(replace(run, ghi_wm2=np.full(72, 300.0), temp_c=np.zeros(72)))
    assert kept is None
    assert "weather_unusable" in found


def test_more_than_a_clear_sky_and_less_than_none_are_left_out() -> None:
    run = run_of(100)
    spoilt = run.ghi_wm2.copy()
    spoilt[[10, 12, 26]] = [1900.0, -300.0, 250.0]
    kept, found = inspected(replace(run, ghi_wm2=spoilt))
    assert found == ["weather_impossible"]
    assert kept is not None
    assert np.flatnonzero(np.isnan(kept.ghi_wm2)).tolist() == [10, 12, 26]


def test_a_run_that_covers_night_only_is_left_alone() -> None:
    run = weather(Grid(NEW_YEAR_S + 20 * 3600, 3600, 8))
    kept, found = inspected(run)
    assert found == []
    assert kept is not None


def test_a_little_light_at_dawn_tells_nothing_of_units() -> None:
    run = weather(Grid(NEW_YEAR_S + 185 * DAY_S + 20 * 3600, 3600, 11))
    dawn = np.flatnonzero(sky(run.grid).ghi_wm2)[0]
    kept, found = inspected(replace(run, ghi_wm2=np.where(np.arange(11) == dawn, 70.0, 0.0)))
    assert found == []
    assert kept is not None
    assert kept.ghi_wm2[dawn] == 70.0


def test_missing_hours_are_no_finding() -> None:
    run = run_of(100)
    kept, found = inspected(replace(run, ghi_wm2=np.where(np.arange(72) % 5 == 0, np.nan, run.ghi_wm2)))
    assert found == []
    assert_same_sun(kept, run)


def test_a_sky_over_other_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="clear sky"):
        inspect_weather(run_of(0), sky(year(3600, days=1)))
