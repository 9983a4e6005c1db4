"""The pages of commissioning tell the truth: their commands exist, their example is a good profile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from controller.cli import app
from controller.core.points import REQUIRED
from drivers.model import Profile
from drivers.profile import parse_profile
from drivers.profile_schema import ReadSchema

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("commissioning.md", "add-a-device.md")}


def example() -> Profile:
    (text,) = re.findall(r"```yaml\n(format: 1\n.*?)```", PAGES["add-a-device.md"], flags=re.DOTALL)
    return parse_profile(text, "acme-em3.yaml")


def test_the_example_of_a_profile_is_good() -> None:
    assert example().model == "acme-em3"
    assert example().identify


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_of_a_page_exists(page: str) -> None:
    root = typer.main.get_command(app)
    for line in re.findall(r"tawan [a-z][^`\n]*", PAGES[page]):
        words = line.split()[1:]
        command = root.commands.get(words[0])
        if command is None:
            continue  # running text: "tawan set: the controller ..."
        if hasattr(command, "commands") and len(words) > 1:
            command = command.commands[words[1].rstrip(".,:;)")]
        options = {option for parameter in command.params for option in parameter.opts}
        for word in words[1:]:
            if re.fullmatch(r"--[a-z][a-z-]*", word):
                assert word in options, f"{line}: {word}"


def test_every_role_is_told_with_what_it_needs() -> None:
    page = PAGES["add-a-device.md"]
    for role in REQUIRED:
        assert f"`{role}`" in page


def test_every_key_of_a_point_that_the_page_names_exists() -> None:
    (table,) = re.findall(
        r"What stands in a point:\n(.*?)\n\n[A-Z]", PAGES["add-a-device.md"], flags=re.DOTALL
    )
    named = set(
        re.findall(r"`([a-z_]+)`", " ".join(re.findall(r"^\| ([^|]*) \|", table, flags=re.MULTILINE)))
    )
    known = {field.alias or name for name, field in ReadSchema.model_fields.items()}
    assert named <= known
