"""Alarms on the page: calm sentences for everybody, first steps for technicians, and no names."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from web_village import EVENING, village

from controller.core.alarming import AlarmRecord, Severity
from controller.core.alarming.book import Standing
from controller.runtime.alarm_document import alarm_document

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def standing(code: str, severity: Severity, *, present: bool = True, subject: str = "site", **given) -> dict:
    params = given.pop("params", {})
    return alarm_document(Standing(AlarmRecord(7, code, subject, severity, params, AT, **given), present))


BLACKOUT = standing("blackout", Severity.CRITICAL)
LOST = standing(
    "device_lost",
    Severity.WARNING,
    subject="meter_pump",
    params={"device": "meter_pump", "lost_s": 90.0},
    acknowledged_utc=AT,
    acknowledged_by="somchai",
)
SCALE = standing("diagnosis_soc", Severity.NOTICE, present=False, subject="battery")


def card(page: str) -> str:
    """What the alarms' place on the page says."""
    return page.split('<div id="alarms"', 1)[1].split('<div id="chart"', 1)[0]


async def put(powerhouse, *alarms: dict) -> str:
    image = village(EVENING, alarms=list(alarms))
    image["written"]["monotonic_s"] = powerhouse.clock.now_s
    powerhouse.put(image)
    return card(await powerhouse.page("/en"))


async def test_villagers_read_what_concerns_them(powerhouse) -> None:
    shown = await put(powerhouse, BLACKOUT, LOST)
    calm = shown.split("<details", 1)[0]
    assert "The whole village is dark" in calm
    assert "meter_pump" not in calm


async def test_technicians_open_what_stands_with_severity_in_words_and_the_first_step(powerhouse) -> None:
    shown = await put(powerhouse, BLACKOUT, LOST, SCALE)
    technical = shown.split("<details", 1)[1]
    assert "For technicians: 3" in technical
    for words in (
        "Blackout",
        "critical",
        "Device lost",
        "warning · meter_pump · a technician sees to it",
        "notice · battery · over, being watched for a while",
        "Check the device",
    ):
        assert words in technical, words


async def test_what_is_technical_alone_alarms_no_villager(powerhouse) -> None:
    shown = await put(powerhouse, LOST)
    assert "Needs attention" not in shown
    assert "For technicians: 1" in shown


async def test_what_is_over_alarms_nobody(powerhouse) -> None:
    shown = await put(powerhouse, {**BLACKOUT, "present": False})
    assert "The whole village is dark" not in shown


async def test_nothing_stands_and_nothing_is_said(powerhouse) -> None:
    assert not re.search("[a-z]", (await put(powerhouse)).split(">", 1)[1].split("</div>", 1)[0])


async def test_who_acknowledged_it_is_told_to_nobody_on_the_net(powerhouse) -> None:
    assert "somchai" not in await put(powerhouse, LOST)
    reply = (await powerhouse.client.get("/api/status")).json()["alarms"][0]
    assert (reply["id"], reply["severity"], reply["villagers"]) == (7, "warning", False)
    assert reply["title"] == {"th": "อุปกรณ์ไม่ตอบ", "en": "Device lost"}
    assert set(reply["acknowledged"]) == {"utc"}
