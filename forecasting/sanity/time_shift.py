"""Is a series of sunlight shifted by whole hours? Sunrise and sunset are the proof. Pure.

Clouds and the direction of panels move the middle of a day's energy by an hour and more, so a correlation
with the clear sky proves little. But no light comes before sunrise or after sunset, little comes close to
them, and there is always some in between: a series in the wrong time zone breaks these rules every day, and
a certain shift heals nearly all of it. A shift that leaves much unhealed (half an hour, because stamps mark
the middle of the hour) is not proven, and is left to what the models learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.grid import HOUR_S, Floats, Grid
from forecasting.sanity.series import moved

_HOURS = range(-11, 13)
"""All that differ by less than a day."""
_LEAST_BREACHES = 6
_HEALED = 0.25
"""The right shift leaves at most this part of the breaches."""


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """A series of sunlight or power, and what the sun allows; all of shape (grid.count,), in one unit."""

    grid: Grid
    seen: Floats
    """NaN where missing."""
    most: Floats
    """More cannot be: nothing by night; inf where no limit is asked for."""
    least: Floats
    """Less cannot be: some light by day; minus inf where no limit is asked for."""
    clear: Floats
    """What a cloudless sky gives, in any unit."""


def proven_shift_h(parts: Sequence[Light]) -> int | None:
    """Hours by which the parts are stamped too late (early: negative); None when no shift is proven.

    All parts are taken together, so that many short runs of one source prove what one alone cannot.
    """
    usable = [part for part in parts if HOUR_S % part.grid.step_s == 0]
    as_is = sum(_breaches(part, 0) for part in usable)
    if as_is < _LEAST_BREACHES:
        return None
    breaches = {hour: sum(_breaches(part, hour) for part in usable) for hour in _HOURS}
    fewest = min(breaches.values())
    if fewest > _HEALED * as_is:
        return None
    equal = [hour for hour in _HOURS if breaches[hour] == fewest]
    return max(equal, key=lambda hour: sum(_likeness(part, hour) for part in usable))


def _put_right(part: Light, late_h: int) -> Floats:
    return moved(part.seen, late_h * HOUR_S // part.grid.step_s, fill=np.nan)


def _breaches(part: Light, late_h: int) -> int:
    """Steps with more or less light than can be, were the series put right by so many hours."""
    seen = _put_right(part, late_h)
    return int(np.sum(seen > part.most) + np.sum(seen < part.least))


def _likeness(part: Light, late_h: int) -> float:
    """How well bright hours meet a high sun."""
    return float(np.nansum(_put_right(part, late_h) * part.clear))
