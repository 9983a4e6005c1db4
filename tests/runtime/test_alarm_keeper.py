"""Alarms are stored at once, survive restarts and a disk that refuses, and light the lamp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from core_world import World

from controller.clock import ScaledClock
from controller.core.alarming import AlarmRecord, Severity
from controller.core.alarming.facts import AlarmSite, Disk, HostFacts
from controller.core.memory import from_json, to_json
from controller.core.model import Alarm, Reason
from controller.runtime import alarm_keeper
from controller.runtime.alarm_keeper import CONTACTS_CONFIRMED, AlarmKeeper, AlarmSources
from controller.telemetry.alarm_log import read_alarms_after, read_standing_alarms
from controller.telemetry.notes import read_note
from controller.telemetry.schema import StorageError
from controller.telemetry.store import TelemetryStore

AT = datetime(2026, 4, 1, 5, 30, tzinfo=UTC)
PLACE = AlarmSite(12.4, 99.8, roles={}, lines={"meters": ("meter_clinic", "meter_pump")})


class Card:
    """A store whose disk may refuse."""

    def __init__(self) -> None:
        self.refuses = False
        self.commits: list[list[AlarmRecord]] = []
        self.notes: dict[str, Mapping[str, Any]] = {}

    async def keep_alarms(self, records: Sequence[AlarmRecord]) -> None:
        if self.refuses:
            raise StorageError("the card is full")
        self.commits.append(list(records))

    async def keep_state(self, key: str, value: Mapping[str, Any]) -> None:
        if self.refuses:
            raise StorageError("the card is full")
        self.notes[key] = value

    @property
    def newest(self) -> dict[int, AlarmRecord]:
        return {record.id: record for commit in self.commits for record in commit}


@dataclass
class House:
    """A village, its keeper, and a card for what it stores."""

    card: Any = field(default_factory=Card)
    world: World = field(default_factory=World)
    own: list[Reason] = field(default_factory=list)
    diagnoses: list[Alarm] = field(default_factory=list)
    facts: HostFacts = field(default_factory=HostFacts)
    lamp: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        sources = AlarmSources(lambda: self.own, lambda: self.diagnoses, lambda: self.facts, lambda: None)
        self.keeper = AlarmKeeper(self.world.site, PLACE, self.card, sources, self.lamp.append)

    def tick(self, seconds: float = 1.0, *, dt_s: float = 1.0) -> None:
        for _ in range(round(seconds / dt_s)):
            decision = self.world.step(dt_s)
            self.keeper.tell(self.world.image(), decision)

    @property
    def codes(self) -> list[str]:
        return [each.record.code for each in self.keeper.standing]


@pytest.fixture
def house() -> House:
    return House()


@asynccontextmanager
async def keeping(keeper: AlarmKeeper) -> AsyncIterator[None]:
    task = asyncio.create_task(keeper.run())
    try:
        yield
    finally:
        task.cancel()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_an_alarm_is_committed_in_the_tick_that_raises_it(house: House) -> None:
    async with keeping(house.keeper):
        house.world.extra["overload_alarm"] = 2.0
        house.tick()
        await settle()
    assert [record.code for record in house.card.newest.values()] == ["overload_alarm_shed"]


async def test_nothing_is_written_while_nothing_changes(house: House) -> None:
    async with keeping(house.keeper):
        house.own = [Reason("storage_set_aside", {"file": "x.db"})]
        house.tick(4000, dt_s=10.0)
        await settle()
    assert len(house.card.commits) == 1


def test_what_parts_and_checks_complain_of_stands_with_its_subject(house: House) -> None:
    house.own = [Reason("pv_array_lost", {"array": "pv_south", "date": "2026-03-29", "lost_frac": 0.5})]
    house.diagnoses = [
        Alarm("meter_pump", Reason("diagnosis_frozen", {"device": "meter_pump", "still_s": 9.0}))
    ]
    house.facts = HostFacts(starts_in_hour=5)
    house.tick()
    assert {(each.record.code, each.record.subject) for each in house.keeper.standing} == {
        ("pv_array_lost", "pv_south"),
        ("diagnosis_frozen", "meter_pump"),
        ("controller_restarting", "site"),
    }


def test_a_lost_line_is_one_alarm_not_one_a_device(house: House) -> None:
    house.world.lost |= {"meter_clinic", "meter_pump"}
    house.tick(120)
    assert house.codes == ["line_lost"]


async def test_while_the_disk_refuses_alarms_stand_and_are_written_when_it_takes_them(house: House) -> None:
    house.card.refuses = True
    house.world.extra["overload_alarm"] = 2.0
    house.tick()
    assert not await house.keeper.flush()
    house.world.extra["overload_alarm"] = 0.0
    house.tick(1000, dt_s=10.0)
    assert house.codes == ["storage_failed"]  # the refusal is an alarm itself
    house.card.refuses = False
    assert await house.keeper.flush()
    house.tick(310, dt_s=10.0)
    assert house.codes == []
    await house.keeper.flush()
    by_code = {record.code: record for record in house.card.newest.values()}
    assert by_code.keys() == {"overload_alarm_shed", "storage_failed"}
    assert all(record.cleared_utc is not None for record in by_code.values())


async def test_the_keeper_tries_again_by_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_keeper, "TRIED_AGAIN_S", 0.0)
    house.card.refuses = True
    house.own = [Reason("storage_failed", {"error": "full"})]
    async with keeping(house.keeper):
        house.tick()
        await settle()
        assert not house.card.commits
        house.card.refuses = False
        await settle()
    assert len(house.card.newest) == 1


def test_the_lamp_is_lit_until_somebody_sees_to_what_is_critical(house: House) -> None:
    house.own = [Reason("storage_failed", {"error": "full"})]
    house.tick()
    assert house.lamp[-1] is False  # a warning
    house.facts = HostFacts(disk=Disk(0, 10**9, read_only=True))
    house.tick(70)
    assert house.lamp[-1] is True
    critical = next(
        each.record for each in house.keeper.standing if each.record.severity is Severity.CRITICAL
    )
    assert house.keeper.acknowledge(critical.id, "somchai", AT)
    house.tick()
    assert house.lamp[-1] is False


async def test_an_acknowledgement_is_stored_and_one_of_nothing_refused(house: House) -> None:
    house.own = [Reason("storage_failed", {"error": "full"})]
    house.tick()
    assert house.keeper.acknowledge(1, "somchai", AT)
    assert not house.keeper.acknowledge(9, "somchai", AT)
    await house.keeper.flush()
    assert house.card.newest[1].acknowledged_by == "somchai"


async def test_contacts_are_confirmed(house: House) -> None:
    house.keeper.confirm_contacts("malee", AT)
    await house.keeper.flush()
    assert house.card.notes[CONTACTS_CONFIRMED] == {"utc": AT.isoformat(), "by": "malee"}
    assert house.keeper.contacts_confirmed_utc == AT


async def test_an_alarm_of_the_moment_in_which_power_failed_is_found_in_the_cores_memory() -> None:
    before = House()
    before.world.extra["overload_alarm"] = 2.0
    before.tick()  # decided and committed with its memory; the alarm itself was not
    saved = from_json(to_json(before.world.memory))
    after = House()
    after.keeper.restore((), 0, saved.alarms, after.world.now_s)
    after.tick()
    assert after.codes == ["overload_alarm_shed"]


async def test_through_a_restart_it_is_one_alarm_in_the_store(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.db"
    for run in range(3):
        store = TelemetryStore(path, boot_id="boot", clock=ScaledClock.starting(AT, 1.0))
        await store.open()
        house = House(card=store)
        house.own = [Reason("storage_set_aside", {"file": "x.db"})]
        standing, newest_id = store.load_alarms()
        house.keeper.restore(standing, newest_id, {}, house.world.now_s)
        house.tick(3)
        if run == 1:
            house.keeper.acknowledge(1, "somchai", AT)
            house.keeper.confirm_contacts("malee", AT)
        assert await house.keeper.flush()
        await store.close()
    (record,) = read_standing_alarms(path)
    assert (record.id, record.code, record.acknowledged_by) == (1, "storage_set_aside", "somchai")
    assert len(read_alarms_after(path, 0)) == 1
    assert read_note(path, CONTACTS_CONFIRMED) == {"utc": AT.isoformat(), "by": "malee"}
    assert read_note(path, "never") is None


async def test_what_changed_while_it_was_being_stored_is_stored_again(house: House) -> None:
    house.own = [Reason("storage_failed", {"error": "full"})]
    house.tick()
    store = house.card.keep_alarms

    async def slow(records: Sequence[AlarmRecord]) -> None:
        await store(records)
        house.keeper.acknowledge(1, "somchai", AT)

    house.card.keep_alarms = slow
    await house.keeper.flush()
    house.card.keep_alarms = store
    await house.keeper.flush()
    assert house.card.newest[1].acknowledged_by == "somchai"


async def test_a_figure_that_cannot_be_stored_costs_the_figure_and_not_the_alarm(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.db"
    store = TelemetryStore(path, boot_id="boot", clock=ScaledClock.starting(AT, 1.0))
    await store.open()
    house = House(card=store)
    house.own = [Reason("planner_failing", {"failures": float("inf")})]
    house.tick()
    assert await house.keeper.flush()
    await store.close()
    (record,) = read_standing_alarms(path)
    assert (record.code, record.params) == ("planner_failing", {})


def test_memory_of_another_tawan_does_no_harm() -> None:
    house = House()
    house.world.memory = replace(house.world.memory, alarms={})
    strange = {"x": Alarm("site", Reason("of_the_future"))}
    house.keeper.restore((), 4, strange, house.world.now_s)
    house.tick()
    assert [each.record.id for each in house.keeper.standing] == [5]
