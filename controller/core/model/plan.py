"""What the planner intends, as `decide` sees it: times are those of this run's monotonic clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.model.reason import Reason


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of time for which a feeder is to be off. Monotonic seconds."""

    from_s: float
    to_s: float
    announced_s: float
    """When people were first told of it."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Plan:
    """Intent, not numbers: who is off when, whether the genset runs, and where SoC is expected to be.

    Steps are [edges_s[i], edges_s[i + 1]); sequences "of steps" have one item fewer than `edges_s`.
    """

    made_s: float
    valid_until_s: float
    """After it the rules decide alone."""
    edges_s: tuple[float, ...]
    soc_low_frac: tuple[float, ...]
    soc_mid_frac: tuple[float, ...]
    soc_high_frac: tuple[float, ...]
    """P10, P50 and P90 of SoC at the edges."""
    wanted_w: Mapping[str, tuple[float, ...]]
    """What each feeder would draw in each step if it were on [W], by its id."""
    cuts: Mapping[str, tuple[Cut, ...]] = field(default_factory=dict)
    """By feeder, in order of time, never overlapping; absent: always on."""
    genset_on: tuple[bool, ...] = ()
    """Of steps; empty without a genset."""
    genset_why: tuple[Reason | None, ...] = ()
    """Of steps: why it runs."""
    battery_w: tuple[float, ...] = ()
    """Of steps, for grid-following inverters: setpoint, charging > 0 [W]; empty where nobody takes one."""

    def step_at(self, now_s: float) -> int | None:
        """Index of the step in which a moment lies; None outside of the plan."""
        if not self.edges_s or not self.edges_s[0] <= now_s < self.edges_s[-1]:
            return None
        return next(i for i, end_s in enumerate(self.edges_s[1:]) if now_s < end_s)
