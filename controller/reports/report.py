"""What the report's sections tell of: a month's figures beside the site they belong to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.model import Feeder, PriorityClass, Site, Text
from controller.reports.figures.month import Month
from controller.reports.figures.whole import MonthFigures, Overview

CLASS_NAMES: Mapping[PriorityClass, Text] = {
    PriorityClass.CRITICAL: Text("สายสำคัญยิ่ง", "Critical lines"),
    PriorityClass.ESSENTIAL: Text("สายส่วนรวม", "Community services"),
    PriorityClass.HOUSEHOLD: Text("บ้านเรือน", "Homes"),
    PriorityClass.FLEXIBLE: Text("สายที่เลื่อนเวลาได้", "Lines whose use can wait"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """All that is told of one month."""

    site: Site
    month: Month
    figures: MonthFigures
    others: Mapping[Month, Overview] = field(default_factory=dict)
    """The month before and the same month a year earlier, where anything is known of them."""

    @property
    def homes(self) -> int:
        """Households of the lines where people live."""
        return sum(each.households for each in self.site.feeders if each.priority is PriorityClass.HOUSEHOLD)

    def feeder(self, name: str) -> Feeder:
        """A feeder by its id."""
        return next(feeder for feeder in self.site.feeders if feeder.id == name)
