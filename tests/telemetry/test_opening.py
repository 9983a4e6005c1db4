"""Opening a store that a power cut or a bad card has left in any state."""

from __future__ import annotations

import shutil
import sqlite3

from telemetry_village import BOOT, NOON

from controller.telemetry.database import TelemetryDatabase


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
