"""Measured files: what they may look like, and what is said of those that cannot be used."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial_files import DAY_S, HOUR_S, PLACE, START_S, days_of, write_csv

from forecasting.backtest.measured import read_measured, resample, resampled_grid
from forecasting.backtest.site_file import TrialSite
from forecasting.backtest.site_schema import ColumnFacts, LoadFacts
from forecasting.backtest.stamp_order import stamp_order
from forecasting.backtest.table import DataError
from forecasting.grid import Grid

SITE = TrialSite(PLACE)


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "measured.csv"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path, site: TrialSite = SITE) -> str:
    with pytest.raises(DataError) as caught:
        read_measured(path, site)
    return str(caught.value)


def test_a_plain_file_needs_no_mapping(tmp_path: Path) -> None:
    grid = days_of(3)
    power_kw = np.linspace(0, 5, grid.count)
    columns = {
        "roof_pv_kw": power_kw,
        "iwrf_wm2": 100 * power_kw,
        "twrf_c": power_kw,
        "reanalysis_ghi_wm2": power_kw,
    }
    measured = read_measured(write_csv(tmp_path / "a.csv", grid, columns), SITE)

    assert measured.grid == grid
    np.testing.assert_allclose(measured.pv.power_w, 1000 * power_kw, atol=0.1)
    assert np.isnan(measured.pv.ghi_wm2).all()  # what was reckoned afterwards is not read
    assert len(measured.weather.runs) == 3
    np.testing.assert_allclose(measured.weather.runs[1].ghi_wm2, 100 * power_kw[24:48], atol=0.1)
    assert np.isnan(measured.weather.runs[1].humidity_frac).all()


def test_a_days_weather_is_known_from_its_hour_of_the_day_before(tmp_path: Path) -> None:
    grid = days_of(3)
    path = write_csv(
        tmp_path / "a.csv", grid, {"pv_w": np.ones(grid.count), "nwp_ghi_wm2": np.ones(grid.count)}
    )
    runs = read_measured(path, TrialSite(PLACE, weather_known_from=time(17, 30))).weather.runs
    assert [run.issued_s for run in runs] == [START_S + day * DAY_S - int(6.5 * HOUR_S) for day in range(3)]


def test_stamps_may_mark_the_end_and_carry_their_own_offset(tmp_path: Path) -> None:
    path = file(tmp_path, "time,pv_kw\n2026-01-01 08:00+07:00,1\n2026-01-01T02:00:00Z,2\n")
    measured = read_measured(path, TrialSite(PLACE, stamp_marks_end=True))
    assert measured.grid.start_s == int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    assert measured.pv.power_w.tolist() == [1000.0, 2000.0]


def test_energies_a_step_become_mean_powers(tmp_path: Path) -> None:
    path = file(
        tmp_path, "time,mill_load_wh\n2026-01-01T00:00Z,50\n2026-01-01T00:15Z,100\n2026-01-01T00:30Z,0\n"
    )
    assert read_measured(path, SITE).loads["mill"].power_w.tolist() == [200.0, 400.0, 0.0]


def test_rows_and_cells_may_be_missing(tmp_path: Path) -> None:
    rows = "2026-01-01T00:00Z,1\n2026-01-01T01:00Z,\n2026-01-01T02:00Z,NaN\n2026-01-01T05:00Z,6\n"
    measured = read_measured(file(tmp_path, f"time,pv_w\n{rows}"), SITE)
    np.testing.assert_array_equal(measured.pv.power_w, [1, np.nan, np.nan, np.nan, np.nan, 6])


def test_a_packed_file_with_semicolons_and_a_mark_at_its_beginning_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    text = "\ufefftime;pv_w\r\n2026-01-01T00:00Z;1\r\n2026-01-01T01:00Z;2\r\n"
    path.write_bytes(gzip.compress(text.encode()))
    assert read_measured(path, SITE).pv.power_w.tolist() == [1.0, 2.0]


def test_limited_sun_and_unserved_load_are_marked(tmp_path: Path) -> None:
    rows = "2026-01-01T00:00Z,5,7,1,1\n2026-01-01T01:00Z,5,7,0,0\n"
    measured = read_measured(file(tmp_path, f"time,pv_w,load_w,limited,served\n{rows}"), SITE)
    np.testing.assert_array_equal(measured.pv.offered_w, [np.nan, 5])
    np.testing.assert_array_equal(measured.loads["load"].demand_w, [7, np.nan])


def test_a_site_file_may_name_columns_and_loads(tmp_path: Path) -> None:
    site = TrialSite(
        PLACE,
        columns={"pv_w": ColumnFacts(column="solar", scale=-2.0)},
        loads={"home": LoadFacts(column="house_kw")},
    )
    rows = "2026-01-01T00:00Z,-5,0.5\n2026-01-01T01:00Z,0.01,0.25\n"
    measured = read_measured(file(tmp_path, f"time,solar,house_kw\n{rows}"), site)
    assert measured.pv.power_w.tolist() == [10.0, 0.0]  # an idle inverter takes a little
    assert measured.loads["home"].power_w.tolist() == [500.0, 250.0]


def test_the_hour_that_a_clock_shows_twice_is_two_hours(tmp_path: Path) -> None:
    site = TrialSite(PLACE, stamp_timezone="Australia/Sydney")
    hours = ("01:00", "02:00", "02:00", "03:00")
    rows = "".join(f"2026-04-05 {hour},{number}\n" for number, hour in enumerate(hours))
    measured = read_measured(file(tmp_path, f"time_local,pv_w\n{rows}"), site)
    assert measured.pv.power_w.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_rows_that_are_repeated_or_stand_in_the_wrong_place_are_put_in_order(tmp_path: Path) -> None:
    hours = ("00:00Z,0", "02:00Z,2", "01:00Z,1", "02:00Z,9", "03:00Z,3")
    rows = "".join(f"2026-01-01T{hour}\n" for hour in hours)
    measured = read_measured(file(tmp_path, f"time,pv_w\n{rows}"), SITE)

    assert measured.pv.power_w.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert measured.notes[:2] == (
        "1 rows stand below later ones and are sorted in, the first in line 4",
        "1 rows repeat a stamp and are left out, the first in line 5",
    )


@pytest.mark.parametrize("reset", ["2000-01-01T00:00Z", "2099-06-01T12:00Z"])
def test_a_clock_that_was_reset_does_not_stretch_the_file_over_decades(tmp_path: Path, reset: str) -> None:
    hours = [f"2026-01-{day:02}T{hour:02}:00Z,1\n" for day in range(1, 11) for hour in range(24)]
    rows = "".join((*hours[:100], f"{reset},9\n", *hours[100:]))
    measured = read_measured(file(tmp_path, f"time,pv_w\n{rows}"), SITE)

    assert measured.pv.power_w.tolist() == [1.0] * 240
    assert measured.notes[0].startswith("1 rows are stamped years away")
    assert measured.notes[0].endswith("line 102")


def test_two_files_put_together_are_one_in_either_order(tmp_path: Path) -> None:
    january = "\ufefftime,pv_w\n2026-01-01T00:00Z,1\n2026-01-01T01:00Z,2\n"
    later = "\ufefftime,pv_w\n2026-01-01T02:00Z,3\n2026-01-01T03:00Z,4\n"
    for text in (january + later, later + january):
        assert read_measured(file(tmp_path, text), SITE).pv.power_w.tolist() == [1.0, 2.0, 3.0, 4.0]


@given(st.permutations(range(12)))
def test_rows_are_used_in_the_order_of_time_however_they_stand(places: list[int]) -> None:
    at_s = np.array(places, dtype=np.int64) * HOUR_S
    order = stamp_order(at_s)
    assert at_s[order.used].tolist() == [hour * HOUR_S for hour in range(12)]
    assert order.repeated.size == order.stray.size == 0


def test_a_packed_file_that_breaks_off_is_named(tmp_path: Path) -> None:
    rows = "".join(f"2026-01-01T{hour:02}:00Z,{hour * hour}\n" for hour in range(24))
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(f"time,pv_w\n{rows}".encode())[:-20])
    assert "breaks off or is damaged" in faults_of(path)


def test_a_logger_that_restarts_may_write_a_row_beside_the_steps(tmp_path: Path) -> None:
    grid = days_of(10)
    path = write_csv(tmp_path / "a.csv", grid, {"pv_w": np.ones(grid.count)})
    lines = path.read_text().splitlines()
    lines.insert(50, lines[49].replace(":00:00", ":07:13"))
    path.write_text("\n".join(lines))
    measured = read_measured(path, SITE)
    assert measured.grid == grid
    assert "1 rows beside the steps of 3600 s are left out" in measured.notes


@pytest.mark.parametrize(
    ("header", "rows", "told"),
    [
        ("", (), "the file is empty"),
        ("when,pv_w", (), "found the columns when, pv_w; a column of stamps is missing: name it time"),
        ("time,pv_w,pv_w", (), "found pv_w a second time; give each column its own name"),
        ("time,pv_w", ("00:00Z,1",), "found 1 rows; a trial needs weeks"),
        ("time,pv_w", ("00:00Z,1", "noon,2"), ":3  time\n    found 2026-01-01Tnoon; no time: write the year"),
        ("time,pv_w", ("00:00Z,1", "01:00,2"), ":3  time\n    found 2026-01-01T01:00; which offset"),
        ("time_local,pv_w", ("00:00Z,1",), "a stamp with an offset belongs into a column named time"),
        ("time,pv_w", ("01:00Z,1", "01:00Z,2"), "found 1 rows; a trial needs weeks"),
        ("time,pv_w", ("00:00Z,1", "01:00Z,many"), ":3  pv_w\n    found many; here belongs a number"),
        ("time,pv_w", ("00:00Z,1", '01:00Z,"1,5"'), "write 1.5 with a decimal point"),
        ("time,pv_w", ("00:00Z,1", "01:00Z,1,5"), "found 3 cells; a row has 2 cells here"),
        ("time,pv_w", ("00:07Z,1", "01:07Z,1", "02:07Z,1"), "begin at multiples of 3600 s"),
        ("time,pv_w", ("00:00Z,1", "00:10Z,1", "00:15Z,1", "00:25Z,1"), "rows do not keep them"),
        ("time,a_pv_w,b_pv_w", ("00:00Z,1,1", "01:00Z,1,1"), "several columns may be pv_w: say which"),
        ("time,pv_w", ("00:00Z,-5", "01:00Z,-7"), "give it a scale of -1"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place_and_the_remedy(
    tmp_path: Path, header: str, rows: tuple[str, ...], told: str
) -> None:
    lines = (header, *(f"2026-01-01T{row}" for row in rows)) if header else ()
    assert told in faults_of(file(tmp_path, "".join(f"{line}\n" for line in lines)))


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    assert "no such file" in faults_of(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"\x1f\x8b\x00nothing packed")
    assert "no CSV file" in faults_of(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_bytes("เวลา,กำลัง\n".encode("cp874"))
    assert "no CSV file in UTF-8" in faults_of(tmp_path / "b.csv")


def test_a_column_that_the_site_file_names_must_exist_and_tell_its_unit(tmp_path: Path) -> None:
    path = file(tmp_path, "time,power,roof_kw\n2026-01-01T00:00Z,1,1\n2026-01-01T01:00Z,1,1\n")
    missing = TrialSite(PLACE, columns={"pv_w": ColumnFacts(column="rof_kw")})
    assert "the file has no such column: did you mean roof_kw?" in faults_of(path, missing)
    unknown = TrialSite(PLACE, columns={"pv_w": ColumnFacts(column="power")})
    assert "write pv_w: {column: power, scale: 1} with the number that makes it watts" in faults_of(
        path, unknown
    )


def test_a_clock_put_forward_has_no_hour_between_two_and_three(tmp_path: Path) -> None:
    text = "time_local,pv_w\n2025-10-05 01:30,1\n2025-10-05 02:00,1\n"
    told = faults_of(file(tmp_path, text), TrialSite(PLACE, stamp_timezone="Australia/Sydney"))
    assert "stamp_timezone in the site file" in told


def test_at_most_ten_faults_are_told(tmp_path: Path) -> None:
    rows = "".join(f"2026-01-{day:02}T00:00Z,x\n" for day in range(1, 30))
    assert faults_of(file(tmp_path, f"time,pv_w\n{rows}")).count("here belongs a number") == 10


@given(
    values=st.lists(st.floats(0, 1e6), min_size=12, max_size=60),
    steps=st.sampled_from([(600, 900), (600, 1800), (900, 3600), (3600, 900), (1800, 600)]),
)
def test_another_step_keeps_the_energy(values: list[float], steps: tuple[int, int]) -> None:
    own_s, new_s = steps
    count = len(values) * own_s // HOUR_S * HOUR_S // own_s
    grid = Grid(START_S, own_s, max(count, HOUR_S // own_s))
    power_w = np.resize(np.array(values), grid.count)
    again = resample(grid, power_w, new_s)
    assert again.size == resampled_grid(grid, new_s).count
    assert again.sum() * new_s == pytest.approx(power_w.sum() * own_s)


def test_ten_minutes_become_half_an_hour_unless_told_otherwise(tmp_path: Path) -> None:
    grid = days_of(2, 600)
    path = write_csv(tmp_path / "a.csv", grid, {"pv_w": np.arange(grid.count, dtype=float)})
    assert read_measured(path, SITE).grid.step_s == 1800
    assert read_measured(path, SITE).pv.power_w[:2].tolist() == [1.0, 4.0]
    assert read_measured(path, SITE, HOUR_S).grid.step_s == HOUR_S
    six_hours = file(tmp_path, "time,pv_w\n2026-01-01T00:00Z,1\n2026-01-01T06:00Z,1\n2026-01-01T12:00Z,1\n")
    assert "a trial needs steps of an hour or less" in faults_of(six_hours)


def test_a_step_of_which_most_is_missing_is_missing() -> None:
    grid = Grid(START_S, 900, 8)
    power_w = np.array([1.0, np.nan, np.nan, 5.0, np.nan, np.nan, np.nan, 5.0])
    np.testing.assert_array_equal(resample(grid, power_w, HOUR_S), [3.0, np.nan])
