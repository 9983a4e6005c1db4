"""The desk: what is asked is handed on once, or refused with a reason, and answered in one commit with it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from core_world import make_site

from controller.clock import SystemClock
from controller.core.model import Answer, Reason
from controller.requests.box import Request, RequestBox
from controller.requests.outcomes import last_number, read_outcome, read_outcomes_after
from controller.runtime.request_desk import RequestDesk
from controller.telemetry.store import TelemetryStore

NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)
BOOT = "a boot"


class NoonClock(SystemClock):
    """It is always noon."""

    def utc_now(self) -> datetime:
        return NOON

    def synchronised(self) -> bool:
        return True


class AlarmBook:
    def __init__(self) -> None:
        self.seen: list[tuple[int, str]] = []
        self.confirmed: list[str] = []

    def acknowledge(self, alarm, who, at_utc) -> bool:
        self.seen.append((alarm, who))
        return alarm == 3

    def confirm_contacts(self, who, at_utc) -> None:
        self.confirmed.append(who)


def put(box: RequestBox, number: int, kind: str, age_s: float = 0.0, **params) -> None:
    made = NOON - timedelta(seconds=age_s)
    box.put(Request(f"id-{number}", made, "mqtt", "somchai", kind, params))


def desk_of(path, book: AlarmBook, answered_until: int = 0) -> RequestDesk:
    box = RequestBox(path / "requests.db")
    return RequestDesk(box, make_site(), NoonClock(), book, answered_until=answered_until, look_every_s=0.01)


async def listening(desk: RequestDesk, until) -> None:
    running = asyncio.create_task(desk.run())
    async with asyncio.timeout(5):
        while not until():  # noqa: ASYNC110 - it is the desk that is waited for
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})


async def test_orders_wait_for_the_tick_and_all_else_is_done_at_once(tmp_path) -> None:
    box, book = RequestBox(tmp_path / "requests.db"), AlarmBook()
    put(box, 1, "feeder", feeder="houses_a", state="open")
    put(box, 2, "acknowledge", alarm=3)
    put(box, 3, "acknowledge", alarm=4)
    put(box, 4, "confirm_contacts")
    put(box, 5, "feeder", feeder="houses_a", state="open", age_s=400)
    desk = desk_of(tmp_path, book)
    await listening(desk, lambda: book.confirmed)
    asked, answers = desk.take()
    assert [ask.id for ask in asked] == ["id-1"]
    assert [(answer.id, answer.outcome, answer.reason.code) for answer in answers] == [
        ("id-2", "done", "request_done"),
        ("id-3", "refused", "request_alarm_gone"),
        ("id-4", "done", "request_done"),
        ("id-5", "refused", "request_too_late"),
    ]
    assert desk.take() == ([], [])


async def test_a_controller_that_is_started_again_goes_on_behind_what_was_answered(tmp_path) -> None:
    box, book = RequestBox(tmp_path / "requests.db"), AlarmBook()
    store = TelemetryStore(tmp_path / "telemetry.db", boot_id=BOOT, clock=NoonClock())
    await store.open()
    put(box, 1, "acknowledge", alarm=3)
    put(box, 2, "acknowledge", alarm=3)
    await store.append_decisions([], {}, [Answer(1, "id-1", "done", Reason("request_done"))])
    await store.close()
    desk = desk_of(tmp_path, book, answered_until=last_number(tmp_path / "telemetry.db"))
    await listening(desk, lambda: book.seen)
    assert [answer.id for answer in desk.take()[1]] == ["id-2"]


async def test_an_answer_is_stored_once_with_its_reason(tmp_path) -> None:
    path = tmp_path / "telemetry.db"
    assert read_outcomes_after(path, 0) == []
    store = TelemetryStore(path, boot_id=BOOT, clock=NoonClock())
    await store.open()
    answer = Answer(4, "id-4", "refused", Reason("request_unknown_kind", {"kind": "reboot"}))
    await store.append_decisions([], {}, [answer])
    await store.append_decisions([], {}, [answer])
    await store.close()
    found = read_outcomes_after(path, 0)
    assert [(each.number, each.id, each.outcome, each.reason) for each in found] == [
        (4, "id-4", "refused", answer.reason)
    ]
    assert read_outcome(path, "id-4") == found[0]
    assert read_outcome(path, "id-5") is None
    assert last_number(path) == 4


async def test_a_damaged_box_is_an_alarm_and_no_more(tmp_path) -> None:
    (tmp_path / "requests.db").write_bytes(b"no database" * 100)
    desk = desk_of(tmp_path, AlarmBook())
    await listening(desk, desk.alarms)
    assert desk.alarms()[0].code == "requests_unreadable"
    assert desk.take() == ([], [])
