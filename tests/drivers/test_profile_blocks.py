"""Every profile against a block of its device's registers, through a real server, reading and writing.

The server is not pymodbus, so that a misunderstanding shared by client and server would show.
"""

from __future__ import annotations

import pytest
from block_server import BLOCKS, Block, Write, fill, load_block, serving
from hand_clock import HandClock

from controller.core.model import Health
from controller.core.points import meaning
from controller.settings import TcpBus
from drivers.bus import Bus
from drivers.codec import text_of
from drivers.controls import Unchanged, Written
from drivers.device import Device
from drivers.discovery.suspects import holds
from drivers.model import Check, Profile
from drivers.once import read_once
from drivers.profile import SUNSPEC, available_profiles, load_profile
from drivers.wire import Tuning

PROFILES = [name for name in available_profiles() if name != SUNSPEC]
TESTED = sorted(path.stem for path in BLOCKS.glob("*.yaml"))
WRITES = [(name, write) for name in TESTED for write in load_block(name).writes]
SAME_IDENTITY = {
    "growatt-spf-offgrid": {"growatt-spf-old-firmware"},
    "growatt-spf-old-firmware": {"growatt-spf-offgrid"},
}
"""One device type, two firmwares: discovery proposes both."""
SPEED = 200.0
"""A device's pauses between requests are kept, in its own fast time."""


def units_of(profile: Profile) -> dict[str, int]:
    """The device's own unit id and one for each further unit of the profile."""
    names = {point.unit_name for point in (*profile.reads.values(), *profile.writes.values())}
    named = sorted(name for name in names if name is not None)
    return {"": 1} | {name: 10 + index for index, name in enumerate(named)}


def device_at(profile: Profile, port: int, clock: HandClock) -> Device:
    units = {name: unit for name, unit in units_of(profile).items() if name}
    tuning = Tuning(timeout_floor_s=5.0)  # a busy machine is no dead device
    bus = Bus("bus", TcpBus(type="tcp", host="127.0.0.1", port=port), speed=SPEED, tuning=tuning)
    return Device("device", profile.role, bus, 1, clock, profile=profile, units=units)


def test_every_profile_has_a_block() -> None:
    assert set(TESTED) == set(PROFILES)


@pytest.mark.parametrize("name", TESTED)
def test_a_block_speaks_of_every_point_of_its_profile(name: str) -> None:
    profile, block = load_profile(name), load_block(name)
    told = {*block.expect, *block.missing}
    assert set(profile.reads) | set(profile.derived) == told
    assert {write.point for write in block.writes} == set(profile.writes)
    assert len(block.origin) > 20, "say where the registers come from"


@pytest.mark.parametrize("name", TESTED)
async def test_a_devices_registers_are_read_as_its_maker_means_them(name: str, clock: HandClock) -> None:
    profile, block = load_profile(name), load_block(name)
    with serving(block, units_of(profile)) as (_, port):
        device = device_at(profile, port, clock)
        snapshot = await read_once(device, clock)
        device.bus.close()
    assert snapshot.errors == ()
    for point, value in block.expect.items():
        assert snapshot.readings[point].value == pytest.approx(value, rel=1e-6, abs=1e-9), point
    for point in block.missing:
        assert snapshot.readings[point].health is Health.LOST, point
    for point, text in block.texts.items():
        assert text_of(snapshot.readings[point].value, profile.reads[point]) == text, point


def answers(block: Block, check: Check) -> list[int] | None:
    """What the device says to the question of a check, whichever of its units is asked."""
    cells: dict[tuple[int, str, int], int] = {}
    for tables in (*block.registers.values(), block.identity):
        fill(cells, 0, tables)
    words = [cells.get((0, check.table.value, check.address + step)) for step in range(check.words)]
    known = [word for word in words if word is not None]
    return known if len(known) == len(words) else None


@pytest.mark.parametrize("name", TESTED)
def test_discovery_takes_no_device_for_another(name: str) -> None:
    block = load_block(name)
    taken_for = {
        other
        for other in PROFILES
        if (checks := load_profile(other).identify)
        and all((words := answers(block, check)) and holds(check, words) for check in checks)
    }
    own = {name} if load_profile(name).identify else set()
    assert own <= taken_for, "its own registers recognise it"
    assert taken_for - own <= SAME_IDENTITY.get(name, set())


@pytest.mark.parametrize(("name", "write"), WRITES, ids=[f"{n}-{w.point}-{w.value}" for n, w in WRITES])
async def test_a_control_point_puts_the_makers_words_on_the_wire(
    name: str, write: Write, clock: HandClock
) -> None:
    profile, block = load_profile(name), load_block(name)
    with serving(block, units_of(profile)) as (handler, port):
        handler.shows = write.shows
        device = device_at(profile, port, clock)
        outcome = await device.write(write.point, write.value)
        device.bus.close()
    assert isinstance(outcome, Written), outcome
    assert handler.log == write.wire


@pytest.mark.parametrize("name", TESTED)
async def test_what_is_beyond_a_control_points_range_never_reaches_the_wire(
    name: str, clock: HandClock
) -> None:
    profile, block = load_profile(name), load_block(name)
    with serving(block, units_of(profile)) as (handler, port):
        device = device_at(profile, port, clock)
        for point in profile.writes.values():
            for value in (point.range[0] - 1, point.range[1] + 1, float("nan")):
                assert not isinstance(await device.write(point.name, value), Written | Unchanged)
        device.bus.close()
    assert handler.log == []


@pytest.mark.parametrize("name", TESTED)
def test_every_point_of_a_profile_is_in_the_vocabulary_and_names_its_sources(name: str) -> None:
    profile = load_profile(name)
    for point in (*profile.reads.values(), *profile.writes.values()):
        assert meaning(point.name) is not None, point.name
        assert point.source, point.name


@pytest.mark.parametrize("name", TESTED)
def test_a_control_point_either_expires_or_gives_the_device_back(name: str) -> None:
    """What holds for ever and cannot be released is a setting: in flash, in RAM above it, or a switch."""
    profile = load_profile(name)
    for point in profile.writes.values():
        lasting = point.expires_s is None and point.release is None
        stored = profile.reads.get(point.name)
        overlay = stored is not None and stored.address != point.address  # forgotten by a restart
        setting = point.eeprom or point.codes or point.words or point.table.is_bits or overlay
        assert not lasting or setting, point.name
