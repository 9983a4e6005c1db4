"""Decisions and alarms are told once; those of a store that was restored are told from its start."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from influx_village import START_S

from controller.outside.influx.annotations import of_this_store
from controller.outside.influx.progress import Progress
from controller.telemetry.alarm_log import AlarmRecord, Severity
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.decision_log import DecisionRecord

AT_UTC = datetime.fromtimestamp(START_S, UTC)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Three decisions, and an alarm that has changed twice."""
    path = tmp_path / "telemetry.db"
    database = TelemetryDatabase(path)
    database.open("boot", AT_UTC)
    cut = DecisionRecord(AT_UTC, "boot", 5.0, "houses_a", "open", "controller_started")
    database.append_decisions([cut] * 3, "{}")
    for _ in range(2):
        database.keep_alarms([AlarmRecord(1, "storage_failed", "site", Severity.WARNING, {}, AT_UTC)])
    database.close()
    return path


@pytest.mark.parametrize(("decision", "alarm"), [(0, 0), (2, 1), (3, 2)])
def test_what_was_told_is_not_told_again(store: Path, decision: int, alarm: int) -> None:
    progress = Progress("server", decision=decision, alarm=alarm)
    assert of_this_store(store, progress) == progress


@pytest.mark.parametrize(("decision", "alarm"), [(4, 3), (9000, 700)])
def test_a_restored_store_is_told_from_its_start(store: Path, decision: int, alarm: int) -> None:
    assert of_this_store(store, Progress("server", decision=decision, alarm=alarm)) == Progress("server")


def test_a_store_of_which_one_log_is_shorter_is_told_of_that_alone(store: Path) -> None:
    assert of_this_store(store, Progress("s", decision=3, alarm=5)) == Progress("s", decision=3)
