"""How fairly power was shared, in words a villager can check against her neighbour's. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from controller.core.language import Language, pick, say
from controller.core.model import PriorityClass, Text
from web.i18n import catalogue as words
from web.i18n.formats import decimal_percent, hours
from web.image import FairnessPart, Image
from web.turns import BY_CLASS

_CLASSES = {
    PriorityClass.CRITICAL: words.CLASS_CRITICAL,
    PriorityClass.ESSENTIAL: words.CLASS_ESSENTIAL,
    PriorityClass.HOUSEHOLD: words.CLASS_HOUSEHOLD,
    PriorityClass.FLEXIBLE: words.CLASS_FLEXIBLE,
}
_WHOLE_FRAC = 0.9995
"""From here on a share is said to be all."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one feeder got."""

    name: str
    percent: str
    width: str
    """Of its bar, 0 to 100."""
    without: str


@dataclass(frozen=True, slots=True)
class ClassShares:
    """How one class fared."""

    name: str
    sentence: str
    figures: str
    """Spread and Jain's index, for those who want to know."""
    shares: Sequence[Share]


def class_shares(image: Image, lang: Language) -> list[ClassShares]:
    """Each class that wanted anything, homes first."""
    found = []
    for priority in BY_CLASS:
        part = image.fairness.get(priority)
        if part is None:
            continue
        shares = _shares(part, image, lang)
        if shares:
            name = pick(_CLASSES[priority], lang)
            served = [share.served_frac for share in part.feeders.values() if share.served_frac is not None]
            found.append(
                ClassShares(name, _sentence(name, served, lang), _figures(part, len(served), lang), shares)
            )
    return found


def days_told(image: Image, lang: Language) -> str:
    """For how long has been counted; empty where nothing has been."""
    days = max((part.days for part in image.fairness.values()), default=None)
    if days is None:
        return ""
    return pick(words.SINCE_TODAY, lang) if days < 1 else say(words.LAST_DAYS, lang, days=f"{days:.0f}")


def _shares(part: FairnessPart, image: Image, lang: Language) -> list[Share]:
    return [
        Share(
            name=pick(feeder.name, lang),
            percent=decimal_percent(share.served_frac),
            width=f"{100 * share.served_frac:.1f}",
            without=say(words.WITHOUT, lang, hours=hours(timedelta(hours=share.without_h)))
            if share.without_h
            else "",
        )
        for feeder in image.feeders
        if (share := part.feeders.get(feeder.id)) is not None and share.served_frac is not None
    ]


def _sentence(name: str, served: Sequence[float], lang: Language) -> str:
    least, most = decimal_percent(min(served)), decimal_percent(max(served))
    sentence: Text = words.SHARES_BETWEEN
    if min(served) >= _WHOLE_FRAC:
        sentence = words.SHARES_WHOLE
    elif least == most:
        sentence = words.SHARE_ONE if len(served) == 1 else words.SHARES_SAME
    return say(sentence, lang, name=name, least=least, most=most)


def _figures(part: FairnessPart, count: int, lang: Language) -> str:
    if count < 2 or part.spread_frac is None or part.jain is None:
        return ""
    return say(words.SPREAD, lang, points=f"{100 * part.spread_frac:.1f}", jain=f"{part.jain:.4f}")
