"""A village behind the MQTT service: its image.json as the controller writes it, and who takes requests."""

from __future__ import annotations

import asyncio
import json
import time
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
from controller.core.model import Answer, Health, Memory, ProcessImage, Reading, Reason
from controller.outside.mqtt.client import client_of, credentials_of
from controller.outside.mqtt.service import MqttService
from controller.outside.mqtt.topics import Topics
from controller.outside.notebook import Notebook
from controller.outside.process import Setup
from controller.requests.box import RequestBox
from controller.requests.kinds import RefusedError, understood
from controller.runtime.image_document import ImageDocument, StaticFacts, write_atomically
from controller.settings import Config
from controller.settings.mqtt import MqttSettings
from controller.site import site_from
from controller.telemetry.schema import StorageError
from controller.telemetry.store import TelemetryStore

ROOT = Path(__file__).resolve().parents[2]
CONFIG = load_config(ROOT / "config.yaml")
NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)
BOOT_ID = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def config_in(folder: Path) -> Config:
    """The default village, its files in a folder."""
    storage = CONFIG.storage.model_copy(
        update={"image": folder / "image.json", "telemetry": folder / "telemetry.db"}
    )
    return CONFIG.model_copy(update={"storage": storage})


def image_of(
    config: Config,
    *,
    pv_w: float = 12_000.0,
    battery_w: float = 3_600.0,
    soc_frac: float = 0.64,
    clinic_w: float = 310.0,
    off: frozenset[str] = frozenset(),
    at: datetime = NOON,
) -> dict[str, Any]:
    """The document that the controller publishes; pv_w a magnitude, battery_w > 0 while charging."""
    site = site_from(config)
    devices: dict[str, dict[str, Reading]] = {name: {} for name in config.devices}
    devices[site.battery.id] = _good(
        battery_soc_frac=soc_frac, battery_power_w=battery_w, ac_power_w=battery_w, battery_temperature_c=31.0
    )
    for array in site.pv:
        devices[array.id] = _good(**{array.power_point: -pv_w / len(site.pv)})
    relays = {f"channel_{number}": 0.0 for number in range(1, 17)}
    for feeder in site.feeders:
        relays[feeder.switch.point] = 1.0 if feeder.id in off else 0.0
    devices["relays"] = _good(**relays)
    if "meter_clinic" in devices:
        devices["meter_clinic"] = _good(power_w=0.0 if "clinic" in off else clinic_w)
    facts = StaticFacts(
        {"id": site.id}, {name: {"id": name} for name in config.devices}, demo=True, boot_id=BOOT_ID
    )
    builder = ImageDocument(facts, site, [], [], ScaledClock.starting(at, 1.0), time.monotonic)
    image = ProcessImage(5, 100.0, at, True, devices)
    return json.loads(json.dumps(builder.build(image, decide(image, site, Memory()), {"number": 5})))


def _good(**values: float) -> dict[str, Reading]:
    return {name: Reading(value, 0.25, Health.GOOD) for name, value in values.items()}


@dataclass(frozen=True)
class Period:
    seq: int
    at_s: int
    values: dict[tuple[str, str], float]


@dataclass
class Periods:
    """The store's periods: what was measured, in the order in which it was stored."""

    rows: list[Period] = field(default_factory=list)

    def add(self, **site_w: float) -> None:
        seq = len(self.rows) + 1
        self.rows.append(Period(seq, 10 * seq, {("site", point): value for point, value in site_w.items()}))

    def newest_seq(self) -> int:
        return len(self.rows)

    def periods(self, after_seq: int, limit: int) -> list[Period]:
        return self.rows[after_seq : after_seq + limit]


