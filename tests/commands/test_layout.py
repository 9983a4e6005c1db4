"""What the commands print fits the terminal of a phone, and is whole where it goes to a file."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML
from served_site import Site
from test_discover_command import make_recognisable

from controller.commands.layout import wrapped

PHONE = 60
COMMANDS = (
    ("discover", "meters", "--units", "1,2"),
    ("read", "meter_school"),
    ("set", "meter_school", "limit_w", "3000"),
    ("set", "meter_school", "limt_w", "3000"),
    ("test", "meter_school", "--seconds", "0", "--read-only"),
    ("profiles", "list"),
    ("profiles", "show", "growatt-spf-offgrid"),
    ("profiles", "coverage"),
)


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(PHONE))


@pytest.mark.usefixtures("phone")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_no_line_is_wider_than_the_terminal(site: Site, command: tuple[str, ...]) -> None:
    lines = site.tawan(*command).output.splitlines()
    assert [line for line in lines if len(line) > PHONE] == []


@pytest.mark.usefixtures("phone")
def test_stanzas_of_several_lines_are_still_yaml(site: Site) -> None:
    make_recognisable(site)
    where = f"127.0.0.1:{site.ports['meters']}"
    site.config.unlink()
    shown = site.tawan("discover", where, "--units", "1").stdout
    (meter,) = YAML(typ="safe").load(shown)["devices"].values()
    assert meter == {"role": "meter", "profile": "eastron-sdm630", "bus": "host", "unit": 1}


def test_a_file_gets_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert wrapped("word " * 60, "  ") == "  " + "word " * 60
