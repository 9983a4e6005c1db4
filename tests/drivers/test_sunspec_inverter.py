"""What a walked SunSpec inverter offers to the house, and what it says to people."""

from __future__ import annotations

import pytest
from sunspec_device import (
    COMMON,
    CONTROLS_123,
    INVERTER_103,
    INVERTER_113,
    NO_S16,
    NO_U16,
    THREE_PHASE,
    Device,
    chain,
    values_of,
)

from drivers.codec import encode, signed16
from drivers.errors import ProfileError
from drivers.model import PollClass, Table
from drivers.sunspec import ask, describe, profile_from, walk


async def test_a_three_phase_inverter_offers_the_points_of_its_role() -> None:
    device = Device(chain(*THREE_PHASE))
    profile = profile_from(await walk(device.read))
    assert device.value(profile, "power_w") == -18000  # delivered is negative in the house
    assert device.value(profile, "voltage_l3_v") == pytest.approx(230.5)
    assert device.value(profile, "current_l2_a") == pytest.approx(26.0)
    assert device.value(profile, "frequency_hz") == pytest.approx(50.03)
    assert device.value(profile, "energy_wh") == 0x00BC614E
    assert device.value(profile, "pv_power_w") == -18420
    assert device.value(profile, "cabinet_temperature_c") == pytest.approx(41.5)
    assert device.value(profile, "power_factor") == pytest.approx(-0.995)
    assert device.value(profile, "operating_state") == 4
    assert profile.reads["operating_state"].codes[4] == "MPPT"
    assert device.value(profile, "limit_frac") == 1.0
    assert device.value(profile, "limit_enabled") == 0
    assert profile.reads["power_w"].poll is PollClass.FAST


async def test_a_float_inverter_offers_the_same_points() -> None:
    device = Device(chain((1, COMMON), (113, INVERTER_113), (123, CONTROLS_123)))
    like = Device(chain((1, COMMON), (103, INVERTER_103), (123, CONTROLS_123)))
    integer = profile_from(await walk(like.read))
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
    assert "voltage_l12_v" not in profile.reads
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
    controls[5] = NO_U16
    profile = profile_from(await walk(Device(chain((103, INVERTER_103), (123, controls))).read))
    limit = profile.writes["limit_frac"]
    assert (limit.expires_s, limit.before, limit.release) == (None, (), 1.0)


@pytest.mark.parametrize("shown", [0, NO_U16])
async def test_a_limit_that_the_inverter_does_not_show_is_not_read_back(shown: int) -> None:
    controls = [*CONTROLS_123]
    controls[3] = shown
    profile = profile_from(await walk(Device(chain((103, INVERTER_103), (123, controls))).read))
    assert profile.writes["limit_frac"].readback is None
    assert "limit_frac" not in profile.reads
    assert "limit_enabled" in profile.reads


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
    assert set(profile.writes) == {"enabled"}  # so is that of the limit


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
    assert (mppt["DCW[1]"].value, mppt["DCW[2]"].value) == (9400, 8990)
    assert mppt["DCV[2]"].value == pytest.approx(662.0)
    assert mppt["IDStr[2]"].value == "string 2"
    assert mppt["DCSt[1]"].meaning == "MPPT"


async def test_a_device_without_an_inverter_model_is_no_pv_inverter() -> None:
    found = await walk(Device(chain((1, COMMON), (203, [0] * 105))).read)
    with pytest.raises(ProfileError, match=r"models 1, 203: no pv inverter \(power_w not told\)"):
        profile_from(found)


async def test_a_device_on_a_bus_is_asked_at_its_unit_and_faults_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    device = Device(chain(*THREE_PHASE, end=[]))
    units: list[int] = []

    class Line:
        async def read(self, unit: int, table: Table, address: int, count: int) -> list[int]:
            units.append(unit)
            assert table is Table.HOLDING
            return await device.read(address, count)

    profile = await ask(126)(Line())
    assert "power_w" in profile.reads
    assert set(units) == {126}
    assert "cannot be read" in caplog.text
