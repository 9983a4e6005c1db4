"""The turns of the coming hours as people read them: who is off when, since when that is told, why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from markupsafe import Markup

from controller.core.model import PriorityClass
from web.i18n import catalogue as words
from web.i18n.catalogue import Language, pick, say
from web.i18n.formats import local, moment, time_of_day
from web.image import FeederPart, Image
from web.plan import CutPart, Plan
from web.timeline import Stretch, draw_bar

AHEAD = timedelta(hours=12)
"""So far ahead people are told."""
BY_CLASS = (
    PriorityClass.HOUSEHOLD,
    PriorityClass.ESSENTIAL,
    PriorityClass.FLEXIBLE,
    PriorityClass.CRITICAL,
)
"""The order of lines and classes on the page: most people look for their homes."""
_LIFTED = "cut_lifted"
_DROPS_TURNS = frozenset({"plan_missing", "plan_expired", "plan_clock_unset"})
"""Reasons of image.json for which the controller keeps no announced turn either."""
_SMALL_HOURS = 5
"""Until then it is still the same night to whoever reads it."""


class TurnState(StrEnum):
    """How a turn to be off stands."""

    AHEAD = "ahead"
    NOW = "now"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn to be off."""

    state: TurnState
    text: str
    announced: str
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """One feeder that is to be off within the hours told."""

    id: str
    name: str
    turns: Sequence[Turn]
    """In order of time."""
    bar: Markup


@dataclass(frozen=True, slots=True)
class Turns:
    """All that is told of turns."""

    lines: Sequence[Line]
    """Those with a turn, homes first."""
    others: Sequence[str]
    """The names of those without one, in the same order."""
    start: datetime
    """Left end of the bars."""
    until: str
    """Up to here all is told."""


def announced(image: Image, plan: Plan | None) -> Plan | None:
    """The plan, if its turns are kept: those of a plan that reality has left still are."""
    standing = image.plan
    dropped = standing is not None and standing.reason is not None and standing.reason.code in _DROPS_TURNS
    return None if dropped else plan


def turns_ahead(image: Image, plan: Plan, lang: Language) -> Turns:
    """The turns of the coming hours; `plan` must be fresh."""
    now = image.clock.utc
    start = now - timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    end = start + AHEAD
    until = min(plan.announced_until_utc, end)
    lines, others = list[Line](), list[str]()
    for feeder in sorted(image.feeders, key=lambda each: BY_CLASS.index(each.priority)):
        cuts = [cut for cut in plan.cuts.get(feeder.id, []) if cut.to_utc > now and cut.from_utc < end]
        name = pick(feeder.name, lang)
        if not cuts:
            others.append(name)
            continue
        turns = [_turn(cut, feeder, now, lang) for cut in cuts]
        stretches = [
            Stretch(cut.from_utc, cut.to_utc, hatched=turn.state is not TurnState.LIFTED)
            for cut, turn in zip(cuts, turns, strict=True)
        ]
        lines.append(Line(feeder.id, name, turns, draw_bar(start, end, until, stretches)))
    return Turns(lines, others, start, _when(until, now, lang))


def _turn(cut: CutPart, feeder: FeederPart, now: datetime, lang: Language) -> Turn:
    state = _state(cut, feeder, now)
    sentence = {
        TurnState.AHEAD: words.TURN_AHEAD,
        TurnState.NOW: words.TURN_NOW,
        TurnState.LIFTED: words.TURN_LIFTED,
    }[state]
    return Turn(
        state,
        text=say(
            sentence,
            lang,
            start=_when(cut.from_utc, now, lang),
            end=_when(cut.to_utc, now, lang) if cut.to_utc > now + AHEAD else time_of_day(cut.to_utc, lang),
        ),
        announced=moment(cut.announced_utc, now, lang),
        why=pick(feeder.reason if state is TurnState.LIFTED and feeder.reason else cut.reason, lang),
    )


def _state(cut: CutPart, feeder: FeederPart, now: datetime) -> TurnState:
    if cut.from_utc > now:
        return TurnState.AHEAD
    if feeder.closed and feeder.reason is not None and feeder.reason.code == _LIFTED:
        return TurnState.LIFTED
    return TurnState.NOW if feeder.closed is False else TurnState.AHEAD


def _when(at: datetime, now: datetime, lang: Language) -> str:
    """The time of day, with tonight or tomorrow where it is not today any more."""
    then, clock = local(at), time_of_day(at, lang)
    if then.date() == local(now).date():
        return clock
    return f"{pick(words.TONIGHT if then.hour < _SMALL_HOURS else words.NEXT_DAY, lang)} {clock}"
