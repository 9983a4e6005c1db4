"""What the store does in the background: folding, rolling up, forgetting, a slice at a time."""

from __future__ import annotations

from collections.abc import Iterator

from controller.telemetry.folding import Folding
from controller.telemetry.sample_writer import SampleWriter
from controller.telemetry.transactions import OpenDatabase


class Chores:
    """Goes through the chores again and again; each may be broken off at any slice."""

    def __init__(self, database: OpenDatabase, writer: SampleWriter) -> None:
        self._database = database
        self._writer = writer
        self.folding = Folding(database, writer)
        self._round: Iterator[None] | None = None

    def work(self) -> bool:
        """Do a slice; whether more is to be done now. Raises StorageError, and then the round begins anew."""
        if self._round is None:
            if not self._due():
                return False
            self._round = self._chores()
        current, self._round = self._round, None
        for _ in current:
            self._round = current
            return True
        return False

    def close(self) -> None:
        """Break off; what was not finished is begun anew after the next start."""
        self._round = None
        self._writer.journal.close()

    def _due(self) -> bool:
        return bool(self._writer.closed_generations) or self._writer.to_be_stamped

    def _chores(self) -> Iterator[None]:
        """A round of everything."""
        yield from self.folding.fold()
        yield from self.folding.stamp_waiting()
        yield from self.folding.roll_up()
        with self._database.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
