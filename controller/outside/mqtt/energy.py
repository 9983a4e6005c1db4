"""Counters of energy that only grow, for whoever reckons with such: Home Assistant's Energy dashboard.

They are counted along the store's periods, each of which has a number and is counted once: where a meter has
a counter of its own by that, else by mean power times length. So they go on over restarts where they stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from controller.core.model import Role
from controller.settings import Config
from controller.telemetry.schema import PERIOD_S, SeriesKey

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

    @classmethod
    def beginning(cls, sources: Sequence[Source], cursor: int) -> EnergyTotals:
        """At zero, behind a period."""
        return cls(sources, cursor, {source.part: Total() for source in sources})

    @classmethod
    def from_json(cls, sources: Sequence[Source], told: Any) -> EnergyTotals | None:  # noqa: ANN401 - JSON
        """As `to_json` wrote them; a new source begins at zero. None for what makes no sense."""
        try:
            totals = cls.beginning(sources, int(told["cursor"]))
            known = {str(part): Total(**total) for part, total in told["totals"].items()}
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        totals.totals |= {part: known[part] for part in totals.totals if part in known}
        return totals

    def to_json(self) -> dict[str, Any]:
        """To be kept."""
        return {
            "cursor": self.cursor,
            "totals": {part: asdict(total) for part, total in self.totals.items()},
        }

    def count(self, periods: Iterable[Period]) -> None:
        """Count periods; one that is counted already adds nothing."""
        for period in periods:
            if period.seq > self.cursor:
                self.cursor = period.seq
                for source in self.sources:
                    _count(source, self.totals[source.part], period)

    def told(self) -> dict[str, str]:
        """Part of a topic -> whole Wh, rounded down: a counter never goes back."""
        return {part: str(int(total.wh)) for part, total in self.totals.items()}


def _count(source: Source, total: Total, period: Period) -> None:
    reading = None if source.counter is None else period.values.get(source.counter)
    if reading is not None:
        _follow(total, reading, period.at_s, source.rated_w)
    elif total.raw_wh is None:  # a counter that is silent for a while makes up for it later
        power_w = period.values.get(source.power)
        if power_w is not None:
            total.wh += max(0.0, source.sign * power_w) * PERIOD_S / 3600


def _follow(total: Total, reading_wh: float, at_s: int, rated_w: float) -> None:
    """Add what a device's counter has moved on; a reset or another meter adds nothing."""
    if total.raw_wh is not None:
        if at_s <= total.raw_at_s:
            return  # a period whose stamp was found out late: the counter was read since
        moved_wh = reading_wh - total.raw_wh
        most_wh = _MARGIN * rated_w * (at_s - total.raw_at_s) / 3600 + _MARGIN_WH
        if 0.0 <= moved_wh <= most_wh:
            total.wh += moved_wh
    total.raw_wh, total.raw_at_s = reading_wh, at_s
