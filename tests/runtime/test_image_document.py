"""image.json is what docs/architecture.md promises, and is replaced as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.clock import ScaledClock
from controller.config_file import load_config
from controller.core.alarming import AlarmRecord, Severity
from controller.core.alarming.book import Standing
from controller.core.decide import decide
from controller.core.model import Alarm, Health, Memory, Plan, ProcessImage, Reading, Reason, Role
from controller.core.points import meaning
from controller.runtime.image_document import ImageDocument, StaticFacts, write_atomically
from controller.runtime.journal import SAMPLED_POINTS, StoreJournal
from controller.site import site_from

ROOT = Path(__file__).resolve().parents[2]
CONFIG = load_config(ROOT / "config.yaml")
SITE = site_from(CONFIG)
AT = datetime(2026, 11, 21, 13, tzinfo=UTC)


@dataclass
class FakeDevice:
    id: str
    last_error: str | None = None
    writes: int = 2

    def texts(self, readings):
        return {"inverter_state": "inverting"} if "inverter_state" in readings else {}


@dataclass
class FakeBus:
    name: str
    ok: int = 7
    failed: int = 1
    connected: bool = True


def good(**values: float) -> dict[str, Reading]:
    return {name: Reading(value, 0.25, Health.GOOD) for name, value in values.items()}


@pytest.fixture
def image() -> ProcessImage:
    devices = {name: {} for name in CONFIG.devices}
    devices["battery"] = good(
        battery_soc_frac=0.62, battery_power_w=-900.0, ac_power_w=-800.0, inverter_state=9
    )
    devices["relays"] = good(**{f"channel_{number}": 0.0 for number in range(1, 17)})
    devices["meter_clinic"] = good(power_w=310.0)
    return ProcessImage(5, 100.0, AT, True, devices)


@pytest.fixture
def build() -> Callable[[ProcessImage], dict]:
    facts = StaticFacts(
        site={"id": SITE.id},
        devices={name: {"id": name, "role": device.role.value} for name, device in CONFIG.devices.items()},
        demo=True,
        boot_id="a boot",
    )
    clock = ScaledClock.starting(AT, 60.0)
    builder = ImageDocument(
        facts, SITE, [FakeDevice(name) for name in CONFIG.devices], [FakeBus("meters")], clock, lambda: 77.0
    )
    full = {"error": "the card is full"}
    record = AlarmRecord(17, "storage_failed", "site", Severity.WARNING, full, AT, None, AT, "somchai")
    alarms = [Standing(record, present=True)]

    def built(image: ProcessImage, diagnoses: Sequence[Alarm] = (), plan: Plan | None = None) -> dict:
        decision = decide(image, SITE, Memory(), plan)
        return json.loads(json.dumps(builder.build(image, decision, {"number": 5}, alarms, diagnoses)))

    return built


def made_plan(made_s: float) -> Plan:
    """A plan for the battery as it is."""
    soc = (0.62, 0.6)
    return Plan(made_s, made_s + 3600, (made_s, made_s + 7200), soc, soc, soc, {})


@pytest.fixture
def document(image: ProcessImage, build) -> dict:
    return build(image)


def promised_keys() -> set[str]:
    block = re.search(
        r"```jsonc\n(.*?)```", (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert block is not None
    return set(re.findall(r'^  "(\w+)":', block[1], re.MULTILINE))


def test_it_has_the_keys_that_the_docs_promise(document: dict) -> None:
    assert set(document) == promised_keys()


def test_whether_the_plan_is_followed_is_told_and_why_not(document: dict) -> None:
    assert document["voice"] == "rules"
    assert document["plan"]["reason"]["code"] == "plan_missing"
    assert (document["plan"]["in_force"], document["plan"]["issued_utc"]) == (False, None)
    assert document["battery"]["setpoint_w"] is None


def test_a_plan_in_force_has_the_time_when_it_was_made(image: ProcessImage, build) -> None:
    told = build(image, plan=made_plan(image.monotonic_s - 60.0))["plan"]
    assert told == {"in_force": True, "reason": None, "issued_utc": "2026-11-21T12:59:00+00:00"}


def test_signs_are_the_houses_and_what_is_not_known_is_null(document: dict) -> None:
    assert document["summary"]["battery_w"] == -900.0
    assert document["summary"]["pv_w"] is None
    assert "pv_south" in document["summary"]["missing"]
    assert document["pv"][0]["power_w"] is None


def test_every_feeder_says_why_in_both_languages(document: dict) -> None:
    assert [feeder["id"] for feeder in document["feeders"]] == list(CONFIG.feeders)
    for feeder in document["feeders"]:
        assert feeder["reason"]["th"]
        assert feeder["reason"]["en"]


def test_a_feeder_whose_relay_is_not_seen_is_neither_on_nor_off(image: ProcessImage, build) -> None:
    blind = replace(image, devices={**image.devices, "relays": {}})
    assert {feeder["closed"] for feeder in build(image)["feeders"]} == {True}
    assert {feeder["closed"] for feeder in build(blind)["feeders"]} == {None}


def test_a_device_that_never_answered_is_lost(document: dict) -> None:
    by_id = {device["id"]: device for device in document["devices"]}
    assert (by_id["genset"]["health"], by_id["genset"]["age_s"]) == ("lost", None)
    assert (by_id["meter_clinic"]["health"], by_id["meter_clinic"]["age_s"]) == ("good", 0.25)


def test_an_alarm_says_all_that_a_reader_shows_of_it(document: dict) -> None:
    (alarm,) = document["alarms"]
    assert (alarm["id"], alarm["code"], alarm["severity"], alarm["subject"]) == (
        17,
        "storage_failed",
        "warning",
        "site",
    )
    assert alarm["title"]["en"] == "Nothing can be stored"
    assert alarm["en"].endswith("the card is full")
    assert "tawan backup" in alarm["first"]["th"]
    assert alarm["acknowledged"] == {"utc": AT.isoformat(timespec="seconds"), "by": "somchai"}
    assert (alarm["present"], alarm["villagers"]) == (True, False)


def test_it_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "image.json"
    write_atomically(path, b"old")
    with path.open("rb") as reader:
        write_atomically(path, b"new and longer")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new and longer"
    assert list(tmp_path.iterdir()) == [path]


def test_the_journal_samples_the_sums_the_feeders_and_what_reports_need(image: ProcessImage) -> None:
    class Store:
        def add_samples(self, at_utc, synchronised, values) -> None:
            self.values = values

    class Counters:
        def readings(self, image) -> dict:
            return {("meter_clinic", "energy_import_wh"): 5000.0}

    store = Store()
    roles = {name: device.role for name, device in CONFIG.devices.items()}
    StoreJournal(store, SITE, roles, "a boot", Counters()).sample(image, decide(image, SITE, Memory()))
    assert store.values["site", "soc_frac"] == 0.62
    assert store.values["site", "pv_w"] is None
    assert store.values["clinic", "power_w"] == 310.0
    assert store.values["meter_clinic", "energy_import_wh"] == 5000.0


def test_a_state_says_what_it_means(document: dict) -> None:
    points = next(device["points"] for device in document["devices"] if device["id"] == "battery")
    assert points["inverter_state"]["text"] == "inverting"
    assert "text" not in points["ac_power_w"]


def test_diagnoses_name_the_device_and_the_remedy(image: ProcessImage, build) -> None:
    reversed_ = Reason("diagnosis_meter_reversed", {"device": "meter_clinic", "power_w": -300.0})
    (diagnosis,) = build(image, [Alarm("meter_clinic", reversed_)])["diagnoses"]
    assert diagnosis["subject"] == "meter_clinic"
    assert "swap S1 and S2" in diagnosis["en"]


def test_something_is_kept_of_every_role() -> None:
    assert set(SAMPLED_POINTS) == set(Role)
    named = {point for points in SAMPLED_POINTS.values() for point in points}
    assert all(meaning(point) for point in named)
