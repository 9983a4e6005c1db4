"""The service: what is told, what is asked, and how it is doing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from typing import Any

import aiomqtt

from controller.core.model import Reason
from controller.outside.mqtt.answers import AnswerDesk, Order
from controller.outside.mqtt.client import UnusableError, client_of, credentials_of
from controller.outside.mqtt.counting import EnergyBook, PeriodStore
from controller.outside.mqtt.discovery import devices_of
from controller.outside.mqtt.energy import sources_of
from controller.outside.mqtt.jobs import together
from controller.outside.mqtt.link import Incoming, Link, Subscription
from controller.outside.mqtt.orders import Door
from controller.outside.mqtt.outbox import Outbox
from controller.outside.mqtt.published import PublishedDocument
from controller.outside.mqtt.retained import RetainedTopics
from controller.outside.mqtt.teller import Documents, StateTeller
from controller.outside.mqtt.topics import Topics
from controller.outside.notebook import Notebook
from controller.outside.process import Setup
from controller.requests.box import RequestBox
from controller.secret import SecretError, read_secret
from controller.settings.mqtt import MqttSettings
from controller.telemetry.counter_breaks import read_counter_breaks
from controller.telemetry.schema import StorageError

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
"""For what the controller has decided."""
MAX_ORDERS = 1000
"""That wait to be looked at; more are left unanswered, and made again."""
SHORTEST_KEY = 16
"""Characters of a key: a shorter one can be guessed."""


class MqttService:
    """MQTT, as config.yaml wants it."""

    name = "mqtt"

    def __init__(self, setup: Setup, mqtt: MqttSettings, notebook: Notebook, store: PeriodStore) -> None:
        self._mqtt = mqtt
        self._topics = Topics.of(setup.config, mqtt)
        self._setup = setup
        self._notebook = notebook
        self._outbox = Outbox()
        breaks_of = partial(read_counter_breaks, setup.telemetry)
        self._book = EnergyBook(sources_of(setup.config), store, breaks_of, notebook)
        self._desk = AnswerDesk(notebook, RequestBox(setup.requests), setup.telemetry, setup.clock)
        self._orders: list[Order] = []
        self._work = asyncio.Event()
        self._door: Door | None = None
        self._link = Link(
            self._topics, self._outbox, self._subscriptions(), self._client, self._receive, self._beside
        )

    async def run(self) -> None:
        """Serve for ever."""
        await together(self._teller().run(), self._book.run(), self._link.run())

    def status(self) -> dict[str, Any]:
        """How it is doing."""
        return {
            "ok": self._link.works and self._link.refusal is None,
            "detail": self._link.trouble,
            "broker": f"{self._mqtt.host}:{self._mqtt.port_used}",
            "connected": self._link.connected,
            "topics": self._outbox.topics,
            "waiting": len(self._outbox),
        }

    def alarms(self) -> Sequence[Reason]:
        """A broker that turns us away; one that cannot be reached is no alarm."""
        refusal = self._link.refusal
        return () if refusal is None else (Reason("mqtt_refused", {"error": refusal[:200]}),)

    def _teller(self) -> StateTeller:
        image = self._setup.image
        documents = Documents(
            PublishedDocument(image),
            PublishedDocument(image.with_name("forecast.json")),
            PublishedDocument(image.with_name("plan.json")),
        )
        devices = devices_of(self._setup.config, self._mqtt, version("tawan")) if self._mqtt.discovery else []
        retained = RetainedTopics(self._notebook)
        return StateTeller(self._topics, documents, self._book, devices, retained, self._outbox)

    def _subscriptions(self) -> tuple[Subscription, ...]:
        wanted = []
        if self._mqtt.discovery:
            wanted.append(Subscription(self._topics.home_assistant, 0))
        if self._mqtt.commands != "none":
            wanted.append(Subscription(self._topics.command, 1))
        if self._mqtt.commands == "broker":
            # A word does not say until when it holds: the broker must not keep it for us.
            wanted.append(Subscription(self._topics.any_set, 0))
        return tuple(wanted)

    async def _client(self) -> aiomqtt.Client:
        """A client for the next connection. Raises UnusableError."""
        credentials = await asyncio.to_thread(credentials_of, self._mqtt)
        if self._mqtt.commands != "none":
            self._door = None
            try:
                await asyncio.to_thread(self._desk.open)
            except StorageError as error:
                _log.warning("mqtt: orders are left unanswered: %s", error)
            else:
                self._door = await asyncio.to_thread(door_of, self._mqtt, self._topics)
        return client_of(self._mqtt, self._topics, credentials)

    def _receive(self, message: Incoming) -> None:
        if message.topic == self._topics.home_assistant:
            if message.payload == b"online":
                self._outbox.everything_again(last=self._topics.availability)
        elif len(self._orders) < MAX_ORDERS:
            part = self._topics.set_part(message.topic)
            self._orders.append(Order(part, message.payload, message.retained))
            self._work.set()

    async def _beside(self, client: aiomqtt.Client) -> None:
        """Take orders and answer them for as long as a connection lasts."""
        while self._door is not None:
            orders, self._orders = self._orders, []
            self._work.clear()
            try:
                await asyncio.to_thread(self._desk.take, orders, self._door)
            except StorageError as error:
                _log.warning("mqtt: an order was not taken, and is not answered: %s", error)
            try:
                await asyncio.to_thread(self._desk.note_outcomes)
                await self._send_answers(client)
            except StorageError as error:
                _log.warning("mqtt: answers have to wait: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._work.wait()

    async def _send_answers(self, client: aiomqtt.Client) -> None:
        """Send what waits, and strike it out once the broker has it. Raises StorageError and MqttError."""
        answers = await asyncio.to_thread(self._desk.unsent)
        for answer in answers:
            await client.publish(self._topics.result, answer.payload, qos=1)
        if answers:
            await asyncio.to_thread(self._desk.sent, answers[-1].number)


def door_of(mqtt: MqttSettings, topics: Topics) -> Door:
    """Whom config.yaml lets in. Blocks. Raises UnusableError without a good key."""
    if mqtt.key is None:
        return Door(topics.site, None)
    try:
        key = read_secret(mqtt.key)
    except SecretError as error:
        msg = f"mqtt.key: {error}"
        raise UnusableError(msg) from error
    if len(key) < SHORTEST_KEY:
        msg = f"mqtt.key has {len(key)} characters, it needs {SHORTEST_KEY}: openssl rand -hex 32"
        raise UnusableError(msg)
    return Door(topics.site, key)
