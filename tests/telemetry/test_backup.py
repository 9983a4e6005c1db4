"""A backup is the whole store or nothing; restoring never loses what stood there."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from types import SimpleNamespace

import pytest
from telemetry_village import BOOT, NOON, HandClock, decision

from controller.telemetry import backup as backup_module
from controller.telemetry.audit import verify
from controller.telemetry.backup import (
    BackupError,
    BackupFacts,
    backup_name,
    forget_older,
    last_backup,
    make_backup,
    note_backup,
    verify_backup,
)
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.restoring import restore_store
from controller.telemetry.store import TelemetryStore
from controller.telemetry.transactions import damage_marker

FACTS = BackupFacts("nong-ta-taem", NOON.isoformat(), "0.1.0", "format: 1 # ตะวัน\n")
PV = ("site", "pv_w")


@pytest.fixture
async def store(tmp_path):
    """A running controller's store with ten minutes of samples and some decisions."""
    clock = HandClock()
    store = TelemetryStore(tmp_path / "telemetry.db", boot_id=BOOT, clock=clock)
    await store.open()
    for second in range(600):
        store.add_samples(clock.at, True, {PV: -float(second)})
        clock.advance(1)
        if second % 10 == 0:
            await store.append_decisions([decision(second)], {"second": second})
    yield store
    await store.close()


async def test_a_backup_made_beside_the_running_controller_holds_all_that_was_committed(store, tmp_path):
    path, stick = tmp_path / "telemetry.db", tmp_path / "stick.db"
    made = make_backup(path, stick, FACTS)
    assert made.facts == FACTS
    assert made.audit.count == 60
    assert made.audit == verify(path)
    pv_w = [TelemetryReader(each).energy_wh(*PV, NOON, NOON + timedelta(minutes=8)) for each in (stick, path)]
    assert pv_w[0] == pv_w[1] != 0
    await store.append_decisions([decision(601)], {})
    assert verify(path).count == 61, "the writer goes on"
    assert sorted(each.name for each in stick.parent.glob("stick*")) == ["stick.db"], (
        "one file, nothing beside"
    )


async def test_a_stick_with_little_room_thins_nothing_of_what_it_keeps(store, tmp_path, monkeypatch):
    async def live_at(hours: int) -> None:
        for seconds in (0, 10):
            store.add_samples(NOON + timedelta(hours=hours, seconds=seconds), True, {PV: -1.0})
        await store._on_thread(lambda: None)

    await live_at(24)
    await live_at(48)
    await store._on_thread(store._database.fold_all)
    monkeypatch.setattr(store._database, "work", lambda: False)
    await live_at(49)  # the copy has something to fold
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=60_000_000))
    make_backup(tmp_path / "telemetry.db", tmp_path / "stick.db", FACTS)
    here, there = (TelemetryReader(tmp_path / name).periods(0, 1000) for name in ("telemetry.db", "stick.db"))
    assert here == there
    assert len(here) > 60


async def test_a_disk_that_goes_away_midway_leaves_nothing_under_the_good_name(store, tmp_path, monkeypatch):
    stick = tmp_path / "stick.db"
    make_backup(tmp_path / "telemetry.db", stick, FACTS)
    good = stick.read_bytes()

    def pulled(path):
        raise OSError(19, "No such device", str(path))

    monkeypatch.setattr(backup_module, "_to_the_disk", pulled)
    with pytest.raises(BackupError, match="No such device"):
        make_backup(tmp_path / "telemetry.db", stick, FACTS)
    assert stick.read_bytes() == good


async def test_what_a_torn_copy_left_is_no_backup_and_is_removed_by_the_next(store, tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    target = folder / backup_name("nong-ta-taem", NOON)
    torn = target.with_name(target.name + ".part")
    make_backup(tmp_path / "telemetry.db", torn, FACTS)
    torn.write_bytes(torn.read_bytes()[:-5000])
    with pytest.raises(BackupError, match="take another backup"):
        verify_backup(torn)
    make_backup(tmp_path / "telemetry.db", target, FACTS)
    assert list(folder.iterdir()) == [target]


def test_only_the_newest_backups_of_the_site_are_kept(tmp_path):
    mine = [tmp_path / backup_name("nong-ta-taem", NOON + timedelta(days=day)) for day in range(5)]
    others = [tmp_path / "tawan-nong-ta-taem-before-update.db", tmp_path / backup_name("koh-jik", NOON)]
    torn = mine[4].with_name(mine[4].name + ".part")
    for path in (*mine, *others, torn):
        path.touch()
    assert forget_older(tmp_path, "nong-ta-taem", 2) == [*mine[:3], torn]
    assert sorted(tmp_path.iterdir()) == sorted([*mine[3:], *others])


def test_there_is_no_backup_of_nothing(tmp_path):
    with pytest.raises(BackupError, match="nothing to back up yet"):
        make_backup(tmp_path / "telemetry.db", tmp_path / "stick.db", FACTS)
    assert list(tmp_path.iterdir()) == []


async def test_restoring_brings_back_the_store_and_sets_the_present_one_aside(store, tmp_path):
    path, stick = tmp_path / "telemetry.db", tmp_path / "stick.db"
    make_backup(path, stick, FACTS)
    await store.append_decisions([decision(601)], {"second": 601})
    await store.close()

    done = restore_store(stick, path, NOON)

    assert done.set_aside.name == "telemetry.db.before-restore-20261121T050000Z"
    assert verify(done.set_aside).count == 61
    assert verify(path).count == 60
    again = TelemetryStore(path, boot_id=BOOT, clock=HandClock(NOON + timedelta(hours=1)))
    report = await again.open()
    assert report.defects == ()
    assert again.load_memory() == {"second": 590}
    await again.append_decisions([decision(700)], {})
    await again.close()
    assert verify(path).ok


async def test_a_store_that_proved_damaged_gives_way_to_a_backup_for_good(store, tmp_path):
    path = tmp_path / "telemetry.db"
    make_backup(path, tmp_path / "stick.db", FACTS)
    await store.close()
    damage_marker(path).touch()
    restore_store(tmp_path / "stick.db", path, NOON)
    again = TelemetryStore(path, boot_id=BOOT, clock=HandClock())
    report = await again.open()
    await again.close()
    assert report.set_aside is None


async def test_a_damaged_backup_is_refused_and_touches_nothing(store, tmp_path):
    path, stick = tmp_path / "telemetry.db", tmp_path / "stick.db"
    make_backup(path, stick, FACTS)
    await store.close()
    content = bytearray(stick.read_bytes())
    content[4096 * 3 : 4096 * 4] = bytes(4096)
    stick.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(BackupError, match="damaged"):
        restore_store(stick, path, NOON)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*before-restore*"))


def test_another_programs_database_is_no_backup(tmp_path):
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE photos(id INTEGER)")
    connection.close()
    with pytest.raises(BackupError, match="another program"):
        verify_backup(other)
    with pytest.raises(BackupError, match="no such file"):
        verify_backup(tmp_path / "missing.db")


async def test_the_controller_finds_out_when_the_last_backup_was_made(store, tmp_path):
    path = tmp_path / "telemetry.db"
    assert last_backup(path) is None
    note_backup(path, make_backup(path, tmp_path / "stick.db", FACTS), NOON)
    assert last_backup(path).made_utc == NOON
    path.with_name("backup.json").write_text("{}")
    assert last_backup(path) is None
