"""The turns of the coming hours as people read them: who is off when, since when that is told, why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from markupsafe import Markup

from controller.core.language import Language, pick, say
from controller.core.model import PriorityClass
from web.i18n import catalogue as words
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
_SMALL_HOURS = 4
"""Until then it is still the same night to whoever reads it."""


class TurnState(StrEnum):
    """How a turn to be off stands."""

    AHEAD = "ahead"
    NOW = "now"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Why:
    """Why a turn is, or a part of it that was announced at another time."""

    announced: str
    reason: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn to be off; cuts without a pause between them are one turn to whoever sits in the dark."""

    state: TurnState
    text: str
    whys: tuple[Why, ...]
    """At least one, in order of time."""


@dataclass(frozen=True, slots=True)
class Line:
    """A feeder that is to be off within the hours told, or several that are so at the same times."""

    id: str
    """Of the first one."""
    names: Sequence[str]
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
    lines, others = dict[tuple[Turn, ...], Line](), list[str]()
    for feeder in sorted(image.feeders, key=lambda each: BY_CLASS.index(each.priority)):
        name = pick(feeder.name, lang)
        cuts = [cut for cut in plan.cuts.get(feeder.id, []) if cut.to_utc > now and cut.from_utc < end]
        if not cuts:
            others.append(name)
            continue
        joined = _joined(cuts, apart=_lifted(feeder) and cuts[0].from_utc <= now)
        turns = tuple(_turn(each, feeder, now, lang) for each in joined)
        if turns in lines:
            same = lines[turns]
            lines[turns] = replace(same, names=[*same.names, name])
            continue
        stretches = [
            Stretch(each[0].from_utc, each[-1].to_utc, hatched=turn.state is not TurnState.LIFTED)
            for each, turn in zip(joined, turns, strict=True)
        ]
        lines[turns] = Line(feeder.id, [name], turns, draw_bar(start, end, until, stretches))
    return Turns(list(lines.values()), others, start, _when(until, now, lang))


def _joined(cuts: Sequence[CutPart], *, apart: bool) -> list[list[CutPart]]:
    """Cuts without a pause between them together; apart: the first one stands alone, for it is lifted."""
    found = [[cuts[0]]]
    for cut in cuts[1:]:
        if cut.from_utc > found[-1][-1].to_utc or (apart and found[-1][-1] is cuts[0]):
            found.append([cut])
        else:
            found[-1].append(cut)
    return found


def _turn(cuts: Sequence[CutPart], feeder: FeederPart, now: datetime, lang: Language) -> Turn:
    start, end = cuts[0].from_utc, cuts[-1].to_utc
    state = _state(start, feeder, now)
    another_day = local(start).date() != local(end).date()
    sentence = {
        TurnState.AHEAD: words.TURN_AHEAD,
        TurnState.NOW: words.TURN_NOW,
        TurnState.LIFTED: words.TURN_LIFTED,
    }[state]
    text = say(
        sentence,
        lang,
        start=_when(start, now, lang),
        end=_when(end, now, lang) if another_day and end > now + AHEAD else time_of_day(end, lang),
    )
    lifted = feeder.reason if state is TurnState.LIFTED else None
    whys = [Why(moment(cut.announced_utc, now, lang), pick(lifted or cut.reason, lang)) for cut in cuts]
    return Turn(state, text, tuple(whys))


def _state(start: datetime, feeder: FeederPart, now: datetime) -> TurnState:
    if start > now:
        return TurnState.AHEAD
    if _lifted(feeder):
        return TurnState.LIFTED
    return TurnState.NOW if feeder.closed is False else TurnState.AHEAD


def _lifted(feeder: FeederPart) -> bool:
    return bool(feeder.closed) and feeder.reason is not None and feeder.reason.code == _LIFTED


def _when(at: datetime, now: datetime, lang: Language) -> str:
    """The time of day, with tonight or tomorrow where it is not today any more."""
    then, clock = local(at), time_of_day(at, lang)
    if then.date() == local(now).date():
        return clock
    return f"{pick(words.TONIGHT if then.hour < _SMALL_HOURS else words.NEXT_DAY, lang)} {clock}"
