import math
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telemetry_village import BOOT, NOON, HandClock

from controller.telemetry.averaging import Period
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.issued import KEPT_S, IssuedForecast, read_issued
from controller.telemetry.quarters import first_quarter_s, read_quarters
from controller.telemetry.schema import PERIOD_S, QUARTER_S
from controller.telemetry.store import TelemetryStore

PV, LOAD = ("site", "pv_w"), ("site", "load_w")
START_S = int(NOON.timestamp())
PER_QUARTER = QUARTER_S // PERIOD_S


@pytest.fixture
def path(tmp_path):
    return tmp_path / "telemetry.db"


@pytest.fixture
def database(path):
    database = TelemetryDatabase(path)
    database.open(BOOT, NOON)
    yield database
    database.close()


def period(number: int, value: float, key=PV, synchronised=True) -> Period:
    made = Period(START_S + number * PERIOD_S, synchronised)
    made.add({key: value})
    return made


def quarters(path, count=4, key=PV):
    return read_quarters(path, [key], START_S, count)[key]


def sql(path, statement, *values):
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def test_a_quarter_is_the_mean_of_its_samples_before_and_after_they_are_sorted(database, path):
    database.write_samples([period(n, float(n)) for n in range(2 * PER_QUARTER)])
    before = quarters(path)
    database.fold_all()
    assert np.array_equal(before, quarters(path), equal_nan=True)
    assert before[:2] == pytest.approx([(PER_QUARTER - 1) / 2, PER_QUARTER + (PER_QUARTER - 1) / 2])
    assert np.isnan(before[2:]).all()


def test_a_quarter_that_is_sorted_in_two_parts_is_whole_in_the_end(database, path):
    database.write_samples([period(n, 100.0) for n in range(60)])
    database.fold_all()
    database.write_samples([period(n, 400.0) for n in range(60, PER_QUARTER)])
    assert quarters(path)[0] == pytest.approx(200.0)
    database.fold_all()
    assert quarters(path)[0] == pytest.approx(200.0)


def test_a_quarter_with_too_few_samples_is_missing(database, path):
    database.write_samples([period(n, 1.0) for n in range(PER_QUARTER // 2)])
    assert np.isnan(quarters(path)).all()
    assert read_quarters(path, [PV], START_S, 1, enough_frac=0.5)[PV] == [1.0]


def test_samples_with_a_false_stamp_are_left_out(database, path):
    database.write_samples([period(n, 1.0, synchronised=False) for n in range(PER_QUARTER)])
    assert np.isnan(quarters(path)).all()
    assert first_quarter_s(path, [PV]) is None
    database.fold_all()
    assert np.isnan(quarters(path)).all()
    assert sql(path, "SELECT count(*) FROM quarter_day") == [(0,)]


def test_samples_that_come_late_complete_their_quarter_and_overwrite_none(database, path):
    database.write_samples([period(n, 1.0) for n in range(30, 2 * PER_QUARTER)])
    database.fold_all()
    database.write_samples([period(n, 4.0) for n in range(PER_QUARTER)])  # of a clock that stepped back
    assert quarters(path)[:2] == pytest.approx([2.0, 1.0])
    database.fold_all()
    assert quarters(path)[:2] == pytest.approx([2.0, 1.0])


def test_each_series_is_its_own_and_an_unknown_one_is_missing(database, path):
    both = [period(n, 1.0) for n in range(PER_QUARTER)]
    for each in both:
        each.add({LOAD: 7.0})
    database.write_samples(both)
    found = read_quarters(path, [PV, LOAD, ("site", "never")], START_S, 1)
    assert found[PV] == [1.0]
    assert found[LOAD] == [7.0]
    assert math.isnan(found["site", "never"][0])


def test_without_a_store_everything_is_missing(path):
    assert np.isnan(quarters(path)).all()
    assert first_quarter_s(path, [PV]) is None


def test_a_start_between_quarters_is_refused(path):
    with pytest.raises(ValueError, match="multiples of 900"):
        read_quarters(path, [PV], START_S + 10, 1)


def test_the_first_quarter_is_known_before_and_after_it_is_sorted(database, path):
    database.write_samples([period(n, 1.0) for n in range(100, 100 + PER_QUARTER)])
    assert first_quarter_s(path, [PV]) == START_S + QUARTER_S
    database.fold_all()
    assert first_quarter_s(path, [PV]) == START_S + QUARTER_S


@settings(max_examples=15, deadline=None)
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 3 * PER_QUARTER - 1), st.floats(0, 1e4)), max_size=40), max_size=6
    ),
    folds=st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_whenever_samples_are_folded_a_quarter_is_the_mean_of_the_first_of_each_period(
    tmp_path_factory, batches, folds
):
    path = tmp_path_factory.mktemp("quarters") / "telemetry.db"
    database = TelemetryDatabase(path)
    database.open(BOOT, NOON)
    first: dict[int, float] = {}
    for batch, fold in zip(batches, folds, strict=False):
        once = dict(batch)
        database.write_samples([period(number, value) for number, value in once.items()])
        first = once | first
        if fold:
            database.fold_all()
    found = read_quarters(path, [PV], START_S, 3, enough_frac=0.0)[PV]
    for quarter in range(3):
        values = [value for number, value in first.items() if number // PER_QUARTER == quarter]
        if values:
            assert found[quarter] == pytest.approx(np.mean(values), abs=0.05)
        else:
            assert math.isnan(found[quarter])
    database.close()


async def test_a_forecast_is_kept_as_issued_and_forgotten_after_weeks(path):
    store = TelemetryStore(path, boot_id=BOOT, clock=HandClock())
    await store.open()
    old = IssuedForecast("pv", START_S, START_S, 900, ((0.0, 1.5), (0.0, 2.5)))
    load = IssuedForecast("load", START_S, START_S, 900, ((3.0,),))
    await store.keep_forecasts([old, load])
    assert read_issued(path, "pv", START_S, START_S + 1) == [old]
    new = IssuedForecast("pv", START_S + KEPT_S + 1, START_S + KEPT_S, 900, ((4.0,),))
    await store.keep_forecasts([new])
    await store.close()
    assert read_issued(path, "pv", 0, START_S + 2 * KEPT_S) == [new]
    assert read_issued(path, "load", 0, START_S + 2 * KEPT_S) == [load]


def test_rows_of_unequal_length_are_no_forecast():
    with pytest.raises(ValueError, match="one length"):
        IssuedForecast("pv", 0, 0, 900, ((1.0, 2.0), (1.0,)))
    with pytest.raises(ValueError, match="not empty"):
        IssuedForecast("pv", 0, 0, 900, ((), ()))
