"""`tawan discover`: stanzas to paste, and sentences for what stands in the way."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML
from scanned_line import float_words
from served_site import Site
from test_read_and_set import controller_runs

from controller.commands.addresses import AddressError, bauds_in, buses_at, numbers_in, parities_in


def make_recognisable(site: Site) -> None:
    """The meter says that it is an SDM630."""
    site.devices["meter"].cells["holding", 64514] = 0x70
    words = float_words(690.0, 691.0)
    site.devices["meter"].cells |= {("input", 52 + index): word for index, word in enumerate(words)}


def test_what_is_found_can_be_pasted_into_a_config(site: Site) -> None:
    make_recognisable(site)
    where = f"127.0.0.1:{site.ports['meters']}"
    result = site.tawan("discover", where, "--units", "1,2,9")
    assert result.exit_code == 0, result.output
    assert "config.yaml has it already: meter_clinic" in result.output
    site.config.unlink()
    result = site.tawan("discover", where, "--units", "1")
    stanza = YAML(typ="safe").load(result.stdout)
    assert stanza["devices"]["meter_1"]["profile"] == "eastron-sdm630"
    assert stanza["buses"][stanza["devices"]["meter_1"]["bus"]]["port"] == site.ports["meters"]
    assert "certain: Eastron SDM630" in result.stdout
    assert not site.devices["meter"].written


def test_a_bus_of_the_config_is_searched_by_its_id_and_told_as_json(site: Site) -> None:
    make_recognisable(site)
    result = site.tawan("discover", "meters", "--units", "1", "--json")
    found = json.loads(result.stdout)["found"]
    assert found[0]["candidates"][0]["profile"] == "eastron-sdm630"
    assert found[0]["candidates"][0]["confidence"] == "certain"


def test_nothing_is_searched_while_the_controller_works_there(site: Site) -> None:
    controller_runs(site)
    result = site.tawan("discover", f"127.0.0.1:{site.ports['meters']}")
    assert result.exit_code == 1
    assert "systemctl stop tawan-controller" in result.output


def test_a_faulty_profile_of_the_site_is_left_out_and_said(site: Site) -> None:
    make_recognisable(site)
    (site.config.parent / "profiles" / "draft.yaml").write_text("format: 1\n", encoding="utf-8")
    result = site.tawan("discover", "meters", "--units", "1")
    assert result.exit_code == 0
    assert "the profile draft is left out" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["/dev/does-not-exist"], "is the adapter plugged in?"),
        (["192.168.10.0/8"], "search at most 256"),
        (["192.168.10.20-11"], "write the lower end first"),
        (["rtu+tcp://192.168.10.30"], "lacks a port"),
        (["ftp://192.168.10.30"], "is no address; give a serial port"),
        (["192.168.10.30", "--units", "1-300"], "allowed are 0 to 247"),
        (["/dev/ttyUSB0", "--baud", "9601"], "use some of 1200"),
        (["/dev/ttyUSB0", "--parity", "mark"], "use some of none, even, odd"),
        (["metres"], "config.yaml has no bus 'metres'; it has pv_south"),
        (["300.1.1.1"], "it has four numbers from 0 to 255"),
        (["/tmp"], "/tmp is no serial port"),
        (["127.0.0.1:1"], "no Modbus TCP server at 127.0.0.1:1"),
    ],
)
def test_what_cannot_be_searched_is_explained_in_a_sentence(
    site: Site, arguments: list[str], told: str
) -> None:
    result = site.tawan("discover", *arguments)
    assert result.exit_code != 0
    assert told in result.output
    assert "Traceback" not in result.output


def test_addresses_are_read_as_technicians_write_them() -> None:
    assert [bus.host for bus in buses_at("192.168.10.11-13")] == [f"192.168.10.{n}" for n in (11, 12, 13)]
    assert len(buses_at("192.168.10.0/27")) == 30
    assert buses_at("inverter.local")[0].port == 502
    assert buses_at("tcp://10.0.0.1:1502")[0].port == 1502
    assert buses_at("rtu+tcp://10.0.0.1:8899")[0].type == "rtu_over_tcp"
    stick = buses_at("solarman://10.0.0.1/1712345678")[0]
    assert (stick.type, stick.port, stick.serial) == ("solarman", 8899, 1712345678)
    assert buses_at("/dev/ttyUSB0", baud=19200, parity="even")[0].baud == 19200
    assert numbers_in("1-3, 100", 0, 247) == (1, 2, 3, 100)
    assert bauds_in("9600,19200") == (9600, 19200)
    assert parities_in("none,even") == ("none", "even")
    with pytest.raises(AddressError):
        numbers_in("one", 0, 247)
