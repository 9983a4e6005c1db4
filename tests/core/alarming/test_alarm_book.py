"""Alarms are raised after a delay, keep their identity through breaks and restarts, and are cleared once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from controller.core.alarming import AlarmRecord, Severity
from controller.core.alarming.book import AFTER_START_S, FIGURES_KEPT_EVERY_S, AlarmBook, Found
from controller.core.model import Reason

DAWN = datetime(2026, 4, 1, 22, 0, tzinfo=UTC)


def utc(now_s: float) -> datetime:
    return DAWN + timedelta(seconds=now_s)


def blackout() -> Found:
    return Found("site", Reason("blackout"))


def lost(device: str = "meter_pump", lost_s: float = 30.0) -> Found:
    """Raised after 15 s, cleared after 300 s."""
    return Found(device, Reason("device_lost", {"device": device, "lost_s": lost_s}))


def fuel(severity: Severity | None = None, fuel_frac: float = 0.15) -> Found:
    params = {"genset": {"th": "ก", "en": "Genset"}, "fuel_frac": fuel_frac}
    return Found("genset", Reason("genset_fuel_low", params), severity)


def look(book: AlarmBook, now_s: float, *found: Found) -> Sequence[AlarmRecord]:
    return book.look(found, now_s, utc(now_s))


def test_an_alarm_is_raised_with_an_id_of_its_own() -> None:
    book = AlarmBook()
    raised = look(book, 0, blackout(), Found("battery", Reason("soc_frozen", {"told_frac": 0.5})))
    assert [(each.id, each.code, each.severity, each.raised_utc) for each in raised] == [
        (1, "blackout", Severity.CRITICAL, utc(0)),
        (2, "soc_frozen", Severity.WARNING, utc(0)),
    ]


def test_it_is_raised_only_once_it_has_held_for_its_delay() -> None:
    book = AlarmBook()
    assert not look(book, 0, lost())
    assert not look(book, 14, lost())
    assert [each.raised_utc for each in look(book, 15, lost())] == [utc(15)]


def test_a_break_begins_the_delay_anew() -> None:
    book = AlarmBook()
    look(book, 0, lost())
    look(book, 10)
    look(book, 12, lost())
    assert not look(book, 20, lost())
    assert look(book, 27, lost())


def test_it_stands_until_it_has_been_over_for_long_enough() -> None:
    book = AlarmBook()
    look(book, 0, blackout())
    assert not look(book, 10)
    assert [each.present for each in book.standing] == [False]
    assert not look(book, 69)
    (cleared,) = look(book, 70)
    assert (cleared.id, cleared.cleared_utc) == (1, utc(70))
    assert not book.standing


def test_what_comes_back_soon_is_the_same_alarm_and_must_then_be_over_for_longer() -> None:
    book = AlarmBook()
    look(book, 0, blackout())
    look(book, 10)
    assert not look(book, 40, blackout())
    (standing,) = book.standing
    assert (standing.record.id, standing.record.params["recurred"], standing.present) == (1, 1, True)
    look(book, 50)
    assert not look(book, 169)
    assert look(book, 170)[0].cleared_utc == utc(170)


def test_what_flaps_for_a_day_is_one_alarm() -> None:
    book, ids = AlarmBook(), set()
    for minute in range(24 * 60):
        found = (blackout(),) if minute % 2 else ()
        ids |= {record.id for record in look(book, 60.0 * minute, *found)}
    assert len(ids) <= 2


def test_what_comes_back_after_it_was_cleared_is_another() -> None:
    book = AlarmBook()
    look(book, 0, blackout())
    look(book, 1)
    look(book, 61)
    assert [each.id for each in look(book, 62, blackout())] == [2]


def test_an_alarm_of_another_device_is_another() -> None:
    book = AlarmBook()
    look(book, 0, lost("a"), lost("b"))
    assert {each.subject for each in look(book, 20, lost("a"), lost("b"))} == {"a", "b"}


def test_of_two_with_the_same_name_the_graver_is_told() -> None:
    book = AlarmBook()
    look(book, 0, fuel(Severity.CRITICAL, 0.05), fuel())
    (record,) = look(book, 300, fuel(Severity.CRITICAL, 0.05), fuel())
    assert record.severity is Severity.CRITICAL


def test_somebody_acknowledges_it_once() -> None:
    book = AlarmBook()
    look(book, 0, blackout())
    record = book.acknowledge(1, "somchai", utc(5))
    assert record is not None
    assert (record.acknowledged_by, record.acknowledged_utc) == ("somchai", utc(5))
    again = book.acknowledge(1, "malee", utc(9))
    assert again is not None
    assert again.acknowledged_by == "somchai"
    assert book.acknowledge(2, "malee", utc(9)) is None


def test_what_gets_worse_is_told_anew_and_was_acknowledged_by_nobody() -> None:
    book = AlarmBook()
    look(book, 0, fuel())
    look(book, 300, fuel())
    book.acknowledge(1, "somchai", utc(301))
    (record,) = look(book, 302, fuel(Severity.CRITICAL, 0.05))
    assert (record.id, record.severity, record.acknowledged_utc) == (1, Severity.CRITICAL, None)
    assert not look(book, 303, fuel())
    assert book.standing[0].record.severity is Severity.CRITICAL


def test_figures_are_shown_at_once_and_stored_now_and_then() -> None:
    book = AlarmBook()
    look(book, 0, lost())
    look(book, 15, lost(lost_s=45))
    written = [record for s in range(16, 7200) for record in look(book, float(s), lost(lost_s=30.0 + s))]
    assert book.standing[0].record.params["lost_s"] == 30.0 + 7199
    assert len(written) <= 7200 / FIGURES_KEPT_EVERY_S
    assert all(record.cleared_utc is None for record in written)


def test_figures_that_do_not_move_are_not_stored_again() -> None:
    book = AlarmBook()
    look(book, 0, blackout())
    assert not [record for s in range(1, 7200) for record in look(book, float(s), blackout())]


def test_after_a_restart_it_is_the_same_alarm() -> None:
    before = AlarmBook()
    look(before, 0, blackout())
    before.acknowledge(1, "somchai", utc(3))
    after = AlarmBook()
    after.restore([before.standing[0].record], 7, 1000.0)
    assert not look(after, 1000)
    assert not look(after, 1010, blackout())
    (standing,) = after.standing
    assert (standing.record.id, standing.record.acknowledged_by, standing.present) == (1, "somchai", True)
    assert "recurred" not in standing.record.params
    assert [
        each.id for each in look(after, 1011, blackout(), fuel(), Found("battery", Reason("battery_hot")))
    ] == [8]


def test_what_is_not_seen_again_after_a_restart_is_cleared_after_a_while() -> None:
    before, after = AlarmBook(), AlarmBook()
    look(before, 0, blackout())
    after.restore([before.standing[0].record], 1, 0.0)
    assert not look(after, AFTER_START_S - 1)
    assert look(after, AFTER_START_S)[0].cleared_utc is not None


def test_what_an_older_tawan_called_an_alarm_and_this_one_does_not_is_cleared() -> None:
    book = AlarmBook()
    book.restore([AlarmRecord(3, "no_such_code", "site", Severity.CRITICAL, {}, utc(0))], 3, 0.0)
    (cleared,) = look(book, 1)
    assert (cleared.id, cleared.cleared_utc) == (3, utc(1))


def test_the_gravest_stands_first() -> None:
    book = AlarmBook()
    look(book, 0, Found("battery", Reason("soc_frozen")))
    look(book, 1, Found("battery", Reason("soc_frozen")), blackout())
    assert [each.record.code for each in book.standing] == ["blackout", "soc_frozen"]


STEPS = st.lists(
    st.tuples(st.integers(1, 400), st.sets(st.sampled_from(["a", "b"])), st.booleans()), max_size=60
)
"""Seconds, the devices that are silent then, and whether the controller is killed and started again."""


@given(STEPS)
def test_whatever_comes_and_goes_and_whoever_is_killed_each_alarm_is_raised_once_and_cleared_once(
    steps: list[tuple[int, set[str], bool]],
) -> None:
    book, now_s = AlarmBook(), 0.0
    stored: dict[int, AlarmRecord] = {}
    for dt_s, devices, killed in steps:
        now_s += dt_s
        for record in look(book, now_s, *map(lost, devices)):
            before = stored.get(record.id)
            assert before is None or before.cleared_utc is None
            assert before is not None or record.raised_utc == utc(now_s)
            assert record.cleared_utc is None or record.subject not in devices
            stored[record.id] = record
        standing = {each.record.id for each in book.standing}
        assert standing == {number for number, record in stored.items() if record.cleared_utc is None}
        subjects = [each.record.subject for each in book.standing]
        assert len(subjects) == len(set(subjects))
        if killed:
            book = AlarmBook()
            kept = [record for record in stored.values() if record.cleared_utc is None]
            book.restore(kept, max(stored, default=0), now_s)
    assert sorted(stored) == list(range(1, len(stored) + 1))
