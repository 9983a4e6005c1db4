"""What was measured goes out as it is: missing stays missing, and counters keep every watt-hour."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from controller.export.csv_file import csv_rows
from controller.export.parquet_file import write_parquet
from controller.export.tables import ExportError, Table, choose, units_of

ZONE = ZoneInfo("Asia/Bangkok")
MIDNIGHT = datetime(2026, 10, 1, tzinfo=ZONE)
KNOWN = [("clinic", "power_w"), ("meter_clinic", "energy_import_wh"), ("site", "pv_w"), ("site", "soc_frac")]


class MadeHistory:
    """Two days of quarters with a day's gap between; the n-th value of a series is n."""

    def __init__(self) -> None:
        self.asked: list[timedelta] = []

    def series(self):
        return KNOWN

    def history(self, series, start_utc, end_utc, step_s):
        self.asked.append(end_utc - start_utc)
        steps = int((end_utc - start_utc).total_seconds() // step_s)
        gap = start_utc.astimezone(ZONE).day == 2
        values = [None if gap else float(n) for n in range(steps)]
        counter = [None if gap else 123_456_789.0 + n for n in range(steps)]
        return {key: counter if key[1].endswith("_wh") else list(values) for key in series}


def table(days: int = 3, step_s: int = 900, columns=tuple(KNOWN)) -> Table:
    return Table(columns, MIDNIGHT.astimezone(UTC), (MIDNIGHT + timedelta(days=days)).astimezone(UTC), step_s)


def test_csv_has_a_row_for_each_step_and_leaves_out_days_without_values() -> None:
    history = MadeHistory()
    rows = list(csv.reader("".join(csv_rows(table(), history, ZONE)).splitlines()))
    assert rows[0] == ["time_utc", "time_local", *(f"{subject}.{point}" for subject, point in KNOWN)]
    assert len(rows) == 1 + 2 * 96
    assert rows[1][:4] == ["2026-09-30T17:00:00Z", "2026-10-01T00:00:00+07:00", "0", "123456789"]
    assert rows[97][1] == "2026-10-03T00:00:00+07:00"
    assert max(history.asked) <= timedelta(days=1)


def test_a_single_missing_value_is_an_empty_cell() -> None:
    class Holed(MadeHistory):
        def history(self, series, start_utc, end_utc, step_s):
            found = super().history(series, start_utc, end_utc, step_s)
            found["site", "pv_w"][3] = None
            return found

    rows = list(csv.reader("".join(csv_rows(table(days=1), Holed(), ZONE)).splitlines()))
    assert rows[4][4] == ""
    assert rows[4][5] == "3"


def test_parquet_carries_times_units_and_the_same_values(tmp_path) -> None:
    path = tmp_path / "october.parquet"
    assert write_parquet(path, table(), MadeHistory(), "ban-wang-won") == 192
    found = pq.read_table(path)
    assert found.column("time")[0].as_py() == datetime(2026, 9, 30, 17, tzinfo=UTC)
    assert found.column("meter_clinic.energy_import_wh")[95].as_py() == 123_456_884.0
    assert found.schema.field("clinic.power_w").metadata == {b"unit": b"W"}
    assert json.loads(found.schema.metadata[b"tawan"])["site"] == "ban-wang-won"


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (["site.*"], KNOWN[2:]),
        (["*.power_w"], KNOWN[:1]),
        (["*"], KNOWN),
        (["site.soc_frac", "clinic"], [KNOWN[0], KNOWN[3]]),
    ],
)
def test_series_are_chosen_by_name_and_by_pattern(patterns: list[str], chosen: list) -> None:
    assert list(choose(patterns, KNOWN)) == chosen


def test_what_makes_no_sense_is_said() -> None:
    with pytest.raises(ExportError, match="is named houses: subjects are clinic, meter_clinic, site"):
        choose(["houses"], KNOWN)
    with pytest.raises(ExportError, match="a step of 7 s is not on offer: use one of 10, 60"):
        table(step_s=7)
    with pytest.raises(ExportError, match="the period is empty"):
        table(days=0)
    with pytest.raises(ExportError, match="no series was chosen"):
        table(columns=())


def test_units_follow_the_names() -> None:
    columns = [("sun", "irradiance_wm2"), ("x", "energy_wh"), ("x", "frequency_hz"), ("x", "soc_frac")]
    assert list(units_of(columns).values()) == ["W/m2", "Wh", "Hz", "1"]
