import sqlite3
from contextlib import closing
from datetime import timedelta

import numpy as np
import pytest
from older_stores import older_store, ramp
from telemetry_village import BOOT, NOON

from controller.telemetry.averaging import Period
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.quarters import first_quarter_s, read_quarters
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import DAY_S, HOUR_S, QUARTER_S, SCHEMA_VERSION

PV, LOAD = ("site", "pv_w"), ("site", "load_w")
NOON_S = int(NOON.timestamp())
OLD_S = NOON_S - 30 * DAY_S


@pytest.fixture(params=[1, 2, 3])
def version(request):
    return request.param


@pytest.fixture
def path(tmp_path, version):
    path = tmp_path / "telemetry.db"
    columns = {
        PV: {**ramp(OLD_S, 5), **ramp(NOON_S - 3 * HOUR_S, 3, 1e4)},
        LOAD: ramp(NOON_S - 3 * HOUR_S, 3, 500.0),
    }
    older_store(path, version, columns)
    return path


def sql(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def now(seconds=0) -> Period:
    period = Period(NOON_S + seconds, True)
    period.add({PV: 1.0})
    return period


def assert_nothing_lost(path):
    reader = TelemetryReader(path)
    recent = reader.history([PV, LOAD], NOON - timedelta(hours=3), NOON, 10)
    assert recent[PV] == pytest.approx([1e4 + 0.5 * n for n in range(1080)], abs=0.06)
    assert recent[LOAD] == pytest.approx([500 + 0.5 * n for n in range(1080)], abs=0.06)
    start = NOON - timedelta(days=30)
    minutes = reader.history([PV], start, start + timedelta(hours=5), 60)[PV]
    assert minutes == pytest.approx([1.25 + 3 * n for n in range(300)], abs=0.06)
    quarters = read_quarters(path, [PV], OLD_S // QUARTER_S * QUARTER_S, 20)[PV]
    assert np.diff(quarters) == pytest.approx([45.0] * 19, abs=0.1)
    energy_wh, known = reader.energy_wh(*PV, start, start + timedelta(hours=5))
    assert energy_wh == pytest.approx(0.25 * 1799 * 5, rel=1e-4)
    assert known == pytest.approx(1.0)
    assert first_quarter_s(path, [PV]) == OLD_S // QUARTER_S * QUARTER_S


def test_everything_that_an_older_version_recorded_is_taken_over(path):
    database = TelemetryDatabase(path)
    restored = database.open(BOOT, NOON)
    assert restored.report.defects == ()
    assert restored.memory == {"mode": "saving"}
    database.write_samples([now()])
    database.fold_all()
    assert not database.status().converting
    database.close()
    assert_nothing_lost(path)
    assert sql(path, "SELECT value FROM meta WHERE key = 'schema_version'") == [(str(SCHEMA_VERSION),)]
    left = {name for (name,) in sql(path, "SELECT name FROM sqlite_master")}
    assert not {"sample", "recent", "quarter", "every_sample"} & left
    assert sql(path, "SELECT count(*) FROM fine WHERE start_s < 1792000000") == [(0,)], "10 s only for a week"


@pytest.mark.parametrize("slices", [1, 3, 8])
def test_power_may_fail_at_any_slice(path, slices):
    for _ in range(40):
        database = TelemetryDatabase(path)
        database.open(BOOT, NOON)
        database.write_samples([now()])
        more = True
        for _ in range(slices):
            more = more and database.work()
        database._open._connection.close()  # as a power cut leaves it
        if not more:
            break
    else:
        pytest.fail("it begins anew each time and never ends")
    assert_nothing_lost(path)


def test_an_older_store_can_be_read_before_its_controller_has_opened_it(path):
    reader = TelemetryReader(path)
    assert reader.series() == [LOAD, PV]
    assert reader.history([PV], NOON - timedelta(hours=1), NOON, 600) == {PV: [None] * 6}
    assert (reader.newest_seq(), reader.periods(0, 10), reader.span()) == (0, [], None)
    assert np.isnan(read_quarters(path, [PV], OLD_S // QUARTER_S * QUARTER_S, 4)[PV]).all()


def test_samples_whose_stamps_were_false_are_kept_apart(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE sample SET synchronised = 0 WHERE at_s < ?", (OLD_S + HOUR_S,))
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'quarter'").fetchone():
            connection.execute("DELETE FROM quarter WHERE at_s < ?", (OLD_S + HOUR_S,))
    database = TelemetryDatabase(path)
    database.open(BOOT, NOON)
    database.fold_all()
    assert database.status().unstamped_hours == 1
    database.close()
    found = read_quarters(path, [PV], OLD_S // QUARTER_S * QUARTER_S, 8)[PV]
    assert np.isnan(found[:4]).all()
    assert np.isfinite(found[4:]).all()
