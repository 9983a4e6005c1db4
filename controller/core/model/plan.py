"""What the planner intends, as `decide` sees it: times are those of this run's monotonic clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

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
class Corridor:
    """Where SoC is expected to be at one moment: P10, P50 and P90 [fractions]."""

    low_frac: float
    mid_frac: float
    high_frac: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Intent, not numbers: who is off when, whether the genset runs, and where SoC is expected to be.

    Steps are [edges_s[i], edges_s[i + 1]); sequences "of steps" have one item fewer than `edges_s`. Raises
    ValueError where lengths do not fit or the edges do not ascend.
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

    def __post_init__(self) -> None:
        if any(later <= earlier for earlier, later in pairwise(self.edges_s)):
            raise ValueError("plan: edges_s must ascend")
        edges, steps = len(self.edges_s), max(0, len(self.edges_s) - 1)
        bands = (self.soc_low_frac, self.soc_mid_frac, self.soc_high_frac)
        if any(len(band) != edges for band in bands):
            raise ValueError(f"plan: SoC needs {edges} items, one an edge")
        if any(len(wanted) != steps for wanted in self.wanted_w.values()):
            raise ValueError(f"plan: wanted_w needs {steps} items, one a step")
        if any(len(each) not in (0, steps) for each in (self.genset_on, self.genset_why, self.battery_w)):
            raise ValueError(f"plan: genset and battery need {steps} items, one a step, or none")

    def step_at(self, now_s: float) -> int | None:
        """Index of the step in which a moment lies; None outside of the plan."""
        step = bisect_right(self.edges_s, now_s) - 1
        return step if 0 <= step < len(self.edges_s) - 1 else None

    def corridor_at(self, now_s: float) -> Corridor | None:
        """Where SoC is expected to be, linear between the edges; None outside of the plan."""
        step = self.step_at(now_s)
        if step is None:
            return None
        begin_s, end_s = self.edges_s[step : step + 2]
        part = (now_s - begin_s) / (end_s - begin_s)
        low, mid, high = (
            (1 - part) * band[step] + part * band[step + 1]
            for band in (self.soc_low_frac, self.soc_mid_frac, self.soc_high_frac)
        )
        return Corridor(low, mid, high)

    def cut_at(self, feeder_id: str, now_s: float) -> Cut | None:
        """The cut in which a moment lies."""
        return next((cut for cut in self.cuts.get(feeder_id, ()) if cut.from_s <= now_s < cut.to_s), None)

    def next_cut(self, feeder_id: str, now_s: float) -> Cut | None:
        """The first cut that is still to begin."""
        return next((cut for cut in self.cuts.get(feeder_id, ()) if cut.from_s > now_s), None)

    def wanted_wh(self, feeder_id: str, from_s: float, to_s: float) -> float:
        """What a feeder would take between two moments if it were on [Wh]; nothing outside of the plan."""
        wanted_w, edges_s = self.wanted_w.get(feeder_id, ()), self.edges_s
        return sum(
            power_w * max(0.0, min(to_s, edges_s[step + 1]) - max(from_s, edges_s[step])) / 3600.0
            for step, power_w in enumerate(wanted_w)
        )
