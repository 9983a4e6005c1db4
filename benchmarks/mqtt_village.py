"""A village behind MQTT: its image.json, who carries out requests, who listens; for benchmarks and tests."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
from mqtt_broker import TECHNICIAN, VILLAGE, Broker

from controller.clock import ScaledClock
from controller.config_file import load_config
from controller.core.decide import decide
from controller.core.model import Answer, Ask, Health, Memory, ProcessImage, Reading, Reason
from controller.outside.mqtt.client import credentials_of
from controller.outside.mqtt.service import MqttService
from controller.outside.notebook import Notebook
from controller.outside.process import Setup
from controller.requests.box import RequestBox
from controller.requests.kinds import RefusedError, understood
from controller.runtime.image_document import ImageDocument, StaticFacts, write_atomically
from controller.settings import Config
from controller.settings.mqtt import MqttSettings
from controller.site import site_from
from controller.telemetry.schema import SeriesKey, StorageError
from controller.telemetry.store import TelemetryStore

Json = dict[str, Any]
CONFIG = load_config(Path(__file__).resolve().parents[1] / "config.yaml")
NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)
BOOT_ID = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def config_in(folder: Path) -> Config:
    """The default village, its files in a folder."""
    storage = CONFIG.storage.model_copy(
        update={"image": folder / "image.json", "telemetry": folder / "telemetry.db"}
    )
    return CONFIG.model_copy(update={"storage": storage})


@dataclass(frozen=True, slots=True)
class Figures:
    """What the village measures."""

    pv_w: float = 12_000.0
    """A magnitude."""
    battery_w: float = 3_600.0
    """Charging > 0."""
    soc_frac: float = 0.64
    clinic_w: float = 310.0


def image_of(
    config: Config,
    figures: Figures = Figures(),
    off: frozenset[str] = frozenset(),
    at: datetime = NOON,
) -> Json:
    """The document that the controller publishes; off: feeders without power."""
    site = site_from(config)
    devices: dict[str, dict[str, Reading]] = {name: {} for name in config.devices}
    devices[site.battery.id] = _good(
        battery_soc_frac=figures.soc_frac,
        battery_power_w=figures.battery_w,
        ac_power_w=figures.battery_w,
        battery_temperature_c=31.0,
    )
    for array in site.pv:
        devices[array.id] = _good(**{array.power_point: -figures.pv_w / len(site.pv)})
    points = {feeder.switch.point: float(feeder.id in off) for feeder in site.feeders}
    devices["relays"] = _good(**points)
    devices["meter_clinic"] = _good(power_w=0.0 if "clinic" in off else figures.clinic_w)
    named = {name: {"id": name} for name in config.devices}
    facts = StaticFacts({"id": site.id}, named, demo=True, boot_id=BOOT_ID)
    builder = ImageDocument(facts, site, [], [], ScaledClock.starting(at, 1.0), time.monotonic)
    image = ProcessImage(5, 100.0, at, True, devices)
    document: Json = json.loads(
        json.dumps(builder.build(image, decide(image, site, Memory()), {"number": 5}))
    )
    return document


def _good(**values: float) -> dict[str, Reading]:
    return {name: Reading(value, 0.25, Health.GOOD) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Period:
    """10 s of measurements."""

    seq: int
    at_s: int
    values: Mapping[SeriesKey, float]


@dataclass(slots=True)
class Periods:
    """The store's periods: what was measured, in the order in which it was stored."""

    rows: list[Period] = field(default_factory=list)

    def add(self, **site_w: float) -> None:
        """Another period: sums of the site."""
        seq = len(self.rows) + 1
        self.rows.append(Period(seq, 10 * seq, {("site", point): value for point, value in site_w.items()}))

    def newest_seq(self) -> int:
        """The newest period's number."""
        return len(self.rows)

    def periods(self, after_seq: int, limit: int) -> list[Period]:
        """Periods behind a number."""
        return self.rows[after_seq : after_seq + limit]


