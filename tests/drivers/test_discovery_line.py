"""Six strangers on a line are found, named and left in peace."""

from __future__ import annotations

import pytest
from scanned_line import CellDevice, bus_of, float_words, line_of, text_words

from controller.settings import RtuBus
from drivers.discovery import Confidence, LineScan, Survey, Suspects, scan_line
from drivers.errors import DeviceUnreachableError
from drivers.model import Profile
from drivers.profile import parse_profile


def a_profile(
    model: str, identify: str, read: str, role: str = "meter", defaults: str = "{unit: 1}"
) -> Profile:
    return parse_profile(
        f"""
format: 1
model: {model}
title: "A made-up device, the {model}"
role: {role}
sources: {{maker: "The maker's own list"}}
confirmed_by: [maker]
verified: {{by: documents}}
defaults: {defaults}
identify: [{identify}]
read:
  {read}
""",
        f"{model}.yaml",
    )


METER = a_profile(
    "acme-meter",
    "{table: holding, address: 100, one_of: [1630]}",
    "power_w: {table: input, address: 52, type: float32, range: [-1.0e+6, 1.0e+6], class: fast}",
)
SMALL_METER = a_profile(
    "acme-small",
    "{table: holding, address: 100, one_of: [1120]}",
    "power_w: {table: input, address: 12, type: float32, range: [-1.0e+6, 1.0e+6], class: fast}",
)
SENSOR = a_profile(
    "sun-sensor",
    "{table: input, address: 0, range: [0, 16000]}",
    "irradiance_wm2: {table: input, address: 0, type: uint16, scale: 0.1, range: [0, 1600], class: fast}",
    role="irradiance_sensor",
)
GENSET = a_profile(
    "genset",
    "{table: holding, address: 768, one_of: [7]}",
    "power_w: {table: holding, address: 1536, type: int32, scale: -1, class: fast}\n"
    "  engine_speed_rpm: {table: holding, address: 1030, type: uint16, class: fast}\n"
    "  control_mode: {table: holding, address: 772, type: uint16, class: fast}",
    role="genset",
    defaults="{unit: 10}",
)
HYBRID = a_profile(
    "hybrid",
    '{table: holding, address: 9, words: 8, text: "^HY-"}',
    "ac_power_w: {table: input, address: 35, type: int32, class: fast}\n"
    "  battery_power_w: {table: input, address: 40, type: int16, class: fast}\n"
    "  battery_soc_frac: {table: input, address: 18, type: uint16, scale: 0.01, range: [0, 1], class: fast}\n"
    "  pv_power_w: {table: input, address: 3, type: uint16, scale: -1, class: fast}",
    role="hybrid_inverter",
)
SUSPECTS = Suspects.of((METER, SMALL_METER, SENSOR, GENSET, HYBRID))


def six() -> dict[int, CellDevice]:
    return {
        1: CellDevice({"holding": {0: [60, 60], 100: [1630]}, "input": {52: float_words(812.5)}}),
        2: CellDevice({"holding": {0: [60, 60], 100: [1120]}, "input": {12: float_words(230.0)}}),
        3: CellDevice({"input": {0: [8543, 0]}}),
        10: CellDevice({"holding": {768: [7], 772: [1], 1030: [1500], 1536: [0, 12000]}}),
        17: CellDevice(
            {
                "holding": {0: [1, 1], 9: text_words("HY-5000", 8)},
                "input": {3: [2400], 18: [64], 35: [0, 800], 40: [900]},
            }
        ),
        30: CellDevice({"holding": {0: [3, 4]}}),
    }


def ways(path: str, *bauds: int) -> tuple[RtuBus, ...]:
    return tuple(
        RtuBus(type="rtu", port=path, baud=baud, parity="none", stop_bits=1) for baud in bauds or (9600,)
    )


def ignore(what: str, done: int, total: int) -> None:
    pass


async def test_six_devices_are_found_with_their_profiles_and_none_is_written_to() -> None:
    devices, survey = six(), Survey()
    async with line_of(bus_of(devices)) as path:
        scan = LineScan(ways(path, 9600, 19200), (*range(1, 13), 17, 30))
        await scan_line(scan, SUSPECTS, survey, ignore)
    found = {each.unit: each.candidates for each in survey.found}
    first = {unit: each[0].profile if each else None for unit, each in found.items()}
    assert first == {1: "acme-meter", 2: "acme-small", 3: "sun-sensor", 10: "genset", 17: "hybrid", 30: None}
    sure = {unit: each[0].confidence for unit, each in found.items() if each}
    assert sure[1] is sure[2] is sure[17] is Confidence.CERTAIN
    assert sure[10] is Confidence.LIKELY  # a 7 may stand in many devices
    assert sure[3] is Confidence.POSSIBLE
    assert found[17][0].says == "HY-5000"
    assert not any(device.written for device in devices.values())
    assert "1 other baud rates and parities" in survey.untried[-1]


async def test_a_silent_line_is_asked_at_every_baud_rate_and_said_to_be_silent() -> None:
    survey = Survey()
    async with line_of(bus_of({})) as path:
        await scan_line(LineScan(ways(path, 9600, 19200), (1, 2)), SUSPECTS, survey, ignore)
    assert survey.found == []
    assert [each.split(": ", 1)[1] for each in survey.tried] == ["2 unit ids (1-2)"] * 2


async def test_a_port_that_is_not_there_is_told() -> None:
    with pytest.raises(DeviceUnreachableError):
        await scan_line(LineScan(ways("/dev/none"), (1,)), SUSPECTS, Survey(), ignore)


def test_nothing_that_discovery_gets_can_write() -> None:
    from drivers.discovery.reader import Reader

    assert not [name for name in dir(Reader) if "write" in name]
