"""Where the village stands when a plan is made, and what people have been told before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from controller.core.memory import from_json
from controller.core.model import GensetMemory, Memory, Reason
from forecasting.grid import HOUR_S

NOTICE_S = HOUR_S
"""People are told of a cut so long before it, at least."""
WAITS = "waits_for_its_hours"
"""The code of a cut by which nobody goes without: a use that can wait is outside its hours."""
_GRID_LOST = "grid_lost"
"""The core's memory counts under this name (controller.core.transitions)."""
_ON_PHASES = frozenset({"starting", "warming_up", "running"})
_FAILED_REST_H = 4.0
"""So long a genset that failed is left alone (controller.core.genset)."""


@dataclass(frozen=True, slots=True)
class AnnouncedCut:
    """A cut that people were told of; Unix seconds."""

    from_s: int
    to_s: int
    announced_s: int
    """When they were first told."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class PlanNow:
    """What a plan begins with."""

    at_s: float
    """Unix seconds."""
    soc_frac: float
    memory: Memory = field(default_factory=Memory)
    """The core's: feeders on and off, for how long, what they are owed; the genset's phase."""
    announced: Mapping[str, tuple[AnnouncedCut, ...]] = field(default_factory=dict)
    """By feeder, in order of time."""
    promised_until_s: float | None = None
    """So far ahead was told who is off when; None: nothing was told, or the plan broke."""
    fuel_frac: float | None = None
    """In the genset's tank; None: not known."""
    longest_run_s: float = 0.0
    """Of the genset under load within the last week."""
    used_wh: Mapping[str, float] = field(default_factory=dict)
    """What flexible feeders have had since local midnight, by feeder; absent: nothing."""

    @property
    def open_from_s(self) -> float:
        """Before it no cut is added to those announced, Unix seconds."""
        return max(self.at_s + NOTICE_S, self.promised_until_s or 0.0)

    @property
    def grid_lost_s(self) -> float | None:
        """For how long the public grid has been away; None: it is there, not seen, or there is none."""
        return self.memory.held_s.get(_GRID_LOST)

    @property
    def genset_on(self) -> bool:
        """Whether the genset runs or is being started."""
        return self.memory.genset.phase in _ON_PHASES

    @property
    def genset_since_h(self) -> float:
        """For how long it has been on, or at rest."""
        genset = self.memory.genset
        return (genset.ran_s if self.genset_on else _rested_s(genset)) / HOUR_S

    @property
    def genset_barred_h(self) -> float | None:
        """For how long it cannot be counted on, 0 when it can; None: it is in somebody's hands."""
        genset = self.memory.genset
        if genset.phase == "manual":
            return None
        return max(0.0, _FAILED_REST_H - genset.phase_s / HOUR_S) if genset.phase == "failed" else 0.0


def _rested_s(genset: GensetMemory) -> float:
    return 0.0 if genset.phase == "cooling_down" else genset.phase_s


def plan_now(told: Mapping[str, Any]) -> PlanNow:
    """What the controller tells with its request. Raises ValueError, KeyError or TypeError."""
    until_utc = told["promised_until_utc"]
    return PlanNow(
        at_s=float(told["now_s"]),
        soc_frac=min(1.0, max(0.0, float(told["soc_frac"]))),
        memory=from_json(told["memory"]),
        announced={name: _announced(cuts) for name, cuts in told["announced"].items()},
        promised_until_s=None if until_utc is None else _unix_s(until_utc),
        fuel_frac=told["fuel_frac"],
    )


def _announced(cuts: Sequence[Mapping[str, Any]]) -> tuple[AnnouncedCut, ...]:
    return tuple(
        AnnouncedCut(
            from_s=_unix_s(cut["from_utc"]),
            to_s=_unix_s(cut["to_utc"]),
            announced_s=_unix_s(cut["announced_utc"]),
            reason=_reason(**cut["reason"]),
        )
        for cut in cuts
    )


def _reason(code: str, params: Mapping[str, Any], **_sentences: str) -> Reason:
    return Reason(code, dict(params))


def _unix_s(stamp: str) -> int:
    return round(datetime.fromisoformat(stamp).timestamp())
