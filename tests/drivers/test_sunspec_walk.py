"""SunSpec devices, built from the public model definitions, describe themselves."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.codec import decode, encode, signed16
from drivers.errors import DeviceUnreachableError, DriverError, ProfileError, RequestRefusedError
from drivers.model import PollClass, Profile
from drivers.sunspec import BASES, SunSpecMap, Value, describe, profile_from, walk

MARKER = [0x5375, 0x6E53]
END = [0xFFFF, 0]
NO_U16, NO_S16 = 0xFFFF, 0x8000


def signed(value: int) -> int:
    return value & 0xFFFF


def words_of(text: str, count: int) -> list[int]:
    data = text.encode().ljust(2 * count, b"\0")
    return list(struct.unpack(f">{count}H", data))


def single(value: float) -> list[int]:
    return list(struct.unpack(">HH", struct.pack(">f", value)))


COMMON = [*words_of("Acme", 16), *words_of("Sun 20", 16), *words_of("", 8), *words_of("1.10", 8)]
COMMON += [*words_of("SN-0042", 16), 126, 0]
INVERTER_103 = [
    *[782, 261, 260, 261, signed(-1)],
    *[3990, 3985, 3993, 2301, 2298, 2305, signed(-1)],
    *[1800, 1, 5003, signed(-2), 1810, 1, signed(-120), 0, signed(-995), signed(-3)],
    *[0x00BC, 0x614E, 0],
    *[NO_U16, NO_S16, NO_U16, NO_S16, 1842, 1],
    *[415, NO_S16, NO_S16, NO_S16, signed(-1), 4, NO_U16, *[0] * 12],
]
NAMEPLATE_120 = [4, 18000, 0, 18000, 0, *[NO_S16] * 4, NO_S16, *[NO_U16, NO_S16] * 1, *[NO_S16] * 5]
NAMEPLATE_120 += [NO_U16, NO_S16] * 4 + [0]
STATUS_122 = [1, 0, 1, 0, 0, 0x01D3, 0x9F2C, *[0] * 20, NO_S16, NO_S16, NO_U16, NO_S16, 0, 0, 0, 1]
STATUS_122 += [*words_of("RTC", 4), 0, 0, 0, NO_U16, NO_S16]
CONTROLS_123 = [0, 0, 1, 10000, 0, 0, 0, 0, 100, 0, 0, 0, 0, *[NO_S16] * 3, *[NO_U16] * 4, 0, signed(-2)]
CONTROLS_123 += [signed(-2), NO_S16]
MPPT_160 = [signed(-1), signed(-1), 0, 0, 0, 0, 2, NO_U16]
for number, watts in ((1, 9400), (2, 8990)):
    MPPT_160 += [number, *words_of(f"string {number}", 8), 142, 6620, watts, 0, 5000, 0, 0, 41, 4, 0, 0]
INVERTER_113 = [word for value in (78.2, 26.1, 26.0, 26.1) for word in single(value)]
INVERTER_113 += [word for value in (399.0, 398.5, 399.3, 230.1, 229.8, 230.5) for word in single(value)]
INVERTER_113 += [
    word for value in (18000.0, 50.03, 18100.0, -120.0, -0.995, 12345678.0) for word in single(value)
]
INVERTER_113 += [*single(float("nan")) * 2, *single(18420.0), *single(41.5), *single(float("nan")) * 3]
INVERTER_113 += [5, NO_U16, *[0] * 12]

THREE_PHASE = ((1, COMMON), (103, INVERTER_103), (120, NAMEPLATE_120), (122, STATUS_122))
THREE_PHASE += ((123, CONTROLS_123), (160, MPPT_160))


def chain(*models: tuple[int, Sequence[int]], base: int = 40000, end: Sequence[int] = END) -> dict[int, int]:
    words = [*MARKER]
    for model, body in models:
        words += [model, len(body), *body]
    return {base + step: word for step, word in enumerate([*words, *end])}


class Device:
    """Answers with its registers and refuses the others, or answers nothing at all."""

    def __init__(
        self, registers: Mapping[int, int], *, silent: Sequence[int] = (), holes: Sequence[int] = ()
    ) -> None:
        self.registers = {address: word for address, word in registers.items() if address not in holes}
        self.silent = silent
        self.longest = 0

    async def read(self, address: int, count: int) -> list[int]:
        self.longest = max(self.longest, count)
        if address in self.silent:
            raise DeviceUnreachableError("unit 126: no answer")
        try:
            return [self.registers[at] for at in range(address, address + count)]
        except KeyError as err:
            raise RequestRefusedError(f"no register {err}", 2) from err

    def value(self, profile: Profile, name: str) -> float | None:
        point = profile.reads[name]
        words = [self.registers[point.address + step] for step in range(point.type.words)]
        exponent = None if point.scale_address is None else signed16(self.registers[point.scale_address])
        return decode(words, point, exponent)


def values_of(found: SunSpecMap, model: int) -> dict[str, Value]:
    values = [value for value in describe(found).values if value.model == model]
    return {f"{value.name}{value.module or ''}": value for value in values}


@pytest.mark.parametrize("base", BASES)
async def test_the_chain_is_found_wherever_it_may_begin(base: int) -> None:
    found = await walk(Device(chain(*THREE_PHASE, base=base)).read)
    assert found.base == base
    assert [model.id for model in found.models] == [1, 103, 120, 122, 123, 160]
    assert found.models[1].address == base + 2 + 2 + 66
    assert found.faults == ()


async def test_a_three_phase_inverter_offers_the_points_of_its_role() -> None:
    device = Device(chain(*THREE_PHASE))
    profile = profile_from(await walk(device.read))
    assert device.value(profile, "power_w") == -18000  # delivered is negative in the house
    assert device.value(profile, "voltage_l3_v") == pytest.approx(230.5)
    assert device.value(profile, "current_l2_a") == pytest.approx(26.0)
    assert device.value(profile, "frequency_hz") == pytest.approx(50.03)
    assert device.value(profile, "energy_wh") == 0x00BC614E
    assert device.value(profile, "dc_power_w") == 18420
    assert device.value(profile, "cabinet_temperature_c") == pytest.approx(41.5)
    assert device.value(profile, "power_factor") == pytest.approx(-0.995)
    assert device.value(profile, "operating_state") == 4
    assert profile.reads["operating_state"].codes[4] == "MPPT"
    assert device.value(profile, "limit_frac") == 1.0
    assert device.value(profile, "limit_enabled") == 0
    assert profile.reads["power_w"].poll is PollClass.FAST


async def test_a_float_inverter_offers_the_same_points() -> None:
    device = Device(chain((1, COMMON), (113, INVERTER_113), (123, CONTROLS_123)))
    integer = profile_from(await walk(Device(chain(*THREE_PHASE)).read))
    profile = profile_from(await walk(device.read))
    assert set(profile.reads) == set(integer.reads)
    assert device.value(profile, "power_w") == -18000
    assert device.value(profile, "voltage_l1_v") == pytest.approx(230.1)
    assert device.value(profile, "energy_wh") == 12345678
    assert device.value(profile, "operating_state") == 5


async def test_a_single_phase_inverter_has_one_phase() -> None:
    profile = profile_from(await walk(Device(chain((101, INVERTER_103))).read))
    assert "voltage_l1_v" in profile.reads
    assert "voltage_l2_v" not in profile.reads
    assert not profile.writes


async def test_the_limit_reverts_by_itself_and_is_enabled_last() -> None:
    device = Device(chain(*THREE_PHASE))
    profile = profile_from(await walk(device.read))
    limit = profile.writes["limit_frac"]
    body = (
        next(at for at, word in device.registers.items() if word == 123 and device.registers[at + 1] == 24)
        + 2
    )
    assert limit.address == body + 3
    assert limit.before == ((body + 5, 60),)
    assert limit.after == ((body + 7, 1),)
    assert (limit.expires_s, limit.release, limit.readback, limit.eeprom) == (60, 1.0, "limit_frac", False)
    assert limit.scale_address is not None
    assert encode(0.375, limit, signed16(device.registers[limit.scale_address])) == (3750,)


async def test_a_limit_that_cannot_revert_does_not_claim_to() -> None:
    controls = [*CONTROLS_123]
    controls[5] = controls[3] = NO_U16
    profile = profile_from(await walk(Device(chain((103, INVERTER_103), (123, controls))).read))
    limit = profile.writes["limit_frac"]
    assert (limit.expires_s, limit.before, limit.readback) == (None, (), None)
    assert limit.release == 1.0


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ("power_w", [NO_S16]),
        ("voltage_l1_v", [NO_U16]),
        ("energy_wh", [0, 0]),
        ("operating_state", [NO_U16]),
        ("frequency_hz", [NO_U16]),
    ],
)
async def test_not_implemented_is_missing(point: str, words: list[int]) -> None:
    device = Device(chain(*THREE_PHASE))
    profile = profile_from(await walk(device.read))
    address = profile.reads[point].address
    device.registers.update({address + step: word for step, word in enumerate(words)})
    assert device.value(profile, point) is None


async def test_a_value_without_its_scale_is_missing() -> None:
    device = Device(chain(*THREE_PHASE))
    profile = profile_from(await walk(device.read))
    scale_address = profile.reads["power_w"].scale_address
    assert scale_address is not None
    device.registers[scale_address] = NO_S16
    assert device.value(profile, "power_w") is None


async def test_a_float_that_is_no_number_is_missing() -> None:
    device = Device(chain((113, INVERTER_113)))
    profile = profile_from(await walk(device.read))
    address = profile.reads["power_w"].address
    device.registers[address], device.registers[address + 1] = 0x7FC0, 0
    assert device.value(profile, "power_w") is None


async def test_a_model_shorter_than_the_standard_lacks_what_is_beyond_it() -> None:
    profile = profile_from(await walk(Device(chain((103, INVERTER_103[:24]), (123, CONTROLS_123[:10]))).read))
    assert "power_w" in profile.reads
    assert "operating_state" not in profile.reads
    assert "energy_wh" not in profile.reads  # its scale factor is cut off
    assert not profile.writes


async def test_the_device_says_who_it_is() -> None:
    identity = describe(await walk(Device(chain(*THREE_PHASE)).read)).identity
    assert (identity.manufacturer, identity.model, identity.version) == ("Acme", "Sun 20", "1.10")
    assert (identity.serial, identity.options) == ("SN-0042", None)


async def test_describing_gives_values_under_their_sunspec_names() -> None:
    found = await walk(Device(chain(*THREE_PHASE)).read)
    inverter = values_of(found, 103)
    assert (inverter["W"].value, inverter["W"].units) == (18000, "W")
    assert (inverter["St"].value, inverter["St"].meaning) == (4, "MPPT")
    assert inverter["DCA"].value is None
    assert values_of(found, 120)["WRtg"].value == 18000
    assert values_of(found, 122)["ActWh"].value == 0x0000_0000_01D3_9F2C
    assert values_of(found, 123)["WMaxLimPct"].value == 100


async def test_the_modules_of_model_160_are_told_apart() -> None:
    mppt = values_of(await walk(Device(chain(*THREE_PHASE)).read), 160)
    assert (mppt["DCW1"].value, mppt["DCW2"].value) == (9400, 8990)
    assert mppt["DCV2"].value == pytest.approx(662.0)
    assert mppt["IDStr2"].value == "string 2"
    assert mppt["DCSt1"].meaning == "MPPT"


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
    assert values_of(found, 160)["DCW12"].value == 9400


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


async def test_a_device_without_an_inverter_model_is_no_pv_inverter() -> None:
    found = await walk(Device(chain((1, COMMON), (203, [0] * 105))).read)
    with pytest.raises(ProfileError, match="models 1, 203: no PV inverter"):
        profile_from(found)


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
    assert all(point.address in device.registers for point in profile.reads.values())
