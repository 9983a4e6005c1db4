"""What the report takes from a store: a month, and how things stood when it began."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from report_month import SITE, ZONE

from controller.reports.figures.month import Month, Steps
from controller.reports.figures.outages import find_outages
from controller.reports.reading import MonthReader
from controller.telemetry.alarm_log import AlarmRecord, Severity
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.decision_log import DecisionRecord
from controller.telemetry.issued import IssuedForecast
from controller.telemetry.schema import StorageError
from controller.telemetry.stocking import stock_periods, stock_quarters

STEPS = Steps.whole(Month(2025, 2), ZONE)
HOUR_S = 3600.0


def decided(hours: float, subject: str, action: str, **params: object) -> DecisionRecord:
    at_utc = datetime.fromtimestamp(STEPS.start_s + hours * HOUR_S, UTC)
    return DecisionRecord(at_utc, "boot", 0.0, subject, action, "some_code", params)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "telemetry.db"


def keep(path: Path, *records: DecisionRecord) -> TelemetryDatabase:
    database = TelemetryDatabase(path)
    database.open("boot", datetime.fromtimestamp(STEPS.start_s, UTC))
    database.append_decisions(records, "{}")
    return database


def test_a_line_that_was_off_when_the_month_began_is_known_to_be(path: Path) -> None:
    keep(
        path,
        decided(-900, "houses_a", "close"),
        decided(-300, "houses_a", "open"),
        decided(-200, "clinic", "close"),
        decided(2, "houses_a", "close"),
    ).close()
    material = MonthReader(path, SITE).read(STEPS)
    (outage,) = find_outages(material.switchings, SITE, STEPS)
    assert (outage.feeder, outage.began_before, outage.length_s) == ("houses_a", True, 2 * HOUR_S)


def test_a_line_off_for_a_whole_month_without_an_entry_is_found(path: Path) -> None:
    keep(path, decided(-300, "houses_a", "open"), decided(28 * 24 + 5, "houses_a", "close")).close()
    (outage,) = find_outages(MonthReader(path, SITE).read(STEPS).switchings, SITE, STEPS)
    assert outage.length_s == 28 * 24 * HOUR_S


def test_what_is_found_on_after_a_restart_is_on_and_modes_and_limits_are_left_out(path: Path) -> None:
    keep(
        path,
        decided(1, "houses_a", "open"),
        decided(2, "site", "mode"),
        decided(2, "pv_south", "limit"),
        decided(3, "houses_a", "adopt", closed=True),
        decided(5, "houses_b", "adopt", closed=False),
    ).close()
    found = MonthReader(path, SITE).read(STEPS).switchings
    assert [(each.feeder, each.closed) for each in found] == [
        ("houses_a", False),
        ("houses_a", True),
        ("houses_b", False),
    ]


def test_the_gensets_starts_are_told_apart_from_the_lines(path: Path) -> None:
    keep(path, decided(-1, "genset", "start"), decided(1, "genset", "stop")).close()
    material = MonthReader(path, SITE).read(STEPS)
    assert material.genset_switchings == [
        (STEPS.start_s - HOUR_S, True),
        (STEPS.start_s + HOUR_S, False),
    ]
    assert material.switchings == []


def test_alarms_and_forecasts_of_the_month_are_read(path: Path) -> None:
    database = keep(path)
    forecasts = [
        IssuedForecast(kind, STEPS.start_s + at, STEPS.start_s + at, 900, ((1.0, 2.0),) * levels)
        for kind, at, levels in (("pv", -86_400, 7), ("pv", 7200, 7), ("pv", 9000, 3), ("load", 7200, 7))
    ]
    database.keep_forecasts(forecasts)
    raised = datetime.fromtimestamp(STEPS.start_s + HOUR_S, UTC)
    database.keep_alarms([AlarmRecord(1, "device_lost", "sun", Severity.WARNING, {}, raised)])
    database.close()
    material = MonthReader(path, SITE).read(STEPS)
    assert material.forecasts is not None
    assert [each.issued_s - STEPS.start_s for each in material.forecasts["pv"]] == [-86_400, 7200]
    assert len(material.forecasts["load"]) == 1
    assert [(each.code, each.raised_s - STEPS.start_s, each.cleared_s) for each in material.alarms] == [
        ("device_lost", HOUR_S, None)
    ]


def test_other_months_are_read_without_alarms_and_forecasts(path: Path) -> None:
    keep(path, decided(1, "clinic", "close")).close()
    material = MonthReader(path, SITE).read(STEPS, whole=False)
    assert material.forecasts is None
    assert len(material.switchings) == 1


def test_quarters_come_with_their_gaps(path: Path) -> None:
    values = np.full(STEPS.count, 0.5)
    values[100:110] = np.nan
    stock_quarters(path, {("site", "soc_frac"): values}, STEPS.start_s)
    found = MonthReader(path, SITE).read(STEPS).columns.of("site", "soc_frac")
    for array in (found.mean, found.low, found.high):
        assert np.array_equal(np.isfinite(array), np.isfinite(values))
        assert array[0] == pytest.approx(0.5)


def test_a_quarter_of_which_little_was_sampled_is_missing(path: Path) -> None:
    columns = {("site", "soc_frac"): np.full(90 + 30, 0.5)}  # a quarter of an hour, and a third of the next
    stock_periods(path, columns, STEPS.start_s)
    found = MonthReader(path, SITE).read(STEPS).columns.mean("site", "soc_frac")
    assert np.isfinite(found[:3]).tolist() == [True, False, False]


def test_a_store_that_is_not_there_yet_is_empty(path: Path) -> None:
    material = MonthReader(path, SITE).read(STEPS)
    assert material.switchings == []
    assert np.isnan(material.columns.mean("site", "pv_w")).all()


def test_a_damaged_entry_is_named(path: Path) -> None:
    keep(path, decided(1, "houses_a", "open")).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE decision SET params = 'no JSON'")
    with pytest.raises(StorageError, match="decision 1 is damaged"):
        MonthReader(path, SITE).read(STEPS)
