"""mbpoll, an independent Modbus client, sees at the virtual devices what the controller shows."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import termios
import time
from pathlib import Path

import pytest
from demo_run import RULES_ALONE, closed_states, contactors, demo, image, wait_for
from ruamel.yaml import YAML

from simulation.control import ControlClient

MBPOLL = shutil.which("mbpoll")

pytestmark = pytest.mark.skipif(MBPOLL is None, reason="mbpoll is not installed (Debian package mbpoll)")


def mbpoll(*arguments: str) -> list[float]:
    """The values that mbpoll prints."""
    output = subprocess.run(
        [MBPOLL, "-1", "-q", "-0", *arguments], capture_output=True, text=True, timeout=20, check=True
    ).stdout
    return [float(value) for value in re.findall(r"^\[\d+\]:\s+(-?[\d.e+-]+)", output, re.MULTILINE)]


def discard_unread_answer(port: str) -> None:
    """The controller may have been halted between a request and its answer."""
    time.sleep(0.3)
    line = os.open(port, os.O_RDWR | os.O_NOCTTY)
    termios.tcflush(line, termios.TCIOFLUSH)
    os.close(line)


def bus(state: Path, name: str) -> dict:
    return YAML(typ="safe").load((state / "config.yaml").read_text(encoding="utf-8"))["buses"][name]


def shown(state: Path, device_id: str, point: str) -> float:
    device = next(device for device in image(state)["devices"] if device["id"] == device_id)
    return device["points"][point]["value"]


def test_battery_charge_and_phase_voltage_read_by_mbpoll_are_those_of_the_controller(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with demo(tmp_path, "--speed", "1", "--soc", "0.62", "--start", "12:00"):
        for point in ("battery_soc_frac", "voltage_l1_v"):
            wait_for(lambda point=point: shown(state, "battery", point), f"the controller has read {point}")
        gx = bus(state, "gx")
        address = ("-m", "tcp", "-p", str(gx["port"]), "-t", "4", gx["host"])
        (soc_tenths_pct,) = mbpoll("-a", "225", "-r", "266", "-c", "1", *address)
        assert shown(state, "battery", "battery_soc_frac") == pytest.approx(soc_tenths_pct / 1000, abs=0.002)
        (voltage_tenths,) = mbpoll("-a", "227", "-r", "15", "-c", "1", *address)
        assert shown(state, "battery", "voltage_l1_v") == pytest.approx(voltage_tenths / 10, abs=3)


def test_sunspec_power_read_by_mbpoll_is_that_of_the_controller(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with demo(tmp_path, "--speed", "1", "--start", "12:00", "--clouds", "clear"):
        wait_for(lambda: shown(state, "pv_south", "power_w"), "the controller has read the inverter")
        pv = bus(state, "pv_south")
        address = ("-m", "tcp", "-p", str(pv["port"]), "-a", "126", "-t", "4", pv["host"])
        marker = mbpoll("-r", "40000", "-c", "2", *address)
        assert marker == [0x5375, 0x6E53]

        def power_w() -> float:
            power, exponent = mbpoll("-r", "40084", "-c", "2", *address)
            return power * 10 ** (exponent - 65536 if exponent > 32767 else exponent)

        before_w = power_w()
        tick = image(state)["tick"]["number"]
        wait_for(lambda: image(state)["tick"]["number"] > tick + 2, "the controller has read it again")
        seen_w = -shown(state, "pv_south", "power_w")
        lowest_w, highest_w = sorted((before_w, power_w()))
        assert 0.95 * lowest_w - 20 <= seen_w <= 1.05 * highest_w + 20


def test_meters_and_relays_read_by_mbpoll_on_their_lines_are_those_of_the_controller(tmp_path: Path) -> None:
    """The controller is halted meanwhile: an RS485 line has one master."""
    state = tmp_path / "state"
    with demo(tmp_path, "--speed", "2", "--soc", "0.3", "--start", "20:00", changes=RULES_ALONE):
        wait_for(lambda: False in closed_states(state), "a feeder is off")
        with ControlClient(state) as village:
            wait_for(
                lambda: list(contactors(village).values()) == closed_states(state), "contactors have moved"
            )
        before = image(state)
        os.kill(before["written"]["pid"], signal.SIGSTOP)
        for name in ("meters", "relays"):
            discard_unread_answer(bus(state, name)["port"])
        try:
            line = ("-m", "rtu", "-b", "19200", "-P", "none")
            energised = mbpoll(
                *line, "-a", "1", "-t", "0", "-r", "0", "-c", "8", bus(state, "relays")["port"]
            )
            (voltage_v,) = mbpoll(
                *line, "-a", "1", "-t", "3:float", "-B", "-r", "0", "-c", "1", bus(state, "meters")["port"]
            )
        finally:
            os.kill(before["written"]["pid"], signal.SIGCONT)
    assert [value == 0 for value in energised] == [feeder["closed"] for feeder in before["feeders"]]
    meter = next(device for device in before["devices"] if device["id"] == "meter_clinic")
    assert voltage_v == pytest.approx(meter["points"]["voltage_l1_v"]["value"], abs=3)
