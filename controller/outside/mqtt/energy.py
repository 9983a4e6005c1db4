"""Counters of energy that only grow, for whoever reckons with such: Home Assistant's Energy dashboard.

They are counted along the store's periods, each of which has a number and is counted once: where a meter has
a counter of its own by that, corrected where it began anew as the accounts are, else by mean power times
length. So they go on over restarts where they stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np

from controller.core.model import Role
from controller.settings import Config
from controller.telemetry.counter_breaks import StoredBreak
from controller.telemetry.counter_readings import UNSURE_S, CounterReadings, totals_of
from controller.telemetry.schema import PERIOD_S, SeriesKey

Breaks = Mapping[SeriesKey, Sequence[StoredBreak]]
"""Where counters do not go on from where they were; of each the oldest first."""

_MARGIN = 2.0
"""A counter may run so many times as fast as the rating says, before a jump is taken for another meter."""
_MARGIN_WH = 1000.0
"""And this much on top: some count in kWh."""


class Period(Protocol):
    """A period of the store (controller.telemetry.reader)."""

    @property
    def seq(self) -> int:
        """Its number."""
        ...

    @property
    def at_s(self) -> int:
        """Its start, Unix seconds."""
        ...

    @property
    def values(self) -> Mapping[SeriesKey, float]:
        """Means of the period, last readings of counters."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """What a counter is made of."""

    part: str
    """Of its topic, as `feeder/clinic/energy_wh`."""
    power: SeriesKey
    sign: float
    """1 counts power into the component, -1 power out of it."""
    rated_w: float
    """The most that can flow, a magnitude."""
    counter: SeriesKey | None = None
    """The device's own, which is believed before the power."""


def sources_of(config: Config) -> tuple[Source, ...]:
    """The counters of a site."""
    pv_w = sum(array.ac_w for array in config.pv.values())
    load_w = sum(feeder.rated_w for feeder in config.feeders.values())
    battery, battery_w = ("site", "battery_w"), config.battery.inverter_w + pv_w
    found = [
        Source("site/pv_wh", ("site", "pv_w"), -1.0, pv_w),
        Source("site/load_wh", ("site", "load_w"), 1.0, load_w),
        Source("battery/charged_wh", battery, 1.0, battery_w),
        Source("battery/discharged_wh", battery, -1.0, battery_w),
    ]
    for name, array in config.pv.items():
        hidden = config.devices[name].role is not Role.PV_INVERTER
        points = ("pv_power_w", "pv_energy_wh") if hidden else ("power_w", "energy_wh")
        found.append(Source(f"pv/{name}/energy_wh", (name, points[0]), -1.0, array.ac_w, (name, points[1])))
    for name, feeder in config.feeders.items():
        if feeder.meter is not None:
            counter = (feeder.meter, "energy_import_wh")
            power = (name, "power_w")
            found.append(Source(f"feeder/{name}/energy_wh", power, 1.0, feeder.rated_w, counter))
    if config.genset is not None:
        found.append(Source("genset/energy_wh", ("site", "genset_w"), -1.0, config.genset.rated_w))
    if config.grid is not None:
        power = ("site", "grid_w")
        found.append(Source("grid/import_wh", power, 1.0, config.grid.import_w))
        found.append(Source("grid/export_wh", power, -1.0, max(config.grid.export_w, pv_w)))
    return tuple(found)


@dataclass(slots=True)
class Total:
    """One counter."""

    wh: float = 0.0
    raw_wh: float | None = None
    """What the device's counter showed last; None: it has shown none."""
    raw_at_s: int = 0


