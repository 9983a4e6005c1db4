"""What is readable of a damaged store is brought into the new one, and what is not is named."""

from __future__ import annotations

import math
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from telemetry_village import BOOT, NOON, decision

from controller.core.model import Reason
from controller.core.reasons import render
from controller.telemetry.alarm_log import AlarmRecord, Severity
from controller.telemetry.audit import Fault, verify
from controller.telemetry.averaging import Period
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.leaf_pages import PAGE_BYTES
from controller.telemetry.reader import TelemetryReader

HOURS = 26
KEYS = [(f"meter_{number}", point) for number in range(3) for point in ("power_w", "energy_import_wh")]
DECISIONS = 400
ALARMS = 60
BEGIN_S = int(NOON.timestamp()) // 3600 * 3600


def value(key, at_s):
    number = KEYS.index(key)
    if key[1].endswith("_wh"):
        return float((at_s - BEGIN_S) // 10 + 1000 * number)
    return round(500 * math.sin(at_s / 900 + number) + 700, 1)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A closed store with more than a day of samples, decisions and alarms."""
    path = tmp_path_factory.mktemp("sound") / "telemetry.db"
    database = TelemetryDatabase(path)
    database.open(BOOT, NOON)
    for hour in range(HOURS):
        periods = []
        for at_s in range(BEGIN_S + 3600 * hour, BEGIN_S + 3600 * (hour + 1), 10):
            period = Period(at_s, True)
            period.add({key: value(key, at_s) for key in KEYS})
            periods.append(period)
        database.write_samples(periods)
    for number in range(1, DECISIONS, 20):
        database.append_decisions([decision(each) for each in range(number, number + 20)], "{}")
    database.append_decisions([], '{"remembered": true}')
    database.keep_alarms(
        [
            AlarmRecord(number, "device_lost", "meter_1", Severity.WARNING, {"n": number}, NOON)
            for number in range(1, ALARMS + 1)
        ]
    )
    database.fold_all()
    database.close()
    return path


@pytest.fixture
def damaged(sound, tmp_path):
    """A copy of the sound store, to be spoilt."""
    return shutil.copy(sound, tmp_path / "telemetry.db")


def page_of(path, table, kind):
    """Number of a page in the middle of a table: a leaf, or an internal one."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            rows = connection.execute(
                "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY path", (table, kind)
            ).fetchall()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite cannot tell which page is whose (no dbstat)")
    return rows[len(rows) // 2][0]


def spoil(path, page, content=bytes(PAGE_BYTES)):
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE_BYTES)
        file.write(content)


def reopened(path):
    """Open a damaged store as the controller does, and let it work until nothing is left to do."""
    database = TelemetryDatabase(path)
    restored = database.open(BOOT, NOON)
    assert restored.report.set_aside is not None
    while database.work():
        pass
    salvaged = database.salvaged
    database.close()
    return restored, salvaged


def count(path, table):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def right_samples(path):
    """How many 10 s values are there and right; a wrong one fails."""
    values = 0
    for period in TelemetryReader(path).periods(0, 100_000):
        for key, stored in period.values.items():
            assert abs(stored - value(key, period.at_s)) < 0.06, (key, period.at_s)
            values += 1
    return values


ALL_SAMPLES = HOURS * 360 * len(KEYS)


NOISE = random.Random(1).randbytes(PAGE_BYTES)


@pytest.mark.parametrize(
    ("table", "content"),
    [("decision", bytes(PAGE_BYTES)), ("fine", bytes(PAGE_BYTES)), ("fine", NOISE), ("alarm", NOISE)],
)
def test_a_spoilt_leaf_costs_its_rows_and_no_others(damaged, table, content):
    spoil(damaged, page_of(damaged, table, "leaf"), content)
    restored, salvaged = reopened(damaged)
    assert salvaged.holes == {table: 1}
    assert restored.memory == {"remembered": True}
    assert verify(damaged).ok
    assert bool(verify(damaged).losses) == (table == "decision")
    lost = {
        "decision": DECISIONS + 2 - count(damaged, "decision"),
        "alarm": ALARMS - count(damaged, "alarm"),
        "fine": HOURS * len(KEYS) - count(damaged, "fine"),
    }
    assert 0 < lost.pop(table) < 60
    assert set(lost.values()) == {0}
    assert right_samples(damaged) > 0.8 * ALL_SAMPLES


