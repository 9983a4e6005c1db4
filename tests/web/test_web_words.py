"""The catalogue is whole, and numbers and times are written as the village writes them."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import web
from controller.core.language import Language
from controller.core.model import Text
from web.i18n import catalogue, formats

SENTENCES = {name: text for name, text in vars(catalogue).items() if isinstance(text, Text)}


def placeholders(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field}


@pytest.mark.parametrize("name", SENTENCES)
def test_both_languages_say_the_same_things(name: str) -> None:
    text = SENTENCES[name]
    assert text.th.strip()
    assert text.en.strip()
    assert placeholders(text.th) == placeholders(text.en)


def test_the_languages_have_the_same_keys() -> None:
    assert catalogue.phrases(Language.TH).keys() == catalogue.phrases(Language.EN).keys()


def test_every_sentence_is_used() -> None:
    root = Path(web.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py"))
    pages = "\n".join(path.read_text(encoding="utf-8") for path in root.rglob("*.html"))
    unused = [
        name
        for name in SENTENCES
        if not re.search(rf"\bwords\.{name}\b", code)
        and not re.search(rf"\bw\.{name.lower()}\b", pages)
        and f'"{name.lower()}"' not in code
    ]
    assert unused == []


@pytest.mark.parametrize("name", SENTENCES)
def test_thai_is_thai(name: str) -> None:
    if name != "SWITCH_LANGUAGE":
        assert re.search(r"[\u0e00-\u0e7f]", SENTENCES[name].th)


def test_times_are_bangkoks_and_years_buddhist() -> None:
    at = datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
    assert formats.time_of_day(at, Language.TH) == "00:05 น."
    assert formats.moment(at, at + timedelta(days=2), Language.TH) == "21 พ.ย. 2569 00:05 น."


def test_an_estimate_is_rounded_over_midnight() -> None:
    assert formats.about(datetime(2026, 11, 21, 16, 57, tzinfo=UTC), Language.EN) == "00:00"


@given(st.floats(-1e6, 1e6))
def test_powers_never_show_a_minus(power_w: float) -> None:
    assert "-" not in formats.power(power_w, Language.EN)
    assert "-" not in formats.power(power_w, Language.TH)
