import os
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from telemetry_village import BOOT, NOON, decision

from controller.telemetry.audit import verify
from controller.telemetry.averaging import Period
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import StorageError

PV, LOAD = ("site", "pv_w"), ("site", "load_w")
NOON_S = int(NOON.timestamp())


def period(offset_s, **values):
    keys = {("site", point): value for point, value in values.items()}
    return Period(NOON_S + offset_s, True, sums=keys, counts=dict.fromkeys(keys, 1))


@pytest.fixture
def database(tmp_path):
    database = TelemetryDatabase(tmp_path / "telemetry.db")
    database.open(BOOT, NOON)
    yield database
    database.close()


@pytest.fixture
def reader(tmp_path, database):
    return TelemetryReader(tmp_path / "telemetry.db")


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def test_without_a_file_all_answers_are_empty(tmp_path):
    reader = TelemetryReader(tmp_path / "none.db")
    assert reader.series() == []
    assert reader.decisions() == []
    assert reader.history([PV], NOON, at(30), 10) == {PV: [None, None, None]}
    assert reader.energy_wh(*PV, NOON, at(30)) is None
    assert not (tmp_path / "none.db").exists()


def test_a_file_without_tables_is_empty_too(tmp_path):
    (tmp_path / "telemetry.db").touch()
    assert TelemetryReader(tmp_path / "telemetry.db").series() == []


def test_a_file_that_is_no_database_is_said(tmp_path):
    (tmp_path / "telemetry.db").write_bytes(b"no database " * 500)
    with pytest.raises(StorageError, match="cannot be read"):
        TelemetryReader(tmp_path / "telemetry.db").series()


def test_history_gives_means_and_gaps(database, reader):
    database.write_samples([period(0, pv_w=-2.0, load_w=1.0), period(10, pv_w=-4.0), period(70, pv_w=-8.0)])
    assert reader.series() == [LOAD, PV]
    assert reader.history([PV, LOAD, ("site", "unknown")], NOON, at(120), 30) == {
        PV: [-3.0, None, -8.0, None],
        LOAD: [1.0, None, None, None],
        ("site", "unknown"): [None] * 4,
    }


def test_history_is_the_same_before_and_after_folding(database, reader):
    database.write_samples([period(10 * n, pv_w=float(n)) for n in range(12)])
    before = reader.history([PV], NOON, at(150), 60)
    database.fold_all()
    database.write_samples([period(120, pv_w=12.0)])
    assert before == {PV: [2.5, 8.5, None]}
    assert reader.history([PV], NOON, at(150), 60) == {PV: [2.5, 8.5, 12.0]}


def test_the_last_step_does_not_reach_past_the_end(database, reader):
    database.write_samples([period(10 * n, pv_w=float(n)) for n in range(12)])
    assert reader.history([PV], at(3), at(79), 40) == {PV: [1.5, 5.0]}


@pytest.mark.parametrize("step_s", [0, -10, 5, 15])
def test_a_step_between_periods_is_refused(reader, step_s):
    with pytest.raises(ValueError, match="multiple of 10"):
        reader.history([PV], NOON, at(60), step_s)


def test_too_many_steps_are_refused(reader):
    with pytest.raises(ValueError, match="longer step"):
        reader.history([PV], NOON, NOON + timedelta(days=365), 10)


@pytest.mark.parametrize("end", [NOON, at(-60), at(9)])
def test_an_empty_window_is_refused(reader, end):
    with pytest.raises(ValueError, match="empty"):
        reader.history([PV], NOON, end, 10)
    with pytest.raises(ValueError, match="empty"):
        reader.energy_wh(*PV, NOON, end)


def test_naive_times_are_refused(reader):
    with pytest.raises(ValueError, match="aware"):
        reader.energy_wh(*PV, datetime(2026, 11, 21), at(10))  # noqa: DTZ001


def test_energy_says_how_much_of_it_is_known(database, reader):
    database.write_samples([period(10 * n, pv_w=-3600.0) for n in range(180)])  # half an hour
    energy_wh, known_frac = reader.energy_wh(*PV, NOON, at(3600))
    assert energy_wh == pytest.approx(-1800)
    assert known_frac == pytest.approx(0.5)
    assert reader.energy_wh(*LOAD, NOON, at(3600)) is None
    assert reader.energy_wh(*PV, at(3600), at(7200)) is None


def test_decisions_come_newest_first_page_by_page(database, reader):
    for number in range(1, 8):
        database.append_decisions([decision(number, subject="clinic" if number % 2 else "pump")], "{}")
    assert [entry.seq for entry in reader.decisions(limit=3)] == [7, 6, 5]
    assert [entry.seq for entry in reader.decisions(limit=3, before_seq=5)] == [4, 3, 2]
    assert [entry.seq for entry in reader.decisions(subject="pump")] == [6, 4, 2]
    assert reader.decisions(limit=1)[0].record == decision(7, subject="clinic")
    assert reader.decisions(limit=-1) == []


def test_a_damaged_decision_is_said(database, reader):
    database.append_decisions([decision(1)], "{}")
    with database.transaction() as connection:
        connection.execute("UPDATE decision SET params = 'x'")
    with pytest.raises(StorageError, match=r"decision 1 is damaged.*tawan audit"):
        reader.decisions()


def test_reading_while_writing_sees_only_whole_transactions(database, tmp_path):
    path = tmp_path / "telemetry.db"
    reader = TelemetryReader(path)
    seen, faults, done = [], [], threading.Event()

    def read():
        while not done.is_set():
            numbers = [entry.record.params["n"] for entry in reader.decisions(limit=10_000)]
            if len(numbers) % 3 or not verify(path).ok:
                faults.append(numbers)
            seen.append(len(numbers))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(0, 600, 3):
        database.append_decisions([decision(number + k) for k in range(3)], "{}")
        database.write_samples([period(10 * number, pv_w=1.0)])
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert seen
    assert len(reader.decisions(limit=10_000)) == 600


@contextmanager
def as_nobody():
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_user_who_may_only_read_needs_no_running_controller():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "telemetry.db"
        Path(folder).chmod(0o755)
        database = TelemetryDatabase(path)
        database.open(BOOT, NOON)
        database.append_decisions([decision(1)], "{}")
        with as_nobody():
            assert not os.access(folder, os.W_OK, effective_ids=True)
            assert len(TelemetryReader(path).decisions()) == 1
        database.close()
        with as_nobody():
            assert len(TelemetryReader(path).decisions()) == 1
            assert verify(path).count == 1


def test_the_page_can_read_without_the_writer():
    script = "import sys, controller.telemetry.reader; print(*sorted(sys.modules))"
    modules = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    ).stdout.split()
    assert not {"controller.telemetry.store", "controller.telemetry.database", "asyncio"} & set(modules)
