"""Live updates by server-sent events: one reader, ready-made bytes, any number of listeners.

A view makes each update once, as bytes, whoever listens. A listener who keeps up gets the difference; one who
fell behind skips what it missed and gets the whole; one who takes nothing for a long time is dropped. Nothing
is queued. While nobody listens nothing is done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

LOOK_S = 0.5
"""How often the image is looked at."""
BEAT_S = 5.0
"""At least this often a listener hears something."""
STUCK_S = 30.0
"""A listener who takes nothing for this long is dropped."""
MAX_LISTENERS = 500
_RETRY_MS = 3000

_BEAT: Final = b": keep-alive\nevent: beat\ndata: {}\n\n"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Update:
    """One state of a view, ready to send."""

    whole: bytes
    """For whoever just came or fell behind."""
    difference: bytes
    """For whoever has the update before."""


class View(Protocol):
    """Something to look at that changes."""

    async def refresh(self) -> Update | None:
        """Look: an update, or None when nothing changed since the last look."""
        ...

    def forget(self) -> None:
        """The next look is the first."""
        ...


def event(name: str, data: bytes, written_s: float | None) -> bytes:
    """One server-sent event; data is a single line. Its id is the image's `written.monotonic_s`."""
    ident = b"" if written_s is None else b"id: %.3f\n" % written_s
    return b"event: " + name.encode("ascii") + b"\n" + ident + b"data: " + data + b"\n\n"


class Channel:
    """One view and its listeners."""

    def __init__(self, view: View) -> None:
        self.listeners = 0
        self.number = 0
        self._view = view
        self._update: Update | None = None
        self._changed = asyncio.Event()

    def join(self) -> None:
        """Count a listener in; the first one must not be told what the last one left behind."""
        if not self.listeners:
            self._update = None
            self._view.forget()
        self.listeners += 1

    async def refresh(self) -> bool:
        """Look once; whether there was something new."""
        update = await self._view.refresh()
        if update is not None:
            self._publish(update)
        return update is not None

    def beat(self) -> None:
        """Tell the listeners that the line is alive."""
        if self._update is not None:
            self._publish(Update(self._update.whole, _BEAT))

    def wake(self) -> None:
        """Let every listener look up."""
        self._changed.set()
        self._changed.clear()

    async def after(self, number: int | None) -> tuple[int, bytes] | None:
        """The next thing to send after update `number` (None: nothing yet); None if woken for nothing."""
        if self._update is None or number == self.number:
            await self._changed.wait()
        if self._update is None or number == self.number:
            return None
        in_step = number is not None and number + 1 == self.number
        return self.number, self._update.difference if in_step else self._update.whole

    def _publish(self, update: Update) -> None:
        self._update = update
        self.number += 1
        self.wake()


class Hub:
    """All channels, and the one task that looks for changes while anybody listens."""

    def __init__(self, views: Mapping[str, View], *, max_listeners: int = MAX_LISTENERS) -> None:
        self._channels = {name: Channel(view) for name, view in views.items()}
        self._max_listeners = max_listeners
        self._task: asyncio.Task[None] | None = None
        self.closed = False

    @property
    def listeners(self) -> int:
        """How many connections are open."""
        return sum(channel.listeners for channel in self._channels.values())

    @property
    def full(self) -> bool:
        """Whether nobody more is let in."""
        return self.closed or self.listeners >= self._max_listeners

    def join(self, name: str) -> Channel:
        """Count a listener in."""
        channel = self._channels[name]
        channel.join()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch(), name="image watcher")
            self._task.add_done_callback(_report_defect)
        return channel

    def leave(self, channel: Channel) -> None:
        """Count a listener out."""
        channel.listeners -= 1
        if not self.listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    def close(self) -> None:
        """End all streams, so that the server can stop."""
        self.closed = True
        for channel in self._channels.values():
            channel.wake()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        heard = dict.fromkeys(self._channels, loop.time())
        while not self.closed:
            for name, channel in self._channels.items():
                if not channel.listeners:
                    continue
                if await channel.refresh():
                    heard[name] = loop.time()
                elif loop.time() - heard[name] >= BEAT_S:
                    channel.beat()
                    heard[name] = loop.time()
            await asyncio.sleep(LOOK_S)


class EventStream(Response):
    """The response that feeds one listener until it goes, gets stuck or the hub closes."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, view: str, *, stuck_s: float = STUCK_S) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub = hub
        self._view = view
        self._stuck_s = stuck_s

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the listener."""
        channel = self._hub.join(self._view)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with asyncio.TaskGroup() as group:
                feed = group.create_task(self._feed(channel, send))
                watch = group.create_task(_until_gone(receive))
                feed.add_done_callback(lambda _: watch.cancel())
                watch.add_done_callback(lambda _: feed.cancel())
        finally:
            self._hub.leave(channel)

    async def _feed(self, channel: Channel, send: Send) -> None:
        await _send(send, b"retry: %d\n\n" % _RETRY_MS)
        number: int | None = None
        while not self._hub.closed:
            news = await channel.after(number)
            if news is None:
                continue
            number, data = news
            try:
                async with asyncio.timeout(self._stuck_s):
                    await _send(send, data)
            except TimeoutError:
                # the server closes a connection whose response was left unfinished
                _log.info("dropped a listener that took nothing for %.0f s", self._stuck_s)
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _report_defect(task: asyncio.Task[None]) -> None:
    """Listeners notice the silence and come again, and the first of them starts a new watcher."""
    if not task.cancelled() and (defect := task.exception()) is not None:
        _log.error("the image watcher ended", exc_info=defect)


async def _send(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
