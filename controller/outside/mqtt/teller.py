"""From the controller's documents to the outbox, once a second: state, counters, discovery, what is gone."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass

from controller.outside.mqtt.counting import EnergyBook
from controller.outside.mqtt.discovery import Device, without
from controller.outside.mqtt.outbox import Outbox
from controller.outside.mqtt.published import PublishedDocument, is_fresh
from controller.outside.mqtt.retained import RetainedTopics
from controller.outside.mqtt.state import state_of
from controller.outside.mqtt.topics import Topics
from controller.telemetry.schema import StorageError

_log = logging.getLogger(__name__)

EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Documents:
    """What is told of."""

    image: PublishedDocument
    forecast: PublishedDocument
    plan: PublishedDocument


class StateTeller:
    """Fills the outbox."""

    def __init__(
        self,
        topics: Topics,
        documents: Documents,
        book: EnergyBook,
        devices: list[Device],
        retained: RetainedTopics,
        outbox: Outbox,
    ) -> None:
        self._topics = topics
        self._documents = documents
        self._book = book
        self._devices = {topics.discovery(device.id): device for device in devices}
        self._retained = retained
        self._outbox = outbox
        self._noted: set[str] = set()
        """Topics that are in the notebook."""
        self._leaving: set[str] = set()
        """Topics that the broker is to forget, and messages that take components back."""
        outbox.tell(topics.availability, "offline", qos=1)

    async def run(self) -> None:
        """Tell for ever."""
        while True:
            await self.tell()
            await asyncio.sleep(EVERY_S)

    async def tell(self) -> None:
        """Tell how things are now."""
        values = self._values()
        if values is None:
            self._outbox.tell(self._topics.availability, "offline", qos=1)
            return
        await self._note(set(values))
        for topic, payload in values.items():
            self._outbox.tell(topic, payload)
        self._outbox.tell(self._topics.availability, "online", qos=1)

    def _values(self) -> dict[str, str] | None:
        """Topic -> value; None while the controller is not alive."""
        documents = self._documents
        image = documents.image.read()
        try:
            if image is None or not is_fresh(image):
                return None
            state = state_of(image, documents.forecast.read(), documents.plan.read())
        except (KeyError, TypeError, ValueError, AttributeError):  # another version's document
            return None
        return {self._topics.state(part): value for part, value in {**state, **self._book.told()}.items()}

    async def _note(self, state: set[str]) -> None:
        """Remember what the broker is going to retain, and take back what is gone."""
        counters = map(self._topics.state, self._book.parts)
        topics = {self._topics.availability, *self._devices, *state, *counters}
        components = {topic: device.platforms for topic, device in self._devices.items()}
        try:
            if not topics <= self._noted:
                self._announce()
                self._leaving |= self._retained.missing_from(topics)
                await asyncio.to_thread(self._retained.add, topics, components)
                for topic in self._retained.missing_from(topics):
                    self._outbox.take_back(topic)
                self._noted = topics
            elif self._leaving and not any(map(self._outbox.is_due, self._leaving)):
                await asyncio.to_thread(self._retained.settle, topics, components)
                self._leaving = set()
                self._announce()
        except StorageError as error:
            if self._noted != topics:
                _log.warning("mqtt: what the broker retains cannot be noted: %s", error)
            self._noted = topics

    def _announce(self) -> None:
        """Tell Home Assistant of the devices; what one of them had before and has no more is taken back."""
        for topic, device in self._devices.items():
            before = self._retained.components(topic)
            self._outbox.tell(topic, json.dumps(without(device, before), ensure_ascii=False), qos=1)
            if before.keys() - device.platforms.keys():
                self._leaving.add(topic)
