"""GET /api/status and /healthz: what is, and whether it is of now."""

from __future__ import annotations

import pytest
from web_village import EVENING, NOON, put, rationed, village


async def test_status_mirrors_the_image(powerhouse) -> None:
    image = rationed(written_s=powerhouse.clock.now_s)
    powerhouse.put(image)
    status = (await powerhouse.client.get("/api/status")).json()
    assert status.pop("controller")["running"] is True
    assert status["summary"] == image["summary"]
    assert [(line["id"], line["class"], line["closed"]) for line in status["feeders"]] == [
        (line["id"], line["class"], line["closed"]) for line in image["feeders"]
    ]
    assert status["feeders"][5]["reason"] == image["feeders"][5]["reason"]
    assert status.keys() == image.keys()


async def test_age_is_of_the_hosts_monotonic_clock(powerhouse) -> None:
    powerhouse.clock.now_s += 3.25
    controller = (await powerhouse.client.get("/api/status")).json()["controller"]
    assert controller["running"] is True
    assert controller["age_s"] == pytest.approx(3.25)


async def test_an_old_image_means_that_the_controller_is_not_running(powerhouse) -> None:
    powerhouse.clock.now_s += 5.5
    status = (await powerhouse.client.get("/api/status")).json()
    assert status["controller"]["running"] is False
    assert "12:00" in status["controller"]["message"]["en"]
    assert "12:00 น." in status["controller"]["message"]["th"]
    assert status["summary"]["soc_frac"] == 0.64, "the last known is still told"


async def test_an_image_of_another_boot_is_never_fresh(powerhouse) -> None:
    image = village(written_s=powerhouse.clock.now_s)
    image["written"]["boot_id"] = "another"
    powerhouse.put(image)
    controller = (await powerhouse.client.get("/api/status")).json()["controller"]
    assert controller["running"] is False
    assert controller["age_s"] is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2}', "\x00"])
async def test_a_broken_image_is_said_to_be_unreadable(powerhouse, content: str) -> None:
    powerhouse.image.write_text(content)
    status = (await powerhouse.client.get("/api/status")).json()
    assert status["controller"]["running"] is False
    assert "cannot be read" in status["controller"]["message"]["en"]
    assert status["summary"] is None


async def test_without_an_image_nothing_is_claimed(powerhouse) -> None:
    powerhouse.image.unlink()
    status = (await powerhouse.client.get("/api/status")).json()
    assert status["controller"]["age_s"] is None
    assert status["feeders"] is None
    put(powerhouse.image, village(EVENING, written_s=powerhouse.clock.now_s))
    assert (await powerhouse.client.get("/api/status")).json()["controller"]["running"] is True


async def test_what_a_newer_controller_adds_does_no_harm(powerhouse) -> None:
    powerhouse.put(village(NOON, written_s=powerhouse.clock.now_s, tariff={"hours": 48}))
    assert (await powerhouse.client.get("/api/status")).json()["controller"]["running"] is True


async def test_the_web_process_is_healthy_without_a_controller(powerhouse) -> None:
    powerhouse.image.unlink()
    answer = await powerhouse.client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "controller_running": False, "listeners": 0}
