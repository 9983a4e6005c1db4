"""Counters tick by tick: read slowly, believed with care; a break is stored once, with the right time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from core_world import World

from controller.core.counters import BreakKind, CounterSpec, moduli_of
from controller.core.model import Health, ProcessImage, Reading, Role
from controller.runtime.counter_keeper import CounterKeeper, counter_spec, most_power, site_power
from controller.runtime.journal import counter_keys
from controller.runtime.unstamped_breaks import NOTE
from controller.telemetry.counter_breaks import LastCounter, StoredBreak
from controller.telemetry.schema import StorageError
from drivers.profile import ProfileLibrary

NOON = datetime(2026, 11, 21, 5, 0, 0, tzinfo=UTC)
KEY = ("meter_houses_a", "energy_import_wh")
SPEC = CounterSpec(max_w=16_000.0, resolution_wh=10.0, moduli_wh=moduli_of(10.0, 32))
READ_EVERY_S = 30


class Card:
    """A store whose disk may refuse."""

    def __init__(self) -> None:
        self.breaks: list[StoredBreak] = []
        self.refuses = False
        self.note: dict = {}

    async def keep_counter_breaks(self, breaks) -> None:
        if self.refuses:
            raise StorageError("the disk is full")
        self.breaks.extend(breaks)

    async def keep_state(self, key, value) -> None:
        if self.refuses:
            raise StorageError("the disk is full")
        assert key == NOTE
        self.note = dict(value)


class Ticks:
    """Ticks each second over a meter that is read every half minute."""

    def __init__(
        self, card: Card, last: dict | None = None, monotonic_s: float = 1000.0, boot_id: str = "a boot"
    ) -> None:
        self.keeper = CounterKeeper(
            card, [KEY], lambda key: SPEC, last or {}, boot_id=boot_id, note=card.note
        )
        self.monotonic_s = monotonic_s
        self.at = NOON
        self.synchronised = True
        self.health = Health.GOOD

    async def read(self, raw_wh: float) -> list[float | None]:
        """What is believed during the half minute after a reading."""
        believed = []
        for age_s in range(READ_EVERY_S):
            reading = Reading(raw_wh, float(age_s), self.health)
            image = ProcessImage(0, self.monotonic_s, self.at, self.synchronised, {KEY[0]: {KEY[1]: reading}})
            believed.append(self.keeper.readings(image)[KEY])
            self.monotonic_s += 1
            self.at += timedelta(seconds=1)
            await asyncio.sleep(0)
        return believed


async def test_a_reading_stands_until_the_next_one() -> None:
    ticks = Ticks(Card())
    assert await ticks.read(5000.0) == [5000.0] * READ_EVERY_S
    assert await ticks.read(5030.0) == [5030.0] * READ_EVERY_S


async def test_what_is_stale_is_missing() -> None:
    ticks = Ticks(Card())
    await ticks.read(5000.0)
    ticks.health = Health.STALE
    assert await ticks.read(5000.0) == [None] * READ_EVERY_S


async def test_a_break_is_stored_once_with_the_time_of_its_first_reading() -> None:
    card = Card()
    ticks = Ticks(card)
    await ticks.read(500_000.0)
    for raw_wh in (12.0, 40.0, 60.0, 90.0, 120.0):
        await ticks.read(raw_wh)
    at_s = int(NOON.timestamp()) + READ_EVERY_S
    assert card.breaks == [StoredBreak(KEY, at_s, BreakKind.RESET, 500_000.0, 12.0, 500_000.0)]


async def test_a_break_waits_for_the_right_time() -> None:
    card = Card()
    ticks = Ticks(card)
    ticks.synchronised, ticks.at = False, datetime(1970, 1, 1, tzinfo=UTC)
    for raw_wh in (500_000.0, 12.0, 40.0, 60.0):
        await ticks.read(raw_wh)
    assert not card.breaks
    ticks.synchronised, ticks.at = True, NOON
    await ticks.read(90.0)
    [kept] = card.breaks
    assert kept.at_s == int(NOON.timestamp()) - 3 * READ_EVERY_S


async def test_a_break_that_waits_for_the_time_survives_the_process() -> None:
    card = Card()
    first = Ticks(card)
    first.synchronised = False
    for raw_wh in (500_000.0, 12.0, 40.0, 60.0, 90.0):
        await first.read(raw_wh)
    second = Ticks(card, {KEY: LastCounter(500_000.0, 0, None)}, first.monotonic_s)
    second.at = NOON + timedelta(seconds=5 * READ_EVERY_S)
    await second.read(120.0)
    await second.read(150.0)
    [kept] = card.breaks
    assert (kept.at_s, kept.after_wh) == (int(NOON.timestamp()) + READ_EVERY_S, 12.0)
    assert card.note["breaks"] == []


async def test_a_break_noted_in_another_boot_is_found_anew() -> None:
    card = Card()
    first = Ticks(card)
    first.synchronised = False
    for raw_wh in (500_000.0, 12.0, 40.0, 60.0, 90.0):
        await first.read(raw_wh)
    second = Ticks(card, {KEY: LastCounter(500_000.0, int(NOON.timestamp()) - 60, None)}, 10.0, "another")
    for raw_wh in (120.0, 150.0, 180.0, 210.0):
        await second.read(raw_wh)
    assert [kept.after_wh for kept in card.breaks] == [120.0]


async def test_a_break_that_the_disk_refused_is_stored_later() -> None:
    card = Card()
    card.refuses = True
    ticks = Ticks(card)
    for raw_wh in (500_000.0, 12.0, 40.0, 60.0, 90.0):
        await ticks.read(raw_wh)
    card.refuses = False
    await ticks.read(120.0)
    assert [kept.offset_wh for kept in card.breaks] == [500_000.0]


async def test_a_break_found_just_before_the_end_is_stored() -> None:
    card = Card()
    ticks = Ticks(card)
    for raw_wh in (500_000.0, 12.0, 40.0):
        await ticks.read(raw_wh)
    reading = Reading(60.0, 0.0, Health.GOOD)
    ticks.keeper.readings(ProcessImage(0, ticks.monotonic_s, ticks.at, True, {KEY[0]: {KEY[1]: reading}}))
    await ticks.keeper.close()
    assert len(card.breaks) == 1


async def test_after_a_restart_the_watch_goes_on_from_what_was_stored() -> None:
    hour_ago_s = int(NOON.timestamp()) - 3600
    latest = StoredBreak(KEY, hour_ago_s - 3600, BreakKind.RESET, 400_000.0, 0.0, 400_000.0)
    card = Card()
    ticks = Ticks(card, {KEY: LastCounter(90_000.0, hour_ago_s, latest)})
    assert (await ticks.read(95_000.0))[0] == 95_000.0  # 5 kW for an hour
    for raw_wh in (12.0, 40.0, 60.0, 90.0):
        await ticks.read(raw_wh)
    assert [kept.offset_wh for kept in card.breaks] == [495_000.0]


async def test_another_meter_put_in_while_the_controller_was_off_is_found() -> None:
    card = Card()
    ticks = Ticks(card, {KEY: LastCounter(90_000.0, int(NOON.timestamp()) - 3600, None)})
    believed = [(await ticks.read(raw_wh))[0] for raw_wh in (700_000.0, 700_010.0, 700_030.0)]
    assert believed == [None, None, 700_030.0]
    await ticks.read(700_050.0)
    [kept] = card.breaks
    assert kept.kind is BreakKind.REPLACEMENT
    assert kept.offset_wh == 90_000.0 - 700_000.0


@pytest.mark.parametrize(
    ("profile", "point", "step_wh", "modulus_wh"),
    [
        ("victron-gx", "battery_energy_charged_wh", 100.0, 100.0 * 2**16),
        ("carlo-gavazzi-em24", "energy_import_wh", 100.0, 100.0 * 2**31),
        ("eastron-sdm630", "energy_import_wh", 10.0, 1e9),
    ],
)
def test_the_profile_tells_where_a_counter_begins_anew(
    profile: str, point: str, step_wh: float, modulus_wh: float
) -> None:
    spec = counter_spec(ProfileLibrary().load(profile), point, 8000.0)
    assert spec.resolution_wh == step_wh
    assert modulus_wh in spec.moduli_wh
    assert spec.max_w == 16_000.0


def test_no_counter_rises_faster_than_what_its_device_carries() -> None:
    site = World().site
    feeder = next(each for each in site.feeders if each.meter is not None)
    assert most_power(site)[feeder.meter] == feeder.rated_w
    assert most_power(site)[site.battery.id] == site_power(site) > site.battery.inverter_w


def test_counters_are_sampled_of_every_role_that_has_some() -> None:
    keys = counter_keys({"meter": Role.METER, "genset": Role.GENSET, "sun": Role.IRRADIANCE_SENSOR})
    assert ("meter", "energy_import_wh") in keys
    assert ("genset", "energy_export_wh") in keys
    assert not [key for key in keys if key[0] == "sun"]
