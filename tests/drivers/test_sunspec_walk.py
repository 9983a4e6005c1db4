"""The chain of models by which a SunSpec device describes itself, whole and broken."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sunspec_device import COMMON, INVERTER_103, MARKER, MPPT_160, THREE_PHASE, Device, chain, values_of

from drivers.errors import DeviceUnreachableError, DriverError, ProfileError
from drivers.sunspec import BASES, describe, profile_from, walk


@pytest.mark.parametrize("base", BASES)
async def test_the_chain_is_found_wherever_it_may_begin(base: int) -> None:
    found = await walk(Device(chain(*THREE_PHASE, base=base)).read)
    assert found.base == base
    assert [model.id for model in found.models] == [1, 103, 120, 122, 123, 160]
    assert found.models[1].address == base + 2 + 2 + 66
    assert found.faults == ()


async def test_an_unknown_model_is_passed_over_unread() -> None:
    vendor = (64001, [7] * 300)
    device = Device(chain((1, COMMON), vendor, (103, INVERTER_103)), holes=range(40080, 40200))
    found = await walk(device.read)
    assert [model.id for model in found.models] == [1, 64001, 103]
    assert found.models[1].words is None
    assert found.faults == ()


async def test_a_model_that_cannot_be_read_is_reported_and_skipped() -> None:
    device = Device(chain(*THREE_PHASE), holes=[40010])
    found = await walk(device.read)
    assert [model.id for model in found.models] == [1, 103, 120, 122, 123, 160]
    assert len(found.faults) == 1
    assert "model 1 at 40002" in found.faults[0]
    assert describe(found).identity.manufacturer is None
    assert "power_w" in profile_from(found).reads


async def test_a_chain_without_an_end_is_reported_and_what_lies_before_is_used() -> None:
    found = await walk(Device(chain(*THREE_PHASE, end=[])).read)
    assert len(found.models) == 6
    assert "cannot be read" in found.faults[0]
    assert "power_w" in profile_from(found).reads


async def test_zeros_instead_of_a_model_end_the_walk() -> None:
    found = await walk(Device(chain((103, INVERTER_103), end=[0] * 500)).read)
    assert [model.id for model in found.models] == [103]
    assert "no model begins at 40054" in found.faults[0]


async def test_a_model_that_leads_past_the_last_register_ends_the_walk() -> None:
    found = await walk(Device(chain((103, INVERTER_103), end=[64001, 30000])).read)
    assert [model.id for model in found.models] == [103]
    assert "past the last register" in found.faults[0]


async def test_an_endless_chain_is_cut_off() -> None:
    found = await walk(Device(chain((103, INVERTER_103), *((64001, [0]) for _ in range(200)))).read)
    assert len(found.models) == 64
    assert "no end" in found.faults[0]


async def test_long_models_are_read_in_blocks() -> None:
    device = Device(chain((1, COMMON), (160, MPPT_160[:8] + MPPT_160[8:28] * 12), (103, INVERTER_103)))
    found = await walk(device.read)
    assert device.longest <= 125
    assert values_of(found, 160)["DCW[12]"].value == 9400


async def test_a_device_without_the_marker_is_refused_with_a_remedy() -> None:
    with pytest.raises(ProfileError, match=r"40000, 50000, 0.*enable SunSpec"):
        await walk(Device({0: 1, 1: 2}).read)


async def test_a_device_may_keep_silent_about_places_that_it_lacks() -> None:
    found = await walk(Device(chain(*THREE_PHASE, base=50000), silent=[40000]).read)
    assert found.base == 50000


async def test_a_dead_device_is_not_taken_for_one_without_sunspec() -> None:
    with pytest.raises(DeviceUnreachableError):
        await walk(Device({}, silent=BASES).read)


async def test_a_device_that_falls_silent_half_way_gives_no_half_map() -> None:
    with pytest.raises(DeviceUnreachableError):
        await walk(Device(chain(*THREE_PHASE), silent=[40072]).read)


@settings(deadline=None)  # the first use of a model reads its definition
@given(st.lists(st.integers(0, 0xFFFF), max_size=400))
async def test_whatever_follows_the_marker_the_walk_ends_and_makes_sense(words: list[int]) -> None:
    device = Device(dict(enumerate([*MARKER, *words])))
    found = await walk(device.read)
    describe(found)
    places = [(model.address, model.address + 2 + model.length) for model in found.models]
    assert all(end == start for (_, end), (start, _) in pairwise(places))
    try:
        profile = profile_from(found)
    except DriverError:
        return
    described = {address for start, end in places for address in range(start + 2, end)}
    assert described >= {point.address for point in profile.reads.values()}


async def test_where_only_the_length_of_a_model_is_refused_the_published_one_leads_on() -> None:
    registers = chain((1, COMMON), (103, INVERTER_103), (123, [0] * 24))
    inverter = 40002 + 2 + len(COMMON)
    assert registers[inverter] == 103
    found = await walk(Device(registers, holes=[inverter + 1]).read)
    assert [model.id for model in found.models] == [1, 103, 123]
    assert "the published one, 50, is taken" in found.faults[0]
    assert not found.complete
