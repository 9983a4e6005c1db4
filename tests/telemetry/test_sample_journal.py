import errno
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.telemetry.journal import PAGE_BYTES, Head, Replay, Row, journal_files, read_bytes, replay
from controller.telemetry.journal_writer import GROWN_BYTES, SampleJournal

KEYS = tuple((f"meter_{number}", "power_w") for number in range(40))
HEAD = Head("a boot", KEYS)
EMPTY = Replay((), 0, {}, 0)


def row(number: int, start_s: int | None = None, stamped: bool = True) -> Row:
    chance = np.random.default_rng(number)
    values = np.round(chance.normal(500, 200, len(KEYS)), 1)
    values[chance.random(len(KEYS)) < 0.1] = math.nan
    return Row(10 * number if start_s is None else start_s, number if stamped else None, values)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "telemetry.db"


@pytest.fixture
def journal(path):
    journal = SampleJournal(path)
    journal.open(EMPTY, 0)
    yield journal
    journal.close()


def read(path, folded=0) -> list[Row]:
    return [row for stretch in replay(read_bytes(path), folded).stretches for row in stretch.rows]


def assert_same(found, expected):
    assert [(each.start_s, each.seq) for each in found] == [(each.start_s, each.seq) for each in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.values, other.values, atol=0.05)


def test_every_period_is_there_as_soon_as_it_is_written(path, journal):
    for number in range(1, 100):
        journal.append(HEAD, [row(number)])
        assert len(read(path)) == number
    assert_same(read(path), [row(number) for number in range(1, 100)])


def test_a_period_costs_one_page(path, journal):
    for number in range(1, 302):
        journal.append(HEAD, [row(number)])
    assert journal.written_bytes == journal.size_bytes + 301 * PAGE_BYTES


def test_the_next_generation_goes_to_the_other_file_and_what_is_folded_is_left_out(path, journal):
    journal.append(HEAD, [row(1), row(2)])
    journal.turn()
    journal.append(HEAD, [row(3)])
    assert [each.seq for each in read(path)] == [1, 2, 3]
    assert [each.seq for each in read(path, folded=1)] == [3]
    journal.turn()  # back in the first file, over what was folded
    journal.append(HEAD, [row(4)])
    assert [each.seq for each in read(path, folded=2)] == [4]


def test_after_a_restart_it_goes_on_behind_what_is_there(path, journal):
    journal.append(HEAD, [row(1)])
    journal.close()
    again = SampleJournal(path)
    again.open(replay(read_bytes(path), 0), 0)
    again.append(Head("the next boot", KEYS), [row(2)])
    again.close()
    stretches = replay(read_bytes(path), 0).stretches
    assert [(stretch.head.boot_id, len(stretch.rows)) for stretch in stretches] == [
        ("a boot", 1),
        ("the next boot", 1),
    ]


def test_new_columns_may_come_at_any_time(path, journal):
    journal.append(HEAD, [row(1)])
    wider = Head("a boot", (*KEYS, ("pump", "power_w")))
    journal.append(wider, [Row(20, 2, np.append(row(2).values, 7.0))])
    last = replay(read_bytes(path), 0).stretches[-1]
    assert last.head == wider
    assert last.rows[0].values[-1] == 7.0


def test_rows_longer_than_a_page_are_whole(path, journal):
    many = Head("a boot", tuple((f"household_{number}", "energy_wh") for number in range(3000)))
    rows = [
        Row(10 * n, n, np.random.default_rng(n).integers(0, 2**40, 3000).astype(float)) for n in (1, 2, 3)
    ]
    for each in rows:
        journal.append(many, [each])
    assert_same(read(path), rows)


def test_periods_without_a_true_stamp_say_so(path, journal):
    journal.append(HEAD, [row(1, stamped=False), row(2)])
    assert [each.seq for each in read(path)] == [None, 2]


@settings(max_examples=30, deadline=None)
@given(
    torn=st.integers(1, 8), garbage=st.none() | st.binary(min_size=1, max_size=600), whole=st.integers(1, 9)
)
def test_a_torn_write_costs_no_period_before_it(tmp_path_factory, torn, garbage, whole):
    path = tmp_path_factory.mktemp("torn") / "telemetry.db"
    journal = SampleJournal(path)
    journal.open(EMPTY, 0)
    for number in range(1, whole + 1):
        journal.append(HEAD, [row(number)])
    file = journal_files(path)[1]
    before = file.read_bytes()
    journal.append(HEAD, [row(whole + 1)])
    journal.close()
    after = bytearray(file.read_bytes())
    sectors = [at for at in range(0, len(before), 512) if before[at : at + 512] != after[at : at + 512]]
    for at in sectors[:torn]:
        after[at : at + 512] = before[at : at + 512] if garbage is None else (garbage * 512)[:512]
    file.write_bytes(after)
    assert_same(read(path)[:whole], [row(number) for number in range(1, whole + 1)])
    again = SampleJournal(path)
    again.open(replay(read_bytes(path), 0), 0)
    again.append(HEAD, [row(99)])
    again.close()
    assert read(path)[-1].seq == 99


def test_a_spoilt_page_costs_only_itself(path, journal):
    for number in range(1, 200):
        journal.append(HEAD, [row(number)])
    file = journal_files(path)[1]
    spoilt = bytearray(file.read_bytes())
    spoilt[5 * PAGE_BYTES + 100 : 5 * PAGE_BYTES + 200] = b"\xff" * 100
    file.write_bytes(spoilt)
    found = replay(read_bytes(path), 0)
    kept = {each.seq for stretch in found.stretches for each in stretch.rows}
    lost = set(range(1, 200)) - kept
    assert lost == {6}
    assert 0 < found.damaged_bytes <= PAGE_BYTES


@given(content=st.binary(max_size=3 * PAGE_BYTES))
def test_whatever_a_file_holds_it_is_read(content):
    assert replay([content, b""], 0).stretches == ()


def test_a_write_that_failed_is_tried_again_in_the_same_place(path, journal, monkeypatch):
    journal.append(HEAD, [row(1)])

    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("controller.telemetry.journal_writer.os.fdatasync", refuse)
        for _ in range(3):
            with pytest.raises(OSError, match="No space"):
                journal.append(HEAD, [row(2), row(3)])
    journal.append(HEAD, [row(2), row(3)])
    assert [each.seq for each in read(path)] == [1, 2, 3]
    assert journal.size_bytes == GROWN_BYTES
