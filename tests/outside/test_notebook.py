"""The notebook outlives power cuts and damage; without a disk it goes on in memory and says so."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from controller.outside.notebook import Notebook
from controller.telemetry.schema import StorageError

TALLY = "CREATE TABLE IF NOT EXISTS tally(name TEXT PRIMARY KEY, count INTEGER NOT NULL)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outside.db"


def test_what_was_kept_is_there_in_the_next_life(path: Path) -> None:
    notebook = Notebook(path)
    notebook.keep("influx", {"sent": [[1, 90]]})
    notebook.keep("influx", {"sent": [[1, 120]], "ที่": "บ้าน"})
    notebook.close()
    after = Notebook(path)
    assert after.note("influx") == {"sent": [[1, 120]], "ที่": "บ้าน"}
    assert after.note("mqtt") is None
    assert after.defect is None
    after.close()


def test_a_transaction_that_breaks_leaves_all_as_it_was(path: Path) -> None:
    notebook = Notebook(path)
    notebook.ensure(TALLY, TALLY)
    with pytest.raises(StorageError), notebook.writing() as connection:  # noqa: PT012 - what broke midway
        connection.execute("INSERT INTO tally VALUES ('sent', 1)")
        connection.execute("INSERT INTO tally VALUES ('sent', 2)")
    with notebook.reading() as connection:
        assert connection.execute("SELECT count(*) FROM tally").fetchone() == (0,)
    notebook.close()


def test_an_error_names_the_file(path: Path) -> None:
    notebook = Notebook(path)
    with pytest.raises(StorageError, match=r"outside\.db: no such table"), notebook.reading() as connection:
        connection.execute("SELECT 1 FROM nowhere")
    notebook.close()


@pytest.mark.parametrize("damage", [b"not a database, by far" * 100, None])
def test_a_damaged_file_is_set_aside_and_said(path: Path, damage: bytes | None) -> None:
    notebook = Notebook(path)
    for number in range(10):
        notebook.keep(f"key {number}", "x" * 3000)
    notebook.close()
    content = path.read_bytes()
    middle = len(content) // 2 // 4096 * 4096
    path.write_bytes(
        content[:middle] + b"\xff" * 8192 + content[middle + 8192 :] if damage is None else damage
    )
    after = Notebook(path)
    assert after.note("key 1") is None
    assert "damaged and set aside as outside.db.corrupt" in (after.defect or "")
    assert path.with_name("outside.db.corrupt").exists()
    after.keep("key", 1)
    after.close()
    last = Notebook(path)
    assert (last.note("key"), last.defect) == (1, None)
    last.close()


def test_without_a_disk_it_is_kept_in_memory_and_said(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "no such folder" / "outside.db")
    notebook.keep("influx", [1])
    assert notebook.note("influx") == [1]
    assert "in memory only" in (notebook.defect or "")
    notebook.close()


def test_many_threads_may_write_at_once(path: Path) -> None:
    notebook = Notebook(path)
    notebook.ensure(TALLY)
    with notebook.writing() as connection:
        connection.execute("INSERT INTO tally VALUES ('sent', 0)")

    def count() -> None:
        for _ in range(20):
            with notebook.writing() as connection:
                connection.execute("UPDATE tally SET count = count + 1")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with notebook.reading() as connection:
        assert connection.execute("SELECT count FROM tally").fetchone() == (80,)
    notebook.close()


def test_what_json_has_no_word_for_is_refused(path: Path) -> None:
    notebook = Notebook(path)
    with pytest.raises(ValueError, match="JSON"):
        notebook.keep("energy", float("nan"))
    notebook.close()
