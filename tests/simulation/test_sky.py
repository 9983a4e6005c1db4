from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from physics_village import HOUR_S, at_local, ban_wang_won

from simulation.physics.clouds import DayType, clearness, day_type
from simulation.physics.sky import GRID_S, SECONDS, Sky


def sky_at(
    hour: float, *, month: int = 3, seed: int = 1, clouds: str = "auto", csv: Path | None = None
) -> Sky:
    config = ban_wang_won()
    return Sky(
        config.site,
        list(config.pv.values()),
        start_utc=at_local(hour, month=month),
        seed=seed,
        clouds=clouds,
        irradiance_csv=csv,
    )


def kwh_m2(sky: Sky, day: int) -> float:
    return sum(sky.day(day).ghi_wm2) * GRID_S / 3.6e6


def test_a_clear_march_day_has_its_sun_between_six_and_six() -> None:
    sky = sky_at(0.0, clouds="clear")
    seen = {}
    for hour in (5, 7, 9, 12, 15, 18, 20):
        sky.move_to(hour * HOUR_S)
        seen[hour] = sky.ghi_wm2
    assert seen[5] == seen[20] == 0.0
    assert 900.0 < seen[12] < 1100.0
    assert seen[7] < seen[9] < seen[12]
    assert 6.5 < kwh_m2(sky, 0) < 7.3


def test_the_east_array_earns_its_sun_before_the_south_array() -> None:
    sky = sky_at(8.0, clouds="clear")
    assert sky.planes_wm2[1] > 1.1 * sky.planes_wm2[0]
    sky.move_to(8 * HOUR_S)
    assert sky.planes_wm2[1] < 0.9 * sky.planes_wm2[0]


def test_noon_sun_stands_north_of_overhead_in_june_and_south_in_december() -> None:
    june, december = (sky_at(12.35, month=month, clouds="clear") for month in (6, 12))
    assert june.irradiance_wm2 < june.ghi_wm2
    assert december.irradiance_wm2 > december.ghi_wm2


def test_the_months_bring_what_the_monsoon_leaves() -> None:
    clear = {day: kwh_m2(sky_at(0.0, month=day, clouds="clear"), 0) for day in range(1, 13)}
    mean = {DayType.FAIR: 0.95, DayType.MIXED: 0.76, DayType.OVERCAST: 0.34}
    start = at_local(12.0, month=1).date()
    by_month: dict[int, list[float]] = {}
    for seed in range(4):
        for ordinal in range(start.toordinal(), start.toordinal() + 365):
            date = start.fromordinal(ordinal)
            kind = day_type(date, clear[date.month], seed)
            by_month.setdefault(date.month, []).append(mean[kind] * clear[date.month])
    means = {month: float(np.mean(days)) for month, days in by_month.items()}
    assert np.mean([means[3], means[4]]) == pytest.approx(6.0, abs=0.35)
    assert np.mean([means[10], means[11]]) == pytest.approx(4.45, abs=0.35)
    assert np.mean(list(means.values())) == pytest.approx(5.1, abs=0.2)


@pytest.mark.parametrize(
    ("kind", "expected"), [(DayType.FAIR, 0.95), (DayType.MIXED, 0.76), (DayType.OVERCAST, 0.34)]
)
def test_a_day_type_is_as_bright_as_its_name_says(kind: DayType, expected: float) -> None:
    days = [clearness(kind, SECONDS, np.random.default_rng(seed)).mean() for seed in range(60)]
    assert np.mean(days) == pytest.approx(expected, abs=0.04)


def test_clouds_pass_within_minutes_and_their_edges_take_longer_than_a_second() -> None:
    clear_index = clearness(DayType.MIXED, SECONDS, np.random.default_rng(3))
    steps = np.abs(np.diff(clear_index))
    assert np.count_nonzero(steps > 0.05) > 50
    assert steps.max() < 0.25
    assert clear_index.min() >= 0.1
    assert clear_index.max() <= 1.1


def test_an_overcast_day_has_a_third_of_the_sun() -> None:
    assert kwh_m2(sky_at(0.0, clouds="overcast"), 0) < 0.5 * kwh_m2(sky_at(0.0, clouds="clear"), 0)


def test_the_same_seed_brings_the_same_weather_wherever_one_starts() -> None:
    early, late = sky_at(6.0, seed=7), sky_at(20.0, seed=7)
    other = sky_at(6.0, seed=8)
    assert early.day(1).ghi_wm2 == late.day(1).ghi_wm2
    assert early.day(1).ghi_wm2 != other.day(1).ghi_wm2


def test_days_follow_each_other_without_a_jump_at_midnight() -> None:
    sky = sky_at(23.9, clouds="clear")
    before_c = sky.ambient_temperature_c
    sky.move_to(0.2 * HOUR_S)
    assert sky.ghi_wm2 == 0.0
    assert sky.ambient_temperature_c == pytest.approx(before_c, abs=1.5)
    sky.move_to(12.2 * HOUR_S)
    assert sky.ghi_wm2 > 900.0


def test_the_sensor_cell_is_hotter_than_the_air_under_the_sun() -> None:
    sky = sky_at(12.0, clouds="clear")
    assert sky.cell_temperature_c > sky.ambient_temperature_c + 20.0
    sky.move_to(12 * HOUR_S)
    assert sky.cell_temperature_c == pytest.approx(sky.ambient_temperature_c)


def test_measured_irradiance_replaces_the_model_and_its_days_repeat(tmp_path: Path) -> None:
    csv = tmp_path / "sun.csv"
    rows = [f"2024-02-{day:02}T{hour:02}:00:00,{value}" for day in (1, 2) for hour, value in
            [(0, 0), (6, 0), (12, 400 * day), (18, 0), (23, 0)]]  # fmt: skip
    csv.write_text("time,ghi_wm2\n" + "\n".join(rows) + "\n", encoding="utf-8")
    sky = sky_at(12.0, csv=csv)
    noons = []
    for day in range(4):
        sky.move_to(day * 24 * HOUR_S)
        noons.append(round(sky.ghi_wm2))
    assert noons == [400, 800, 400, 800]


@pytest.mark.parametrize(
    "text", ["", "time,sun\n2024-01-01,1\n", "time,ghi_wm2\nnoon,1\n", "time,ghi_wm2\n2024-01-01,x\n"]
)
def test_a_recording_that_makes_no_sense_is_refused_by_name(tmp_path: Path, text: str) -> None:
    csv = tmp_path / "sun.csv"
    csv.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"sun\.csv"):
        sky_at(12.0, csv=csv)


def test_a_recording_that_runs_backwards_is_refused(tmp_path: Path) -> None:
    csv = tmp_path / "sun.csv"
    csv.write_text("time,ghi_wm2\n2024-01-01T12:00,1\n2024-01-01T11:00,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="ascend"):
        sky_at(12.0, csv=csv)


def test_an_unknown_regime_of_clouds_is_refused() -> None:
    with pytest.raises(ValueError, match="clouds: 'sunny'"):
        sky_at(12.0, clouds="sunny")
