"""What nothing recognises is guessed at; two devices with one unit id and a talking line are noticed."""

from __future__ import annotations

import asyncio

from faulty_slave import RtuLine, crc, soon
from scanned_line import CellDevice, bus_of, float_words, line_of
from test_discovery_line import SUSPECTS, ignore, ways

from drivers.discovery import Confidence, LineScan, Survey, Suspects, scan_line
from drivers.discovery.line import spans
from drivers.discovery.port import why_not
from drivers.profile import load_profile

OURS = Suspects.of(
    load_profile(name)
    for name in (
        "eastron-sdm230",
        "waveshare-relay-16",
        "waveshare-relay-8",
        "imt-si-rs485",
        "deepsea-gencomm",
    )
)


async def found_on_line(devices: dict[int, CellDevice], suspects: Suspects = OURS) -> Survey:
    survey = Survey()
    async with line_of(bus_of(devices, 0.001), baud=115200) as path:
        await scan_line(LineScan(ways(path, 115200), tuple(devices)), suspects, survey, ignore)
    return survey


async def test_a_meter_without_identity_is_guessed_by_its_frequency_and_voltage() -> None:
    meter = CellDevice(
        {
            "input": {
                0: float_words(231.2),
                6: float_words(2.0),
                12: float_words(462.0),
                70: float_words(49.98),
            }
        }
    )
    (found,) = (await found_on_line({1: meter})).found
    assert found.candidates[0].profile == "eastron-sdm230"
    assert found.candidates[0].confidence is Confidence.POSSIBLE


async def test_a_relay_board_is_told_by_where_its_channels_end() -> None:
    survey = await found_on_line(
        {1: CellDevice({"coil": {0: [0] * 16}}), 2: CellDevice({"coil": {0: [1] * 8}})}
    )
    assert [each.candidates[0].profile for each in survey.found] == [
        "waveshare-relay-16",
        "waveshare-relay-8",
    ]


async def test_what_fits_nothing_is_found_all_the_same() -> None:
    (found,) = (await found_on_line({5: CellDevice({"holding": {9000: [1]}})})).found
    assert (found.unit, found.candidates) == (5, ())


async def test_two_devices_with_one_unit_id_are_noticed() -> None:
    line = RtuLine()
    line.silent = {1, 3}
    line.misbehave = lambda unit, request, honest: (
        (0.0, bytes(a ^ b for a, b in zip(honest, honest[::-1], strict=True))),
    )
    survey = Survey()
    await scan_line(LineScan(ways(line.path), (1, 2, 3)), SUSPECTS, survey, ignore)
    line.close()
    assert [(each.unit, each.garbled) for each in survey.found] == [(2, True)]


async def test_a_slow_device_is_found_by_its_late_answer() -> None:
    line = RtuLine()
    line.silent = set(range(1, 12)) - {4}
    line.misbehave = lambda unit, request, honest: ((0.18, honest),)
    survey = Survey()
    await scan_line(LineScan(ways(line.path), (4, 5, 6)), Suspects((), ()), survey, ignore)
    line.close()
    assert 4 in [each.unit for each in survey.found]


async def test_a_line_on_which_another_master_talks_is_given_up() -> None:
    line = RtuLine()
    stop = asyncio.Event()

    async def talk() -> None:
        body = bytes((77, 3, 4, 1, 2, 3, 4))
        while not stop.is_set():
            line.send(body + crc(body))
            await asyncio.sleep(0.01)

    talker = asyncio.create_task(talk())
    line.silent = set(range(1, 248))
    survey = Survey()
    await scan_line(LineScan(ways(line.path)), SUSPECTS, survey, ignore)
    stop.set()
    await talker
    line.close()
    assert any("another master talks" in remark for remark in survey.remarks)
    assert survey.requests < 60


async def test_an_interrupted_search_keeps_what_it_found() -> None:
    survey = Survey()
    async with line_of(bus_of({1: CellDevice({"holding": {0: [1, 2]}})})) as path:
        search = asyncio.create_task(scan_line(LineScan(ways(path), (1, 2, 3)), SUSPECTS, survey, ignore))
        await soon(lambda: survey.requests)
        search.cancel()
        await asyncio.gather(search, return_exceptions=True)
    assert search.cancelled()
    assert survey.untried


def test_numbers_are_told_as_spans() -> None:
    assert spans({7, 1, 2, 3}) == "1-3, 7"


def test_why_a_port_cannot_be_opened_is_one_sentence_with_the_remedy() -> None:
    assert "dialout" in why_not("/dev/ttyUSB0", PermissionError(13, "Permission denied"))
    assert "fuser" in why_not("/dev/ttyUSB0", OSError(11, "locked"))
    assert "plugged in" in why_not("/dev/ttyUSB0", FileNotFoundError(2, "none"))
