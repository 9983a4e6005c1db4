"""Which raising of an alarm is followed, and since when a change of it waits to be told. Pure."""

from __future__ import annotations

from datetime import datetime

from controller.outside.messages.model import RANK, Followed
from controller.telemetry.alarm_log import AlarmRecord


def followed_on(
    known: Followed | None, last_told: datetime | None, record: AlarmRecord, now: datetime
) -> Followed:
    """What is followed of an alarm after a change of it was read.

    known: what was followed before; last_told: when anybody was last told of it. A change waits since it was
    seen; one that comes while an earlier one still waits does not begin anew, so that an alarm that comes and
    goes all the time is told at some time.
    """
    if known is None:
        return Followed(record, now)
    if record.id < known.record.id:
        return known
    times = known.times + (record.id > known.record.id)
    nothing_waited = last_told is not None and last_told >= known.waiting_since
    changed = record.id != known.record.id or record.cleared_utc != known.record.cleared_utc
    worse = RANK[record.severity] < RANK[known.record.severity]
    since = now if worse or (nothing_waited and changed) else known.waiting_since
    return Followed(record, since, times)
