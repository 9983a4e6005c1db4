"""What is put beside image.json is replaced whole, stamped, and can be taken away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from controller.runtime.published import PublishedFile

DOCUMENT = {"format": 1, "name": "บ้านวังวน"}


@pytest.fixture
def file(tmp_path: Path) -> PublishedFile:
    return PublishedFile(tmp_path / "plan.json", "boot", lambda: 12.5)


def test_the_file_says_when_it_was_written_and_can_be_taken_away(file: PublishedFile, tmp_path: Path) -> None:
    file.write(DOCUMENT)
    written = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert written.pop("written") == {"monotonic_s": 12.5, "boot_id": "boot"}
    assert written == DOCUMENT
    file.remove()
    file.remove()
    assert not list(tmp_path.iterdir())


def test_what_json_has_no_word_for_leaves_the_last_one_in_place(file: PublishedFile, tmp_path: Path) -> None:
    file.write(DOCUMENT)
    with pytest.raises(ValueError, match="not JSON compliant"):
        file.write({"format": float("nan")})
    assert json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["format"] == 1


def test_what_an_earlier_run_wrote_can_be_read(file: PublishedFile, tmp_path: Path) -> None:
    assert file.read() is None
    file.write(DOCUMENT)
    read = PublishedFile(tmp_path / "plan.json", "another boot", lambda: 0.5).read()
    assert read is not None
    assert read["name"] == "บ้านวังวน"


@pytest.mark.parametrize("damaged", [b"", b'{"form', b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_file_is_as_good_as_none(file: PublishedFile, tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "plan.json").write_bytes(damaged)
    assert file.read() is None
