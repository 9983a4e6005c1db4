"""Decisions and alarms as annotations: why the curve bends where it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from controller.core.alarming import alarm_text
from controller.core.model import Reason
from controller.core.reasons import render
from controller.outside.influx.lines import Line, Naming, quoted
from controller.outside.influx.progress import Progress
from controller.telemetry.alarm_log import AlarmRecord, read_alarms_after
from controller.telemetry.decision_log import LoggedDecision, LogRow, logged
from controller.telemetry.schema import reading
from controller.trusted_clock import RELEASED

MAX_AT_ONCE = 300
DECISION, ALARM = "decision", "alarm"


def annotations_after(path: Path, naming: Naming, progress: Progress) -> tuple[list[Line], Progress]:
    """What the store at `path` has of both beyond the progress, and the progress with them.

    What carries a stamp of before this version was made is left out: the clock was not set then. Raises
    StorageError.
    """
    decisions = _decisions_after(path, progress.decision)
    alarms = read_alarms_after(path, progress.alarm, MAX_AT_ONCE)
    lines = [_of_decision(naming, each) for each in decisions]
    lines += [line for each in alarms for line in _of_alarm(naming, each)]
    known = [line for line in lines if line.at_s >= RELEASED.timestamp()]
    if decisions:
        progress = replace(progress, decision=decisions[-1].seq)
    if alarms:
        progress = replace(progress, alarm=alarms[-1].change)
    return known, progress


def of_this_store(path: Path, progress: Progress) -> Progress:
    """The progress, but from the start where the store at `path` is not as far, since it was restored.

    The row that a cursor stands on, or a later change of that alarm, is there otherwise. Raises StorageError.
    """
    if not _decisions_after(path, progress.decision - 1):
        progress = replace(progress, decision=0)
    if not read_alarms_after(path, progress.alarm - 1, 1):
        progress = replace(progress, alarm=0)
    return progress


def _decisions_after(path: Path, seq: int) -> list[LoggedDecision]:
    """Oldest first; rows that cannot be read are the audit's business."""
    with reading(path) as connection:
        if connection is None:
            return []
        rows = connection.execute(
            "SELECT seq, at_utc, boot_id, monotonic_s, subject, action, code, params, previous_hash, hash"
            " FROM decision WHERE seq > ? ORDER BY seq LIMIT ?",
            (seq, MAX_AT_ONCE),
        ).fetchall()
    return list(_readable(rows))


def _readable(rows: list[tuple[object, ...]]) -> Iterator[LoggedDecision]:
    for row in rows:
        try:
            yield logged(LogRow._make(row))
        except (TypeError, ValueError):
            continue


def _of_decision(naming: Naming, decision: LoggedDecision) -> Line:
    record = decision.record
    fields = [("seq", f"{decision.seq}i")]
    try:
        text = render(Reason(record.code, dict(record.params)))
        fields += [("th", quoted(text.th)), ("en", quoted(text.en))]
    except (KeyError, TypeError, ValueError):  # a code of another version: the code alone must do
        pass
    head = naming.head(DECISION, record.subject, {"action": record.action, "code": record.code})
    return Line(head, int(record.at_utc.timestamp()), tuple(fields))


def _of_alarm(naming: Naming, alarm: AlarmRecord) -> Iterator[Line]:
    """A line for its coming, another for its going."""
    text = alarm_text(alarm.code, alarm.params)
    told = (("th", quoted(text.sentence.th)), ("en", quoted(text.sentence.en)))
    head = naming.head(ALARM, alarm.subject, {"code": alarm.code, "severity": alarm.severity.value})
    yield Line(head, int(alarm.raised_utc.timestamp()), (("standing", "1i"), *told))
    if alarm.cleared_utc is not None:
        yield Line(head, int(alarm.cleared_utc.timestamp()), (("standing", "0i"), *told))