@dataclass(slots=True)
class Village:
    """The controller's side: it publishes, and carries out each request of the box once."""

    folder: Path
    config: Config
    clock: ScaledClock
    store: TelemetryStore
    box: RequestBox
    figures: Figures = field(default_factory=Figures)
    effects: list[str] = field(default_factory=list)
    """Requests that were carried out, by id, in order."""
    off: set[str] = field(default_factory=set)
    """Feeders without power."""
    _done: int = 0

    def publish(self) -> None:
        """Replace image.json."""
        image = image_of(self.config, self.figures, frozenset(self.off), self.clock.utc_now())
        write_atomically(self.config.storage.image, json.dumps(image).encode())

    async def carry_out(self) -> None:
        """Do what the box has got since, validated as the controller does. Raises StorageError."""
        site = site_from(self.config)
        for waiting in self.box.read_after(self._done):
            self._done = waiting.number
            try:
                asked = understood(waiting, site, self.clock.utc_now())
                self.effects.append(waiting.request.id)
                if isinstance(asked, Ask):
                    (self.off.add if asked.on is False else self.off.discard)(asked.subject)
                answer = Answer(waiting.number, waiting.request.id, "done", Reason("request_done"))
            except RefusedError as refused:
                answer = Answer(waiting.number, waiting.request.id, "refused", refused.reason)
            await self.store.append_decisions([], {}, [answer])

    async def run(self, every_s: float = 0.05) -> None:
        """Publish and carry out for ever."""
        while True:
            with suppress(StorageError):  # a box that is just being made
                await self.carry_out()
            self.publish()
            await asyncio.sleep(every_s)


@asynccontextmanager
async def village_in(folder: Path) -> AsyncIterator[Village]:
    """A village whose controller can be run."""
    config = config_in(folder)
    clock = ScaledClock.starting(datetime.now(UTC), 1.0)
    store = TelemetryStore(config.storage.telemetry, boot_id=BOOT_ID, clock=clock)
    await store.open()
    try:
        yield Village(folder, config, clock, store, RequestBox(folder / "requests.db"))
    finally:
        await store.close()


def settings_for(broker: Broker, *, user: str = VILLAGE, **more: object) -> MqttSettings:
    """How to reach a broker as a user who is known there."""
    secret = broker.folder / f"{user}.secret"
    secret.write_text(f"{user}-secret\n", encoding="utf-8")
    secret.chmod(0o600)
    told: dict[str, object] = {"host": "localhost", "port": broker.port, "username": user}
    told |= {"password": {"file": secret}, "tls": {"ca_file": broker.ca_file}}
    return MqttSettings.model_validate(told | more)


@asynccontextmanager
async def serving(
    village: Village, settings: MqttSettings, periods: Periods | None = None
) -> AsyncIterator[MqttService]:
    """The service at work."""
    notebook = Notebook(village.folder / "outside.db")
    service = MqttService(Setup(village.config, village.clock), settings, notebook, periods or Periods())
    running = asyncio.create_task(service.run())
    try:
        yield service
    finally:
        running.cancel()
        await asyncio.wait([running])
        notebook.close()


@dataclass(slots=True)
class Heard:
    """What a listener has heard."""

    newest: dict[str, str] = field(default_factory=dict)
    messages: list[tuple[str, str]] = field(default_factory=list)
    retained: set[str] = field(default_factory=set)
    """Topics that the broker had kept."""

    async def collect(self, client: aiomqtt.Client) -> None:
        """Listen until the connection breaks."""
        async for message in client.messages:
            topic, payload = message.topic.value, message.payload.decode()
            self.newest[topic] = payload
            self.messages.append((topic, payload))
            if message.retain:
                self.retained.add(topic)

    def answers(self, topic: str) -> list[Json]:
        """All that was said on a topic, as JSON."""
        return [json.loads(payload) for name, payload in self.messages if name == topic]


@asynccontextmanager
async def listener(
    broker: Broker, *filters: str, user: str = TECHNICIAN
) -> AsyncIterator[tuple[aiomqtt.Client, Heard]]:
    """A client that collects what it hears."""
    settings = settings_for(broker, user=user)
    known = credentials_of(settings)
    client = aiomqtt.Client(
        settings.host, broker.port, username=user, password=known.password, tls_context=known.tls
    )
    heard = Heard()
    async with client:
        for topic in filters:
            await client.subscribe(topic, qos=1)
        collecting = asyncio.create_task(heard.collect(client))
        try:
            yield client, heard
        finally:
            collecting.cancel()
            await asyncio.gather(collecting, return_exceptions=True)


async def until(condition: Callable[[], object], within_s: float = 8.0) -> None:
    """Wait for something to become so. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.01)


def order(order_id: str, kind: str, clock: ScaledClock, **params: object) -> Json:
    """An order as a technician's program sends it."""
    expires = (clock.utc_now() + timedelta(minutes=5)).isoformat()
    return {"id": order_id, "kind": kind, "params": params, "expires": expires, "who": "somchai"}
