"""Opening a store that a power cut or a bad card has left in any state."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from telemetry_village import BOOT, NOON

from controller.telemetry.averaging import Period
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import StorageError

PV, LOAD = ("site", "pv_w"), ("site", "load_w")
NOON_S = int(NOON.timestamp())


@pytest.fixture
def path(tmp_path):
    """A store with a minute of two series."""
    path = tmp_path / "telemetry.db"
    database = TelemetryDatabase(path)
    database.open(BOOT, NOON)
    for at_s in range(NOON_S, NOON_S + 60, 10):
        period = Period(at_s, synchronised=True)
        period.add({PV: -1.0, LOAD: 2.0})
        database.write_samples([period])
    database.fold_all()
    database.close()
    return path


def changed(path, statement):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_a_power_cut_in_the_first_second_of_its_life_does_not_close_the_store_for_ever(tmp_path):
    first, path = tmp_path / "first.db", tmp_path / "telemetry.db"
    database = TelemetryDatabase(first)
    database.open(BOOT, NOON)
    database.close()
    connection = sqlite3.connect(first, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO state VALUES (?, ?)", [(f"key {n}", "half written" * 500) for n in range(50)]
    )
    for suffix in (
        "",
        "-journal",
    ):  # the power fails now: pages are written, their transaction is not committed
        shutil.copy(f"{first}{suffix}", f"{path}{suffix}")
    connection.close()

    database = TelemetryDatabase(path)
    restored = database.open(BOOT, NOON)
    database.close()

    assert restored.report.defects == ()
    with sqlite3.connect(path) as found:
        assert found.execute("SELECT count(*) FROM state").fetchone() == (0,)
    found.close()


def test_a_name_that_lost_a_bit_costs_its_series_and_no_other(path):
    changed(path, "UPDATE series SET point = CAST(point AS BLOB) WHERE point = 'load_w'")
    database = TelemetryDatabase(path)
    restored = database.open(BOOT, NOON)
    assert "a name in series is no text" in restored.report.defects[0]
    database.fold_all()
    database.close()
    found = TelemetryReader(path).periods(0, 100)
    assert [each.values[PV] for each in found] == [-1.0] * 6


def test_what_makes_no_sense_is_said_with_the_file_and_a_remedy(path):
    changed(path, "UPDATE meta SET value = 'many' WHERE key = 'folded_generation'")
    database = TelemetryDatabase(path)
    with pytest.raises(StorageError, match=rf"{path}: what it holds makes no sense .* restore a backup"):
        database.open(BOOT, NOON)
    changed(path, "UPDATE meta SET value = '1' WHERE key = 'folded_generation'")
    database.open(BOOT, NOON)
    database.close()


def test_a_store_that_does_not_open_leaves_no_file_open_however_often_it_is_tried(path):
    changed(path, "INSERT OR REPLACE INTO meta VALUES ('boot_offsets', 'nonsense')")
    database = TelemetryDatabase(path)

    def files():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = files()
    for _ in range(3):
        with pytest.raises(StorageError, match="makes no sense"):
            database.open(BOOT, NOON)
    assert files() == before


def test_damage_in_a_file_too_big_to_be_checked_is_salvaged_after_the_next_start(path, monkeypatch):
    monkeypatch.setattr("controller.telemetry.opening._CHECKED_WHOLE_BYTES", 0)
    connection = sqlite3.connect(path)
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'fine'").fetchone()[0]
    connection.close()
    with path.open("r+b") as file:
        file.seek(4096 * (root - 1))
        file.write(bytes(4096))
    database = TelemetryDatabase(path)
    assert database.open(BOOT, NOON).report.set_aside is None
    later = Period(NOON_S + 3600, synchronised=True)
    later.add({PV: -5.0})
    database.write_samples([later])
    with pytest.raises(StorageError, match="it is damaged: restart the controller"):
        database.fold_all()
    database.close()
    report = database.open(BOOT, NOON).report
    assert report.set_aside is not None
    assert "damage was met while it was used" in report.defects[0]
    database.fold_all()
    database.close()
    assert database.open(BOOT, NOON).report.set_aside is None, "once"
    database.close()
    assert TelemetryReader(path).periods(0, 100)[-1].values == {PV: -5.0}
