from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from physics_village import HOUR_S, at_local, ban_wang_won, village_at

from simulation.physics.loads import ApplianceDemand, Demand
from simulation.physics.sky import DAY_S, Sky


def sky_from(day: int, *, month: int = 3, seed: int = 1) -> Sky:
    config = ban_wang_won()
    return Sky(
        config.site, list(config.pv.values()), start_utc=at_local(0.0, month=month, day=day), seed=seed
    )


def demand_of(feeder: str, sky: Sky, seed: int = 1) -> Demand:
    return ApplianceDemand(feeder, ban_wang_won().feeders[feeder], sky, seed)


def hourly_w(demand: Demand, days: int) -> np.ndarray:
    """Mean demand by day and hour, sampled every minute."""
    minutes = [sum(demand.at(minute * 60.0)) for minute in range(days * 1440)]
    return np.asarray(minutes).reshape(days, 24, 60).mean(axis=2)


@pytest.fixture(scope="module")
def weeks() -> list[np.ndarray]:
    """Hourly demand of the whole village in a week of four seasons, each with another seed."""
    found = []
    for seed, month in enumerate((1, 4, 7, 10)):
        sky = sky_from(5, month=month, seed=seed)
        found.append(sum(hourly_w(demand_of(feeder, sky, seed), 7) for feeder in ban_wang_won().feeders))
    return found


def test_the_village_wants_about_170_kwh_a_day(weeks: list[np.ndarray]) -> None:
    daily_kwh = [week.sum(axis=1).mean() / 1000.0 for week in weeks]
    assert 160.0 < np.mean(daily_kwh) < 180.0
    assert all(155.0 < kwh < 190.0 for kwh in daily_kwh)


def test_its_peak_is_in_the_evening_and_its_valley_before_dawn(weeks: list[np.ndarray]) -> None:
    by_hour = np.mean([week.mean(axis=0) for week in weeks], axis=0)
    assert 18 <= int(by_hour.argmax()) <= 21
    assert int(by_hour.argmin()) in (2, 3, 4)
    assert by_hour[18:22].mean() > 1.5 * by_hour.mean()
    assert by_hour[3] > 3000.0, "refrigerators and fans run through the night"


def test_no_day_is_like_another(weeks: list[np.ndarray]) -> None:
    totals = weeks[0].sum(axis=1)
    assert len(set(totals.round())) == 7
    assert 0.02 < totals.std() / totals.mean() < 0.15


def test_the_school_is_busy_from_monday_to_friday_in_daytime() -> None:
    hourly = hourly_w(demand_of("school", sky_from(9)), 7)  # 9 March 2026 is a Monday
    assert hourly[:5, 9:14].mean() > 1200.0
    assert hourly[5:, 9:14].mean() < 500.0
    assert hourly[:5, 22].mean() < 500.0


def test_street_lights_burn_from_dusk_to_dawn() -> None:
    hourly = hourly_w(demand_of("street", sky_from(9)), 1)[0]
    assert hourly[12] == 0.0
    assert hourly[22] == hourly[2] == pytest.approx(675.0)


def test_the_pump_is_one_big_three_phase_motor_that_runs_by_day() -> None:
    demand = demand_of("pump", sky_from(9))
    samples = [demand.at(second) for second in np.arange(0.0, 5 * DAY_S, 60.0)]
    running = [phases for phases in samples if sum(phases) > 2500.0]
    assert 5 * 90 < len(running) < 5 * 300
    assert all(max(phases) - min(phases) < 100.0 for phases in running)
    assert sum(demand.at(3.0 * HOUR_S)) < 100.0


def test_evening_uses_go_on_past_midnight() -> None:
    demand = demand_of("houses_a", sky_from(9))
    before, after = sum(demand.at(DAY_S - 30.0)), sum(demand.at(DAY_S + 30.0))
    assert after == pytest.approx(before, rel=0.35)


def test_phases_are_shared_about_evenly() -> None:
    sky = sky_from(9)
    by_phase = np.zeros(3)
    for feeder in ban_wang_won().feeders:
        demand = demand_of(feeder, sky)
        by_phase += np.mean([demand.at(minute * 60.0) for minute in range(3 * 1440)], axis=0)
    assert by_phase.max() < 1.25 * by_phase.min()


def test_the_same_seed_wants_the_same_and_another_something_else() -> None:
    sky = sky_from(9)
    one, same, other = (hourly_w(demand_of("houses_b", sky, seed), 1) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_all_refrigerators_together_draw_more_than_those_that_happen_to_run() -> None:
    demand = demand_of("houses_a", sky_from(9))
    night = 3.0 * HOUR_S
    idle_w = sum(demand.cold(night))
    assert 300.0 < idle_w < 16 * 0.75 * 110.0


def test_measured_loads_replace_the_model(tmp_path: Path) -> None:
    csv = tmp_path / "loads.csv"
    feeders = list(ban_wang_won().feeders)
    line = ",".join(str(100 * (number + 1)) for number in range(len(feeders)))
    times = ("2024-02-01T00:00:00+07:00", "2024-02-01T23:00:00+07:00")
    csv.write_text(
        f"time,{','.join(feeders)}\n" + "".join(f"{at},{line}\n" for at in times), encoding="utf-8"
    )
    village = village_at(21.0, load_csv=csv)
    village.advance(10.0)
    assert village.feeders["clinic"].power_w == pytest.approx(100.0)
    assert village.feeders["houses_d"].power_w == pytest.approx(800.0)
    village.advance(10 * HOUR_S)
    assert village.feeders["clinic"].demand_w == pytest.approx(100.0)


def test_a_load_recording_without_a_feeder_is_refused(tmp_path: Path) -> None:
    csv = tmp_path / "loads.csv"
    csv.write_text("time,clinic\n2024-02-01,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="houses_d"):
        village_at(21.0, load_csv=csv)


def test_days_that_are_over_are_forgotten() -> None:
    demand = ApplianceDemand("clinic", ban_wang_won().feeders["clinic"], sky_from(5), seed=1)
    for hour in range(5 * 24):
        demand.at(hour * HOUR_S)
    assert len(demand._days) <= 2
