import json
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.telemetry.memory_log import CHANGE, FULL, keep_memory, read_memory


@pytest.fixture
def connection():
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE state(key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        yield connection


def month(minute: int) -> str:
    """A memory of which a minute changes little."""
    feeders = {
        f"houses_{n}": {"days": [n / 7 + d / 13 for d in range(150)], "s": n + minute / 3} for n in range(8)
    }
    return json.dumps(feeders)


def size(connection, key):
    row = connection.execute("SELECT length(CAST(value AS BLOB)) FROM state WHERE key = ?", (key,)).fetchone()
    return row[0] if row else 0


def test_a_minute_costs_a_small_part_of_the_whole(connection):
    for minute in range(60):
        keep_memory(connection, month(minute))
        assert read_memory(connection) == month(minute)
    assert size(connection, FULL) > 20_000
    assert 0 < size(connection, CHANGE) < 1000


@given(texts=st.lists(st.text(max_size=3000), min_size=1, max_size=6))
def test_the_last_one_is_read_whatever_came_before(texts):
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE state(key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        assert read_memory(connection) is None
        for text in texts:
            keep_memory(connection, text)
            assert read_memory(connection) == text


def test_a_change_of_another_memory_is_refused(connection):
    keep_memory(connection, month(0))
    keep_memory(connection, month(1))
    connection.execute("UPDATE state SET value = ? WHERE key = ?", (month(5), FULL))
    with pytest.raises(ValueError, match="does not fit"):
        read_memory(connection)
