"""The connection to the broker: made again whenever it is lost, and believed once it has proved itself."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass

import aiomqtt

from controller.outside.mqtt.backoff import wait_s
from controller.outside.mqtt.client import UnusableError, is_refusal, subscribe
from controller.outside.mqtt.jobs import together
from controller.outside.mqtt.outbox import Outbox
from controller.outside.mqtt.topics import Topics

_log = logging.getLogger(__name__)

PROOF_WITHIN_S = 15.0
"""So long what we say of ourselves may take to come back to us: else we may not write, or nobody hears it."""
WELL_AFTER_S = 2.0
"""A connection that has proved itself for so long was a good one: after it waits are short again."""
LEAVE_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message."""

    topic: str
    payload: bytes
    retained: bool


@dataclass(frozen=True, slots=True)
class Subscription:
    """What we want to hear."""

    topic: str
    qos: int
    """0: the broker keeps nothing of it while we are away."""


class Link:
    """Sends what the outbox has, hands over what comes, and runs a side job with each connection."""

    def __init__(
        self,
        topics: Topics,
        outbox: Outbox,
        subscriptions: tuple[Subscription, ...],
        connect: Callable[[], Awaitable[aiomqtt.Client]],
        receive: Callable[[Incoming], None],
        beside: Callable[[aiomqtt.Client], Coroutine[None, None, None]],
    ) -> None:
        self._topics = topics
        self._outbox = outbox
        self._subscriptions = (Subscription(topics.availability, 1), *subscriptions)
        self._connect = connect
        self._receive = receive
        self._beside = beside
        self._proved = asyncio.Event()
        self._cancelled = False
        self._failures = 0
        self._away_since_s: float | None = None
        self.connected = False
        self.trouble: str | None = "not connected yet"
        """Why it does not work, one English phrase; None while it does."""
        self.refusal: str | None = None
        """What somebody has to see to; None when nothing is."""

    @property
    def works(self) -> bool:
        """Whether the broker has what we say."""
        return self.connected and self._proved.is_set()

    async def run(self) -> None:
        """Keep the connection for ever."""
        self._cancelled = False
        while True:
            try:
                await self._connection()
            except (aiomqtt.MqttError, UnusableError) as error:
                if self._cancelled:  # a broker that is gone fails our leave, and that hides why we left
                    raise asyncio.CancelledError from error
                self._failed(error)
            finally:
                self.connected = False
                self._proved.clear()
            away_s = asyncio.get_running_loop().time() - (self._away_since_s or 0.0)
            luck = random.random()  # noqa: S311 - jitter
            await asyncio.sleep(wait_s(self._failures, away_s, refused=self.refusal is not None, luck=luck))

    async def _connection(self) -> None:
        """One connection, until it breaks. Raises MqttError and UnusableError."""
        client = await self._connect()
        async with client:
            self.connected = True
            try:
                for each in self._subscriptions:
                    await subscribe(client, each.topic, each.qos)
                self._outbox.everything_again(last=self._topics.availability)
                await self._serve(client)
            except asyncio.CancelledError:
                self._cancelled = True
                raise
            finally:
                client.timeout = LEAVE_WITHIN_S  # a broker that is gone does not see us off

    async def _serve(self, client: aiomqtt.Client) -> None:
        """All that a connection is for. Raises MqttError."""
        try:
            await together(self._send(client), self._hear(client), self._watch_proof(), self._beside(client))
        except asyncio.CancelledError:
            await self._take_leave(client)
            raise

    async def _send(self, client: aiomqtt.Client) -> None:
        while True:
            topic, told = await self._outbox.due()
            await client.publish(topic, told.payload, qos=told.qos, retain=True)
            self._outbox.sent(topic, told)

    async def _hear(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            topic = message.topic.value
            if topic == self._topics.availability:
                self._look_at_own(message.payload.decode(errors="replace"), retained=message.retain)
            else:
                self._receive(Incoming(topic, message.payload, message.retain))

    def _look_at_own(self, said: str, *, retained: bool) -> None:
        """What others hear of us: proof that we are heard, or a will of an earlier connection come late."""
        if said == self._outbox.value(self._topics.availability):
            self._proved.set()
            self._came_back()
        elif not retained:
            self._outbox.again(self._topics.availability)

    async def _watch_proof(self) -> None:
        try:
            async with asyncio.timeout(PROOF_WITHIN_S):
                await self._proved.wait()
        except TimeoutError:
            self._refused(f"the broker does not let us write {self._topics.availability}, or not read it")
            await self._proved.wait()
        await asyncio.sleep(WELL_AFTER_S)
        self._failures = 0

    async def _take_leave(self, client: aiomqtt.Client) -> None:
        with suppress(aiomqtt.MqttError):
            await client.publish(
                self._topics.availability, "offline", qos=1, retain=True, timeout=LEAVE_WITHIN_S
            )

    def _came_back(self) -> None:
        if self._away_since_s is not None:
            _log.warning("mqtt: the broker can be reached again")
        self._away_since_s = self.trouble = self.refusal = None

    def _failed(self, error: Exception) -> None:
        """Tell the first failure of a row; the others tell nobody anything new."""
        self._failures += 1
        if not isinstance(error, aiomqtt.MqttError):
            self._refused(str(error))
        elif is_refusal(error):
            self._refused(f"the broker refuses the connection: {error}")
        else:
            self.trouble = f"the broker cannot be reached: {error}"
            if self._away_since_s is None:
                _log.warning("mqtt: %s; it is tried again until it can be", self.trouble)
        if self._away_since_s is None:
            self._away_since_s = asyncio.get_running_loop().time()

    def _refused(self, what: str) -> None:
        if self.refusal != what:
            _log.warning("mqtt: %s", what)
        self.refusal = self.trouble = what
