"""What a section of the report is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words and figures; the first column names the row, figures stand to the right."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int] = ()
    """Further columns that hold words, counted from 0."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and what it shows."""

    caption: str
    svg: Markup


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with what stands below it, in this order."""

    id: str
    title: str
    paragraphs: Sequence[str]
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    """How the figures were made and what they lack, in small print."""
