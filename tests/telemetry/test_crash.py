"""Killed at random and cut off from power, the store loses nothing that it acknowledged.

The same as benchmarks/crash.py, a little of it.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

# isort: split
import crash
import power_cut
from power_cut import Disk, Event

SERIES = 20


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path):
    found = crash.kill(tmp_path / "telemetry.db", 2, SERIES, random.Random(7), most_periods=30)
    assert found.wrong == []
    assert found.periods > 3
    assert found.worst_energy_frac < 1e-4


@pytest.mark.skipif(not power_cut.available(), reason="needs strace (Debian package), and leave to trace")
def test_after_a_power_cut_at_any_moment_nothing_acknowledged_is_lost(tmp_path):
    found = crash.cut(tmp_path, 20, SERIES, 25, random.Random(7))
    assert found.wrong == []
    assert found.periods > 20
    assert found.worst_energy_frac < 1e-4


# ------------------------------------------------------------------ the model of the disk


def after_cuts(*events):
    disk = Disk()
    for event in events:
        disk.take(event)
    return [disk.after_cut(random.Random(seed)) for seed in range(60)]


def test_what_was_synced_is_always_there():
    written = (Event("create", "a"), Event("write", "a", 0, b"x" * 2000), Event("sync", "a"))
    assert all(files == {"a": b"x" * 2000} for files in after_cuts(*written))


def test_what_was_not_synced_is_there_or_lost_or_torn_between_sectors():
    events = [Event("create", "a"), Event("sync", "a"), Event("write", "a", 0, b"x" * 2000)]
    found = {files["a"] for files in after_cuts(*events)}
    assert {b"", b"x" * 2000} < found
    whole_sectors = {
        content[at : at + 512].strip(b"\0") for content in found for at in range(0, len(content), 512)
    }
    assert whole_sectors <= {b"", b"x" * 512, b"x" * (2000 % 512)}


def test_later_writes_may_be_there_without_earlier_ones():
    events = [Event("create", "a"), Event("sync", "a")]
    events += [Event("write", "a", 0, b"1" * 512), Event("write", "a", 512, b"2" * 512)]
    assert any(files["a"] == bytes(512) + b"2" * 512 for files in after_cuts(*events))


def test_a_file_removed_may_come_back_until_its_folder_is_synced():
    events = [Event("create", "a"), Event("write", "a", 0, b"x"), Event("sync", "a"), Event("unlink", "a")]
    assert {"a" in files for files in after_cuts(*events)} == {True, False}
    assert all(files == {} for files in after_cuts(*events, Event("sync_folder")))