def test_minutes_that_are_lost_are_made_anew_of_the_10_s_means(damaged):
    spoil(damaged, page_of(damaged, "minute", "leaf"))
    reopened(damaged)
    assert count(damaged, "minute") == len(KEYS)


@pytest.mark.parametrize("table", ["decision", "fine", "alarm"])
def test_below_a_spoilt_inner_page_nothing_is_lost(damaged, table):
    before = count(damaged, table)
    spoil(damaged, page_of(damaged, table, "internal"))
    reopened(damaged)
    assert count(damaged, table) == before + (2 if table == "decision" else 0)
    assert right_samples(damaged) == ALL_SAMPLES
    report = verify(damaged)
    assert report.ok
    assert all(loss.first > DECISIONS for loss in report.losses), "numbers that no decision ever had"


def test_without_its_first_page_everything_is_found_all_the_same(damaged):
    spoil(damaged, 1)
    _, salvaged = reopened(damaged)
    assert count(damaged, "decision") == DECISIONS + 2
    assert count(damaged, "alarm") == ALARMS
    assert right_samples(damaged) == ALL_SAMPLES
    assert salvaged.params["saved"] > DECISIONS + ALARMS


def test_of_a_file_cut_short_what_is_left_is_found(damaged):
    content = damaged.read_bytes()
    damaged.write_bytes(content[: len(content) * 2 // 3])
    reopened(damaged)
    assert count(damaged, "decision") > DECISIONS / 2
    assert verify(damaged).ok
    right_samples(damaged)


@pytest.mark.parametrize("seed", range(2))
def test_flipped_bits_never_bring_wrong_samples_or_hide_a_changed_decision(damaged, seed):
    chance, content = random.Random(seed), bytearray(damaged.read_bytes())
    for _ in range(30):
        content[chance.randrange(PAGE_BYTES, len(content))] ^= 1 << chance.randrange(8)
    damaged.write_bytes(content)
    database = TelemetryDatabase(damaged)
    database.open(BOOT, NOON)
    while database.work():
        pass
    database.append_decisions([decision(1000)], "{}")
    database.close()
    right_samples(damaged)
    report = verify(damaged)
    assert report.ok or report.broken.fault in {Fault.ALTERED, Fault.UNREADABLE}


def test_a_salvage_goes_on_after_a_power_cut_in_its_midst(damaged):
    spoil(damaged, page_of(damaged, "minute", "leaf"))
    database = TelemetryDatabase(damaged)
    database.open(BOOT, NOON)
    database.work()
    database.work()
    assert database.salvaged is None
    database.close()
    assert "being salvaged" in verify(damaged).broken.detail
    database.open("another boot", NOON)
    while database.work():
        pass
    assert database.salvaged.saved["decision"] == DECISIONS
    database.append_decisions([decision(1000)], "{}")
    database.close()
    assert verify(damaged).ok
    assert right_samples(damaged) == ALL_SAMPLES


def test_the_log_goes_on_behind_what_was_salvaged(damaged):
    head = verify(damaged).head_hash
    spoil(damaged, page_of(damaged, "minute", "leaf"))
    reopened(damaged)
    said = TelemetryReader(damaged).decisions(limit=2)
    assert [(each.seq, each.record.action, each.record.code) for each in said] == [
        (DECISIONS + 2, "salvage", "storage_salvaged"),
        (DECISIONS + 1, "set_aside", "storage_set_aside"),
    ]
    assert verify(damaged, expected_head=head).ok, "a head that was noted before is still in the chain"
    for each in said:
        render(Reason(each.record.code, each.record.params))


def test_what_the_journal_still_held_is_folded_into_the_new_store(sound, tmp_path):
    path = tmp_path / "telemetry.db"
    database = TelemetryDatabase(path)
    database.open(BOOT, NOON)
    period = Period(BEGIN_S, True)
    period.add({KEYS[0]: 5.0})
    database.write_samples([period])
    database.append_decisions([decision(1)], "{}")
    database.close()
    spoil(path, page_of(path, "minute", "leaf"))
    reopened(path)
    begin = datetime.fromtimestamp(BEGIN_S, UTC)
    assert TelemetryReader(path).history(KEYS[:1], begin, begin + timedelta(seconds=10), 10) == {
        KEYS[0]: [5.0]
    }
