"""forecast.json: what the planner expects, for the page and for whoever asks.

The planner makes the document but may be wrong or broken: here it is checked as far as readers rely on it,
stamped, and put beside image.json. The schema is in docs/architecture.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller.core.alarming.facts import NightOutlook
from controller.core.model import Reason
from controller.core.reasons import render
from controller.runtime.child_wire import Json
from controller.runtime.night_outlook import night_of

FILE_NAME = "forecast.json"
"""Beside image.json."""
FORMAT = 1
_ALARMING = frozenset({"pv_array_lost"})
"""Power is missing every day. The other findings are for technicians who look into the forecast."""

Rows = tuple[tuple[float, ...], ...]
"""Quantiles: one row a level, magnitudes [W]."""


class UnusableForecastError(Exception):
    """The document is not what was agreed; the text says where."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What the controller itself needs of a forecast."""

    issued_s: int
    """Unix seconds."""
    start_s: int
    """Start of the first step, Unix seconds."""
    step_s: int
    count: int
    kinds: Mapping[str, Rows]
    """pv and load: the totals as published; pv_model and load_model: before calibration, where given."""
    alarms: tuple[Reason, ...] | None
    """Findings that somebody must see to now; None from a planner that has not learned, so cannot know."""
    night: NightOutlook | None = None
    """Whether the battery lasts until sunrise; None where that is not known."""

    @property
    def ends_s(self) -> int:
        """End of the horizon, Unix seconds."""
        return self.start_s + self.step_s * self.count


def outline(document: Json, models: Json | None = None) -> Outline:
    """The checked outline of a document, and of what the models said. Raises UnusableForecastError."""
    try:
        grid, levels = document["grid"], document["levels"]
        step_s, count = int(grid["step_s"]), int(grid["count"])
        if document["format"] != FORMAT or step_s <= 0 or count <= 0 or levels != sorted(levels):
            raise UnusableForecastError("format, grid or levels are not as agreed")
        given = {
            "pv": document["pv_w"],
            "load": document["load_w"],
            **({"pv_model": models["pv_w"], "load_model": models["load_w"]} if models is not None else {}),
        }
        for group in ("arrays", "feeders"):
            for name, part in document[group].items():
                _quantiles(part["values_w"], len(levels), count, f"{group}.{name}")
        return Outline(
            alarms=None if document["learned"]["at_utc"] is None else _alarms(document["findings"]),
            night=night_of(document),
            issued_s=_unix_s(document["issued_utc"]),
            start_s=_unix_s(grid["start_utc"]),
            step_s=step_s,
            count=count,
            kinds={kind: _quantiles(rows, len(levels), count, kind) for kind, rows in given.items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        msg = f"{type(error).__name__}: {error}"
        raise UnusableForecastError(msg) from error


def _alarms(findings: Sequence[Json]) -> tuple[Reason, ...]:
    """Those of the findings that are alarms. Raises KeyError for one that cannot be said."""
    found = []
    for finding in findings:
        code = finding["code"]
        if code in _ALARMING:
            found.append(Reason(code, dict(finding["params"])))
            render(found[-1])
    return tuple(found)


def _unix_s(stamp: str) -> int:
    at = datetime.fromisoformat(stamp)
    if at.tzinfo is None:
        raise UnusableForecastError(f"the stamp {stamp} has no time zone")
    return int(at.timestamp())


def _quantiles(rows: Sequence[Sequence[Any]], levels: int, count: int, where: str) -> Rows:
    """The rows, as numbers. Raises UnusableForecastError unless they fit, are magnitudes and do not cross."""
    if len(rows) != levels or any(len(row) != count for row in rows):
        raise UnusableForecastError(f"{where} does not fit the grid")
    found = tuple(tuple(map(float, row)) for row in rows)
    below = (0.0,) * count
    for row in found:
        if not all(math.isfinite(value) and value >= lower for value, lower in zip(row, below, strict=True)):
            raise UnusableForecastError(f"{where} holds impossible or crossing quantiles")
        below = row
    return found
