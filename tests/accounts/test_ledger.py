"""A ledger that loses nothing and in which nothing can be rewritten unnoticed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from controller.accounts.ledger import EntryKind, Ledger, NewEntry, valid
from controller.telemetry.schema import StorageError

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "accounts.db")


def paid(satang: int, household: str = "h001") -> NewEntry:
    return NewEntry(EntryKind.PAYMENT, household, DAY, "สมชาย", {"satang": satang})


def change(ledger: Ledger, statement: str) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection, connection:
        connection.execute(statement)


def test_before_the_first_entry_there_is_nothing(ledger):
    assert ledger.entries() == []
    assert ledger.verify().count == 0
    assert not ledger.path.exists()


def test_entries_come_back_in_order_with_their_numbers(ledger):
    ledger.append([paid(20_000)], NOW)
    ledger.append([paid(5_000, "h002"), paid(100)], NOW)
    entries = ledger.entries()
    assert [(entry.number, entry.household, entry.params["satang"]) for entry in entries] == [
        (1, "h001", 20_000),
        (2, "h002", 5_000),
        (3, "h001", 100),
    ]
    assert entries[0].who == "สมชาย"
    assert entries[0].day == DAY
    assert entries[0].at_utc == NOW


def test_a_cancelled_entry_stays_but_does_not_count(ledger):
    ledger.append([paid(20_000), paid(300)], NOW)
    ledger.append(
        [NewEntry(EntryKind.CANCEL, "h001", DAY, "นก", {"number": 1, "because": "wrong house"})], NOW
    )
    assert [entry.number for entry in ledger.entries()] == [1, 2, 3]
    assert [entry.number for entry in valid(ledger.entries())] == [2]


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE entry SET params = '{\"satang\":99}' WHERE number = 2", 2),
        ("UPDATE entry SET household = 'h009' WHERE number = 1", 1),
        ("UPDATE entry SET params = x'00' WHERE number = 3", 3),
        ("DELETE FROM entry WHERE number = 2", 2),
    ],
)
def test_whoever_rewrites_an_entry_is_found_out(ledger, tampering, broken):
    ledger.append([paid(100), paid(200), paid(300)], NOW)
    assert ledger.verify().broken is None
    change(ledger, tampering)
    assert ledger.verify().broken == broken


def test_whoever_cuts_entries_off_the_end_is_found_out_by_the_head_on_paper(ledger):
    ledger.append([paid(100), paid(200)], NOW)
    head = ledger.verify().head_hash
    ledger.append([paid(300)], NOW)
    assert not ledger.verify(head).head_missing
    change(ledger, "DELETE FROM entry WHERE number > 1")
    assert ledger.verify().broken is None
    assert ledger.verify(head).head_missing


def test_an_entry_that_makes_no_sense_is_named(ledger):
    ledger.append([paid(100)], NOW)
    change(ledger, "UPDATE entry SET day = 'yesterday'")
    with pytest.raises(StorageError, match="entry 1 is damaged"):
        ledger.entries()


def test_what_was_confirmed_survives_a_kill_at_any_moment(tmp_path):
    """A process enters payments and says so; it is killed in the middle."""
    path = tmp_path / "accounts.db"
    program = textwrap.dedent(
        """
        import sys
        from datetime import UTC, date, datetime
        from pathlib import Path
        from controller.accounts.ledger import EntryKind, Ledger, NewEntry
        ledger = Ledger(Path(sys.argv[1]))
        while True:
            new = NewEntry(EntryKind.PAYMENT, "h001", date(2026, 11, 22), "a", {"satang": 100})
            print(ledger.append([new], datetime(2026, 11, 22, tzinfo=UTC))[0].number, flush=True)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        confirmed = [int(process.stdout.readline()) for _ in range(15)]
        os.kill(process.pid, signal.SIGKILL)
        confirmed += [int(line) for line in process.stdout if line.endswith("\n")]
    report = Ledger(path).verify()
    assert report.broken is None
    assert report.count >= max(confirmed)
