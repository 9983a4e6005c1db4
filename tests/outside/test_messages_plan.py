"""Who is told of what, when: evenings with alarms, as the phones tell them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from message_village import (
    NO_NETWORK,
    QUOTA_SPENT,
    SOMCHAI,
    USUAL,
    WRONG_TOKEN,
    Village,
    hours,
    minutes,
)


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    village = Village(tmp_path)
    yield village
    village.close()


def with_people(tmp_path: Path, people: dict[str, Any], **more: Any) -> Village:
    channels = {
        name: {"url": f"json://127.0.0.1:9/{name}"}
        for person in people.values()
        for name in person["channels"]
    }
    settings = {**USUAL, "people": people, **more}
    settings["channels"] = {**channels, **more.get("channels", {})}
    return Village(tmp_path, settings)


async def test_a_critical_alarm_rings_within_a_minute_and_once(village: Village) -> None:
    village.raised()
    await village.passes(minutes(1), every_s=2)
    assert village.phones.rang == []
    await village.passes(4, every_s=2)
    assert len(village.phones.texts()) == 1
    await village.passes(hours(3))
    assert len(village.phones.texts()) == 1


async def test_a_storm_of_fifty_alarms_is_one_message(village: Village) -> None:
    for number in range(50):
        village.raised("device_lost", f"meter_{number}", "warning")
        if number % 10 == 0:
            village.raised("blackout", f"part_{number}")
        await village.passes(1, every_s=1)
    await village.passes(minutes(10))
    assert len(village.phones.texts()) == 1
    await village.passes(hours(2))
    assert len(village.phones.texts()) == 1


async def test_at_night_only_what_is_critical_rings_and_brings_the_rest_along(village: Village) -> None:
    village.clock.at += timedelta(hours=4)  # 23:00
    village.raised("genset_fuel_low", "genset", "warning", fuel_frac=0.1, genset={"th": "ก", "en": "G"})
    await village.passes(hours(1))
    assert village.phones.rang == []
    assert village.waiting() == [("somchai", "genset_fuel_low", "quiet")]
    village.raised("blackout")
    await village.passes(minutes(2))
    (text,) = village.phones.texts()
    assert text.index("ไฟดับทั้งหมู่บ้าน") < text.index("น้ำมันเครื่องปั่นไฟเหลือน้อย")


async def test_what_waited_for_the_morning_comes_at_six(village: Village) -> None:
    village.clock.at += timedelta(hours=4)
    village.raised("device_lost", "meter_a", "warning")
    await village.passes(hours(6.9), every_s=300)
    assert village.phones.rang == []
    await village.passes(minutes(10))
    assert len(village.phones.rang) == 1


async def test_warnings_come_in_digests_and_say_what_is_over(village: Village) -> None:
    first = village.raised("device_lost", "meter_a", "warning")
    await village.passes(minutes(2))
    village.cleared(first)
    village.raised("device_lost", "meter_b", "warning")
    await village.passes(minutes(50))
    assert len(village.phones.texts()) == 1
    await village.passes(minutes(15))
    digest = village.phones.texts()[1]
    assert "หายแล้ว: อุปกรณ์ไม่ตอบ (meter_a)" in digest
    assert "อุปกรณ์ไม่ตอบ (meter_b)" in digest


async def test_what_came_and_went_unheard_is_told_once(village: Village) -> None:
    record = village.raised("device_lost", "meter_a", "warning")
    await village.service.look()
    village.cleared(record)
    await village.passes(hours(4))
    (text,) = village.phones.texts()
    assert text.startswith("บ้านวังวน: เรียบร้อยแล้ว: อุปกรณ์ไม่ตอบ")


async def test_notices_come_once_a_day(village: Village) -> None:
    village.raised("backup_overdue", severity="notice")
    await village.passes(hours(12), every_s=600)
    assert village.phones.rang == []
    await village.passes(hours(1), every_s=600)  # past 07:30
    assert len(village.phones.rang) == 1


async def test_an_alarm_that_comes_and_goes_is_not_told_again_and_again(village: Village) -> None:
    for _ in range(60):
        record = village.raised("overload_alarm_shed")
        await village.passes(minutes(1.5))
        village.cleared(record)
        await village.passes(minutes(1.5))
    assert 2 <= len(village.phones.texts()) <= 8  # three hours: raised and over, at most once an hour each
    assert "ครั้ง" in village.phones.texts()[-1]


async def test_a_blackout_that_returns_at_night_rings_although_nobody_heard_that_the_first_was_over(
    village: Village,
) -> None:
    village.clock.at += timedelta(hours=4)
    first = village.raised()
    await village.passes(minutes(2))
    village.acknowledged(first)
    village.cleared(first)
    await village.passes(hours(3), every_s=300)
    village.raised()
    await village.passes(minutes(2))
    assert len(village.phones.texts()) == 2


async def test_a_warning_that_becomes_critical_rings_again(village: Village) -> None:
    record = village.raised("genset_start_failed", "genset", "warning")
    await village.passes(minutes(2))
    village.worsened(record)
    await village.passes(minutes(2))
    assert len(village.phones.texts()) == 2


THREE_LEVELS: dict[str, Any] = {
    "somchai": {**SOMCHAI, "channels": ["somchai"]},
    "malee": {"channels": ["malee"], "level": 2},
    "office": {"channels": ["office"], "level": 3, "lang": "en"},
}


async def test_a_critical_alarm_that_nobody_acknowledges_climbs(tmp_path: Path) -> None:
    village = with_people(tmp_path, THREE_LEVELS)
    village.raised()
    await village.passes(minutes(14))
    assert [phone for phone, _ in village.phones.rang] == ["somchai"]
    assert ("malee", "blackout", "escalation") in village.waiting()
    await village.passes(minutes(3))
    assert [phone for phone, _ in village.phones.rang] == ["somchai", "malee"]
    await village.passes(minutes(15))
    assert [phone for phone, _ in village.phones.rang] == ["somchai", "malee", "office"]
    village.close()


async def test_acknowledging_stops_it(tmp_path: Path) -> None:
    village = with_people(tmp_path, THREE_LEVELS)
    record = village.raised()
    await village.passes(minutes(10))
    village.acknowledged(record)
    await village.passes(hours(2))
    assert [phone for phone, _ in village.phones.rang] == ["somchai"]
    village.close()


async def test_a_level_that_cannot_be_reached_is_passed_over(tmp_path: Path) -> None:
    village = with_people(tmp_path, THREE_LEVELS)
    village.phones.answers = {"somchai": WRONG_TOKEN, "malee": NO_NETWORK}
    village.raised()
    await village.passes(minutes(31))
    assert [phone for phone, _ in village.phones.rang] == ["office"]
    village.close()


async def test_the_next_level_is_counted_from_when_the_first_was_told(tmp_path: Path) -> None:
    village = with_people(tmp_path, THREE_LEVELS)
    village.phones.answers["somchai"] = NO_NETWORK
    village.raised()
    await village.passes(minutes(5))
    village.phones.answers.clear()
    await village.passes(minutes(6))
    assert [phone for phone, _ in village.phones.rang] == ["somchai"]
    told_at = village.clock.at - timedelta(minutes=6)
    await village.passes((told_at + timedelta(minutes=14) - village.clock.at).total_seconds())
    assert [phone for phone, _ in village.phones.rang] == ["somchai"]  # 19 minutes after it was raised
    await village.passes(minutes(8))
    assert [phone for phone, _ in village.phones.rang] == ["somchai", "malee"]
    village.close()


async def test_warnings_do_not_climb(tmp_path: Path) -> None:
    village = with_people(tmp_path, THREE_LEVELS)
    village.raised("device_lost", "meter_a", "warning")
    await village.passes(hours(2))
    assert [phone for phone, _ in village.phones.rang] == ["somchai"]
    village.close()


async def test_somebody_who_wants_only_critical_alarms_gets_no_others(tmp_path: Path) -> None:
    village = with_people(tmp_path, {"somchai": {"channels": ["somchai"], "severities": ["critical"]}})
    village.raised("device_lost", "meter_a", "warning")
    await village.passes(hours(2))
    village.raised()
    await village.passes(minutes(2))
    assert len(village.phones.rang) == 1
    village.close()


async def test_without_a_network_they_wait_and_then_tell_the_newest_truth(village: Village) -> None:
    village.phones.answers["somchai"] = NO_NETWORK
    record = village.raised()
    await village.passes(minutes(50))
    assert ("somchai", "blackout", "channel") in village.waiting()
    village.cleared(record)
    await village.passes(hours(1))
    village.phones.answers.clear()
    await village.passes(minutes(6))
    (text,) = village.phones.texts()
    assert "หายแล้ว: ไฟดับทั้งหมู่บ้าน 19:00 น. ถึง 19:50 น." in text


TWO_CHANNELS = {"somchai": {**SOMCHAI, "channels": ["line", "sms"]}}


async def test_a_critical_alarm_takes_the_next_channel_after_some_minutes(tmp_path: Path) -> None:
    village = with_people(tmp_path, TWO_CHANNELS)
    village.phones.answers["line"] = NO_NETWORK
    village.raised()
    await village.passes(minutes(4))
    assert village.phones.rang == []
    await village.passes(minutes(8))
    assert [phone for phone, _ in village.phones.rang] == ["sms"]
    village.close()


async def test_other_alarms_wait_for_the_channel(tmp_path: Path) -> None:
    village = with_people(tmp_path, TWO_CHANNELS)
    village.phones.answers["line"] = NO_NETWORK
    village.raised("device_lost", "meter_a", "warning")
    await village.passes(hours(2))
    assert village.phones.rang == []
    village.close()


async def test_a_wrong_token_is_a_standing_fault_and_the_next_channel_is_used_at_once(tmp_path: Path) -> None:
    village = with_people(tmp_path, TWO_CHANNELS)
    village.phones.answers["line"] = WRONG_TOKEN
    village.raised("device_lost", "meter_a", "warning")
    await village.passes(minutes(3))
    assert [phone for phone, _ in village.phones.rang] == ["sms"]
    status = village.service.status()
    assert status["ok"] is False
    assert status["detail"] == "the channel line refuses messages: 401: Authentication failed"
    assert [reason.code for reason in village.service.alarms()] == ["messages_refused"]
    village.close()


GROUP = {"team": {"channels": ["group"]}}


def line_group(per_month: int, **more: Any) -> dict[str, Any]:
    return {
        "quiet_hours": None,
        "quotas": {"line": {"messages_per_month": per_month, "reserve_frac": 0.2}},
        "channels": {"group": {"url": "json://127.0.0.1:9/group", "quota": "line", "recipients": 5}, **more},
    }


async def test_a_group_counts_its_members_and_the_last_of_the_month_is_kept_for_what_is_critical(
    tmp_path: Path,
) -> None:
    village = with_people(tmp_path, GROUP, **line_group(25))
    for number in range(6):
        village.raised("device_lost", f"meter_{number}", "warning")
        await village.passes(hours(1.1), every_s=120)
    assert len(village.phones.texts("group")) == 4  # 20 of 25
    assert village.service.status()["quotas"][0]["spent"] == 20
    assert {why for _, _, why in village.waiting()} == {"quota_reserved"}
    assert [reason.code for reason in village.service.alarms()] == ["messages_quota_spent"]
    village.raised()
    await village.passes(minutes(2))
    assert len(village.phones.texts("group")) == 5
    village.raised("battery_empty")
    await village.passes(minutes(10))
    assert len(village.phones.texts("group")) == 5
    assert ("team", "battery_empty", "quota_spent") in village.waiting()
    village.close()


async def test_a_new_month_brings_a_new_quota(tmp_path: Path) -> None:
    village = with_people(tmp_path, GROUP, **line_group(5))
    village.raised()
    await village.passes(minutes(2))
    village.raised("battery_empty")
    await village.passes(hours(1), every_s=300)
    assert len(village.phones.texts("group")) == 1
    village.clock.at += timedelta(days=9, hours=2)  # 30 November, 22:02 in Thailand
    await village.passes(hours(1.9), every_s=300)
    assert len(village.phones.texts("group")) == 1
    await village.passes(minutes(10))
    assert len(village.phones.texts("group")) == 2
    village.close()


async def test_a_clock_that_is_not_right_opens_no_new_month(tmp_path: Path) -> None:
    village = with_people(tmp_path, GROUP, **line_group(5))
    village.raised()
    await village.passes(minutes(2))
    village.clock.right = False
    village.clock.at += timedelta(days=400)
    village.raised("battery_empty")
    await village.passes(hours(1), every_s=300)
    assert len(village.phones.texts("group")) == 1
    village.close()


async def test_what_the_provider_refuses_is_not_counted_and_is_shown(tmp_path: Path) -> None:
    village = with_people(tmp_path, GROUP, **line_group(300))
    village.phones.answers["group"] = QUOTA_SPENT
    village.raised()
    await village.passes(hours(2.5), every_s=300)
    status = village.service.status()
    assert status["quotas"][0]["spent"] == 0
    assert ("team", "blackout", "quota_spent") in village.waiting()
    assert len(status["refusals"]) == 3  # it is asked once an hour
    assert status["refusals"][0]["said"] == "429: You have reached your monthly limit."
    village.phones.answers.clear()
    await village.passes(hours(1))
    assert len(village.phones.texts("group")) == 1
    village.close()


async def test_when_the_quota_is_used_up_the_next_channel_is_taken(tmp_path: Path) -> None:
    people = {"team": {"channels": ["group", "mail"]}}
    village = with_people(tmp_path, people, **line_group(5))
    village.raised("device_lost", "meter_a", "warning")
    await village.passes(minutes(3))
    assert [phone for phone, _ in village.phones.rang] == ["mail"]
    village.close()


def two_people(per_month: int, severities: list[str]) -> dict[str, Any]:
    """Two who share a quota; the first wants no more than the severities."""
    return {
        "people": {
            "somchai": {"channels": ["first"], "severities": severities},
            "malee": {"channels": ["second"]},
        },
        "quiet_hours": None,
        "quotas": {"line": {"messages_per_month": per_month, "reserve_frac": 0.0}},
        "channels": {
            name: {"url": f"json://127.0.0.1:9/{name}", "quota": "line", "recipients": 3}
            for name in ("first", "second")
        },
    }


async def test_two_messages_of_one_moment_do_not_share_the_last_of_a_quota(tmp_path: Path) -> None:
    village = Village(tmp_path, two_people(5, ["critical"]))
    village.raised()
    await village.passes(minutes(10))
    assert len(village.phones.rang) == 1
    assert village.service.status()["quotas"][0]["spent"] == 3
    village.close()


async def test_the_last_of_a_quota_goes_to_who_is_told_of_the_gravest(tmp_path: Path) -> None:
    village = Village(tmp_path, two_people(5, ["warning"]))
    village.raised("device_lost", "meter_a", "warning")
    village.raised()
    await village.passes(minutes(10))
    assert [phone for phone, _ in village.phones.rang] == ["second"]
    village.close()
