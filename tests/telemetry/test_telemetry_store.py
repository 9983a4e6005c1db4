import errno
import os
import random
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from telemetry_village import BOOT, NOON, HandClock, decision

from controller.telemetry.audit import verify
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import SchemaError, StorageError
from controller.telemetry.store import TelemetryStore

PV = ("site", "pv_w")
MEMORY = {"mode": "saving", "feeders": {"clinic": {"closed": True, "state_s": 12.5, "reason": None}}}


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new folder" / "telemetry.db"


@pytest.fixture
async def store(path, clock):
    store = TelemetryStore(path, boot_id=BOOT, clock=clock)
    await store.open()
    yield store
    await store.close()


async def reopened(path, clock, boot_id=BOOT):
    store = TelemetryStore(path, boot_id=boot_id, clock=clock)
    report = await store.open()
    await store.close()
    return store, report


def sql(path, statement):
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).fetchall()


async def on_writer(store, statement):
    """Run SQL on the store's own connection: some pragmas are a connection's, not the file's."""

    def run():
        with store._database._open.reading() as connection:
            connection.execute(statement)

    await store._on_thread(run)


async def folded(store):
    """Fold the journal, and all else that the store does in the background."""
    await store._on_thread(store._database.fold_all)


async def minute(store, clock, value=-1000.0, synchronised=True):
    """A minute of samples, and wait for the batch that it may have sent off."""
    for _ in range(60):
        clock.advance(1)
        store.add_samples(clock.at, synchronised, {PV: value})
    await store._on_thread(lambda: None)


def stored(path, minutes=60):
    values = TelemetryReader(path).history([PV], NOON, NOON + timedelta(minutes=minutes), 10)[PV]
    return [value for value in values if value is not None]


# ------------------------------------------------------------------ decisions and memory


async def test_a_new_store_remembers_nothing(path, store):
    assert store.load_memory() is None
    assert TelemetryReader(path).decisions() == []


async def test_decisions_and_memory_are_there_after_a_restart(path, clock, store):
    await store.append_decisions([decision(1), decision(2, subject="clinic")], {"mode": "normal"})
    await store.append_decisions([decision(3, action="close")], MEMORY)
    await store.close()
    again, report = await reopened(path, clock)
    assert again.load_memory() == MEMORY
    assert [entry.record for entry in TelemetryReader(path).decisions()] == [
        decision(3, action="close"),
        decision(2, subject="clinic"),
        decision(1),
    ]
    assert report.same_boot
    assert report.defects == ()
    assert verify(path).count == 3


async def test_a_power_failure_is_told_from_a_restart(path, clock, store):
    await store.close()
    _, report = await reopened(path, clock, boot_id="the next boot")
    assert not report.same_boot


async def test_memory_alone_can_be_saved(path, clock, store):
    await store.append_decisions([], MEMORY)
    await store.close()
    again, _ = await reopened(path, clock)
    assert again.load_memory() == MEMORY
    assert verify(path).count == 0


async def test_what_people_were_told_of_cuts_is_there_after_a_restart(path, clock, store):
    announced = {"until_utc": "2026-04-01T17:00:00+00:00", "cuts": {"houses_a": []}}
    assert store.load_announced() is None
    await store.append_decisions([decision(1)], MEMORY)
    await store.keep_announced({"until_utc": None, "cuts": {}})
    await store.keep_announced(announced)
    await store.close()
    again, _ = await reopened(path, clock)
    assert again.load_announced() == announced
    assert again.load_memory() == MEMORY


async def test_what_is_not_json_is_refused_whole(path, store):
    with pytest.raises(TypeError):
        await store.append_decisions([decision(1), decision(2, value=object())], {"mode": "x"})
    await store.append_decisions([decision(3)], MEMORY)
    assert [entry.record.params["n"] for entry in TelemetryReader(path).decisions()] == [3]
    assert verify(path).ok


async def test_memory_spoilt_by_hand_is_ignored_and_said(path, clock, store):
    await store.append_decisions([decision(1)], MEMORY)
    await store.close()
    sql(path, "UPDATE state SET value = '{oops'")
    again, report = await reopened(path, clock)
    assert again.load_memory() is None
    assert "memory is not JSON" in report.defects[0]
    assert len(TelemetryReader(path).decisions()) == 1


async def test_a_log_spoilt_by_hand_does_not_stop_the_store(path, clock, store):
    await store.append_decisions([decision(1)], MEMORY)
    await store.close()
    sql(path, "UPDATE decision SET params = '{oops'")
    again, report = await reopened(path, clock)
    assert again.load_memory() == MEMORY
    assert "tawan audit" in report.defects[0]


