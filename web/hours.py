"""What the plan says of heavy loads and of the genset, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from controller.core.language import Language, pick, say
from web.i18n import catalogue as words
from web.i18n.formats import day_name, percent, time_of_day
from web.plan import HeavyUsePart, Plan

_OF_A_KIND = 2
"""So many good and so many bad stretches are named: people plan a day, not a week."""
_AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of good or bad hours."""

    good: bool
    text: str
    why: str
    """Empty where one before it says the same."""


def heavy_hours(plan: Plan, now: datetime, lang: Language) -> list[Hours]:
    """The next good hours, then those to avoid."""
    coming = [part for part in plan.heavy_use if part.to_utc > now]
    good = [part for part in coming if part.good][:_OF_A_KIND]
    bad = [part for part in coming if not part.good][:_OF_A_KIND]
    return [*_told(good, now, lang), *_told(bad, now, lang)]


def genset_ahead(plan: Plan, now: datetime, told: str | None, lang: Language) -> str:
    """Why and when the genset runs next, or that no run is planned; empty without a genset.

    told: the code of the reason that its card gives already; it is not said twice.
    """
    if plan.genset is None:
        return ""
    for end, on, why in zip(plan.edges_utc[1:], plan.genset.on, plan.genset.why, strict=True):
        if end > now + _AHEAD:
            break
        if on and why is not None and end > now:
            return "" if why.code == told else pick(why, lang)
    return pick(words.GENSET_NONE_PLANNED, lang)


def at_sunrise(plan: Plan, sunrise: datetime, now: datetime, lang: Language) -> str:
    """How full the battery is to be, P10 to P90; empty if the plan does nothing for it until then."""
    edge = next((index for index, at in enumerate(plan.edges_utc) if at >= sunrise), None)
    if edge is None or not _acts_before(plan, sunrise, now):
        return ""
    low, high = percent(plan.soc_frac.p10[edge]), percent(plan.soc_frac.p90[edge])
    sentence = words.AS_PLANNED_ABOUT if low == high else words.AS_PLANNED
    return say(sentence, lang, time=time_of_day(sunrise, lang), low=low, high=high)


def _acts_before(plan: Plan, until: datetime, now: datetime) -> bool:
    """Whether somebody is to be off, or the genset to run, between now and then."""
    cut = any(each.to_utc > now and each.from_utc < until for cuts in plan.cuts.values() for each in cuts)
    steps = zip(pairwise(plan.edges_utc), plan.genset.on if plan.genset else (), strict=False)
    return cut or any(on and start < until and end > now for (start, end), on in steps)


def _told(parts: Sequence[HeavyUsePart], now: datetime, lang: Language) -> list[Hours]:
    found, said = list[Hours](), set[str]()
    for part in parts:
        start = max(part.from_utc, now)
        first, last = day_name(start, now, lang), day_name(part.to_utc, now, lang)
        span = say(
            words.HEAVY_SPAN,
            lang,
            day=first,
            start=time_of_day(start, lang),
            end_day="" if last == first else f"{last} ",
            end=time_of_day(part.to_utc, lang),
        )
        why = "" if part.reason.code in said else pick(part.reason, lang)
        said.add(part.reason.code)
        found.append(Hours(part.good, span, why))
    return found
