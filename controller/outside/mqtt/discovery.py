"""What Home Assistant is told, so that it shows the village without being configured. Pure.

One message a device, in the form of https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload.
Devices are the site, its battery, arrays, genset, grid and feeders; ids come from config.yaml, so that they
are the same after every restart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.model import Text
from controller.outside.mqtt import entities
from controller.outside.mqtt.entities import Entity
from controller.outside.mqtt.topics import Topics
from controller.settings import Config, NameSettings
from controller.settings.mqtt import MqttSettings

Json = dict[str, Any]
SWITCH_ON, SWITCH_OFF = "ON", "OFF"


@dataclass(frozen=True, slots=True)
class Device:
    """One message to Home Assistant."""

    id: str
    """Of the device; last part of the message's topic."""
    payload: Json

    @property
    def platforms(self) -> dict[str, str]:
        """Its components and the kind of each."""
        return {key: component["platform"] for key, component in self.payload["components"].items()}


@dataclass(frozen=True, slots=True)
class _Part:
    """A device before it is written."""

    path: str
    """Of its state, as `feeder/clinic`; empty for the site, whose entities name theirs."""
    name: NameSettings | Text
    model: str
    entities: tuple[tuple[str, Entity], ...]
    """Path of the state, and what is shown of it."""


def devices_of(config: Config, mqtt: MqttSettings, version: str) -> list[Device]:
    """All devices of a site, the site first; version: Tawan's own."""
    topics = Topics.of(config, mqtt)
    origin = {"name": "Tawan", "sw_version": version}
    found: list[Device] = []
    for part in _parts(config, mqtt):
        name = _id(topics.site, part.path)
        device: Json = {
            "identifiers": [name],
            "name": part.name.th if mqtt.language == "th" else part.name.en,
            "manufacturer": "Tawan",
            "model": part.model,
        }
        device |= {"via_device": found[0].id} if found else {"sw_version": version}
        components = {
            _key(path, entity): _component(name, path, entity, topics, mqtt) for path, entity in part.entities
        }
        payload = {
            "device": device,
            "origin": origin,
            "availability_topic": topics.availability,
            "components": components,
        }
        found.append(Device(name, payload))
    return found


def without(device: Device, told_before: Mapping[str, str]) -> Json:
    """The device's message when it told of more before: what is gone is taken back.

    told_before: component -> its kind.
    """
    gone = {key: kind for key, kind in told_before.items() if key not in device.payload["components"]}
    removed = {key: {"platform": kind} for key, kind in gone.items()}
    return {**device.payload, "components": {**device.payload["components"], **removed}}


def _parts(config: Config, mqtt: MqttSettings) -> Iterator[_Part]:
    language, simple = mqtt.language, mqtt.commands == "broker"
    yield _Part(
        "",
        config.site.name,
        "Solar microgrid",
        (
            *(("site", each) for each in entities.of_site(language)),
            *(("alarms", each) for each in entities.of_alarms()),
            *(("forecast", each) for each in entities.of_forecast(language)),
        ),
    )
    yield _part("battery", Text("แบตเตอรี่", "Battery"), "Battery", entities.of_battery())
    for name, array in config.pv.items():
        yield _part(f"pv/{name}", array.name, "Solar array", entities.of_array())
    if config.genset is not None:
        shown = entities.of_genset(language, ordered="genset" if simple else None)
        yield _part("genset", config.genset.name, "Genset", shown)
    if config.grid is not None:
        yield _part("grid", Text("ไฟหลวง", "Public grid"), "Public grid", entities.of_grid())
    for name, feeder in config.feeders.items():
        path = f"feeder/{name}"
        ordered = path if simple else None
        shown = entities.of_feeder(language, metered=feeder.meter is not None, ordered=ordered)
        yield _part(path, feeder.name, "Feeder", shown)


def _part(path: str, name: NameSettings | Text, model: str, shown: tuple[Entity, ...]) -> _Part:
    return _Part(path, name, model, tuple((path, entity) for entity in shown))


def _component(device: str, path: str, entity: Entity, topics: Topics, mqtt: MqttSettings) -> Json:
    unique = f"{device}_{_key(path, entity)}"
    known: Json = {
        "device_class": entity.device_class,
        "state_class": entity.state_class,
        "unit_of_measurement": entity.unit,
        "suggested_display_precision": entity.precision,
        "value_template": entity.template,
        "entity_category": "diagnostic" if entity.diagnostic else None,
        "payload_press": entity.press,
    }
    if entity.platform != "button":
        known["state_topic"] = topics.state(f"{path}/{entity.state or entity.key}")
    if entity.command is not None:
        known |= {"command_topic": topics.set(entity.command), "qos": 1}
    if entity.platform == "switch":
        known |= {"payload_on": SWITCH_ON, "payload_off": SWITCH_OFF}
    if path == "alarms" and entity.key == "count":
        known["json_attributes_topic"] = topics.state("alarms/standing")
    return {
        "platform": entity.platform,
        "unique_id": unique,
        "default_entity_id": f"{entity.platform}.{unique.replace('-', '_')}",
        "name": entity.name.th if mqtt.language == "th" else entity.name.en,
        **{key: value for key, value in known.items() if value is not None},
    }


def _key(path: str, entity: Entity) -> str:
    """Of a component within its device: the site's device has entities of several parts."""
    return f"{path}_{entity.key}" if path in ("alarms", "forecast") else entity.key


def _id(site: str, path: str) -> str:
    return f"tawan_{site}" if not path else f"tawan_{site}_{path.replace('/', '_')}"
