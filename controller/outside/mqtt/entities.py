"""What Home Assistant is to know of each part of the village: names, classes, units. Data, and pure.

Device classes, state classes and units are Home Assistant's words:
https://developers.home-assistant.io/docs/core/entity/sensor
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from controller.core.model import Text

_SENTENCE = "{{ value_json.%s[:255] }}"
"""Home Assistant takes no longer states."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that Home Assistant shows or offers."""

    key: str
    """Within its device; part of its unique id, so it never changes."""
    name: Text
    platform: Literal["sensor", "binary_sensor", "switch", "button"] = "sensor"
    state: str | None = None
    """Part of the state's topic within its device; None: as the key."""
    device_class: str | None = None
    state_class: str | None = None
    unit: str | None = None
    precision: int | None = None
    """Decimals shown."""
    template: str | None = None
    diagnostic: bool = False
    """Whether it is for technicians, away from the rest."""
    command: str | None = None
    """Part of the topic for orders of one word."""
    press: str | None = None
    """The word that a button sends."""


def power(key: str, th: str, en: str) -> Entity:
    """A power now."""
    return Entity(key, Text(th, en), device_class="power", state_class="measurement", unit="W")


def energy(key: str, th: str, en: str) -> Entity:
    """A counter of energy."""
    return Entity(key, Text(th, en), device_class="energy", state_class="total_increasing", unit="Wh")


def percent(key: str, th: str, en: str, device_class: str | None = None) -> Entity:
    """A part of a whole."""
    return Entity(
        key, Text(th, en), device_class=device_class, state_class="measurement", unit="%", precision=0
    )


def sentence(key: str, th: str, en: str, language: Literal["th", "en"]) -> Entity:
    """Why something is as it is."""
    return Entity(key, Text(th, en), template=_SENTENCE % language)


def health() -> Entity:
    """Whether its readings can be trusted."""
    return Entity("health", Text("สภาพข้อมูล", "Data health"), diagnostic=True)


def moment(key: str, th: str, en: str) -> Entity:
    """A point in time."""
    return Entity(key, Text(th, en), device_class="timestamp")


def condition(key: str, th: str, en: str, device_class: str | None = None) -> Entity:
    """Something that is so or not."""
    return Entity(key, Text(th, en), "binary_sensor", device_class=device_class)


def button(key: str, th: str, en: str, command: str, press: str) -> Entity:
    """An order of one word."""
    return Entity(key, Text(th, en), "button", command=command, press=press)


def of_site(language: Literal["th", "en"]) -> tuple[Entity, ...]:
    """The village as a whole."""
    return (
        power("pv_w", "กำลังผลิตจากแผงโซลาร์", "Solar power"),
        energy("pv_wh", "พลังงานจากแผงโซลาร์", "Solar energy"),
        power("load_w", "กำลังไฟที่ใช้", "Load power"),
        energy("load_wh", "พลังงานที่ใช้", "Load energy"),
        Entity(
            "energy_left_h",
            Text("ไฟในแบตเตอรี่ใช้ได้อีก", "Time left in the battery"),
            device_class="duration",
            state_class="measurement",
            unit="h",
            precision=1,
        ),
        Entity("mode", Text("โหมด", "Mode")),
        sentence("mode_reason", "เหตุผลของโหมด", "Reason of the mode", language),
        Entity("supply", Text("แหล่งจ่ายไฟ", "Supply")),
        Entity(
            "clock_synchronised",
            Text("นาฬิกาตรง", "Clock synchronised"),
            "binary_sensor",
            diagnostic=True,
        ),
    )


def of_alarms() -> tuple[Entity, ...]:
    """What somebody must see to."""
    return (
        Entity("count", Text("จำนวนการแจ้งเตือน", "Alarms standing"), state_class="measurement"),
        Entity(
            "problem",
            Text("มีการแจ้งเตือน", "An alarm stands"),
            "binary_sensor",
            state="count",
            device_class="problem",
            template="{{ 'ON' if value | int(0) > 0 else 'OFF' }}",
        ),
    )


