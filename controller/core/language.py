"""The two languages, and how a text is said in one of them. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Language(StrEnum):
    """The languages of everything that people read."""

    TH = "th"
    EN = "en"


class Bilingual(Protocol):
    """Whatever is written in both languages."""

    @property
    def th(self) -> str:
        """In Thai."""
        ...

    @property
    def en(self) -> str:
        """In English."""
        ...


def pick(text: Bilingual, lang: Language) -> str:
    """The text in one language."""
    return text.th if lang is Language.TH else text.en


def say(text: Bilingual, lang: Language, **values: str) -> str:
    """The text in one language with its placeholders filled in."""
    return pick(text, lang).format(**values)
