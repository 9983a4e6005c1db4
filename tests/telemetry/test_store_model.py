"""The store against a plain dict: whatever comes when, each sample is read as written, and followed once.

Writes, pauses of hours, single slices of the store's own work, power cuts and a disk that refuses come in any
order; after each, what readers see is what was acknowledged.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from controller.telemetry.averaging import Period
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import PERIOD_S, QUARTER_S

POWER, COUNTER = ("site", "pv_w"), ("meter", "energy_wh")
EVENING = datetime(2026, 11, 1, 22, tzinfo=UTC)
"""Two hours before the UTC day ends: days are rolled up within a few steps."""


class StoreAgainstDict(RuleBasedStateMachine):
    """The database, its readers, and what they ought to find."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.now_s = int(EVENING.timestamp())
        self.written: dict[int, dict] = {}
        """Start of the period -> values, as acknowledged."""
        self.followed: list[int] = []
        self.cursor = 0
        self.count = 0
        self.open()

    @property
    def path(self) -> Path:
        return self.folder / "telemetry.db"

    def open(self) -> None:
        self.database = TelemetryDatabase(self.path)
        self.database.open("boot", datetime.fromtimestamp(self.now_s, UTC))
        self.database.set_offset(0)

    @rule(periods=st.integers(1, 300), batch=st.integers(1, 40), missing=st.booleans())
    def samples_come(self, periods: int, batch: int, missing: bool) -> None:
        waiting: list[Period] = []
        for _ in range(periods):
            self.count += 1
            self.now_s += PERIOD_S
            values = {POWER: float(self.count % 997), COUNTER: float(self.count)}
            if missing and self.count % 3 == 0:
                del values[POWER]
            period = Period(self.now_s, True)
            period.add(values)
            waiting.append(period)
            self.written[self.now_s] = values
            if len(waiting) >= batch:
                self.database.write_samples(waiting)
                waiting = []
        self.database.write_samples(waiting)

    @rule(hours=st.integers(1, 30))
    def the_power_house_is_dark(self, hours: int) -> None:
        self.now_s += 3600 * hours

    @rule(slices=st.integers(1, 60))
    def it_works_a_while(self, slices: int) -> None:
        for _ in range(slices):
            if not self.database.work():
                break

    @rule()
    def all_is_folded(self) -> None:
        self.database.fold_all()

    @rule()
    def power_fails(self) -> None:
        """The files as they stand, without anything being closed, are all that is left."""
        left = Path(tempfile.mkdtemp())
        for file in self.folder.iterdir():
            if not file.name.endswith("-shm"):
                shutil.copy(file, left / file.name)
        self.database.close()
        shutil.rmtree(self.folder)
        self.folder = left
        self.open()

    @rule()
    def somebody_follows(self) -> None:
        reader = TelemetryReader(self.path)
        while found := reader.periods(self.cursor, 77):
            for period in found:
                assert period.seq > self.cursor
                self.cursor = period.seq
                self.followed.append(period.at_s)

    @invariant()
    @precondition(lambda self: self.written)
    def quarters_are_those_of_what_was_written(self) -> None:
        start_s = min(self.written) // QUARTER_S * QUARTER_S
        end_s = max(self.written) // QUARTER_S * QUARTER_S + QUARTER_S
        window = datetime.fromtimestamp(start_s, UTC), datetime.fromtimestamp(end_s, UTC)
        found = TelemetryReader(self.path).quarters([POWER, COUNTER], *window)
        powers: dict[int, list[float]] = {}
        counters: dict[int, float] = {}
        for at_s, values in sorted(self.written.items()):
            slot = (at_s - start_s) // QUARTER_S
            counters[slot] = values[COUNTER]
            if POWER in values:
                powers.setdefault(slot, []).append(values[POWER])
        assert int(found[POWER].samples.sum()) == sum(map(len, powers.values()))
        for slot, values in powers.items():
            assert found[POWER].mean[slot] == pytest.approx(sum(values) / len(values), abs=0.01)
            assert found[POWER].low[slot] == pytest.approx(min(values), abs=0.06)
            assert found[POWER].high[slot] == pytest.approx(max(values), abs=0.06)
        for slot, last in counters.items():
            assert found[COUNTER].mean[slot] == pytest.approx(last, abs=0.5)

    def teardown(self) -> None:
        self.somebody_follows()
        self.database.fold_all()
        self.somebody_follows()
        assert len(self.followed) == len(set(self.followed))
        newest_day_s = max(self.written, default=0) // 86_400 * 86_400
        kept = {at_s for at_s in self.written if at_s >= newest_day_s - 7 * 86_400}
        assert kept <= set(self.followed)
        self.database.close()
        shutil.rmtree(self.folder)


TestStoreAgainstDict = StoreAgainstDict.TestCase
TestStoreAgainstDict.settings = settings(
    max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