def of_forecast(language: Literal["th", "en"]) -> tuple[Entity, ...]:
    """Whether the battery lasts until sunrise."""
    return (
        Entity("verdict", Text("ไฟพอถึงเช้าหรือไม่", "Lasts until sunrise")),
        percent("lasts_percent", "โอกาสที่ไฟพอถึงเช้า", "Chance to last until sunrise"),
        moment("sunrise", "พระอาทิตย์ขึ้น", "Sunrise"),
        sentence("reason", "คำพยากรณ์คืนนี้", "Tonight's forecast", language),
    )


def of_battery() -> tuple[Entity, ...]:
    """The battery."""
    return (
        percent("soc_percent", "ระดับแบตเตอรี่", "State of charge", "battery"),
        power("charge_w", "กำลังชาร์จ", "Charging power"),
        power("discharge_w", "กำลังจ่าย", "Discharging power"),
        energy("charged_wh", "พลังงานที่ชาร์จเข้า", "Energy charged"),
        energy("discharged_wh", "พลังงานที่จ่ายออก", "Energy discharged"),
        Entity(
            "temperature_c",
            Text("อุณหภูมิ", "Temperature"),
            device_class="temperature",
            state_class="measurement",
            unit="°C",
            precision=1,
        ),
        health(),
    )


def of_array() -> tuple[Entity, ...]:
    """An array of panels."""
    return (
        power("power_w", "กำลังผลิต", "Power"),
        energy("energy_wh", "พลังงาน", "Energy"),
        percent("limit_percent", "ขีดจำกัดกำลังผลิต", "Power limit"),
        health(),
    )


def of_feeder(language: Literal["th", "en"], *, metered: bool, ordered: str | None) -> tuple[Entity, ...]:
    """A feeder; metered: it has a meter; ordered: part of the topic for orders, None where none are taken."""
    shown = [
        condition("closed", "มีไฟ", "Power on", "power"),
        sentence("reason", "เหตุผล", "Reason", language),
        moment("next_cut_from", "รอบดับไฟถัดไปเริ่ม", "Next announced cut begins"),
        moment("next_cut_to", "รอบดับไฟถัดไปสิ้นสุด", "Next announced cut ends"),
        sentence("next_cut_reason", "เหตุผลของรอบดับไฟถัดไป", "Reason of the next cut", language),
        health(),
    ]
    if metered:
        shown += [power("power_w", "กำลังไฟ", "Power"), energy("energy_wh", "พลังงาน", "Energy")]
    if ordered is not None:
        switch = Entity("switch", Text("สั่งเปิดปิด", "Switch"), "switch", state="closed", command=ordered)
        shown += [switch, button("auto", "กลับเป็นอัตโนมัติ", "Back to automatic", ordered, "AUTO")]
    return tuple(shown)


def of_genset(language: Literal["th", "en"], *, ordered: str | None) -> tuple[Entity, ...]:
    """The genset; ordered: as of a feeder."""
    shown = [
        power("power_w", "กำลังผลิต", "Power"),
        energy("energy_wh", "พลังงาน", "Energy"),
        percent("fuel_percent", "ระดับน้ำมัน", "Fuel level"),
        Entity("phase", Text("สถานะ", "Phase")),
        sentence("reason", "เหตุผล", "Reason", language),
        health(),
    ]
    if ordered is not None:
        shown += [
            button("run", "สั่งเดินเครื่อง", "Run for an hour", ordered, "RUN"),
            button("rest", "สั่งหยุดเครื่อง", "Rest for an hour", ordered, "REST"),
            button("auto", "กลับเป็นอัตโนมัติ", "Back to automatic", ordered, "AUTO"),
        ]
    return tuple(shown)


def of_grid() -> tuple[Entity, ...]:
    """The public grid."""
    return (
        power("import_w", "กำลังไฟที่ซื้อ", "Import power"),
        power("export_w", "กำลังไฟที่ขาย", "Export power"),
        energy("import_wh", "พลังงานที่ซื้อ", "Imported energy"),
        energy("export_wh", "พลังงานที่ขาย", "Exported energy"),
        Entity(
            "voltage_v",
            Text("แรงดัน", "Voltage"),
            device_class="voltage",
            state_class="measurement",
            unit="V",
        ),
        Entity(
            "frequency_hz",
            Text("ความถี่", "Frequency"),
            device_class="frequency",
            state_class="measurement",
            unit="Hz",
        ),
        condition("sound", "ไฟหลวงปกติ", "Grid is sound"),
        condition("connected", "ต่อกับไฟหลวง", "Connected to the grid"),
    )