@dataclass(slots=True)
class EnergyTotals:
    """The counters, and how far in the store they have come."""

    sources: Sequence[Source]
    cursor: int
    """`seq` of the newest period that is counted."""
    totals: dict[str, Total] = field(default_factory=dict)
    newest_at_s: int = 0
    """Start of the latest period that is counted, Unix seconds."""
    behind_at_s: int = 0
    """Periods up to there were counted along another store."""

    @classmethod
    def beginning(cls, sources: Sequence[Source], cursor: int) -> EnergyTotals:
        """At zero, behind a period."""
        return cls(sources, cursor, {source.part: Total() for source in sources})

    @classmethod
    def from_json(cls, sources: Sequence[Source], told: Any) -> EnergyTotals | None:  # noqa: ANN401 - JSON
        """As `to_json` wrote them; a new source begins at zero. None for what makes no sense."""
        try:
            totals = cls.beginning(sources, int(told["cursor"]))
            totals.newest_at_s = int(told.get("newest_at_s", 0))
            totals.behind_at_s = int(told.get("behind_at_s", 0))
            known = {str(part): Total(**total) for part, total in told["totals"].items()}
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        totals.totals |= {part: known[part] for part in totals.totals if part in known}
        return totals

    def to_json(self) -> dict[str, Any]:
        """To be kept."""
        return {
            "cursor": self.cursor,
            "newest_at_s": self.newest_at_s,
            "behind_at_s": self.behind_at_s,
            "totals": {part: asdict(total) for part, total in self.totals.items()},
        }

    def begin_anew(self) -> None:
        """Go along another store, or a restored one: what it holds of the same time adds nothing."""
        self.cursor, self.behind_at_s = 0, self.newest_at_s

    def count(self, periods: Iterable[Period], breaks: Breaks | None = None) -> None:
        """Count periods; one that is counted already adds nothing."""
        known = breaks or {}
        for period in periods:
            if period.seq <= self.cursor:
                continue
            self.cursor = period.seq
            self.newest_at_s = max(self.newest_at_s, period.at_s)
            if period.at_s > self.behind_at_s:
                for source in self.sources:
                    _count(source, self.totals[source.part], period, known)

    def told(self) -> dict[str, str]:
        """Part of a topic -> whole Wh, rounded down: a counter never goes back."""
        return {part: str(int(total.wh)) for part, total in self.totals.items()}


def _count(source: Source, total: Total, period: Period, breaks: Breaks) -> None:
    reading = None if source.counter is None else period.values.get(source.counter)
    if source.counter is not None and reading is not None:
        _follow(total, reading, period.at_s, source.rated_w, breaks.get(source.counter, ()))
    elif total.raw_wh is None:  # a counter that is silent for a while makes up for it later
        power_w = period.values.get(source.power)
        if power_w is not None:
            total.wh += max(0.0, source.sign * power_w) * PERIOD_S / 3600


def _follow(
    total: Total, reading_wh: float, at_s: int, rated_w: float, breaks: Sequence[StoredBreak]
) -> None:
    """Add what a device's counter has moved on; a reset or another meter that nobody noted adds nothing."""
    if total.raw_wh is not None:
        if at_s <= total.raw_at_s:
            return  # a period whose stamp was found out late: the counter was read since
        moved_wh = _moved_wh(total.raw_wh, total.raw_at_s, reading_wh, at_s, breaks)
        most_wh = _MARGIN * rated_w * (at_s - total.raw_at_s) / 3600 + _MARGIN_WH
        if 0.0 <= moved_wh <= most_wh:
            total.wh += moved_wh
    total.raw_wh, total.raw_at_s = reading_wh, at_s


def _moved_wh(
    before_wh: float, before_at_s: int, reading_wh: float, at_s: int, breaks: Sequence[StoredBreak]
) -> float:
    """What passed between two readings, by what is known of the breaks between them."""
    if not any(broken.at_s > before_at_s - UNSURE_S for broken in breaks):
        return reading_wh - before_wh
    starts = np.array([before_at_s, at_s], np.int64)
    readings = CounterReadings(starts, starts + PERIOD_S, np.array([before_wh, reading_wh]))
    before, after = totals_of(readings, breaks)
    return float(after - before)
