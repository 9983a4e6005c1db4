"""What a reader sees while the store is written is a state that the store was in."""

import pytest
from telemetry_village import BOOT, NOON

from controller.telemetry import snapshot as snapshot_module
from controller.telemetry.averaging import Period
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.journal import read_bytes
from controller.telemetry.reader import TelemetryReader

PV = ("site", "pv_w")
START_S = int(NOON.timestamp())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "telemetry.db"


@pytest.fixture
def database(path):
    database = TelemetryDatabase(path)
    database.open(BOOT, NOON)
    yield database
    database.close()


def period(at_s, synchronised=True):
    found = Period(at_s, synchronised)
    found.add({PV: float(at_s)})
    return found


def meanwhile(monkeypatch, work):
    """Have some work done just after a reader has read the journal for the first time."""
    left = [work]

    def read(path):
        contents = read_bytes(path)
        while left:
            left.pop()()
        return contents

    monkeypatch.setattr(snapshot_module, "read_bytes", read)


def test_a_period_just_written_is_not_passed_over_for_those_that_get_their_stamps_late(
    path, database, monkeypatch
):
    database.write_samples([period(at_s, synchronised=False) for at_s in (100, 110)])
    database.write_samples([period(START_S)])

    def live_then_late():
        database.write_samples([period(START_S + 10)])
        database.set_offset(START_S - 7200.0)
        while database.work():
            pass

    meanwhile(monkeypatch, live_then_late)
    reader = TelemetryReader(path)
    first = reader.periods(0, 100)
    both = [*first, *reader.periods(first[-1].seq, 100)]
    assert {each.at_s for each in both} == {START_S - 7100, START_S - 7090, START_S, START_S + 10}


def test_what_is_folded_meanwhile_counts_once(path, database, monkeypatch):
    database.write_samples([period(START_S + 10 * number) for number in range(5)])
    meanwhile(monkeypatch, database.fold_all)
    assert [each.at_s - START_S for each in TelemetryReader(path).periods(0, 100)] == [0, 10, 20, 30, 40]


def test_a_reader_comes_to_an_end_beside_a_writer_that_never_rests(path, database, monkeypatch):
    written = []

    def read(path):
        contents = read_bytes(path)
        written.append(START_S + 10 * len(written))
        database.write_samples([period(written[-1])])
        return contents

    monkeypatch.setattr(snapshot_module, "read_bytes", read)
    assert [each.at_s for each in TelemetryReader(path).periods(0, 100)] == written[:-1]
