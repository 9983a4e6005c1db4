import sqlite3
from contextlib import closing

import pytest
from telemetry_village import BOOT, NOON, decision

from controller.telemetry.audit import Fault, verify
from controller.telemetry.chain import LOST, SALVAGED, UNDER_WAY, append_entries
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.decision_log import GENESIS_HASH, DecisionRecord, LogRow, entry_hash
from controller.telemetry.schema import StorageError


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "telemetry.db"
    database = TelemetryDatabase(path)
    database.open(BOOT, NOON)
    for number in range(1, 11):
        database.append_decisions([decision(number)], "{}")
    database.close()
    return path


def tamper(path, *statements):
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def broken(path, **kwargs):
    found = verify(path, **kwargs).broken
    return (found.fault, found.seq) if found else None


def test_a_whole_chain_is_whole(log):
    report = verify(log)
    assert report.ok
    assert report.count == 10
    assert report.first_utc == "2026-11-21T05:00:01.000000+00:00"
    assert report.last_utc == "2026-11-21T05:00:10.000000+00:00"


def test_an_empty_log_is_whole(tmp_path):
    database = TelemetryDatabase(tmp_path / "t.db")
    database.open(BOOT, NOON)
    report = verify(tmp_path / "t.db")
    database.close()
    assert (report.ok, report.count, report.first_utc, report.head_hash) == (True, 0, None, GENESIS_HASH)


def test_without_a_file_there_is_nothing_to_audit(tmp_path):
    with pytest.raises(StorageError, match="no decision log"):
        verify(tmp_path / "none.db")


@pytest.mark.parametrize(
    "change",
    [
        "subject = 'houses_b'",
        "at_utc = '2026-11-21T04:00:00.000000+00:00'",
        "code = 'overload'",
        "monotonic_s = monotonic_s + 0.001",
        "boot_id = 'another'",
        """params = '{"n":4,"extra":1}'""",
        """params = '{"n": 4}'""",
        """params = '{"n":4,"n":4}'""",
        "hash = upper(hash)",
        "hash = '" + "0" * 64 + "'",
        "previous_hash = '" + "0" * 64 + "'",
        "subject = x'ff00'",
        "subject = CAST(x'ff00' AS TEXT)",
        """params = '{"n":NaN}'""",
    ],
)
def test_an_altered_entry_is_named(log, change):
    tamper(log, f"UPDATE decision SET {change} WHERE seq = 4")
    assert broken(log) == (Fault.ALTERED, 4)


@pytest.mark.parametrize("text", ["", "{", "[1]", "nothing", "[" * 100_000])
def test_parameters_that_cannot_be_read_are_named(log, text):
    tamper(log, f"UPDATE decision SET params = '{text}' WHERE seq = 5")
    assert broken(log) == (Fault.UNREADABLE, 5)


@pytest.mark.parametrize(
    ("removed", "first", "words"),
    [("= 1", 1, "entry 1 is"), ("= 6", 6, "entry 6 is"), ("BETWEEN 3 AND 7", 3, "entries 3 to 7 are")],
)
def test_missing_entries_are_named(log, removed, first, words):
    tamper(log, f"DELETE FROM decision WHERE seq {removed}")
    report = verify(log)
    assert (report.broken.fault, report.broken.seq) == (Fault.MISSING, first)
    assert words in report.broken.detail


def test_closing_the_gap_with_new_numbers_does_not_help(log):
    tamper(log, "DELETE FROM decision WHERE seq = 6", "UPDATE decision SET seq = seq - 1 WHERE seq > 6")
    assert broken(log) == (Fault.ALTERED, 6)


def rewrite(path, seq, **changes):
    """Replace an entry by one whose own hash fits."""
    with closing(sqlite3.connect(path)) as connection, connection:
        row = LogRow._make(connection.execute("SELECT * FROM decision WHERE seq = ?", (seq,)).fetchone())
        row = row._replace(**changes)
        row = row._replace(hash=entry_hash(row))
        connection.execute("REPLACE INTO decision VALUES (?,?,?,?,?,?,?,?,?,?)", row)
    return row.hash


def test_a_replaced_entry_shows_at_the_one_after_it(log):
    rewrite(log, 6, subject="clinic")
    assert broken(log) == (Fault.RELINKED, 7)


def test_a_rewrite_to_the_end_is_seen_by_who_noted_the_head(log):
    noted = verify(log).head_hash
    link = rewrite(log, 6, subject="clinic")
    for seq in range(7, 11):
        link = rewrite(log, seq, previous_hash=link)
    assert broken(log) is None
    assert broken(log, expected_head=noted) == (Fault.HEAD_UNKNOWN, None)


def test_a_cut_tail_is_seen_by_who_noted_the_head(log):
    noted = verify(log).head_hash
    tamper(log, "DELETE FROM decision WHERE seq > 8")
    assert broken(log) is None
    assert broken(log, expected_head=noted) == (Fault.HEAD_UNKNOWN, None)


def test_a_log_that_grew_since_the_head_was_noted_is_fine(log):
    noted = verify(log).head_hash
    database = TelemetryDatabase(log)
    database.open(BOOT, NOON)
    database.append_decisions([decision(11)], "{}")
    report = verify(log, expected_head=noted)  # while the writer has it open
    database.close()
    assert report.ok
    assert report.count == 11
    assert report.head_hash != noted


def test_only_the_first_fault_is_named_but_all_entries_are_counted(log):
    tamper(log, "UPDATE decision SET code = 'x' WHERE seq IN (3, 8)", "DELETE FROM decision WHERE seq = 5")
    assert broken(log) == (Fault.ALTERED, 3)
    assert verify(log).count == 9


def lose(path, first, last, told):
    """Take entries out, and append what a salvage says of losses."""
    tamper(path, f"DELETE FROM decision WHERE seq BETWEEN {first} AND {last}")
    with closing(sqlite3.connect(path)) as connection, connection:
        params = {"file": "telemetry.db.corrupt-1", LOST: told}
        append_entries(connection, [DecisionRecord(NOON, BOOT, 1.0, "site", "salvage", SALVAGED, params)])


def test_entries_lost_with_a_damaged_file_are_named_not_hidden(log):
    lose(log, 4, 6, [[4, 6]])
    report = verify(log)
    assert report.ok
    assert [(loss.first, loss.last, loss.told_by, loss.file) for loss in report.losses] == [
        (4, 6, 11, "telemetry.db.corrupt-1")
    ]


@pytest.mark.parametrize("told", [[], [[4, 5]], [[4, 7]], [[7, 7]]])
def test_a_gap_that_no_entry_tells_of_is_a_break(log, told):
    lose(log, 4, 6, told)
    assert broken(log) == (Fault.MISSING, 4)


def test_a_told_gap_does_not_excuse_another(log):
    lose(log, 4, 6, [[4, 6]])
    tamper(log, "DELETE FROM decision WHERE seq = 2")
    assert broken(log) == (Fault.MISSING, 2)


def test_what_an_altered_entry_tells_of_losses_is_not_believed(log):
    lose(log, 4, 6, [])
    tamper(log, f"""UPDATE decision SET params = '{{"{LOST}":[[4,6]]}}' WHERE seq = 11""")
    assert broken(log) == (Fault.MISSING, 4)


def test_while_a_damaged_file_is_being_salvaged_the_audit_says_so(log):
    tamper(log, "DELETE FROM decision WHERE seq = 2", f"INSERT INTO meta VALUES ('{UNDER_WAY}', '')")
    assert "being salvaged" in verify(log).broken.detail
