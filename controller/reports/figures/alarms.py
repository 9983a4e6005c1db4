"""The month's alarms: how often, for how long, and how soon somebody looked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from controller.reports.figures.month import Steps


@dataclass(frozen=True, slots=True)
class Raised:
    """One time that an alarm stood; Unix seconds."""

    code: str
    subject: str
    severity: str
    """critical, warning or notice."""
    params: Mapping[str, Any]
    raised_s: float
    cleared_s: float | None
    acknowledged_s: float | None


@dataclass(frozen=True, slots=True)
class AlarmSum:
    """All that one alarm did in a month."""

    code: str
    severity: str
    newest: Raised
    """Of its sentence."""
    count: int
    """Times it stood within the month, those that began before included."""
    subjects: Sequence[str]
    hours: float
    """That it stood within the month, all subjects together [h]."""
    standing: int
    """How many stood still at the end."""


@dataclass(frozen=True, slots=True)
class AlarmFigures:
    """The month's alarms."""

    sums: Sequence[AlarmSum]
    """The most severe first, then the most frequent."""
    raised: int
    acknowledged: int
    """Of those raised within the month."""
    median_acknowledged_s: float | None
    """From raising to acknowledging; None where none was acknowledged."""


_SEVERITIES = ("critical", "warning", "notice")


def alarm_figures(alarms: Iterable[Raised], steps: Steps) -> AlarmFigures:
    """Alarms that stood within a month, summed up by code; hours only as far as they lie in it."""
    end_s = float(steps.end_s)
    mine = [
        alarm
        for alarm in alarms
        if alarm.raised_s < end_s and (alarm.cleared_s is None or alarm.cleared_s >= steps.start_s)
    ]
    fresh = [alarm for alarm in mine if alarm.raised_s >= steps.start_s]
    waits = [alarm.acknowledged_s - alarm.raised_s for alarm in fresh if alarm.acknowledged_s is not None]
    sums = [
        _sum([alarm for alarm in mine if alarm.code == code], steps)
        for code in {alarm.code for alarm in mine}
    ]
    return AlarmFigures(
        sums=sorted(sums, key=_rank),
        raised=len(fresh),
        acknowledged=len(waits),
        median_acknowledged_s=median(waits) if waits else None,
    )


def _sum(alarms: Sequence[Raised], steps: Steps) -> AlarmSum:
    newest = max(alarms, key=lambda alarm: alarm.raised_s)
    end_s = float(steps.end_s)
    stood_s = [
        min(end_s, end_s if alarm.cleared_s is None else alarm.cleared_s) - max(alarm.raised_s, steps.start_s)
        for alarm in alarms
    ]
    return AlarmSum(
        code=newest.code,
        severity=newest.severity,
        newest=newest,
        count=len(alarms),
        subjects=sorted({alarm.subject for alarm in alarms}),
        hours=sum(max(0.0, length_s) for length_s in stood_s) / 3600,
        standing=sum(alarm.cleared_s is None or alarm.cleared_s >= end_s for alarm in alarms),
    )


def _rank(each: AlarmSum) -> tuple[int, int, str]:
    severity = _SEVERITIES.index(each.severity) if each.severity in _SEVERITIES else len(_SEVERITIES)
    return severity, -each.count, each.code
