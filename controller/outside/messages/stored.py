"""How alarms and moments are written into the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from controller.telemetry.alarm_log import AlarmRecord, Severity


def alarm_json(record: AlarmRecord) -> dict[str, Any]:
    """An alarm as JSON values."""
    return {
        "id": record.id,
        "code": record.code,
        "subject": record.subject,
        "severity": record.severity.value,
        "params": dict(record.params),
        "raised_utc": text(record.raised_utc),
        "cleared_utc": text_or_none(record.cleared_utc),
        "acknowledged_utc": text_or_none(record.acknowledged_utc),
        "acknowledged_by": record.acknowledged_by,
    }


def alarm_of(kept: Mapping[str, Any]) -> AlarmRecord:
    """The alarm that `alarm_json` made these of. Raises KeyError, TypeError or ValueError for others."""
    record = AlarmRecord(
        kept["id"],
        kept["code"],
        kept["subject"],
        Severity(kept["severity"]),
        kept["params"],
        moment(kept["raised_utc"]),
    )
    return replace(
        record,
        cleared_utc=moment_or_none(kept["cleared_utc"]),
        acknowledged_utc=moment_or_none(kept["acknowledged_utc"]),
        acknowledged_by=kept["acknowledged_by"],
    )


def text(at: datetime) -> str:
    """UTC with microseconds, so that text sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def text_or_none(at: datetime | None) -> str | None:
    """Likewise; None stays None."""
    return None if at is None else text(at)


def moment(stored: str) -> datetime:
    """The moment that `text` wrote. Raises ValueError."""
    return datetime.fromisoformat(stored)


def moment_or_none(stored: str | None) -> datetime | None:
    """Likewise; None stays None."""
    return None if stored is None else moment(stored)
