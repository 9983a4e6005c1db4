"""`tawan plan`: what a technician sees of the plan at a terminal, and what is said when there is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from planned_village import ISSUED, plan_document

from controller.commands.plan import show_plan
from controller.core.model import Reason
from controller.runtime.image_document import said

CONFIG = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture
def shown(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")

    def show(
        document: dict | str | None,
        *,
        why: bool = False,
        as_json: bool = False,
        svg: Path | None = None,
        config: Path = CONFIG,
    ) -> tuple[int, str]:
        path = tmp_path / "plan.json"
        if document is not None:
            text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
            path.write_text(text, encoding="utf-8")
        status = show_plan(config, path, why=why, as_json=as_json, svg=svg)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return show


def test_it_shows_who_is_off_when_and_what_the_plan_comes_to(shown) -> None:
    status, printed = shown(plan_document())
    assert status == 0
    for phrase in (
        "Plan of 2026-04-01 12:02",
        "บ้านกลุ่ม ก / Houses A off Wed 19:00 to 20:00",
        "บ้านกลุ่ม ข / Houses B off Wed 20:00 to 21:00",
        "Sun [kW]",
        "Battery [%]",
        "6.2 l of diesel",
        "household 1.8 kWh",
        "8 of 10 times",
    ):
        assert phrase in " ".join(printed.split()), phrase


def test_the_table_names_those_who_are_off_in_its_hours(shown) -> None:
    _, printed = shown(plan_document())
    (row,) = [line for line in printed.splitlines() if "Wed 19:00" in line and "│" in line]
    assert "Houses A" in row
    assert "Houses B" not in row
    assert len([line for line in printed.splitlines() if "15.0" in line and "│" in line]) == 1


def test_a_class_that_is_off_altogether_has_its_own_name(shown) -> None:
    document = plan_document()
    cut = document["cuts"]["houses_a"]
    document["cuts"] = dict.fromkeys(("houses_a", "houses_b", "houses_c", "houses_d"), cut)
    _, printed = shown(document)
    assert "all" in printed
    assert "household" in printed[printed.index("Wed 19:00") :]


def test_no_line_is_wider_than_the_terminal(shown) -> None:
    _, printed = shown(plan_document())
    assert max(len(line) for line in printed.splitlines()) <= 80


def test_the_picture_marks_cuts_and_the_genset_under_the_right_hours(shown) -> None:
    _, printed = shown(plan_document())
    lines = printed.splitlines()
    clock = next(line for line in lines if "18:00" in line and "│" not in line and "off" not in line)
    (houses,) = [line for line in lines if line.startswith("houses_a")]
    begin = houses.index("▒")
    assert clock.index("18:00") <= begin <= clock.index("18:00") + 3
    assert "█" in next(line for line in lines if line.startswith("genset "))


def test_without_cuts_that_is_said_first(shown) -> None:
    _, printed = shown({**plan_document(), "cuts": {}})
    assert "Nobody is to be off until Thu 00:02" in printed
    assert "ไม่มีรอบดับไฟ" in printed


def test_why_tells_what_binds_and_what_would_have_to_change(shown) -> None:
    document = plan_document()
    edges = document["edges_utc"]
    binds = {"from_utc": edges[4], "to_utc": edges[6], "reason": said(Reason("binds_battery_full"))}
    _, printed = shown({**document, "why": [binds]}, why=True)
    text = " ".join(printed.split())
    for phrase in (
        "The battery is full, so more sun cannot be kept",
        "Wed 19:00 to Wed 20:00 Houses A, announced Wed 12:02",
        "Off in turn from 19:00 to 20:00",
        "More sun or less use brings the light back sooner",
        "The genset is planned to run",
        "แบตเตอรี่เต็ม",
    ):
        assert phrase in text, phrase
    assert printed.index("battery is full") < printed.index("Off in turn")


def test_where_nothing_binds_that_is_said(shown) -> None:
    quiet = plan_document() | {"cuts": {}, "why": [], "heavy_use": []}
    quiet["genset"]["why"] = [None] * len(quiet["genset"]["why"])
    _, printed = shown(quiet, why=True)
    assert "Nothing binds" in printed


def test_json_is_the_document_itself(shown) -> None:
    status, printed = shown(plan_document(), as_json=True)
    assert status == 0
    assert json.loads(printed) == plan_document()


def test_the_drawing_is_a_picture_with_every_feeder_that_is_cut(shown, tmp_path: Path) -> None:
    status, _ = shown(plan_document(), svg=tmp_path / "plan.svg")
    assert status == 0
    root = ElementTree.parse(tmp_path / "plan.svg").getroot()
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Houses A off", "Houses B off", "genset", "100 %"} <= texts


def test_a_drawing_that_cannot_be_written_is_said(shown, tmp_path: Path) -> None:
    status, printed = shown(plan_document(), svg=tmp_path / "nowhere" / "plan.svg")
    assert status == 1
    assert "cannot be written" in printed


def test_an_old_plan_is_told_to_be_out_of_force(shown) -> None:
    _, printed = shown(plan_document())
    assert "older than three hours" in printed
    _, printed = shown(plan_document(datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=9)))
    assert "older than three hours" not in printed


@pytest.mark.parametrize("document", ["{", "[]", {"format": 2}])
def test_what_is_no_plan_is_said_with_the_file(shown, document) -> None:
    status, printed = shown(document)
    assert status == 1
    assert "plan.json is no plan of this version" in printed


def test_without_a_plan_it_is_told_why(shown, tmp_path: Path) -> None:
    status, printed = shown(None)
    assert status == 1
    assert "tawan run" in printed
    off = tmp_path / "site.yaml"
    text = CONFIG.read_text(encoding="utf-8").replace("planning:\n", "planning:\n  enabled: false\n")
    off.write_text(text, encoding="utf-8")
    _, printed = shown(None, config=off)
    assert "the usual rules decide alone" in printed
    assert ISSUED.isoformat() not in printed
