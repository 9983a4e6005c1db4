"""docs/alarms.md says of every alarm what the catalogue says, and of none that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from controller.core.alarming import ALARMS, Topic

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "alarms.md").read_text(encoding="utf-8")


def row(code: str) -> str:
    kind = ALARMS[code]
    title, first = kind.title, kind.first
    return f"| `{code}` | {kind.severity.value} | {title.th}<br>{title.en} | {first.th}<br>{first.en} |"


@pytest.mark.parametrize("code", sorted(ALARMS))
def test_the_page_says_what_an_alarm_is_and_what_to_do_first(code: str) -> None:
    assert row(code) in PAGE.splitlines()


def test_no_alarm_is_described_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) == ALARMS.keys()


def test_every_topic_has_its_table() -> None:
    assert PAGE.count("| code | severity | what it is | what to do first |") == len(Topic)