async def test_a_second_writer_cannot_fork_the_chain(path, clock, store):
    second = TelemetryStore(path, boot_id=BOOT, clock=clock)
    await second.open()
    for number in range(0, 10, 2):
        await store.append_decisions([decision(number)], MEMORY)
        await second.append_decisions([decision(number + 1)], MEMORY)
    await second.close()
    report = verify(path)
    assert report.ok
    assert report.count == 10


# ------------------------------------------------------------------ samples


async def test_a_period_is_committed_when_it_is_over(path, clock, store):
    for _ in range(9):
        clock.advance(1)
        store.add_samples(clock.at, True, {PV: -1000.0})
    await store._on_thread(lambda: None)
    assert stored(path) == []
    clock.advance(1)
    store.add_samples(clock.at, True, {PV: -1000.0})
    await store._on_thread(lambda: None)
    assert stored(path) == [-1000.0]


async def test_closing_commits_the_period_in_progress(path, clock, store):
    clock.advance(3)
    store.add_samples(clock.at, True, {PV: -500.0})
    await store.close()
    assert stored(path) == [-500.0]


async def test_hours_of_samples_are_all_there(path, clock, store):
    for _ in range(125):  # past two folds
        await minute(store, clock)
    await store.close()
    assert len(stored(path, minutes=130)) == 125 * 6 + 1
    assert sql(path, "SELECT count(*) FROM fine")[0][0] > 0


async def test_restarting_in_a_period_keeps_the_first_part(path, clock, store):
    clock.advance(2)
    store.add_samples(clock.at, True, {PV: -100.0})
    await store.close()
    again = TelemetryStore(path, boot_id=BOOT, clock=clock)
    await again.open()
    clock.advance(5)
    again.add_samples(clock.at, True, {PV: -700.0})
    await again.close()
    assert stored(path) == [-100.0]


@pytest.mark.parametrize("fold", [False, True])
async def test_a_true_stamp_that_is_taken_is_overwritten_by_none(path, clock, store, fold):
    await minute(store, clock, -1.0)
    if fold:
        await folded(store)
    clock.at = NOON  # the wall clock steps back
    await minute(store, clock, -2.0)
    await minute(store, clock, -3.0)
    await store.close()
    assert stored(path)[:12] == [-1.0] * 7 + [-3.0] * 5


async def test_a_clock_that_leapt_years_ahead_and_came_back_is_survived(path, clock, store):
    clock.at = NOON + timedelta(days=3650)
    await minute(store, clock, -9.0)
    await folded(store)
    clock.at = NOON
    await minute(store, clock, -1.0)
    await minute(store, clock, -1.0)
    await store.close()
    assert stored(path) == [-1.0] * 13


# ------------------------------------------------------------------ disks that refuse


async def test_a_full_disk_is_said_and_nothing_half_stored(path, clock, store):
    await store.append_decisions([decision(1)], MEMORY)
    await on_writer(store, "PRAGMA max_page_count = 1")
    with pytest.raises(StorageError, match=r"telemetry\.db: the disk is full.*delete"):
        await store.append_decisions([decision(n, text="x" * 3000) for n in range(2, 9)], {"mode": "lost"})
    await on_writer(store, "PRAGMA max_page_count = 100000")
    await store.append_decisions([decision(9)], MEMORY)
    assert [entry.record.params["n"] for entry in TelemetryReader(path).decisions()] == [9, 1]
    assert verify(path).ok


async def test_samples_wait_in_the_journal_while_the_database_cannot_grow(path, clock, store):
    chance = random.Random(1)

    async def minutes(count):
        for _ in range(6 * count):
            clock.advance(10)
            many = {("meter", f"point_{number}_w"): chance.uniform(0, 1e6) for number in range(40)}
            store.add_samples(clock.at, True, {PV: -1.0, **many})
            await store._on_thread(lambda: None)

    await minutes(1)
    await on_writer(store, "PRAGMA max_page_count = 1")
    await minutes(62)
    assert "disk is full" in store.sample_error
    await on_writer(store, "PRAGMA max_page_count = 100000")
    await minutes(1)
    assert store.sample_error is None
    assert store.dropped_samples == 0
    await store.close()
    assert len(stored(path, minutes=70)) == 64 * 6


