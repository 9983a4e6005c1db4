"""Devices that refuse some of their registers, as some inverters do at night."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sunspec_device import COMMON, INVERTER_103, THREE_PHASE, Device, body, chain, values_of

from controller.core.model import Role
from drivers.errors import ProfileError, RequestRefusedError
from drivers.sunspec import Gap, describe, identify, profile_from, walk

WHOLE = chain(*THREE_PHASE)


class Refusing(Device):
    """Refuses everything with one exception."""

    def __init__(self, code: int, registers: dict[int, int], after: int = 0) -> None:
        super().__init__(registers)
        self.code, self.after = code, after

    async def read(self, address: int, count: int) -> list[int]:
        if len(self.requests) >= self.after:
            self.requests.append((address, count))
            raise RequestRefusedError(f"exception {self.code}", self.code)
        return await super().read(address, count)


def headers() -> set[int]:
    """Addresses of the headers of the chain, its end included."""
    places, address = {40000, 40001}, 40002
    while WHOLE[address] != 0xFFFF:
        places |= {address, address + 1}
        address += 2 + WHOLE[address + 1]
    return places | {address, address + 1}


@settings(deadline=None)
@given(st.sets(st.sampled_from(sorted(WHOLE.keys() - headers())), max_size=12))
async def test_exactly_the_points_with_refused_registers_are_reported(holes: set[int]) -> None:
    found = await walk(Device(WHOLE, holes=sorted(holes)).read)
    whole = await walk(Device(WHOLE).read)
    assert [model.id for model in found.models] == [1, 103, 120, 122, 123, 160]
    lost: set[int] = set()
    points = ((model, each) for model in whole.models for each in model.points)
    for model, each in points:
        registers = range(model.body + each.offset, model.body + each.end)
        lost |= set(registers) if holes & set(registers) else set()
    assert {address for model in found.models for address in model.unreadable} == lost
    for value, sound in zip(describe(found).values, describe(whole).values, strict=True):
        if value.address in lost:
            assert (value.value, value.gap) == (None, Gap.UNREADABLE)
        elif value != sound:
            assert value.gap is Gap.NO_SCALE  # the number is there, its scale factor is not
    assert found.complete is not bool(holes)


async def test_a_refused_register_takes_no_more_with_it_than_its_point() -> None:
    device = Device(WHOLE, holes=[40084])
    found = await walk(device.read)
    values = values_of(found, 103)
    assert values["W"].gap is Gap.UNREADABLE
    assert values["Hz"].value == pytest.approx(50.03)
    assert "model 103 at 40070: W (1 of 50 registers) cannot be read" in found.faults[0]
    assert len(device.requests) < 30


async def test_requests_begin_and_end_between_points() -> None:
    device = Device(chain((1, COMMON), body(701, {"TotWhInj": 5, "TotWh_SF": 0})))
    found = await walk(device.read)
    energies = [each for each in found.models[1].points if each.point.words > 1]
    body_at = found.models[1].body
    for start, count in device.requests:
        edges = {start, start + count}
        assert not any(edges & set(range(body_at + each.offset + 1, body_at + each.end)) for each in energies)


async def test_effort_is_bounded_and_what_was_given_up_is_said() -> None:
    holes = range(40004, 40070, 3)
    device = Device(WHOLE, holes=[*holes, *range(40072, 40122, 2)])
    found = await walk(device.read, most_refusals=10)
    assert len(device.requests) < 60
    assert "10 requests refused" in found.faults[-1]
    assert values_of(found, 120)["WRtg"].gap is None


async def test_a_night_on_which_everything_but_the_headers_is_refused() -> None:
    found = await walk(Device(WHOLE, holes=sorted(WHOLE.keys() - headers())).read)
    assert [model.id for model in found.models] == [1, 103, 120, 122, 123, 160]
    assert not found.complete
    assert {value.gap for value in describe(found).values} == {Gap.UNREADABLE}
    profile = profile_from(found)
    assert profile.verified == "walked in part"
    assert {"power_w", "pv1_power_w", "alarm_word_1"} <= profile.reads.keys()  # in the morning they are back


async def test_the_end_of_the_chain_may_be_a_single_register() -> None:
    found = await walk(Device(chain(*THREE_PHASE, end=[0xFFFF])).read)
    assert found.complete


@pytest.mark.parametrize("code", [5, 6, 10, 11])
@pytest.mark.parametrize("after", [0, 1, 3, 5])
async def test_a_device_that_is_busy_or_behind_a_deaf_gateway_is_asked_again_later(
    code: int, after: int
) -> None:
    device = Refusing(code, WHOLE, after)
    with pytest.raises(RequestRefusedError) as caught:
        await walk(device.read)
    assert caught.value.code == code
    assert len(device.requests) <= after + 3


async def test_a_device_that_refuses_every_address_has_no_sunspec() -> None:
    with pytest.raises(ProfileError, match="no SunSpec marker"):
        await walk(Refusing(2, WHOLE).read)


async def test_identifying_reads_headers_and_the_common_model_only() -> None:
    device = Device(WHOLE)
    found, identity = await identify(device.read)
    assert (identity.manufacturer, identity.serial) == ("Acme", "SN-0042")
    assert [model.id for model in found.models] == [1, 103, 120, 122, 123, 160]
    assert len(device.requests) == 1 + 7 + 1


async def test_the_first_common_model_is_that_of_the_device() -> None:
    meter = body(1, {"Mn": "Wattmaker", "SN": "M-1"})
    _, identity = await identify(Device(chain((1, COMMON), (103, INVERTER_103), meter, body(203))).read)
    assert identity.serial == "SN-0042"


async def test_a_broken_chain_says_where_it_broke_when_the_role_is_not_filled() -> None:
    found = await walk(Device(chain((1, COMMON), (103, INVERTER_103)), holes=[40070]).read)
    with pytest.raises(ProfileError, match="the header at 40070 cannot be read"):
        profile_from(found, Role.PV_INVERTER)


async def test_where_the_count_of_points_cannot_be_read_the_curves_behind_it_are_left_alone() -> None:
    counts = {"NCrv": 2, "NPt": 3, "V_SF": -1, "DeptRef_SF": -1, "ActPt[1]": 3, "Pt.V[1][1]": 920}
    registers = chain((1, COMMON), body(705, counts, {"Crv": 2, "Pt": 3}), (103, INVERTER_103))
    start = 40002 + 2 + 66 + 2
    found = await walk(Device(registers, holes=[start + 3]).read)
    values = values_of(found, 705)
    assert values["NPt"].gap is Gap.UNREADABLE
    assert values["ActPt[1]"].value == 3
    assert "Pt.V[1][1]" not in values
    assert values_of(found, 103)["W"].value == 18000


async def test_what_a_maker_appends_to_a_model_is_not_read() -> None:
    device = Device(chain((1, COMMON), (103, [*INVERTER_103, *[7] * 500])))
    found = await walk(device.read)
    assert found.models[1].length == 550
    assert found.complete
    assert len(device.requests) == 1 + 2 + 2 + 1
