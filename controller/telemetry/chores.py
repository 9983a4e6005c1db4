"""The store's work in the background: folding, rolling up, converting, salvaging, forgetting, by slices."""

from __future__ import annotations

from collections.abc import Iterator

from controller.telemetry import salvage
from controller.telemetry.conversion import Conversion, to_be_converted
from controller.telemetry.folding import Folding
from controller.telemetry.retention import Retention
from controller.telemetry.sample_writer import SampleWriter
from controller.telemetry.transactions import OpenDatabase
from controller.telemetry.wear import StorageStatus


class Chores:
    """Goes through the chores whenever one is due; each may be broken off at any slice."""

    def __init__(self, database: OpenDatabase, writer: SampleWriter, budget_bytes: int) -> None:
        self._database = database
        self._writer = writer
        self._budget_bytes = budget_bytes
        self.folding = Folding(database, writer)
        self._retention = Retention(database, writer, budget_bytes)
        self._conversion = Conversion(database, self.folding)
        self._round: Iterator[None] | None = None
        self.broken_off = False
        """Whether the last round ended in an error; it is begun anew when the next one is due."""
        with database.reading() as connection:
            self._converting = to_be_converted(connection)
            self._salvaging = salvage.under_way(connection) is not None
            self.salvaged = salvage.finished(connection)
            """The last damaged file that was salvaged; None where there was none."""

    def work(self) -> bool:
        """Do a slice; whether more is to be done now. Raises StorageError, and then the round begins anew."""
        if self._round is None:
            if not self._due():
                return False
            self._round = self._chores()
        current, self._round = self._round, None
        self.broken_off = True
        for _ in current:
            self._round = current
            break
        self.broken_off = False
        return self._round is not None

    def status(self) -> StorageStatus:
        """How the store stands. Raises StorageError."""
        room = self._retention.room()
        with self._database.reading() as connection:
            fine_s, minute_s, quarter_s = (
                connection.execute(f"SELECT min(start_s) FROM {table}").fetchone()[0]  # noqa: S608 - our words
                for table in ("fine", "minute", "quarter_day")
            )
            unstamped = "SELECT count(*) FROM (SELECT DISTINCT boot_id, start_s FROM unstamped)"
            unstamped_hours = connection.execute(unstamped).fetchone()[0]
        return StorageStatus(
            used_bytes=room.used,
            budget_bytes=self._budget_bytes,
            free_disk_bytes=room.free_disk,
            journal_bytes=self._writer.journal.size_bytes,
            oldest_fine_s=fine_s,
            oldest_minute_s=minute_s,
            oldest_quarter_s=quarter_s,
            unstamped_hours=unstamped_hours,
            overlapping_periods=self._writer.overlapping,
            damaged_bytes=self._writer.damaged_bytes,
            thinned_hours=self._retention.thinned_hours,
            converting=self._converting,
        )

    def close(self) -> None:
        """Break off; what was not finished is begun anew after the next start."""
        self._round = None

    def _due(self) -> bool:
        waiting = bool(self._writer.closed_generations) or bool(self._writer.to_be_stamped)
        return waiting or self._converting or self._salvaging

    def _chores(self) -> Iterator[None]:
        """A round of everything."""
        yield from self.folding.fold()
        yield from self.folding.stamp_waiting()
        yield from self.folding.roll_up()
        yield from self._convert()
        yield from self._salvage()
        yield from self._retention.forget_old()
        yield from self._retention.thin()
        with self._database.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _salvage(self) -> Iterator[None]:
        """Take over what is readable of a damaged file that was set aside."""
        if self._salvaging:
            yield from salvage.go_on(self._database, self._writer.boot_id)
            with self._database.reading() as connection:
                self.salvaged = salvage.finished(connection)
            self._salvaging = False
            yield from self.folding.roll_up()

    def _convert(self) -> Iterator[None]:
        """Take over what an older version left; the journal is not kept waiting meanwhile."""
        if not self._converting:
            return
        yield from self._conversion.quarters()
        for day_complete in self._conversion.samples():
            yield
            if day_complete:
                yield from self.folding.fold()
                yield from self.folding.roll_up()
                yield from self._retention.forget_old()
        self._converting = False
