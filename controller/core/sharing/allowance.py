"""How many feeders of a class the battery lets on. Pure."""

from __future__ import annotations

import math

from controller.core.model import ClassRules


def allowed_by_soc(
    rules: ClassRules, count: int, soc_frac: float, hysteresis_frac: float, before: int | None
) -> int:
    """How many of a class's `count` feeders the battery lets on.

    All above the ration threshold, none below the off threshold; between them the part that SoC has come from
    the one to the other, rounded up. More are allowed only when that holds with the hysteresis taken off.
    """
    most = _graded(rules, count, soc_frac)
    if before is None:
        return most
    least = _graded(rules, count, soc_frac - hysteresis_frac)
    return min(max(before, least), most)


def _graded(rules: ClassRules, count: int, soc_frac: float) -> int:
    if soc_frac >= rules.ration_below_soc_frac:
        return count
    if soc_frac < rules.off_below_soc_frac:
        return 0
    part = (soc_frac - rules.off_below_soc_frac) / (rules.ration_below_soc_frac - rules.off_below_soc_frac)
    return max(1, math.ceil(part * count - 1e-9))
