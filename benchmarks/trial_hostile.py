"""Garbage for whoever reads: plan documents and memories, made of real ones by breaking them. Seeded."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Iterator
from typing import Any

_JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, -1e308, math.nan, math.inf, "", "NaN", "'; DROP TABLE decisions; --", "ไฟดับ",
    [], {}, [[]], [None], {"format": 1}, "2026-13-45T99:99:99+00:00", 10**40, "\x00" * 64, [0] * 5000,
)  # fmt: skip


def broken(document: dict[str, Any], chance: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """So many documents, each with one to four places broken."""
    for _ in range(count):
        victim: dict[str, Any] = copy.deepcopy(document)
        for _ in range(chance.randint(1, 4)):
            _break(victim, chance)
        yield victim


def _break(document: dict[str, Any], chance: random.Random) -> None:
    """Walk down to some place and replace, remove or double what is there."""
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = chance.choice(keys)
        inside = place[key]
        if isinstance(inside, dict | list) and inside and chance.random() < 0.75:
            place = inside
            continue
        _spoil(place, key, chance)
        return


def _spoil(place: Any, key: Any, chance: random.Random) -> None:  # noqa: ANN401 - JSON
    match chance.randrange(4):
        case 0:
            del place[key]
        case 1 if isinstance(place[key], int | float) and not isinstance(place[key], bool):
            place[key] = place[key] * chance.choice((-1, 0, 1e3, 1e9))
        case 2 if isinstance(place, list):
            place.insert(key, copy.deepcopy(place[key]))
        case _:
            place[key] = copy.deepcopy(chance.choice(_JUNK))
