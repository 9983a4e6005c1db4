"""TCP hosts: SunSpec devices describe themselves, a Victron GX names its services, a gateway is noticed."""

from __future__ import annotations

from scanned_line import CellDevice, bus_of, float_words, host_of, text_words
from sunspec_device import COMMON, END, INVERTER_103, MARKER
from test_discovery_line import METER, SUSPECTS, ignore

from controller.settings import TcpBus
from drivers.discovery import Confidence, HostScan, Survey, Suspects, scan_hosts
from drivers.profile import load_profile


def at(port: int) -> tuple[TcpBus, ...]:
    return (TcpBus(type="tcp", host="127.0.0.1", port=port),)


def sunspec_inverter() -> CellDevice:
    models = [*MARKER, 1, len(COMMON), *COMMON, 103, len(INVERTER_103), *INVERTER_103, *END]
    return CellDevice({"holding": {40000: models}})


async def searched(devices: dict[int, CellDevice], suspects: Suspects = SUSPECTS, units=None) -> Survey:
    survey = Survey()
    async with host_of(bus_of(devices, 0.0)) as port:
        await scan_hosts(HostScan(at(port), units), suspects, survey, ignore)
    assert not any(device.written for device in devices.values())
    return survey


async def test_a_sunspec_inverter_says_who_it_is() -> None:
    (found,) = (await searched({126: sunspec_inverter()})).found
    best = found.candidates[0]
    assert (found.unit, best.profile, best.role) == (126, "sunspec", "pv_inverter")
    assert (best.maker, best.model, best.serial) == ("Acme", "Sun 20", "SN-0042")
    assert best.confidence is Confidence.CERTAIN


async def test_one_inverter_at_several_unit_ids_is_found_once() -> None:
    device = sunspec_inverter()
    (found,) = (await searched({1: device, 126: device})).found
    assert (found.unit, found.also_at) == (1, (126,))


async def test_two_meters_behind_a_gateway_are_two() -> None:
    meters = {
        unit: CellDevice({"holding": {100: [1630]}, "input": {52: float_words(100.0 * unit)}})
        for unit in (1, 2)
    }
    survey = await searched(meters)
    assert [(each.unit, each.candidates[0].profile) for each in survey.found] == [
        (1, "acme-meter"),
        (2, "acme-meter"),
    ]
    assert any("gateway" in remark for remark in survey.remarks)


async def test_a_victron_gx_is_found_with_the_unit_ids_of_its_services() -> None:
    system = CellDevice(
        {
            "holding": {
                800: text_words("c0619ab2f44d", 6),
                806: [0] * 20,
                817: [0] * 40,
                840: [518, 21, 1090, 64, 1],
            }
        }
    )
    vebus = CellDevice(
        {"holding": {3: [2301, 2302, 2299, 12, 11, 13, 5001, 5001, 5001, 28, 25, 30], 15: [2300] * 30}}
    )
    battery = CellDevice({"holding": {258: [100, 5180, 0, 21, 250, 0, 0, 0, 640], 304: [990]}})
    survey = await searched(
        {100: system, 227: vebus, 225: battery}, Suspects.of((load_profile("victron-gx"), METER))
    )
    (found,) = survey.found
    assert found.unit == 100
    assert found.candidates[0].profile == "victron-gx"
    assert found.candidates[0].units == {"system": 100, "vebus": 227, "battery": 225}


async def test_a_host_that_is_not_there_is_counted_and_nothing_else() -> None:
    survey = Survey()
    async with host_of(bus_of({})) as port:
        pass
    await scan_hosts(HostScan(at(port)), SUSPECTS, survey, ignore)
    assert survey.found == []
    assert survey.requests == 0
    assert "no Modbus TCP server at 127.0.0.1" in survey.remarks[0]


async def test_only_the_unit_ids_that_were_given_are_asked() -> None:
    device = sunspec_inverter()
    survey = await searched({1: device, 126: device}, units=(126,))
    assert [each.unit for each in survey.found] == [126]
