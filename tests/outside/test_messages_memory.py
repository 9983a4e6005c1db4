"""Nothing is forgotten and nothing said twice: over restarts, kills, a full disk, another log of alarms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from message_village import (
    NO_NETWORK,
    QUOTA_SPENT,
    SENT,
    USUAL,
    WRONG_TOKEN,
    KilledError,
    Village,
    hours,
    minutes,
    new_store,
)

from controller.outside.messages.memory import MOST_FOLLOWED, MOST_REFUSALS
from controller.outside.messages.refusal import Answer, Outcome
from controller.telemetry.schema import StorageError


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    village = Village(tmp_path)
    yield village
    village.close()


async def test_a_restart_repeats_nothing(village: Village) -> None:
    record = village.raised()
    await village.passes(minutes(2))
    village.restart()
    await village.passes(hours(2))
    assert len(village.phones.rang) == 1
    village.cleared(record)
    village.restart()
    await village.passes(hours(2))
    assert len(village.phones.rang) == 2


async def test_what_waits_survives_a_restart(village: Village) -> None:
    village.phones.answers["somchai"] = NO_NETWORK
    village.raised()
    await village.passes(hours(1))
    village.restart()
    village.phones.answers.clear()
    await village.passes(minutes(6))
    assert len(village.phones.rang) == 1


async def test_killed_after_sending_and_before_noting_it_repeats_one_message_at_most(
    village: Village,
) -> None:
    village.raised()
    village.raised("battery_empty")
    village.phones.killed_after = 1
    with pytest.raises(KilledError):
        await village.passes(minutes(5))
    village.restart()
    await village.passes(hours(1))
    first, second = village.phones.texts()
    assert first == second


async def test_what_was_sent_when_killed_is_counted(tmp_path: Path) -> None:
    channels = {"somchai_line": {"url": "json://127.0.0.1:9/somchai", "quota": "line", "recipients": 4}}
    quotas = {"line": {"messages_per_month": 300}}
    village = Village(tmp_path, {**USUAL, "channels": channels, "quotas": quotas})
    village.raised()
    village.phones.killed_after = 1
    with pytest.raises(KilledError):
        await village.passes(minutes(5))
    village.restart()
    await village.service.look()
    assert village.service.status()["quotas"][0]["spent"] == 8  # 4 that left, 4 again
    village.close()


async def test_who_answers_too_late_is_counted_too(tmp_path: Path) -> None:
    channels = {"somchai_line": {"url": "json://127.0.0.1:9/somchai", "quota": "line"}}
    village = Village(
        tmp_path, {**USUAL, "channels": channels, "quotas": {"line": {"messages_per_month": 300}}}
    )
    village.phones.answers["somchai"] = Answer(Outcome.UNCERTAIN, "it did not answer in time")
    village.raised()
    await village.passes(minutes(2))
    assert village.service.status()["quotas"][0]["spent"] >= 1
    village.close()


async def test_a_first_start_tells_of_what_stands_and_of_nothing_that_is_over(tmp_path: Path) -> None:
    village = Village(tmp_path)
    village.cleared(village.raised("battery_hot"))
    village.raised()
    await village.passes(minutes(2))
    (text,) = village.phones.texts()
    assert "ไฟดับทั้งหมู่บ้าน" in text
    assert "แบตเตอรี่ร้อน" not in text
    village.close()


async def test_another_log_of_alarms_is_begun_from_its_beginning(village: Village) -> None:
    for _ in range(5):
        village.raised()
    await village.passes(minutes(2))
    village.store.close()
    for file in village.folder.glob("telemetry.db*"):
        file.unlink()
    village.store = new_store(village.telemetry)
    village.alarms.clear()
    village.raised("battery_empty")
    await village.passes(minutes(2))
    assert len(village.phones.texts()) == 2
    assert "แบตเตอรี่เกือบหมด" in village.phones.texts()[-1]


async def test_a_log_that_cannot_be_read_is_told_and_what_is_known_goes_out(village: Village) -> None:
    village.raised()
    await village.service.look()
    village.store.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
    await village.passes(minutes(2))
    assert len(village.phones.rang) == 1
    status = village.service.status()
    assert status["ok"] is False
    assert "schema version 999" in status["detail"]


async def test_a_disk_that_takes_no_note_does_not_stop_messages_nor_repeat_them(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    await village.service.look()

    def full(*_: object) -> None:
        raise StorageError("outside.db: the disk is full")

    monkeypatch.setattr(village.notebook, "writing", full)
    village.raised("disk_read_only")
    await village.passes(hours(2))
    assert len(village.phones.rang) == 1
    status = village.service.status()
    assert status["ok"] is False
    assert "kept in memory only" in status["detail"]


async def test_a_channel_put_right_is_tried_at_once_after_a_restart(village: Village) -> None:
    village.phones.answers["somchai"] = WRONG_TOKEN
    village.raised()
    await village.passes(minutes(3))
    village.phones.answers.clear()
    await village.passes(minutes(3))
    assert village.phones.rang == []  # it is tried once an hour only
    village.restart()
    await village.serves(seconds=4)
    assert len(village.phones.rang) == 1
    assert village.service.alarms() == ()


async def test_refusals_are_kept_the_newest_few(village: Village) -> None:
    village.phones.answers["somchai"] = Answer(Outcome.BUSY, "503: come back later")
    village.raised()
    await village.passes(hours(4))
    refusals = village.service.status()["refusals"]
    assert len(refusals) == MOST_REFUSALS
    assert refusals[0]["said"] == "503: come back later"
    assert [one["at_utc"] for one in refusals] == sorted((one["at_utc"] for one in refusals), reverse=True)


async def test_a_month_without_a_network_fills_no_disk(village: Village) -> None:
    await village.service.look()
    village.phones.answers["somchai"] = NO_NETWORK
    for number in range(MOST_FOLLOWED + 60):
        village.cleared(village.raised("device_lost", f"meter_{number}", "warning"))
    village.raised()
    await village.service.look()
    count = village.service.status()["waiting_count"]
    assert count == MOST_FOLLOWED
    assert village.waiting()[0][1] == "blackout"


async def test_status_before_the_first_look_is_well(village: Village) -> None:
    assert village.service.status() == {"ok": True, "detail": None}
    assert village.service.alarms() == ()


async def test_a_provider_without_a_quota_here_that_says_it_is_used_up_rests(village: Village) -> None:
    village.phones.answers["somchai"] = QUOTA_SPENT
    village.raised()
    await village.passes(hours(2))
    assert 2 <= len(village.service.status()["refusals"]) <= 3
    village.phones.answers["somchai"] = SENT
    await village.passes(hours(1.1))
    assert len(village.phones.rang) == 1
