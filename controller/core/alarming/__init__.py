"""Alarms: what they mean, when they stand, and what became of them. Pure.

`catalogue` says what each is and what to do first, `rules` which hold at a moment, and `book` which of
those stand: raised, acknowledged, cleared, each with an id of its own.
"""

from controller.core.alarming.catalogue import ALARMS, AlarmText, alarm_kind, alarm_text
from controller.core.alarming.kind import AlarmKind, Escalation, Topic
from controller.core.alarming.record import AlarmRecord, Severity

__all__ = [
    "ALARMS",
    "AlarmKind",
    "AlarmRecord",
    "AlarmText",
    "Escalation",
    "Severity",
    "Topic",
    "alarm_kind",
    "alarm_text",
]
