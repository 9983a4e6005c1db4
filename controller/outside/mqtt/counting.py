"""Counts energy along the store, and keeps the counters in the notebook."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from controller.outside.mqtt.energy import Breaks, EnergyTotals, Period, Source
from controller.outside.notebook import Notebook
from controller.telemetry.schema import SeriesKey, StorageError

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
KEEP_EVERY = 90
"""Periods: the store can be counted again from there; a memory card is not written for it each time."""
AT_ONCE = 360
"""Periods that are counted in one go: an hour."""
_NOTE = "mqtt_energy"


class PeriodStore(Protocol):
    """The store's periods (controller.telemetry.reader.TelemetryReader). Methods raise StorageError."""

    def newest_seq(self) -> int:
        """The newest period's number; 0 while there is none."""
        ...

    def periods(self, after_seq: int, limit: int) -> Sequence[Period]:
        """Periods behind a number, in its order."""
        ...


class EnergyBook:
    """The counters of a site."""

    def __init__(
        self,
        sources: Sequence[Source],
        store: PeriodStore,
        breaks_of: Callable[[Sequence[SeriesKey]], Breaks],
        notebook: Notebook,
    ) -> None:
        """breaks_of: where counters began anew; blocks, and raises StorageError."""
        self._sources = sources
        self._counters = [source.counter for source in sources if source.counter is not None]
        self._store = store
        self._breaks_of = breaks_of
        self._notebook = notebook
        self._totals: EnergyTotals | None = None
        self._up_to_date = False
        self._kept_cursor: int | None = None

    @property
    def parts(self) -> set[str]:
        """Of the counters' topics, told or not yet."""
        return {source.part for source in self._sources}

    def told(self) -> dict[str, str]:
        """Part of a topic -> Wh; none before all of the store was counted: a counter never goes back."""
        return self._totals.told() if self._totals is not None and self._up_to_date else {}

    async def run(self) -> None:
        """Count for ever."""
        failed = False
        while True:
            try:
                while await asyncio.to_thread(self.count):
                    pass
                failed = False
            except StorageError as error:
                if not failed:
                    _log.warning("mqtt: energy cannot be counted: %s", error)
                failed = True
            await asyncio.sleep(LOOK_EVERY_S)

    def count(self) -> bool:
        """Count what the store has got since; whether there is more. Blocks. Raises StorageError."""
        newest = self._store.newest_seq()
        totals = self._totals = self._totals or self._begun(newest)
        if totals.cursor > newest:  # a store that was begun anew, or an older one that was restored
            totals.begin_anew()
            self._kept_cursor = None
        periods = self._store.periods(totals.cursor, AT_ONCE)
        # A break is stored at once, hence before the period in which it was found.
        totals.count(periods, self._breaks_of(self._counters) if periods else None)
        more = len(periods) == AT_ONCE
        self._up_to_date = self._up_to_date or not more
        if self._kept_cursor is None or totals.cursor >= self._kept_cursor + KEEP_EVERY:
            self._notebook.keep(_NOTE, totals.to_json())
            self._kept_cursor = totals.cursor
        return more

    def _begun(self, newest: int) -> EnergyTotals:
        """As the notebook has them; at zero, behind what the store has now, where there is nothing in it."""
        known = self._notebook.note(_NOTE)
        totals = None if known is None else EnergyTotals.from_json(self._sources, known)
        return EnergyTotals.beginning(self._sources, newest) if totals is None else totals
