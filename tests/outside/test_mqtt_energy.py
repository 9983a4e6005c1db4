"""Counters of energy only grow: through restarts, late stamps, resets and meters that fall silent."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mqtt_village import CONFIG, Period, Periods

from controller.core.counters import BreakKind
from controller.outside.mqtt.counting import AT_ONCE, EnergyBook
from controller.outside.mqtt.energy import Breaks, EnergyTotals, Source, sources_of
from controller.outside.notebook import Notebook
from controller.telemetry.counter_breaks import StoredBreak

POWER, COUNTER = ("clinic", "power_w"), ("meter_clinic", "energy_import_wh")
CLINIC = Source("feeder/clinic/energy_wh", POWER, 1.0, 3000.0, COUNTER)
BATTERY = [
    Source("battery/charged_wh", ("site", "battery_w"), 1.0, 24_000.0),
    Source("battery/discharged_wh", ("site", "battery_w"), -1.0, 24_000.0),
]


def counted(source: Source, *rows: tuple[int, dict], breaks: Breaks | None = None) -> float:
    totals = EnergyTotals.beginning([source], 0)
    totals.count((Period(seq, at_s, values) for seq, (at_s, values) in enumerate(rows, start=1)), breaks)
    return totals.totals[source.part].wh


@given(st.lists(st.floats(-20_000, 20_000), max_size=60))
def test_what_goes_in_and_what_comes_out_are_counted_apart_and_balance(powers: list[float]) -> None:
    totals = EnergyTotals.beginning(BATTERY, 0)
    totals.count(Period(n, 10 * n, {("site", "battery_w"): w}) for n, w in enumerate(powers, start=1))
    charged, discharged = (total.wh for total in totals.totals.values())
    assert charged - discharged == pytest.approx(sum(powers) * 10 / 3600, abs=1e-6)
    assert min(charged, discharged) >= 0


@given(st.data())
def test_no_counter_goes_back_whatever_a_meter_says(data) -> None:
    readings = data.draw(st.lists(st.none() | st.floats(0, 1e7), min_size=1, max_size=40))
    totals = EnergyTotals.beginning([CLINIC], 0)
    before = 0
    for seq, reading in enumerate(readings, start=1):
        values = {POWER: 500.0} | ({} if reading is None else {COUNTER: reading})
        totals.count([Period(seq, 10 * seq, values)])
        told = int(totals.told()[CLINIC.part])
        assert told >= before
        before = told


def test_a_meters_own_counter_is_believed_before_its_power() -> None:
    rows = [(10, {POWER: 900.0, COUNTER: 1000.0}), (20, {POWER: 900.0, COUNTER: 1003.0})]
    assert counted(CLINIC, *rows) == pytest.approx(3.0)


def test_a_meter_that_was_silent_makes_up_for_it() -> None:
    rows = [(10, {COUNTER: 1000.0}), (20, {POWER: 900.0}), (3610, {POWER: 900.0, COUNTER: 1900.0})]
    assert counted(CLINIC, *rows) == pytest.approx(900.0)


def test_a_reset_and_another_meter_that_nobody_noted_add_nothing() -> None:
    rows = [
        (10, {COUNTER: 5_000_000.0}),
        (20, {COUNTER: 2.0}),
        (30, {COUNTER: 4.0}),
        (40, {COUNTER: 9_000_000.0}),
    ]
    assert counted(CLINIC, *rows) == pytest.approx(2.0)


REPLACED = StoredBreak(COUNTER, 3600, BreakKind.REPLACEMENT, 5000.0, 20.0, 4980.0)
ROLLED_OVER = StoredBreak(COUNTER, 3600, BreakKind.ROLLOVER, 99_999_990.0, 10.0, 1e8)


def test_what_passes_behind_a_noted_break_is_counted_even_if_nothing_was_heard_for_long() -> None:
    rows = [(3500, {COUNTER: 5000.0}), (7200, {COUNTER: 320.0}), (7210, {COUNTER: 321.0})]
    assert counted(CLINIC, *rows, breaks={COUNTER: [REPLACED]}) == pytest.approx(301.0)


def test_a_meter_that_passed_its_largest_number_loses_nothing() -> None:
    rows = [(3590, {COUNTER: 99_999_990.0}), (3600, {COUNTER: 10.0}), (3610, {COUNTER: 12.0})]
    assert counted(CLINIC, *rows, breaks={COUNTER: [ROLLED_OVER]}) == pytest.approx(22.0)


def test_a_new_meter_that_shows_a_little_more_than_the_old_one_adds_only_what_it_counted() -> None:
    set_higher = StoredBreak(COUNTER, 3600, BreakKind.REPLACEMENT, 5000.0, 5400.0, -400.0)
    rows = [(3590, {COUNTER: 5000.0}), (3600, {COUNTER: 5400.0}), (3610, {COUNTER: 5402.0})]
    assert counted(CLINIC, *rows) == pytest.approx(402.0), "within what could have been drawn"
    assert counted(CLINIC, *rows, breaks={COUNTER: [set_higher]}) == pytest.approx(2.0)


def test_a_period_whose_stamp_was_found_late_is_no_reset() -> None:
    rows = [(1000, {COUNTER: 500.0}), (10, {COUNTER: 100.0}), (1010, {COUNTER: 501.0})]
    assert counted(CLINIC, *rows) == pytest.approx(1.0)


def test_a_period_is_counted_once() -> None:
    totals = EnergyTotals.beginning(BATTERY, 0)
    period = Period(1, 10, {("site", "battery_w"): 3600.0})
    totals.count([period, period])
    totals.count([period])
    assert totals.told()["battery/charged_wh"] == "10"


def test_a_site_counts_sun_load_battery_arrays_and_metered_feeders() -> None:
    parts = {source.part for source in sources_of(CONFIG)}
    assert {
        "site/pv_wh",
        "site/load_wh",
        "battery/charged_wh",
        "battery/discharged_wh",
        "genset/energy_wh",
    } <= parts
    assert "pv/pv_south/energy_wh" in parts
    assert "feeder/clinic/energy_wh" in parts
    assert not any(part.startswith("grid/") for part in parts)


def village_hours(hours: int) -> Periods:
    periods = Periods()
    for _ in range(hours * 360):
        periods.add(battery_w=3600.0)
    return periods


def book_of(folder, periods: Periods) -> tuple[EnergyBook, Notebook]:
    notebook = Notebook(folder / "outside.db")
    return EnergyBook(BATTERY, periods, lambda keys: {}, notebook), notebook


def test_the_counters_go_on_after_a_restart_where_they_stopped(tmp_path) -> None:
    periods = Periods()
    book, notebook = book_of(tmp_path, periods)
    assert not book.count()
    periods.rows = village_hours(2).rows
    while book.count():
        pass
    before = book.told()
    notebook.close()
    periods.add(battery_w=3600.0)
    again, notebook = book_of(tmp_path, periods)
    assert again.told() == {}, "nothing is told before all is counted"
    while again.count():
        pass
    notebook.close()
    assert (before["battery/charged_wh"], again.told()["battery/charged_wh"]) == ("7200", "7210")


def test_a_week_without_network_is_counted_in_pieces(tmp_path) -> None:
    periods = Periods()
    book, notebook = book_of(tmp_path, periods)
    book.count()
    periods.rows = village_hours(5).rows
    pieces = 1
    while book.count():
        pieces += 1
    notebook.close()
    assert pieces == 5 * 360 // AT_ONCE + 1
    assert book.told()["battery/charged_wh"] == "18000"


def test_a_store_that_was_begun_anew_is_counted_from_its_beginning(tmp_path) -> None:
    periods = village_hours(1)
    book, notebook = book_of(tmp_path, periods)
    book.count()
    periods.add(battery_w=3600.0)
    book.count()
    periods.rows = [Period(1, 10 * 362, {("site", "battery_w"): 3600.0})]
    book.count()
    notebook.close()
    assert book.told()["battery/charged_wh"] == "20"


def test_what_a_restored_store_holds_of_the_time_that_is_counted_adds_nothing(tmp_path) -> None:
    periods = Periods()
    book, notebook = book_of(tmp_path, periods)
    book.count()
    periods.rows = village_hours(2).rows
    while book.count():
        pass
    del periods.rows[500:]  # the backup's
    while book.count():
        pass
    periods.rows.append(Period(501, 10 * 800, {("site", "battery_w"): 3600.0}))
    book.count()
    notebook.close()
    again, notebook = book_of(tmp_path, periods)
    again.count()
    notebook.close()
    assert book.told()["battery/charged_wh"] == again.told()["battery/charged_wh"] == "7210"


@pytest.mark.parametrize(
    "told", [None, 3, {}, {"cursor": "x", "totals": {}}, {"cursor": 1, "totals": {"a": {"b": 1}}}]
)
def test_a_note_that_makes_no_sense_is_not_believed(told) -> None:
    assert EnergyTotals.from_json(BATTERY, told) is None


def test_a_source_that_is_new_begins_at_zero() -> None:
    totals = EnergyTotals.beginning(BATTERY[:1], 0)
    totals.count([Period(1, 10, {("site", "battery_w"): 3600.0})])
    again = EnergyTotals.from_json(BATTERY, json.loads(json.dumps(totals.to_json())))
    assert again is not None
    assert again.told() == {"battery/charged_wh": "10", "battery/discharged_wh": "0"}
