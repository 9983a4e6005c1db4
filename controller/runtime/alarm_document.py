"""The alarms in image.json."""

from __future__ import annotations

from typing import Any

from controller.core.alarming import alarm_kind, alarm_text
from controller.core.alarming.book import Standing
from controller.core.model import Text

Json = dict[str, Any]


def alarm_document(alarm: Standing) -> Json:
    """One alarm, with all that a reader shows of it."""
    record = alarm.record
    text, kind = alarm_text(record.code, record.params), alarm_kind(record.code)
    acknowledged = record.acknowledged_utc and {
        "utc": record.acknowledged_utc.isoformat(timespec="seconds"),
        "by": record.acknowledged_by,
    }
    return {
        "id": record.id,
        "code": record.code,
        "subject": record.subject,
        "severity": record.severity.value,
        "title": _both(text.title),
        **_both(text.sentence),
        "first": _both(text.first),
        "params": dict(record.params),
        "raised_utc": record.raised_utc.isoformat(timespec="seconds"),
        "present": alarm.present,
        "acknowledged": acknowledged,
        "villagers": kind.villagers,
    }


def _both(text: Text) -> Json:
    return {"th": text.th, "en": text.en}
