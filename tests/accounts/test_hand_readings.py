"""Energy between readings that people typed in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count

from controller.accounts.hand import hand_energy, newest_reading
from controller.accounts.ledger import Entry, EntryKind

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
_numbers = count(1)


def read(day: date, wh: int) -> Entry:
    return _entry(EntryKind.READING, day, {"wh": wh})


def replaced(day: date, old_wh: int, new_wh: int) -> Entry:
    return _entry(EntryKind.REPLACEMENT, day, {"old_wh": old_wh, "new_wh": new_wh})


def _entry(kind: EntryKind, day: date, params: dict) -> Entry:
    return Entry(next(_numbers), datetime(2026, 12, 1, tzinfo=UTC), kind, "h002", day, "a", params, "")


def test_a_reading_of_the_first_closes_the_month_before() -> None:
    readings = [read(OCTOBER, 1_200_000), read(NOVEMBER, 1_231_500), read(DECEMBER, 1_250_000)]
    october = hand_energy(readings, OCTOBER, NOVEMBER)
    assert october is not None
    assert october.wh == 31_500
    assert (october.opening.day, october.closing.day) == (OCTOBER, NOVEMBER)
    november = hand_energy(readings, NOVEMBER, DECEMBER)
    assert november is not None
    assert november.wh == 18_500


def test_months_without_a_reading_count_when_the_meter_is_read_again() -> None:
    readings = [read(OCTOBER, 0), read(date(2026, 11, 20), 50_000)]
    assert hand_energy(readings, OCTOBER, NOVEMBER) is None
    november = hand_energy(readings, NOVEMBER, DECEMBER)
    assert november is not None
    assert november.wh == 50_000


def test_the_first_reading_of_all_is_where_counting_begins() -> None:
    assert hand_energy([read(date(2026, 10, 9), 812_000)], OCTOBER, NOVEMBER) is None


def test_a_replaced_meter_loses_nothing_that_was_read() -> None:
    readings = [
        read(OCTOBER, 99_000_000),
        replaced(date(2026, 10, 12), 99_010_000, 300),
        read(NOVEMBER, 20_300),
    ]
    october = hand_energy(readings, OCTOBER, NOVEMBER)
    assert october is not None
    assert october.wh == 10_000 + 20_000
    [changed] = october.changes
    assert (changed.old_wh, changed.new_wh) == (99_010_000, 300)


def test_a_meter_that_rolled_over_goes_on_from_nothing() -> None:
    modulus_wh = 100_000_000
    rolled = [
        read(OCTOBER, modulus_wh - 5_000),
        replaced(NOVEMBER, modulus_wh, 0),
        read(NOVEMBER, 7_000),
    ]
    october = hand_energy(rolled, OCTOBER, NOVEMBER)
    assert october is not None
    assert october.wh == 12_000


def test_the_newest_reading_is_the_one_of_the_latest_day() -> None:
    assert newest_reading([]) is None
    newest = newest_reading([read(NOVEMBER, 5), replaced(DECEMBER, 9, 1), read(OCTOBER, 2)])
    assert newest is not None
    assert (newest.day, newest.wh) == (DECEMBER, 1)
