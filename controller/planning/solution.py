"""What a plan answers. Pure data; magnitudes [W, Wh], one row a scenario, one column a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.planning.problem import Bools, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """The best course found."""

    pv_w: Floats
    """Sun used, (scenarios, n)."""
    charge_w: Floats
    discharge_w: Floats
    """AC power into and out of the battery, (scenarios, n); never both."""
    soc_frac: Floats
    """At the edges of the steps, (scenarios, n + 1); NaN without a battery."""
    generator_w: Mapping[str, Floats]
    generator_on: Mapping[str, Bools]
    """Whether it runs for most of a step, (scenarios, n); the same in all for `Problem.committed_h`."""
    generator_part: Mapping[str, Floats]
    """Part of a step for which it runs, (scenarios, n); 0 or 1 for `Problem.committed_h`."""
    import_w: Floats
    export_w: Floats
    unserved_w: Mapping[str, Floats]
    """By class, (scenarios, n)."""
    announced_w: Mapping[str, Floats]
    """What people are told of, by class that is cut at will: of the expected demand, (n,); 0 after
    `Problem.announced_h`. In a scenario less may be unserved (lifted), or more (unannounced)."""
    flexible_w: Mapping[str, Floats]
    dumped_w: Floats
    """What a generator has to give at least and nobody takes, (scenarios, n)."""
    standing_w: Floats
    """What the inverters drew themselves, (scenarios, n): less than they want where nothing was left."""
    energy_price_per_wh: Floats
    """What one more Wh wanted in a step would cost while the generators run as planned, (n,)."""
    cost: float
    """Expected, in the currency of the prices; what energy left at the end is worth is taken off."""
    gap_frac: float
    """How far from the best it may be at most."""
    solve_s: float
    """Host seconds spent."""


class PlanningError(Exception):
    """No plan was found in time; the message says what HiGHS said."""
