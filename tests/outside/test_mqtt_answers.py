"""Answers are written down before they are sent, and say "taken" only of what is in the box."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from mqtt_village import order, village_in

from controller.outside.mqtt import answers
from controller.outside.mqtt.answers import AnswerDesk, Order
from controller.outside.mqtt.orders import Door
from controller.outside.notebook import Notebook
from controller.requests.box import BoxFullError, Request, RequestBox
from controller.telemetry.schema import StorageError

DOOR = Door("ban-wang-won", None)


@pytest.fixture
async def village(tmp_path):
    async with village_in(tmp_path) as one:
        yield one


@pytest.fixture
def notebook(tmp_path):
    one = Notebook(tmp_path / "outside.db")
    yield one
    one.close()


def desk_of(village, notebook, box=None) -> AnswerDesk:
    desk = AnswerDesk(notebook, box or village.box, village.config.storage.telemetry, village.clock)
    desk.open()
    return desk


def asked(village, *ids: str) -> list[Order]:
    told = [order(one, "feeder", village.clock, feeder="pump", state="open") for one in ids]
    return [Order(None, json.dumps(each).encode(), retained=False) for each in told]


def said(desk: AnswerDesk) -> list[tuple]:
    told = [json.loads(answer.payload) for answer in desk.unsent()]
    return [(each["id"], each.get("taken"), each.get("outcome")) for each in told]


class RefusingBox(RequestBox):
    """Full, or on a disk that fails, from its second request on."""

    def __init__(self, path, error: Exception) -> None:
        super().__init__(path)
        self.error = error
        self.puts = 0

    def put(self, request: Request) -> bool:
        self.puts += 1
        if self.puts > 1:
            raise self.error
        return super().put(request)


async def test_an_answer_stays_until_the_broker_has_it(village, notebook) -> None:
    desk = desk_of(village, notebook)
    desk.take(asked(village, "a", "b"), DOOR)
    assert said(desk) == [("a", True, None), ("b", True, None)]
    desk.sent(desk.unsent()[0].number)
    assert said(desk_of(village, notebook)) == [("b", True, None)], "also for the next life of the process"


async def test_each_outcome_is_told_once_and_no_other_doors(village, notebook) -> None:
    desk = desk_of(village, notebook)
    desk.take(asked(village, "a"), DOOR)
    stranger = Request("web-1", datetime.now(UTC), "web", "somchai", "genset", {"state": "run"})
    village.box.put(stranger)
    await village.carry_out()
    desk.note_outcomes()
    desk.note_outcomes()
    assert said(desk) == [("a", True, None), ("a", None, "done")]


async def test_what_was_decided_before_we_came_is_old_news(village, notebook) -> None:
    village.box.put(Request("mqtt:old", datetime.now(UTC), "mqtt", "x", "genset", {"state": "run"}))
    await village.carry_out()
    desk = desk_of(village, notebook)
    desk.note_outcomes()
    assert said(desk) == []


async def test_a_full_box_is_said(village, notebook, tmp_path) -> None:
    desk = desk_of(village, notebook, RefusingBox(tmp_path / "requests.db", BoxFullError()))
    desk.take(asked(village, "a", "b"), DOOR)
    assert said(desk) == [("a", True, None), ("b", False, None)]


async def test_an_order_that_the_disk_refuses_is_not_answered_and_the_ones_before_are(
    village, notebook, tmp_path
) -> None:
    desk = desk_of(village, notebook, RefusingBox(tmp_path / "requests.db", StorageError("full")))
    with pytest.raises(StorageError):
        desk.take(asked(village, "a", "b", "c"), DOOR)
    assert said(desk) == [("a", True, None)]


async def test_orders_are_left_lying_while_too_many_answers_wait(village, notebook, monkeypatch) -> None:
    monkeypatch.setattr(answers, "MAX_UNSENT", 2)
    desk = desk_of(village, notebook)
    desk.take(asked(village, "a", "b", "c"), DOOR)
    assert [answer[0] for answer in said(desk)] == ["a", "b"]
    assert [waiting.request.id for waiting in village.box.read_after(0)] == ["mqtt:a", "mqtt:b"]
