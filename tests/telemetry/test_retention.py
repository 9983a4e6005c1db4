from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from telemetry_village import BOOT, decision

from controller.telemetry import retention
from controller.telemetry.averaging import Period
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import DAY_S, HOUR_S, PERIOD_S
from controller.telemetry.stocking import stock_periods

PV, COUNTER = ("site", "pv_w"), ("meter", "energy_wh")
START = datetime(2026, 11, 1, tzinfo=UTC)
START_S = int(START.timestamp())
DAYS = 9


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "telemetry.db"
    count = DAYS * DAY_S // PERIOD_S
    values = np.random.default_rng(1).normal(1000, 300, count)
    stock_periods(path, {PV: values, COUNTER: np.cumsum(np.abs(values)) / 360}, START_S)
    return path


def opened(path, budget_bytes=2_000_000_000):
    database = TelemetryDatabase(path, budget_bytes)
    database.open(BOOT, START)
    return database


def write(database, at_s):
    period = Period(at_s, True)
    period.add({PV: 1.0})
    database.write_samples([period])
    database.fold_all()


def test_seven_whole_days_of_10_s_are_kept_and_the_rest_as_minutes_and_quarters(path):
    reader = TelemetryReader(path)
    before = reader.quarters([PV, COUNTER], START, START + timedelta(days=DAYS))
    energy = reader.energy_wh(*PV, START, START + timedelta(days=DAYS))
    database = opened(path)
    write(database, START_S + DAYS * DAY_S + HOUR_S)
    write(database, START_S + DAYS * DAY_S + 2 * HOUR_S)  # at most a day is forgotten at a time
    status = database.status()
    database.close()
    assert status.oldest_fine_s == START_S + 2 * DAY_S
    assert status.oldest_minute_s == status.oldest_quarter_s == START_S
    after = reader.quarters([PV, COUNTER], START, START + timedelta(days=DAYS))
    for key in (PV, COUNTER):
        for name in ("mean", "low", "high", "samples"):
            tolerance = 0.051 if key == PV else 0.51
            np.testing.assert_allclose(
                getattr(after[key], name), getattr(before[key], name), atol=tolerance, err_msg=f"{key} {name}"
            )
    assert reader.energy_wh(*PV, START, START + timedelta(days=DAYS)) == pytest.approx(energy, rel=1e-4)
    first_day = reader.history([PV], START, START + timedelta(hours=1), 10)[PV]
    assert first_day == [value for value in first_day[::6] for _ in range(6)], "minutes, spread"
    assert reader.oldest_seq() == min(each.seq for each in reader.periods(0, 10**6))
    assert reader.span() == (START, START + timedelta(days=DAYS, hours=2, seconds=10))


def test_a_clock_that_was_wrong_for_an_hour_costs_a_day_of_detail_at_most(path):
    database = opened(path)
    write(database, START_S + 4000 * DAY_S)
    assert database.status().oldest_fine_s <= START_S + 1 * DAY_S + 2 * HOUR_S
    database.close()


def test_over_budget_the_oldest_detail_goes_first_and_quarters_and_decisions_stay(path):
    database = opened(path)
    database.append_decisions([decision(number) for number in range(50)], "{}")
    for minute in (60, 61):  # each file of the journal has its size then
        write(database, START_S + DAYS * DAY_S + 60 * minute)
    full = database.status()
    database.close()
    database = opened(path, full.used_bytes - 100_000)
    write(database, START_S + DAYS * DAY_S + 2 * HOUR_S)
    thinned = database.status()
    assert thinned.used_frac <= 1
    assert thinned.thinned_hours > 0
    assert thinned.oldest_fine_s > full.oldest_fine_s
    assert (thinned.oldest_minute_s, thinned.oldest_quarter_s) == (START_S, START_S)
    database.close()
    database = opened(path, 100_000)  # far too little for anything
    write(database, START_S + DAYS * DAY_S + 3 * HOUR_S)
    least = database.status()
    database.close()
    newest_s = START_S + DAYS * DAY_S + 3 * HOUR_S
    assert newest_s - DAY_S - HOUR_S <= least.oldest_fine_s <= newest_s - DAY_S
    assert least.oldest_minute_s is None
    assert least.oldest_quarter_s == START_S
    assert len(TelemetryReader(path).decisions()) == 50
    found = TelemetryReader(path).quarters([PV], START, START + timedelta(days=DAYS))[PV]
    assert np.isfinite(found.mean).all()


def test_with_little_free_disk_room_is_made_inside_the_file(path, monkeypatch):
    database = opened(path)
    write(database, START_S + DAYS * DAY_S + HOUR_S)
    before, size = database.status(), path.stat().st_size
    monkeypatch.setattr(retention, "LEAST_FREE_BYTES", 2**62)
    monkeypatch.setattr(retention, "ROOM_BYTES", 50_000)
    write(database, START_S + DAYS * DAY_S + 2 * HOUR_S)
    after = database.status()
    database.close()
    assert after.oldest_fine_s > before.oldest_fine_s
    assert path.stat().st_size <= size + 8192
