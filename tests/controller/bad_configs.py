"""Config files that technicians might write by mistake: the edit, the place, what the message must say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from controller.config_file import ProfileFacts
from controller.core.model import Role

DEFAULT = Path(__file__).parents[2] / "config.yaml"
PROFILES: Mapping[str, ProfileFacts] = MappingProxyType(
    {
        "sunspec": ProfileFacts(Role.PV_INVERTER),
        "victron-gx": ProfileFacts(
            Role.BATTERY_INVERTER, unit_names=frozenset({"system", "vebus", "battery"})
        ),
        "eastron-sdm630": ProfileFacts(Role.METER),
        "imt-si-rs485": ProfileFacts(Role.IRRADIANCE_SENSOR),
        "deepsea-gencomm": ProfileFacts(Role.GENSET),
        "waveshare-relay-16": ProfileFacts(Role.SWITCH, channels=16),
        "waveshare-relay-8": ProfileFacts(Role.SWITCH, channels=8),
        "a-battery": ProfileFacts(Role.BATTERY),
        "a-hybrid": ProfileFacts(Role.HYBRID_INVERTER),
        "a-charger": ProfileFacts(Role.SOLAR_CHARGER),
    }
)
Edit = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Bad:
    """One mistake."""

    edit: Edit
    path: str
    says: tuple[str, ...]
    """Fragments of the message, the first of them in what was found."""


def default_text() -> str:
    return DEFAULT.read_text(encoding="utf-8")


def swap(old: str, new: str) -> Edit:
    """Replace the first place where the text stands."""

    def edit(text: str) -> str:
        assert old in text, f"the default config has no {old!r} any more"
        return text.replace(old, new, 1)

    return edit


def swap_all(*pairs: tuple[str, str]) -> Edit:
    """Several replacements."""

    def edit(text: str) -> str:
        for old, new in pairs:
            text = swap(old, new)(text)
        return text

    return edit


def bad(old: str, new: str, path: str, *says: str) -> Bad:
    return Bad(swap(old, new), path, says)


def without(start: str) -> Edit:
    """Drop the first line that begins so, and what is indented below it."""

    def edit(text: str) -> str:
        lines = text.splitlines(keepends=True)
        first = next(number for number, line in enumerate(lines) if line.startswith(start))
        depth = len(start) - len(start.lstrip())
        last = first + 1
        while last < len(lines) and (lines[last].startswith(" " * (depth + 1)) or not lines[last].strip()):
            last += 1
        return "".join(lines[:first] + lines[last:])

    return edit


def cut(start: str, end: str, new: str) -> Edit:
    """Replace everything from the line that begins with start up to the line that begins with end."""

    def edit(text: str) -> str:
        first, last = text.index(f"\n{start}") + 1, text.index(f"\n{end}") + 1
        return text[:first] + new + text[last:]

    return edit
