"""The docs tell the truth: commands, folders, words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from controller.cli import app
from controller.core.catalogue_sanity import SANITY
from controller.core.model import PriorityClass
from simulation.faults import FaultKind

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def command_names() -> list[str]:
    commands = [
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    ]
    return [*commands, *(group.name for group in app.registered_groups if group.name)]


@pytest.mark.parametrize("name", command_names())
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"`tawan {name}" in README


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    assert set(re.findall(r"`tawan ([a-z]+)", README)) <= set(command_names())


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "docs/add-a-device.md",
        "docs/commissioning.md",
        "docs/forecast.md",
        "docs/report.md",
        "docs/weather.md",
        "docs/year.md",
        "deploy/README.md",
    ],
)
def test_every_link_to_a_file_leads_somewhere(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#]+?)\)", path.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


def test_every_file_and_folder_of_the_house_exists() -> None:
    for name in re.findall(r"`((?:controller|drivers|simulation|web)/[\w/.]*)`", ARCHITECTURE):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize(
    "word", [*PriorityClass, "feeder", "SoC", "curtailment", "black start", "headroom", "reserve"]
)
def test_the_glossary_explains_the_words_of_the_field(word: str) -> None:
    row = next(line for line in GLOSSARY.splitlines() if line.startswith("| ") and word in line)
    assert re.search("[ก-๙]", row)


@pytest.mark.parametrize(
    "script", ["scripts/demo", "scripts/test", "scripts/check", "scripts/setup", ".ci/run"]
)
def test_every_script_can_be_run(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o100


def test_every_finding_is_documented_with_what_to_do() -> None:
    text = (ROOT / "docs" / "forecast.md").read_text(encoding="utf-8")
    for code in (*SANITY, "history_unreadable", "planner_failing"):
        assert f"`{code}`" in text, code


def test_every_kind_of_fault_is_documented() -> None:
    text = (ROOT / "docs" / "simulation.md").read_text(encoding="utf-8")
    for kind in FaultKind:
        assert f"`{kind}`" in text, kind
