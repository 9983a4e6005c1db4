"""The one catalogue of alarms: every code that can stand, what it means and what to do first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from controller.core.alarming.kind import AlarmKind, Topic
from controller.core.alarming.of_devices import CHECKS, DEVICES
from controller.core.alarming.of_host import HOST
from controller.core.alarming.of_plant import PLANT
from controller.core.alarming.of_supply import SUPPLY
from controller.core.alarming.record import Severity
from controller.core.model import Reason, Text
from controller.core.reasons import render

ALARMS: Mapping[str, AlarmKind] = MappingProxyType({**SUPPLY, **PLANT, **DEVICES, **HOST})
"""Code -> what is said of it, the gravest topics first."""
TECHNICAL_CHECKS = frozenset(CHECKS)
"""Codes of the cross-checks, which only technicians can make sense of."""

_FOREIGN_FIRST = Text(
    "ติดตั้ง Tawan รุ่นที่รู้จักคำเตือนนี้ แล้วดูในคู่มือของรุ่นนั้น",
    "Look it up in the manual of the Tawan that raised it: this one does not know it.",
)


@dataclass(frozen=True, slots=True)
class AlarmText:
    """An alarm in words, each in Thai and English."""

    title: Text
    """A few words."""
    sentence: Text
    """What is wrong, with figures."""
    first: Text
    """What to do first."""


def alarm_kind(code: str) -> AlarmKind:
    """What the catalogue says of a code; one of another Tawan's is taken for a warning. Never raises."""
    known = ALARMS.get(code)
    if known is not None:
        return known
    return AlarmKind(Severity.WARNING, Topic.CONTROLLER, Text(code, code), _FOREIGN_FIRST)


def alarm_text(code: str, params: Mapping[str, Any]) -> AlarmText:
    """An alarm in words. Never raises: what another Tawan stored is told by its code."""
    kind = alarm_kind(code)
    try:
        sentence = render(Reason(code, params))
    except (KeyError, TypeError, ValueError):  # a code or figures of another version
        sentence = kind.title
    return AlarmText(kind.title, sentence, kind.first)
