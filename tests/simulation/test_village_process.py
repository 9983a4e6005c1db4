"""The village in a process of its own, met by independent clients and by its control socket."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from served_village import CONFIG_FILE, SerialMaster, TcpMaster, refused

from controller.clock import ScaledClock
from simulation.control import ControlClient, ControlRefusedError

MBPOLL = shutil.which("mbpoll")
NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
SPEED = 60.0


class Running:
    """A village process and what it wrote."""

    def __init__(self, state: Path) -> None:
        self.state = state
        clock = ScaledClock.starting(NOON, SPEED)
        arguments = [
            "--config",
            str(CONFIG_FILE),
            "--clock",
            clock.spec(),
            "--state",
            str(state),
            "--clouds",
            "clear",
        ]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulation", *arguments], cwd=CONFIG_FILE.parent
        )
        self.addresses = json.loads(self._awaited(state / "addresses.json").read_text())
        self.control = ControlClient(state)

    def stop(self) -> int:
        self.control.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def _awaited(self, path: Path) -> Path:
        until_s = time.monotonic() + 60
        while not path.exists():
            assert self.process.poll() is None, "the village ended before it began"
            assert time.monotonic() < until_s, f"{path} never came"
            time.sleep(0.02)
        return path


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    running = Running(tmp_path_factory.mktemp("village"))
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture(autouse=True)
def healed(village):
    yield
    if village.process.poll() is None:
        village.control.clear()


def test_every_bus_has_an_address(village):
    assert set(village.addresses) == {"pv_south", "pv_east", "gx", "meters", "relays"}
    assert village.addresses["gx"]["host"] == "127.0.0.1"
    assert Path(village.addresses["meters"]["port"]).is_char_device()


def test_the_truth_is_told_with_the_hosts_time_of_every_change(village):
    truth = village.control.truth()
    assert truth["storage"]["alive"] is True
    assert set(truth["alarms"]) == {"overload_alarm", "low_battery_alarm", "temperature_alarm"}
    assert truth["feeders"]["clinic"]["closed"] is True
    assert truth["feeders"]["clinic"]["moved_s"] <= truth["host_monotonic_s"] <= time.monotonic()
    assert truth["energy_balance_error_pct"] < 0.5


def test_somebody_can_turn_the_switch_at_the_gensets_panel(village):
    for mode, number in (("stop", 0), ("auto", 1)):
        village.control.turn_panel(mode)
        assert village.control.truth()["genset"]["control_mode"] == number


def test_the_battery_can_be_filled_without_harm_to_the_balance(village):
    village.control.set_soc(0.37)
    truth = village.control.truth()
    assert truth["soc_frac"] == pytest.approx(0.37, abs=0.01)
    assert truth["energy_balance_error_pct"] < 0.5


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"fautl": {}}, "fautl"),
        ({}, "one of fault, clear, load, grid, soc, panel, truth"),
        ({"truth": True, "soc": 0.5}, "one of"),
        ({"soc": 1.5}, "soc"),
        ({"panel": "off"}, "panel"),
        ({"fault": {"device": "meter_clinic", "kind": "broken"}}, "kind"),
        ({"fault": {"device": "meter_clinik", "kind": "silent"}}, "meter_clinik"),
        ({"fault": {"kind": "silent"}}, "needs one of device, line or feeder"),
        ({"fault": {"device": "meter_clinic", "kind": "frozen_soc"}}, "state of charge"),
        ({"fault": {"device": "meter_clinic", "kind": "genset_fails_to_start"}}, "genset"),
        ({"load": {"feeder": "mill", "watts": 1, "for_s": 1}}, "mill"),
    ],
)
def test_a_request_that_means_nothing_is_refused_and_says_why(village, request_, says):
    with pytest.raises(ControlRefusedError, match=re.escape(says)):
        village.control.request(**request_)


async def test_a_silent_meter_answers_again_when_it_is_healed(village):
    master = SerialMaster(village.addresses["meters"]["port"])
    request = struct.pack(">BHH", 4, 0, 2)
    village.control.fault("silent", device="meter_clinic")
    master.send(1, request)
    with pytest.raises(TimeoutError):
        await master.receive(1, timeout_s=0.2)
    village.control.clear(device="meter_clinic")
    master.send(1, request)
    assert len(await master.receive(9)) == 9
    master.close()


async def test_a_relay_opens_its_feeder_unless_the_contactor_is_stuck(village):
    master = SerialMaster(village.addresses["relays"]["port"])

    async def energise(channel: int, value: int) -> None:
        master.send(1, struct.pack(">BHH", 5, channel - 1, value))
        await master.receive(8)

    before = time.monotonic()
    await energise(2, 0xFF00)
    await asyncio.sleep(0.1)  # the contacts take some milliseconds
    school = village.control.truth()["feeders"]["school"]
    assert (school["energised"], school["closed"]) == (True, False)
    assert school["moved_s"] >= before
    village.control.fault("stuck_contactor", feeder="street")
    await energise(3, 0xFF00)
    await asyncio.sleep(0.1)
    street = village.control.truth()["feeders"]["street"]
    assert (street["energised"], street["closed"]) == (True, True)
    village.control.clear(feeder="street")
    await energise(2, 0x0000)
    await energise(3, 0x0000)
    master.close()


async def test_a_gx_answers_at_each_of_its_units_and_refuses_others(village):
    master = await TcpMaster.connect(village.addresses["gx"]["port"])
    assert (await master.ask(100, struct.pack(">BHH", 3, 843, 1)))[0] == 3
    assert (await master.ask(227, struct.pack(">BHH", 3, 31, 1)))[0] == 3
    assert (await master.ask(225, struct.pack(">BHH", 3, 266, 1)))[0] == 3
    assert refused(await master.ask(226, struct.pack(">BHH", 3, 31, 1))) == 0x0B
    assert refused(await master.ask(225, struct.pack(">BHH", 3, 31, 1))) == 2
    master.close()


async def test_a_frozen_soc_stays_while_the_battery_moves_on(village):
    master = await TcpMaster.connect(village.addresses["gx"]["port"])
    village.control.set_soc(0.80)
    village.control.fault("frozen_soc", device="battery")
    village.control.set_soc(0.30)
    reply = await master.ask(225, struct.pack(">BHH", 3, 266, 1))
    assert struct.unpack(">H", reply[2:])[0] == pytest.approx(800, abs=5)
    village.control.clear()
    reply = await master.ask(225, struct.pack(">BHH", 3, 266, 1))
    assert struct.unpack(">H", reply[2:])[0] == pytest.approx(300, abs=5)
    master.close()


# ---------------------------------------------------------------- an independent client


def mbpoll(*arguments: str) -> str:
    done = subprocess.run(
        [str(MBPOLL), "-0", "-1", *arguments], capture_output=True, text=True, timeout=20, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.skipif(MBPOLL is None, reason="mbpoll, the independent Modbus client, is not installed")
def test_mbpoll_reads_an_inverter_over_tcp(village):
    port = str(village.addresses["pv_south"]["port"])
    answer = mbpoll(
        "-m", "tcp", "-p", port, "-a", "126", "-r", "40000", "-c", "3", "-t", "4:hex", "127.0.0.1"
    )
    assert re.findall(r"0x[0-9A-F]{4}", answer) == ["0x5375", "0x6E53", "0x0001"]


@pytest.mark.skipif(MBPOLL is None, reason="mbpoll, the independent Modbus client, is not installed")
def test_mbpoll_reads_a_meter_over_the_serial_line(village):
    port = village.addresses["meters"]["port"]
    answer = mbpoll(
        "-m", "rtu", "-b", "19200", "-P", "none", "-a", "1", "-r", "0", "-c", "3", "-t", "3:float", "-B", port
    )
    volts = [float(value) for value in re.findall(r"\[\d+\]:\s+([\d.]+)", answer)]
    assert len(volts) == 3
    assert all(180 < volt < 260 for volt in volts)


@pytest.mark.skipif(MBPOLL is None, reason="mbpoll, the independent Modbus client, is not installed")
def test_mbpoll_reads_the_relays(village):
    port = village.addresses["relays"]["port"]
    answer = mbpoll(
        "-m", "rtu", "-b", "19200", "-P", "none", "-a", "1", "-r", "0", "-c", "16", "-t", "0", port
    )
    assert re.findall(r"\[\d+\]:\s+(\d)", answer) == ["0"] * 16


# ---------------------------------------------------------------- the end


def test_too_much_load_raises_the_overload_alarm(village):
    # Last, because the inverters trip and the village goes dark.
    before = time.monotonic()
    assert village.control.truth()["alarms"]["overload_alarm"]["changed_s"] < before
    village.control.load("houses_a", 80_000.0, 60.0)
    assert village.control.truth()["alarms"]["overload_alarm"]["changed_s"] >= before


def test_on_sigterm_the_last_truth_is_written(village):
    assert village.stop() == 0
    assert not (village.state / "addresses.json").exists()
    last = json.loads((village.state / "village.json").read_text())
    assert last["now_s"] > 0
    assert last["energy_balance_error_pct"] < 0.5
    assert set(last["energy_wh"]["load_by_class"]) == {"critical", "essential", "household", "flexible"}


def test_a_village_whose_parent_dies_goes_too(tmp_path):
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'simulation', *sys.argv[1:]])\n"
        "print(child.pid, flush=True); sys.stdin.readline()"
    )
    spec = ScaledClock.starting(NOON, SPEED).spec()
    arguments = ["--config", str(CONFIG_FILE), "--clock", spec, "--state", str(tmp_path)]
    parent = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=CONFIG_FILE.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())
    _until((tmp_path / "addresses.json").exists)
    parent.communicate("go\n")
    _until(lambda: not _alive(child))


def _alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def _until(happened) -> None:
    until_s = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < until_s
        time.sleep(0.05)
