"""The one queue: once put a request is there, however often it is put it is one, and garbage harms nobody."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from core_world import make_site
from hypothesis import given
from hypothesis import strategies as st

import controller.requests.box as module
from controller.core.model import GENSET, Ask
from controller.requests.box import BoxFullError, Request, RequestBox, Waiting
from controller.requests.kinds import Acknowledge, ConfirmContacts, RefusedError, understood
from controller.telemetry.schema import StorageError

NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)


def request(number: int = 1, kind: str = "feeder", **changes) -> Request:
    params = changes.pop("params", {"feeder": "houses_a", "state": "open", "for_s": 600})
    return Request(f"id-{number}", NOON, "mqtt", "somchai", kind, params, **changes)


def judged(kind: str = "feeder", now: datetime | None = NOON, **changes) -> object:
    return understood(Waiting(7, request(7, kind, **changes)), make_site(), now)


def refusal(**changes) -> tuple[str, dict]:
    with pytest.raises(RefusedError) as refused:
        judged(**changes)
    return refused.value.reason.code, dict(refused.value.reason.params)


def test_what_was_put_is_read_in_order_and_the_same_id_is_one_request(tmp_path) -> None:
    box = RequestBox(tmp_path / "requests.db")
    assert box.read_after(0) == []
    assert box.put(request(1))
    assert box.put(request(2, kind="acknowledge", params={"alarm": 3}, expires_utc=NOON + timedelta(hours=1)))
    assert not box.put(request(1, kind="genset"))
    found = box.read_after(0)
    assert [waiting.request.id for waiting in found] == ["id-1", "id-2"]
    assert found[0].request == request(1)
    assert found[1].request.expires_utc == NOON + timedelta(hours=1)
    assert [waiting.request.id for waiting in box.read_after(found[0].number)] == ["id-2"]


def test_a_box_that_is_only_just_being_made_is_empty(tmp_path) -> None:
    path = tmp_path / "requests.db"
    sqlite3.connect(path).close()
    path.touch()
    assert RequestBox(path).read_after(0) == []
    assert RequestBox(path).put(request(1))


def _put_many(path, first: int) -> None:
    for number in range(first, first + 20):
        RequestBox(path).put(request(number))


def test_many_doors_may_put_at_the_same_time(tmp_path) -> None:
    path = tmp_path / "requests.db"
    doors = [multiprocessing.Process(target=_put_many, args=(path, 100 * n)) for n in range(3)]
    for door in doors:
        door.start()
    for door in doors:
        door.join(30)
    found = RequestBox(path).read_after(0, 1000)
    assert len({waiting.request.id for waiting in found}) == 60
    assert [waiting.number for waiting in found] == sorted(waiting.number for waiting in found)


def test_a_flood_is_refused_and_what_is_old_is_forgotten(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_AN_HOUR", 5)
    box = RequestBox(tmp_path / "requests.db")
    for number in range(5):
        box.put(request(number))
    with pytest.raises(BoxFullError, match="5 requests were made within an hour"):
        box.put(request(6))
    later = Request("id-7", NOON + timedelta(days=8), "cli", "malee", "confirm_contacts", {})
    assert box.put(later)
    assert [waiting.request.id for waiting in box.read_after(0)] == ["id-7"]


def test_rows_that_make_no_sense_are_passed_over_and_a_damaged_box_is_said(tmp_path) -> None:
    path = tmp_path / "requests.db"
    box = RequestBox(path)
    box.put(request(1))
    box.put(request(2))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE request SET params = '[' WHERE id = 'id-1'")
    assert [waiting.request.id for waiting in box.read_after(0)] == ["id-2"]
    path.write_bytes(b"no database" * 100)
    for name in ("requests.db-wal", "requests.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    with pytest.raises(StorageError, match=r"requests\.db"):
        box.read_after(0)


def test_each_kind_is_understood() -> None:
    assert judged() == Ask(7, "id-7", "houses_a", False, 600.0, "somchai")
    assert judged(params={"feeder": "clinic", "state": "auto"}) == Ask(
        7, "id-7", "clinic", None, 3600.0, "somchai"
    )
    assert judged("genset", params={"state": "run"}) == Ask(7, "id-7", GENSET, True, 3600.0, "somchai")
    assert judged("acknowledge", params={"alarm": 3}) == Acknowledge(3, "somchai")
    assert judged("confirm_contacts", params={}) == ConfirmContacts("somchai")


@pytest.mark.parametrize(
    ("changes", "code", "params"),
    [
        ({"kind": "reboot"}, "request_unknown_kind", {"kind": "reboot"}),
        ({"params": {"feeder": "nobody", "state": "open"}}, "request_unknown_subject", {"subject": "nobody"}),
        ({"params": {"state": "open"}}, "request_not_understood", {"key": "feeder"}),
        ({"params": {"feeder": "clinic", "state": True}}, "request_not_understood", {"key": "state"}),
        ({"params": {"feeder": "clinic", "state": "run"}}, "request_not_understood", {"key": "state"}),
        (
            {"params": {"feeder": "clinic", "state": "open", "for_s": 1e9}},
            "request_not_understood",
            {"key": "for_s"},
        ),
        (
            {"params": {"feeder": "clinic", "state": "open", "for_s": True}},
            "request_not_understood",
            {"key": "for_s"},
        ),
        ({"kind": "acknowledge", "params": {"alarm": "3"}}, "request_not_understood", {"key": "alarm"}),
        ({"now": NOON + timedelta(minutes=6)}, "request_too_late", {}),
        ({"now": None}, "request_clock_unknown", {}),
        ({"expires_utc": NOON - timedelta(seconds=1)}, "request_too_late", {}),
    ],
)
def test_what_is_wrong_with_a_request_is_said(changes: dict, code: str, params: dict) -> None:
    assert refusal(**changes) == (code, params)


def test_an_acknowledgement_needs_no_clock() -> None:
    assert judged("acknowledge", now=None, params={"alarm": 3}) == Acknowledge(3, "somchai")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    st.lists,
    max_leaves=5,
)


@given(
    st.sampled_from(["feeder", "genset", "acknowledge", "confirm_contacts", "x"]),
    st.dictionaries(st.sampled_from(["feeder", "state", "for_s", "alarm"]), json_values),
    st.text(),
)
def test_no_garbage_gets_past_or_breaks_the_judge(kind: str, params: dict, who: str) -> None:
    try:
        asked = understood(Waiting(1, Request("x", NOON, "mqtt", who, kind, params)), make_site(), NOON)
    except RefusedError:
        return
    if isinstance(asked, Ask):
        assert 10 <= asked.for_s <= 86_400
    assert asked.who
