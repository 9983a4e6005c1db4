"""An independent reader of line protocol, written from its reference: character by character."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Parsed:
    """One line."""

    measurement: str
    tags: tuple[tuple[str, str], ...]
    fields: dict[str, float | int | str]
    at: int


def parse(line: str) -> Parsed:
    """Raises ValueError for what is no line."""
    measurement, rest = _until(line, ", ", escapes=", ")
    tags = []
    while rest.startswith(","):
        key, rest = _until(rest[1:], "=", escapes=",= ")
        value, rest = _until(rest[1:], ", ", escapes=",= ")
        tags.append((key, value))
    fields: dict[str, float | int | str] = {}
    rest = "," + _behind(rest, " ")
    while rest.startswith(","):
        key, rest = _until(rest[1:], "=", escapes=",= ")
        fields[key], rest = _value(rest[1:])
    if not measurement or not fields or any(not key or not value for key, value in tags):
        raise ValueError(f"something is empty: {line!r}")
    return Parsed(measurement, tuple(tags), fields, int(_behind(rest, " ")))


def _until(text: str, ends: str, escapes: str) -> tuple[str, str]:
    found, at = "", 0
    while at < len(text) and text[at] not in ends:
        if text[at] == "\\" and at + 1 < len(text) and text[at + 1] in escapes:
            at += 1
        elif text[at] == "\n":
            raise ValueError("a line within a line")
        found += text[at]
        at += 1
    return found, text[at:]


def _behind(text: str, start: str) -> str:
    if not text.startswith(start):
        raise ValueError(f"{start!r} is expected before {text!r}")
    return text[len(start) :]


def _value(text: str) -> tuple[float | int | str, str]:
    if text.startswith('"'):
        found, at = "", 1
        while text[at] != '"':
            if text[at] == "\\" and text[at + 1] in '"\\':
                at += 1
            found += text[at]
            at += 1
        return found, text[at + 1 :]
    word, rest = _until(text, ", ", escapes="")
    return (int(word[:-1]) if word.endswith("i") else float(word)), rest
