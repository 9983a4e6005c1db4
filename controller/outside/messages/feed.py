"""Reads the log of alarms by a cursor, and notices when it is another log."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from controller.core.alarming import Escalation, alarm_kind
from controller.outside.messages.memory import MessageMemory
from controller.telemetry.alarm_log import AlarmRecord, Severity, read_alarms_after

PAGE = 500
_GRAVITY = {
    Escalation.NOW: Severity.CRITICAL,
    Escalation.DAY: Severity.WARNING,
    Escalation.DIGEST: Severity.NOTICE,
}


class AlarmFeed:
    """Takes what changed in the log into the memory. Blocks."""

    def __init__(self, telemetry: Path, memory: MessageMemory) -> None:
        self._telemetry = telemetry
        self._memory = memory

    def take_in(self, now: datetime) -> None:
        """Read all that is new. Raises StorageError when the store cannot be read; nothing is skipped then.

        The first time, of what the log holds only alarms that stand are followed: nobody is told of years
        gone by.
        """
        cursor = self._memory.cursor()
        if cursor is not None and self._is_another_log(cursor):
            self._memory.begin_anew()
            cursor = None
        first = cursor is None
        cursor = cursor or 0
        while changed := read_alarms_after(self._telemetry, cursor, PAGE):
            wanted = [_as_told(one) for one in changed if not first or one.cleared_utc is None]
            cursor = changed[-1].change
            self._memory.take_in(wanted, cursor, now)
        if first:
            self._memory.take_in((), cursor, now)

    def _is_another_log(self, cursor: int) -> bool:
        """Whether somebody put another store in its place.

        The row that the cursor stands on is there, or has moved on to a later change.
        """
        return (
            cursor > 0 and self._telemetry.exists() and not read_alarms_after(self._telemetry, cursor - 1, 1)
        )


def _as_told(record: AlarmRecord) -> AlarmRecord:
    """An alarm as grave as the catalogue wants it told: some wait, or wake people, more than others."""
    return replace(record, severity=_GRAVITY[alarm_kind(record.code).escalation(record.severity)])
