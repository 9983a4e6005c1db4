"""What people were told of coming cuts, held against what came: by feeder and quarter of an hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from year_tally import Turns

from controller.core.model import Decision, PriorityClass, Site
from controller.core.modes import SHED_CODES
from controller.planner.plan_now import AnnouncedCut
from forecasting.grid import QUARTER_S

TOLD_AHEAD_S = 3600
"""A cut told of later than so long before it is none that people could prepare for."""
_BY_PROTECTION = SHED_CODES | {"blackout", "bus_settling", "bus_uncertain"}


class Promises:
    """Is told of announcements and of each decision, and counts the quarters of an hour."""

    def __init__(self, site: Site, turns: Turns) -> None:
        self._feeders = [
            feeder.id for feeder in site.feeders if feeder.priority is not PriorityClass.CRITICAL
        ]
        self._turns = turns
        self._told: dict[str, set[int]] = {feeder: set() for feeder in self._feeders}
        """Feeder -> quarters of Unix time told as off in time."""
        self._quarter: int | None = None
        self._ticks = 0
        self._off: dict[str, list[str]] = {feeder: [] for feeder in self._feeders}
        """Feeder -> the reason at each tick of this quarter at which it was off."""

    def tell(self, announced: Mapping[str, Sequence[AnnouncedCut]]) -> None:
        """A plan was published."""
        for feeder, cuts in announced.items():
            for cut in cuts:
                first, last = cut.from_s // QUARTER_S, -(-cut.to_s // QUARTER_S)
                in_time = [
                    quarter
                    for quarter in range(first, last)
                    if quarter * QUARTER_S >= cut.announced_s + TOLD_AHEAD_S
                ]
                self._told[feeder].update(in_time)

    def look(self, decision: Decision, unix_s: float) -> None:
        """Take note of a control step."""
        quarter = int(unix_s // QUARTER_S)
        if self._quarter is not None and quarter != self._quarter:
            self._close()
        self._quarter = quarter
        self._ticks += 1
        for feeder, off in self._off.items():
            if decision.feeders[feeder].closed is False:
                off.append(decision.feeders[feeder].reason.code)

    def _close(self) -> None:
        """Judge the quarter that is over by what held for most of it."""
        for feeder, reasons in self._off.items():
            told, off = self._quarter in self._told[feeder], 2 * len(reasons) > self._ticks
            turns = self._turns
            if told:
                turns.announced += 1
                turns.came += off
                turns.lifted += not off
            elif off and reasons[0] in _BY_PROTECTION:
                turns.protection += 1
            elif off:
                turns.surprises += 1
            reasons.clear()
        self._ticks = 0
