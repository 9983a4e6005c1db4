"""What Home Assistant is told obeys its published rules, for any site, and is the same after each restart.

The rules are those of home-assistant/core 2026.2, restated: components/mqtt/schemas.py (a device's message),
sensor.py, binary_sensor.py, switch.py, button.py (which keys each platform takes), discovery.py (topics),
components/sensor/const.py (classes and their units), components/energy/validate.py (its dashboard).
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from mqtt_village import CONFIG, image_of

from controller.outside.mqtt.discovery import Device, devices_of, without
from controller.outside.mqtt.energy import sources_of
from controller.outside.mqtt.state import state_of
from controller.outside.mqtt.topics import Topics
from controller.settings import Config, GridSettings
from controller.settings.mqtt import MqttSettings

TOPIC = re.compile(r"homeassistant/device/[a-zA-Z0-9_-]+/config")
DEVICE_KEYS = {"identifiers", "name", "manufacturer", "model", "sw_version", "via_device"}
COMMON = {
    "platform",
    "unique_id",
    "default_entity_id",
    "name",
    "device_class",
    "entity_category",
    "json_attributes_topic",
    "qos",
}
PLATFORM_KEYS = {
    "sensor": {
        "state_topic",
        "value_template",
        "state_class",
        "unit_of_measurement",
        "suggested_display_precision",
    },
    "binary_sensor": {"state_topic", "value_template"},
    "switch": {"state_topic", "command_topic", "payload_on", "payload_off"},
    "button": {"command_topic", "payload_press"},
}
REQUIRED = {
    "sensor": {"state_topic"},
    "binary_sensor": {"state_topic"},
    "switch": {"command_topic"},
    "button": {"command_topic"},
}
CLASS_UNITS = {
    "power": {"mW", "W", "kW", "MW", "GW", "TW"},
    "energy": {"Wh", "kWh", "MWh"},
    "battery": {"%"},
    "temperature": {"°C", "°F", "K"},
    "voltage": {"V", "mV"},
    "frequency": {"Hz", "kHz"},
    "duration": {"d", "h", "min", "s"},
    "timestamp": {None},
}
CLASS_STATE_CLASSES = {
    "power": {"measurement"},
    "energy": {"total", "total_increasing"},
    "battery": {"measurement"},
    "temperature": {"measurement"},
    "voltage": {"measurement"},
    "frequency": {"measurement"},
    "duration": {"measurement", "total", "total_increasing"},
    "timestamp": {None},
}
BINARY_CLASSES = {"power", "problem", "connectivity"}

GRID = CONFIG.model_copy(update={"grid": GridSettings(device="battery", import_w=10_000.0)})
BARE = CONFIG.model_copy(
    update={
        "genset": None,
        "feeders": {
            name: one.model_copy(update={"meter": None}) for name, one in list(CONFIG.feeders.items())[:2]
        },
    }
)
SITES = {"the default village": CONFIG, "a village with a grid": GRID, "one without genset and meters": BARE}


def told(config: Config, **how: Any) -> list[Device]:
    return devices_of(config, MqttSettings(host="localhost", discovery=True, **how), "1.2.3")


def components(devices: list[Device]) -> list[dict[str, Any]]:
    return [each for device in devices for each in device.payload["components"].values()]


@pytest.mark.parametrize("commands", ["none", "broker"])
@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("config", SITES.values(), ids=SITES.keys())
def test_every_message_obeys_the_rules(config, language, commands) -> None:
    devices = told(config, language=language, commands=commands)
    topics = Topics.of(config, MqttSettings(host="localhost"))
    for device in devices:
        payload = device.payload
        assert TOPIC.fullmatch(topics.discovery(device.id))
        assert payload.keys() == {"device", "origin", "availability_topic", "components"}
        assert payload["device"]["identifiers"] == [device.id]
        assert payload["device"].keys() <= DEVICE_KEYS
        assert payload["origin"] == {"name": "Tawan", "sw_version": "1.2.3"}
        assert json.loads(json.dumps(payload)) == payload
    for component in components(devices):
        check(component)


def check(component: dict[str, Any]) -> None:
    platform = component["platform"]
    assert component.keys() <= COMMON | PLATFORM_KEYS[platform], component
    assert REQUIRED[platform] | {"unique_id"} <= component.keys()
    assert re.fullmatch(platform + r"\.[a-z0-9_]+", component["default_entity_id"])
    assert component.get("entity_category") in (None, "diagnostic")
    assert all(
        "+" not in value and "#" not in value for key, value in component.items() if key.endswith("topic")
    )
    kind = component.get("device_class")
    if platform == "binary_sensor":
        assert kind in BINARY_CLASSES | {None}
    elif platform == "sensor":
        unit, state_class = component.get("unit_of_measurement"), component.get("state_class")
        if kind is not None:
            assert unit in CLASS_UNITS[kind], component
            assert state_class in CLASS_STATE_CLASSES[kind], component
        assert unit is None or state_class is not None
        assert state_class in (None, "measurement", "total", "total_increasing")


@pytest.mark.parametrize("config", SITES.values(), ids=SITES.keys())
def test_every_state_that_is_announced_is_told(config) -> None:
    topics = Topics.of(config, MqttSettings(host="localhost"))
    image = image_of(config)
    parts = {*state_of(image, None, None), *(source.part for source in sources_of(config))}
    known = {topics.state(part) for part in parts}
    announced = {
        component[key]
        for component in components(told(config))
        for key in ("state_topic", "json_attributes_topic")
        if key in component
    }
    assert announced <= known


def test_sun_battery_grid_and_feeders_go_straight_on_the_energy_dashboard() -> None:
    fit = {
        component["unique_id"]
        for component in components(told(GRID))
        if component.get("device_class") == "energy" and component["state_class"] == "total_increasing"
    }
    site = "tawan_ban-wang-won"
    assert {f"{site}_pv_wh", f"{site}_battery_charged_wh", f"{site}_battery_discharged_wh"} <= fit
    assert {f"{site}_grid_import_wh", f"{site}_grid_export_wh", f"{site}_genset_energy_wh"} <= fit
    assert {f"{site}_feeder_{name}_energy_wh" for name in GRID.feeders} <= fit


def test_ids_are_unique_and_neither_language_nor_restart_changes_them() -> None:
    def ids(language: str) -> list[str]:
        return [each["unique_id"] for each in components(told(GRID, language=language, commands="broker"))]

    assert ids("th") == ids("en") == ids("th")
    assert len(set(ids("th"))) == len(ids("th"))


def test_names_are_in_the_language_asked_for() -> None:
    names = {
        language: told(CONFIG, language=language)[0].payload["device"]["name"] for language in ("th", "en")
    }
    assert names == {"th": "บ้านวังวน", "en": "Ban Wang Won"}


@pytest.mark.parametrize("commands", ["none", "signed"])
def test_nothing_can_be_switched_where_words_are_not_taken(commands) -> None:
    assert not any("command_topic" in each for each in components(told(CONFIG, commands=commands)))


def test_devices_stand_below_the_site() -> None:
    site, *others = told(CONFIG)
    assert {device.payload["device"]["via_device"] for device in others} == {site.id}


def test_a_component_that_is_gone_is_taken_back_by_its_platform_alone() -> None:
    clinic = next(device for device in told(CONFIG, commands="broker") if device.id.endswith("clinic"))
    quiet = next(device for device in told(CONFIG) if device.id == clinic.id)
    message = without(quiet, clinic.platforms)
    assert message["components"]["switch"] == {"platform": "switch"}
    assert message["components"]["auto"] == {"platform": "button"}
    assert without(quiet, quiet.platforms) == quiet.payload
