"""Every reason that the core gives can be said in both languages, and nothing else is in the catalogue."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import controller
import forecasting
from controller.core.catalogue_entry import Kind
from controller.core.model import PriorityClass, Reason
from controller.core.reasons import CATALOGUE, duration, render, say

SAMPLES = {
    Kind.PERCENT: 0.42,
    Kind.POWER: 12345.6,
    Kind.ENERGY: 1234567.0,
    Kind.VOLTAGE: 2.874,
    Kind.FREQUENCY: 48.31,
    Kind.TEMPERATURE: -3.0,
    Kind.WAIT: 2400.0,
    Kind.DURATION: 75.0,
    Kind.CLOCK: 11_700,
    Kind.DATE: "2026-11-09",
    Kind.COUNT: 2,
    Kind.NAME: {"th": "สถานีอนามัย", "en": "Clinic"},
    Kind.CLASS: "household",
    Kind.STATE: True,
    Kind.ID: "meter_clinic",
}


PLACE_OF_CODE = {"Reason": 0, "Finding": 1}


def codes_given() -> set[str]:
    """The code of every literal Reason(code, ...) and Finding(device, code, ...) of what gives reasons."""
    return {
        code.value
        for package in (controller, forecasting)
        for path in Path(package.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PLACE_OF_CODE
        for code in ast.walk(node.args[PLACE_OF_CODE[node.func.id]])
        if isinstance(code, ast.Constant) and isinstance(code.value, str)
    }


def test_the_catalogue_holds_exactly_the_codes_that_the_controller_gives() -> None:
    assert codes_given() == CATALOGUE.keys()


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_reason_reads_well_in_both_languages(code: str) -> None:
    params = {name: SAMPLES[kind] for name, kind in CATALOGUE[code].params.items()}
    text = render(Reason(code, json.loads(json.dumps(params))))
    for sentence in (text.th, text.en):
        assert "{" not in sentence
        assert "-" not in sentence.replace("line by line", "")
        assert "  " not in sentence
        assert sentence == sentence.strip()
    assert re.search("[ก-๙]", text.th)
    assert not re.search("[ก-๙]", text.en.replace("สถานีอนามัย", ""))
    assert text.en.endswith(".") or CATALOGUE[code].en.endswith("}")


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_figure_that_is_not_known_is_said_to_be_unknown(code: str) -> None:
    text = render(Reason(code, dict.fromkeys(CATALOGUE[code].params)))
    assert ("unknown" in text.en) == bool(CATALOGUE[code].params)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_both_languages_tell_the_figures_that_are_declared(code: str) -> None:
    entry = CATALOGUE[code]
    used_th, used_en = (set(re.findall(r"{(\w+)}", text)) for text in (entry.th, entry.en))
    assert used_th | used_en == set(entry.params)
    # Thai may leave a class out where the word สาย already says it; an error message is in English only.
    assert used_en ^ used_th <= {"class", "error"}


def test_figures_are_said_as_people_say_them() -> None:
    assert say(Kind.PERCENT, 0.424, "th") == "42 %"
    assert say(Kind.POWER, -1234.0, "en") == "1.2 kW"
    assert say(Kind.WAIT, 2400, "th") == "ในอีกประมาณ 40 นาที"
    assert say(Kind.WAIT, 0.2, "en") == "shortly"
    assert say(Kind.TEMPERATURE, -3.2, "en") == "3 °C below zero"
    assert say(Kind.CLOCK, 3 * 3600, "en") == "03:00"
    assert say(Kind.DATE, "2026-11-09", "th") == "9 พ.ย."
    assert say(Kind.DATE, "2026-11-09", "en") == "9 Nov"
    assert say(Kind.CLOCK, 86_390, "th") == "00:00 น."
    assert duration(1, "en") == "1 second"
    assert duration(89, "th") == "89 วินาที"
    assert duration(90, "en") == "2 minutes"
    assert duration(3600, "en") == "1 hour"
    assert duration(7800, "th") == "2 ชั่วโมง 10 นาที"


def test_every_class_has_a_name() -> None:
    assert all(say(Kind.CLASS, priority.value, "th") for priority in PriorityClass)


def test_an_unknown_code_is_an_error() -> None:
    with pytest.raises(KeyError):
        render(Reason("no_such_code"))
