"""An inverter that restarts when certain registers are read is found without making the village dark."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scanned_line import CellDevice, Cells, bus_of, float_words, host_of, line_of, text_words
from sunspec_device import COMMON, END, INVERTER_103, MARKER
from test_discovery_line import a_profile, ignore, ways

from controller.settings import TcpBus
from drivers.discovery import Confidence, HostScan, LineScan, Survey, Suspects, scan_hosts, scan_line
from drivers.errors import ProfileError
from drivers.profile import ProfileLibrary, load_profile, parse_profile
from simulation.modbus.protocol import ModbusRefusal, Space

LIMIT = 30000
GOODWE_LIKE = a_profile(
    "acme-high",
    '{table: holding, address: 35003, words: 8, text: "^ACME"}',
    "power_w: {table: holding, address: 35105, type: int32, class: fast}",
)
HIGH_METER = a_profile(
    "acme-high-meter",
    "{table: holding, address: 64514, one_of: [112]}",
    "power_w: {table: input, address: 52, type: float32, range: [-1.0e+6, 1.0e+6], class: fast}",
)
LOW_HYBRID = a_profile(
    "acme-low",
    '{table: holding, address: 500, words: 5, text: "^LOW-"}',
    "power_w: {table: holding, address: 510, type: int32, class: fast}",
)
FAMILY = tuple(
    replace(profile, pace=replace(profile.pace, min_gap_s=0.0))  # the virtual inverter takes any pace
    for name in (
        "growatt-spf-offgrid",
        "growatt-spf-old-firmware",
        "growatt-min-mod",
        "growatt-vpp",
        "huawei-sun2000",
        "solis-hybrid",
    )
    for profile in (load_profile(name),)
)
SUSPECTS = Suspects.of((*FAMILY, GOODWE_LIKE, HIGH_METER, LOW_HYBRID))


class Fragile(CellDevice):
    """Switches its output off when registers from 30000 up are read."""

    def __init__(self, cells: Cells, silent: frozenset[int] = frozenset()) -> None:
        super().__init__(cells)
        self.restarts = 0
        self.silent = silent

    def _words(self, space: Space, address: int, count: int) -> list[int]:
        if address + count > LIMIT:
            self.restarts += 1
        if address in self.silent:
            raise ModbusRefusal(4)
        return super()._words(space, address, count)


def spf(
    device_type: int | None = 3401, *, voltage: int = 2300, silent: frozenset[int] = frozenset()
) -> Fragile:
    """As the maker lists it: state, battery 52.5 V at 64 %, 230 V, 50 Hz; grid and battery powers."""
    first = [0] * 45
    first[0], first[17], first[18], first[22], first[23] = 2, 5250, 64, voltage, 5000
    holding = {0: [0] * 43}
    if device_type is not None:
        holding[43] = [device_type]
    return Fragile({"input": {0: first, 45: [0] * 45}, "holding": holding}, silent)


async def on_line(
    devices: dict[int, CellDevice], suspects: Suspects = SUSPECTS, *, thorough: bool = False
) -> Survey:
    survey = Survey()
    async with line_of(bus_of(devices, 0.001), baud=115200) as path:
        scan = LineScan(ways(path, 115200), tuple(devices), thorough=thorough)
        await scan_line(scan, suspects, survey, ignore)
    return survey


async def on_host(devices: dict[int, CellDevice]) -> Survey:
    survey = Survey()
    async with host_of(bus_of(devices, 0.0)) as port:
        host = TcpBus(type="tcp", host="127.0.0.1", port=port)
        await scan_hosts(HostScan((host,), tuple(devices)), SUSPECTS, survey, ignore)
    return survey


@pytest.mark.parametrize("search", [on_line, on_host])
async def test_a_growatt_spf_is_found_and_keeps_running(search) -> None:
    device = spf()
    survey = await search({1: device})
    assert {each.profile for each in survey.found[0].candidates} == {
        "growatt-spf-offgrid",
        "growatt-spf-old-firmware",
    }
    assert device.restarts == 0
    assert not any("restarts" in told for told in survey.untried)  # it is known what it is


@pytest.mark.parametrize("search", [on_line, on_host])
@pytest.mark.parametrize(
    "device",
    [
        pytest.param(spf(3477), id="of a type that nobody listed"),
        pytest.param(spf(64541), id="of the sister family SPE"),
        pytest.param(spf(0), id="that does not fill in its type"),
        pytest.param(spf(0, voltage=0), id="with its output off"),
        pytest.param(spf(3401, silent=frozenset({43})), id="too busy to tell its type"),
        pytest.param(spf(3401, silent=frozenset({43, 17, 22})), id="too busy for anything"),
    ],
)
async def test_what_may_be_one_is_spared_and_that_is_said(search, device: Fragile) -> None:
    survey = await search({1: device})
    assert device.restarts == 0
    (told,) = [each for each in survey.untried if "restarts" in each]
    assert "unit 1: registers from 30000 up" in told
    assert "--ask-all" in told


async def test_a_thorough_search_spares_it_too() -> None:
    device = spf(3477)
    await on_line({1: device}, thorough=True)
    assert device.restarts == 0


async def test_a_silent_unit_id_is_asked_nothing_dangerous() -> None:
    class Asleep(Fragile):
        functions = frozenset({99})

    device = Asleep({})
    await on_line({1: device, 247: device}, thorough=True)
    assert device.restarts == 0


@pytest.mark.parametrize(
    ("cells", "profile"),
    [
        pytest.param(
            {"holding": {64514: [112]}, "input": {52: float_words(690.0)}}, "acme-high-meter", id="refuses"
        ),
        pytest.param(
            {
                "holding": {43: [0], 64514: [112]},
                "input": {**{at: [0x4366, 0x3333] for at in range(0, 40, 2)}, 52: float_words(690.0)},
            },
            "acme-high-meter",
            id="has impossible voltages",
        ),
        pytest.param(
            {
                "holding": {43: [5200], 35003: text_words("ACME-5000", 8), 35105: [0, 9]},
                "input": {17: [0] * 7},
            },
            "acme-high",
            id="has a sister's number",
        ),
        pytest.param(
            {"holding": {43: [7], 35003: text_words("ACME-5000", 8), 35105: [0, 9]}},
            "acme-high",
            id="refuses the voltages",
        ),
    ],
)
async def test_what_is_certainly_none_is_asked_for_everything(cells: Cells, profile: str) -> None:
    (found,) = (await on_line({1: CellDevice(cells)})).found
    assert found.candidates[0].profile == profile


async def test_a_sure_identity_below_frees_what_describes_itself_above() -> None:
    models = [*MARKER, 1, len(COMMON), *COMMON, 103, len(INVERTER_103), *INVERTER_103, *END]
    harmless = {43: [0], 500: text_words("LOW-7", 5), 510: [0, 900]}
    device = CellDevice({"holding": {**harmless, 40000: models}, "input": {17: [0] * 7}})
    (found,) = (await on_host({1: device})).found
    assert {each.profile: each.confidence for each in found.candidates}["acme-low"] is Confidence.CERTAIN
    assert "sunspec" in [each.profile for each in found.candidates]


def test_the_limit_is_the_lowest_of_all_fragile_profiles() -> None:
    library = ProfileLibrary()
    assert Suspects.of(FAMILY).ceiling == LIMIT
    assert Suspects.of((library.load("eastron-sdm630"),)).ceiling is None


@pytest.mark.parametrize(
    ("identify", "told"),
    [
        ("", "bus.fragile_from: discovery must know the device"),
        ("identify: [{table: holding, address: 99, words: 2, one_of: [1]}]", "identify.0.address"),
        ("identify: [{table: holding, address: 9, one_of: [1]}]", "read.power_w.address"),
    ],
)
def test_a_fragile_profile_reads_nothing_fragile(identify: str, told: str) -> None:
    text = f"""
format: 1
model: acme
title: "A made-up fragile device"
role: meter
sources: {{maker: "The maker's own list"}}
confirmed_by: [maker]
verified: {{by: documents}}
bus: {{fragile_from: 100}}
{identify}
read: {{power_w: {{table: input, address: 99, type: int32, class: fast}}}}
"""
    with pytest.raises(ProfileError, match=told):
        parse_profile(text, "acme.yaml")
