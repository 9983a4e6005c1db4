"""Reading one device and writing one control point, as a technician meets it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from served_site import Site

from controller.commands.point_state import PointState, State
from controller.commands.read import in_order

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def controller_runs(site: Site) -> None:
    """As if a controller had just written its image."""
    boot_id = BOOT_ID.read_text(encoding="ascii").strip()
    written = {"monotonic_s": time.monotonic(), "boot_id": boot_id, "pid": os.getpid()}
    (site.config.parent / "image.json").write_text(json.dumps({"written": written}), encoding="utf-8")


def test_every_point_is_told_with_value_words_and_agreement(site: Site) -> None:
    result = site.tawan("read", "meter_school", "--json")
    assert result.exit_code == 0, result.output
    points = json.loads(result.stdout)["points"]
    assert points["power_w"]["value"] == 1200
    assert points["voltage_v"]["value"] == pytest.approx(230.1)
    assert points["inverter_state"]["text"] == "running"
    assert points["alarm_word_1"]["text"] == "fan, heat"
    assert points["power_w"]["agreed"] == "confirmed"
    assert points["voltage_v"]["agreed"] == "one source"


def test_raw_shows_each_request_in_hex_and_decimal(site: Site) -> None:
    shown = site.tawan("read", "meter_school", "--raw").output
    assert "04B0" in shown
    assert "1200" in shown


def test_an_impossible_value_says_what_it_may_come_from(site: Site) -> None:
    site.devices["hybrid"].cells["holding", 0] = 65535 - 30000
    points = json.loads(site.tawan("read", "meter_school", "--json").stdout)["points"]
    assert points["power_w"]["state"] == "implausible"
    assert "outside -20000 to 20000" in points["power_w"]["remark"]


def test_a_device_is_read_without_a_config(site: Site) -> None:
    where = f"tcp://127.0.0.1:{site.ports['meters']}"
    result = site.tawan("read", "--profile", "eastron-sdm630", "--bus", where, "--unit", "1", "--json")
    points = json.loads(result.stdout)["points"]
    assert points["power_w"]["value"] == 690
    assert points["power_factor"]["state"] == "refused"


def test_neither_device_nor_description_is_explained(site: Site) -> None:
    result = site.tawan("read", "--profile", "eastron-sdm630")
    assert result.exit_code == 2
    assert "--unit" in result.output


def test_a_port_that_nobody_serves_is_told_with_the_remedy(site: Site) -> None:
    result = site.tawan("read", "--profile", "eastron-sdm630", "--bus", "/dev/does-not-exist", "--unit", "1")
    assert result.exit_code == 1
    assert "is the adapter plugged in?" in result.output


def test_a_silent_device_is_one_sentence_and_no_table(site: Site) -> None:
    where = f"tcp://127.0.0.1:{site.ports['meters']}"
    result = site.tawan("read", "--profile", "eastron-sdm630", "--bus", where, "--unit", "77")
    assert result.exit_code == 1
    assert "does not answer" in result.output
    assert "`tawan discover` finds out what is there" in result.output
    assert "apparent_power_va" not in result.output


def test_a_wrong_profile_is_doubted_where_the_device_refuses_everything(site: Site) -> None:
    where = f"tcp://127.0.0.1:{site.ports['meters']}"
    result = site.tawan("read", "--profile", "deepsea-gencomm", "--bus", where, "--unit", "1")
    assert result.exit_code == 1
    assert "unit 1 answers, but gives nothing of deepsea-gencomm" in result.output
    assert "is it the right profile" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["sun", "--unit", "3"], "sun is described in"),
        (["--profile", "eastron", "--bus", "tcp://127.0.0.1", "--unit", "1"], "use one of eastron-sdm120"),
        (["--profile", "victron-gx", "--bus", "tcp://127.0.0.1", "--unit", "1"], "--with battery=ID"),
        (
            ["--profile", "victron-gx", "--bus", "tcp://127.0.0.1", "--unit", "1", "--with", "vebus"],
            "write --with NAME=ID",
        ),
        (
            ["--profile", "eastron-sdm630", "--bus", "tcp://127.0.0.1", "--unit", "1", "--with", "vebus=1"],
            "has no unit ids called vebus: leave --with away",
        ),
    ],
)
def test_a_slip_on_the_command_line_is_answered_with_what_is_right(
    site: Site, arguments: list[str], told: str
) -> None:
    result = site.tawan("read", *arguments)
    assert result.exit_code == 2
    assert told in result.output


def test_the_feeder_behind_a_relay_is_named_before_it_is_switched(site: Site) -> None:
    result = site.tawan("set", "relays", "channel_1", "on")
    assert "THE FEEDER Clinic (สถานีอนามัย) hangs on it: 1 switches it off" in result.output
    assert site.devices["relays"].written == 0


def test_points_are_in_the_order_of_their_numbers() -> None:
    states = [PointState(f"channel_{number}", State.GOOD, 0.0, 0.0) for number in (10, 9, 1)]
    assert [each.name for each in in_order(states)] == ["channel_1", "channel_9", "channel_10"]


def test_set_says_what_it_would_write_and_writes_nothing(site: Site) -> None:
    result = site.tawan("set", "meter_school", "limit_w", "3000")
    assert result.exit_code == 0
    for part in (
        "now:    5000",
        "new:    3000",
        "function 16",
        "address 10 (0x000A): 0x0BB8",
        "flash",
        "P-max",
    ):
        assert part in result.output
    assert "dry run" in result.output
    assert site.devices["hybrid"].written == 0


def test_set_with_write_carries_it_out_with_read_back(site: Site) -> None:
    result = site.tawan("set", "meter_school", "limit_w", "3000", "--write")
    assert result.exit_code == 0
    assert "read back: 3000" in result.output
    assert site.devices["hybrid"].cells["holding", 10] == 3000


def test_what_is_set_for_a_while_is_restored(site: Site) -> None:
    result = site.tawan("set", "meter_school", "limit_w", "3000", "--write", "--restore-after", "0.1")
    assert result.exit_code == 0
    assert "read back: 5000" in result.output
    assert site.devices["hybrid"].cells["holding", 10] == 5000


def test_the_name_of_a_state_is_a_value(site: Site) -> None:
    result = site.tawan("set", "meter_school", "work_mode", "backup", "--write")
    assert result.exit_code == 0, result.output
    assert site.devices["hybrid"].cells["holding", 12] == 1


@pytest.mark.parametrize(
    ("point", "value", "told"),
    [
        ("limit_w", "9000", "9000 is outside 0 to 6000"),
        ("limit_w", "much", "'much' is no value of limit_w: it takes 0 to 6000"),
        ("work_mode", "party", "it takes 0 (self-use), 1 (backup)"),
        ("limit", "1", "it has battery_setpoint_w, enabled, limit_w, work_mode"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_can(site: Site, point: str, value: str, told: str) -> None:
    result = site.tawan("set", "meter_school", point, value, "--write")
    assert result.exit_code in (1, 2)
    assert told in result.output
    assert site.devices["hybrid"].written == 0


def test_a_meter_without_control_points_says_so(site: Site) -> None:
    result = site.tawan("set", "meter_clinic", "limit_w", "1")
    assert "offers no control points" in result.output


def test_nothing_is_set_while_the_controller_works_on_the_bus(site: Site) -> None:
    controller_runs(site)
    for command in (("set", "meter_school", "limit_w", "1", "--write"), ("test", "meter_school")):
        result = site.tawan(*command)
        assert result.exit_code == 1
        assert "systemctl stop tawan-controller" in result.output
    assert site.devices["hybrid"].written == 0


def test_an_old_image_holds_nothing(site: Site) -> None:
    (site.config.parent / "image.json").write_text('{"written": {"monotonic_s": 1}}', encoding="utf-8")
    assert site.tawan("set", "meter_school", "limit_w", "3000").exit_code == 0
