"""What takes part in a trial: it learns from what was known, and forecasts from what was known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeAlias, TypeVar

from forecasting.grid import Floats, Grid
from forecasting.records import LoadRecord, PvRecord, WeatherArchive

Record = TypeVar("Record", PvRecord, LoadRecord)


@dataclass(frozen=True, slots=True, eq=False)
class Known(Generic[Record]):
    """What was known at a moment: measured steps that had ended, weather runs that could be had."""

    at_s: int
    """The moment, Unix seconds."""
    record: Record
    weather: WeatherArchive

    @property
    def usable_w(self) -> Floats:
        """Power that sun or people alone decided, NaN elsewhere [W], shape (record.grid.count,)."""
        return _usable_w(self.record)

    def at(self, at_s: int) -> Known[Record] | None:
        """What of it was known at an earlier moment; None while nothing had been measured."""
        record = self.record.before(at_s)
        return (
            None
            if record is None
            else replace(self, at_s=at_s, record=record, weather=self.weather.known_at(at_s))
        )


def _usable_w(record: PvRecord | LoadRecord) -> Floats:
    return record.offered_w if isinstance(record, PvRecord) else record.demand_w


AnyKnown: TypeAlias = Known[PvRecord] | Known[LoadRecord]


@dataclass(frozen=True, slots=True, eq=False)
class Issued:
    """A forecast as it is scored; NaN where a contender has nothing to say."""

    mean_w: Floats
    """What squared errors and the bias are counted from, shape (n,)."""
    median_w: Floats
    """What absolute errors are counted from, shape (n,)."""
    values_w: Floats
    """Quantiles at LEVELS, shape (7, n)."""


class Contender(Protocol[Record]):
    """One row of the leaderboard."""

    @property
    def name(self) -> str:
        """As the leaderboard shows it."""
        ...

    def learn(self, known: Known[Record], /) -> None:
        """Learn anew from all that was known at a moment."""
        ...

    def forecast(self, known: Known[Record], grid: Grid, /) -> Issued:
        """What it expects, issued at that moment, on a grid that begins then or later."""
        ...


class PointForecaster(Protocol):
    """A reference that knows one value, and nothing of its doubt."""

    @property
    def name(self) -> str:
        """As the leaderboard shows it."""
        ...

    def learn(self, known: AnyKnown, /) -> None:
        """Learn anew from all that was known at a moment."""
        ...

    def point(self, known: AnyKnown, grid: Grid, /) -> Floats:
        """Expected power [W], shape (grid.count,), NaN where it has none."""
        ...