@dataclass
class Village:
    """The controller's side: it publishes, and carries out each request of the box once."""

    folder: Path
    config: Config
    clock: ScaledClock
    store: TelemetryStore
    box: RequestBox
    effects: list[str] = field(default_factory=list)
    """Requests that were carried out, by id, in order."""
    off: set[str] = field(default_factory=set)
    figures: dict[str, float] = field(default_factory=dict)
    """Of the image."""
    _done: int = 0

    def publish(self) -> None:
        image = image_of(self.config, off=frozenset(self.off), at=self.clock.utc_now(), **self.figures)
        write_atomically(self.config.storage.image, json.dumps(image).encode())

    async def carry_out(self) -> None:
        """What the box has got since, validated as the controller does."""
        site = site_from(self.config)
        for waiting in self.box.read_after(self._done):
            self._done = waiting.number
            try:
                asked = understood(waiting, site, self.clock.utc_now())
                self.effects.append(waiting.request.id)
                if waiting.request.kind == "feeder":
                    {True: self.off.discard, False: self.off.add, None: self.off.discard}[asked.on](
                        asked.subject
                    )
                answer = Answer(waiting.number, waiting.request.id, "done", Reason("request_done"))
            except RefusedError as refused:
                answer = Answer(waiting.number, waiting.request.id, "refused", refused.reason)
            await self.store.append_decisions([], {}, [answer])

    async def run(self, every_s: float = 0.05) -> None:
        while True:
            with suppress(StorageError):  # a box that is just being made
                await self.carry_out()
            self.publish()
            await asyncio.sleep(every_s)


@asynccontextmanager
async def village_in(folder: Path):
    """A village whose controller can be run."""
    config = config_in(folder)
    clock = ScaledClock.starting(datetime.now(UTC), 1.0)
    store = TelemetryStore(config.storage.telemetry, boot_id=BOOT_ID, clock=clock)
    await store.open()
    try:
        yield Village(folder, config, clock, store, RequestBox(folder / "requests.db"))
    finally:
        await store.close()


def settings_for(broker: Broker, *, user: str = VILLAGE, **more: Any) -> MqttSettings:
    """How to reach a broker as a user who is known there."""
    secret = broker.folder / f"{user}.secret"
    secret.write_text(f"{user}-secret\n")
    secret.chmod(0o600)
    told = {
        "host": "localhost",
        "port": broker.port,
        "username": user,
        "password": {"file": secret},
        "tls": {"ca_file": broker.ca_file} if broker.tls else None,
        **more,
    }
    return MqttSettings.model_validate({key: value for key, value in told.items() if value is not None})


@asynccontextmanager
async def serving(village: Village, settings: MqttSettings, periods: Periods | None = None):
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


@asynccontextmanager
async def listener(broker: Broker, *filters: str, user: str = TECHNICIAN):
    """A client that collects what it hears: topic -> its newest payload, and all messages in order."""
    settings = settings_for(broker, user=user)
    topics = Topics("listener", "homeassistant", f"listener-{time.monotonic_ns()}")
    client = client_of(settings, topics, credentials_of(settings))
    heard = Heard()
    async with client:
        for topic in filters:
            await client.subscribe(topic, qos=1)
        collecting = asyncio.create_task(heard.collect(client))
        try:
            yield client, heard
        finally:
            collecting.cancel()
            await asyncio.wait([collecting])


@dataclass
class Heard:
    newest: dict[str, str] = field(default_factory=dict)
    messages: list[tuple[str, str]] = field(default_factory=list)
    retained: set[str] = field(default_factory=set)

    async def collect(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            payload = message.payload.decode()
            self.newest[message.topic.value] = payload
            self.messages.append((message.topic.value, payload))
            if message.retain:
                self.retained.add(message.topic.value)

    def json(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(payload) for name, payload in self.messages if name == topic]


async def until(condition, within_s: float = 8.0) -> None:
    """Wait for something to become so."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.01)


def order(order_id: str, kind: str, clock: ScaledClock, *, good_for_s: float = 60.0, **params: Any) -> dict:
    """An order as a technician's program sends it."""
    expires = clock.utc_now() + timedelta(seconds=good_for_s)
    return {
        "id": order_id,
        "kind": kind,
        "params": params,
        "expires": expires.isoformat(),
        "who": "somchai",
    }
