"""GET /api/events: everybody hears, nobody is queued for, and it costs little."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from web_village import put, rationed, village

from web import stream
from web.stream import Channel, EventStream, Hub, Update


async def events(answer: httpx.Response) -> AsyncIterator[tuple[str, str]]:
    """Name and data of each event as it comes."""
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, line.removeprefix("data: ")


@pytest.fixture
async def visitor() -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=20, limits=limits) as client:
        yield client


async def test_a_listener_gets_all_first_and_then_what_changed(served, visitor) -> None:
    put(served.image, village())
    async with visitor.stream("GET", f"{served.url}/api/events?view=page&lang=en") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        heard = events(answer)
        first = json.loads((await anext(heard))[1])
        assert first["t"]["headline-text"] == "There is power"
        assert len(first["t"]) > 20
        image = village()
        image["summary"]["load_w"] = 9100.0
        put(served.image, image)
        second = json.loads((await anext(heard))[1])
        assert second["t"] == {"load": "9.1"}
        assert not second["a"]
        assert not second["h"]


async def test_programs_get_the_whole_status(served, visitor) -> None:
    async with visitor.stream("GET", f"{served.url}/api/events") as answer:
        name, data = await anext(events(answer))
        assert name == "status"
        assert json.loads(data)["controller"]["running"] is True


async def test_a_hundred_listeners_hear_the_same_and_more_are_asked_to_come_later(served, visitor) -> None:
    async def listen(ready: asyncio.Semaphore) -> str:
        async with visitor.stream("GET", f"{served.url}/api/events?view=page&lang=th") as answer:
            heard = events(answer)
            await anext(heard)
            ready.release()
            return (await anext(heard))[1]

    ready = asyncio.Semaphore(0)
    listeners = [asyncio.create_task(listen(ready)) for _ in range(120)]
    for _ in listeners:
        await ready.acquire()
    refused = await visitor.get(f"{served.url}/api/events")
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    put(served.image, rationed())
    assert len(set(await asyncio.gather(*listeners))) == 1


async def test_listeners_are_counted_out_when_they_go(served, visitor) -> None:
    async with visitor.stream("GET", f"{served.url}/api/events") as answer:
        await anext(events(answer))
        assert (await visitor.get(f"{served.url}/healthz")).json()["listeners"] == 1
    for _ in range(500):
        if not (await visitor.get(f"{served.url}/healthz")).json()["listeners"]:
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the listener is still counted")


async def test_bad_views_and_languages_are_refused(served, visitor) -> None:
    for query in ("view=all", "lang=xx"):
        assert (await visitor.get(f"{served.url}/api/events?{query}")).status_code == 422


# ---------------------------------------------------------------- the hub without a network


class Counter:
    """A view that changes whenever it is told to."""

    def __init__(self) -> None:
        self.value = 0
        self.told: int | None = None

    async def refresh(self) -> Update | None:
        if self.told == self.value:
            return None
        self.told = self.value
        return Update(b"whole %d" % self.value, b"difference %d" % self.value)

    def forget(self) -> None:
        self.told = None


@pytest.fixture
def counter() -> Counter:
    return Counter()


async def test_a_listener_who_fell_behind_skips_to_the_whole(counter) -> None:
    channel = Channel(counter)
    channel.join()
    await channel.refresh()
    number, data = await channel.after(None)
    assert data == b"whole 0"
    counter.value = 1
    await channel.refresh()
    number, data = await channel.after(number)
    assert data == b"difference 1"
    for counter.value in range(2, 9):
        await channel.refresh()
    _, data = await channel.after(number)
    assert data == b"whole 8"


async def test_a_first_listener_is_not_told_what_the_last_one_left_behind(counter) -> None:
    channel = Channel(counter)
    channel.join()
    await channel.refresh()
    channel.listeners -= 1
    channel.join()
    waiting = asyncio.create_task(channel.after(None))
    await asyncio.sleep(0)
    assert not waiting.done()
    await channel.refresh()
    assert (await waiting)[1] == b"whole 0"


async def test_a_quiet_channel_beats(counter) -> None:
    channel = Channel(counter)
    channel.join()
    await channel.refresh()
    number, _ = await channel.after(None)
    assert not await channel.refresh()
    channel.beat()
    _, data = await channel.after(number)
    assert b"event: beat" in data
    assert b": keep-alive" in data


async def listen(hub: Hub, send, **options) -> None:
    async def receive():
        await asyncio.Event().wait()

    await EventStream(hub, "counter", **options)({"type": "http"}, receive, send)


async def test_a_listener_who_takes_nothing_is_dropped(counter) -> None:
    hub = Hub({"counter": counter})

    async def send(message) -> None:
        if b"whole" in message.get("body", b""):
            await asyncio.Event().wait()

    await asyncio.wait_for(listen(hub, send, stuck_s=0.05), 10)
    assert hub.listeners == 0


async def test_closing_the_hub_ends_every_stream(counter) -> None:
    hub = Hub({"counter": counter})
    sent: list[dict] = []

    async def send(message) -> None:
        sent.append(message)
        if b"whole" in message.get("body", b""):
            hub.close()

    await asyncio.wait_for(listen(hub, send), 10)
    assert sent[-1]["more_body"] is False
    assert hub.full


async def test_a_defect_of_a_view_is_reported_and_the_next_listener_starts_anew(
    counter, monkeypatch, caplog
) -> None:
    hub = Hub({"counter": counter})

    async def defect() -> Update | None:
        raise RuntimeError("defect")

    with monkeypatch.context() as patch:
        patch.setattr(counter, "refresh", defect)
        channel = hub.join("counter")
        await asyncio.wait({hub._task})
        await asyncio.sleep(0)
    assert "the image watcher ended" in caplog.text
    again = hub.join("counter")
    assert (await again.after(None))[1] == b"whole 0"
    hub.leave(again)
    hub.leave(channel)
    assert stream.MAX_LISTENERS >= 100