async def test_samples_wait_in_memory_while_the_journal_cannot_be_written(path, clock, store, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr("controller.telemetry.journal_writer.os.pwrite", refuse)
        for _ in range(3):
            await minute(store, clock)
        assert "No space left" in store.sample_error
        assert stored(path) == []
    await minute(store, clock)
    await store.close()
    assert store.sample_error is None
    assert stored(path) == [-1000.0] * 25


async def test_a_disk_full_for_longer_than_an_hour_costs_the_oldest_samples(clock, path):
    store = TelemetryStore(path, boot_id=BOOT, clock=clock)  # never opened: every batch is refused
    for _ in range(90):
        await minute(store, clock)
    assert "not open" in store.sample_error
    assert store.dropped_samples > 0
    await store.open()
    await store.close()
    assert len(stored(path, minutes=100)) == 360
    assert store.dropped_samples + 360 == 90 * 6 + 1


async def test_without_an_open_store_decisions_are_refused_clearly(path, clock):
    store = TelemetryStore(path, boot_id=BOOT, clock=clock)
    with pytest.raises(StorageError, match="not open"):
        await store.append_decisions([decision(1)], MEMORY)
    await store.close()
    with pytest.raises(StorageError, match="closed"):
        await store.append_decisions([decision(1)], MEMORY)


async def test_a_folder_that_cannot_be_made_is_said(tmp_path, clock):
    (tmp_path / "file").touch()
    store = TelemetryStore(tmp_path / "file" / "telemetry.db", boot_id=BOOT, clock=clock)
    with pytest.raises(StorageError, match=r"telemetry\.db"):
        await store.open()
    await store.close()


# ------------------------------------------------------------------ files that are not as they should be


def damage(path, content):
    """Spoil the middle of the file, where the tables are."""
    raw = bytearray(path.read_bytes())
    raw[2000:9000] = content * 7000
    path.write_bytes(raw)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("how", ["pages", "header", "cut"])
async def test_a_corrupt_file_is_set_aside_and_a_new_one_started(path, clock, store, how, big, monkeypatch):
    if big:  # only the tables that control depends on are checked
        monkeypatch.setattr("controller.telemetry.opening._CHECKED_WHOLE_BYTES", 0)
    await store.append_decisions([decision(n) for n in range(200)], MEMORY)
    await store.close()
    if how == "pages":
        damage(path, b"\xa5")
    elif how == "header":
        path.write_bytes(b"not a database at all, but long enough to look like one" * 100)
    else:
        path.write_bytes(path.read_bytes()[:9000])
    spoilt = path.read_bytes()
    again = TelemetryStore(path, boot_id=BOOT, clock=clock)
    report = await again.open()
    assert report.set_aside == path.with_name("telemetry.db.corrupt-20261121T050000Z")
    assert report.set_aside.read_bytes() == spoilt
    assert "corrupt" in report.defects[0]
    assert again.load_memory() is None
    await again.append_decisions([decision(1)], MEMORY)
    await again.close()
    assert verify(path).count == 2, "that the file was set aside, and the decision"


async def test_two_corrupt_files_of_the_same_instant_are_both_kept(path, clock):
    path.parent.mkdir()
    for content in (b"first " * 200, b"second" * 200):
        path.write_bytes(content)
        path.with_name("telemetry.db-wal").write_bytes(b"its wal")
        await reopened(path, clock)
    name = "telemetry.db.corrupt-20261121T050000Z"
    assert path.with_name(name).read_bytes().startswith(b"first")
    assert path.with_name(f"{name}-2").read_bytes().startswith(b"second")
    assert path.with_name(f"{name}-wal").read_bytes() == b"its wal"
    assert path.with_name(f"{name}-2-wal").read_bytes() == b"its wal"


async def test_the_store_of_a_newer_tawan_is_left_alone(path, clock, store):
    await store.append_decisions([decision(1)], MEMORY)
    await store.close()
    sql(path, "UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    before = path.read_bytes()
    newer = TelemetryStore(path, boot_id=BOOT, clock=clock)
    with pytest.raises(SchemaError, match=r"telemetry\.db has schema version 99.*install the Tawan"):
        await newer.open()
    await newer.close()
    assert path.read_bytes() == before
    with pytest.raises(SchemaError):
        TelemetryReader(path).decisions()


async def test_the_database_of_another_program_is_left_alone(path, clock):
    path.parent.mkdir()
    sql(path, "CREATE TABLE photos(id INTEGER)")
    with pytest.raises(SchemaError, match="another program"):
        await TelemetryStore(path, boot_id=BOOT, clock=clock).open()
    assert sql(path, "SELECT name FROM sqlite_master") == [("photos",)]


async def test_an_empty_file_becomes_a_store(path, clock):
    path.parent.mkdir()
    path.touch()
    _, report = await reopened(path, clock)
    assert report.set_aside is None
    assert verify(path).ok
