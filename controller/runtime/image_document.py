"""image.json: what the controller knows at this tick, for the page and for whoever asks.

The schema is in docs/architecture.md. Names and reasons are in it already: a reader needs nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from controller.clock import Clock
from controller.core.alarming.book import Standing
from controller.core.model import (
    Alarm,
    Decision,
    Health,
    PlanStanding,
    PlantState,
    ProcessImage,
    Reading,
    Reason,
    Site,
    Supply,
    Text,
)
from controller.core.plant import battery_reading, view_feeder
from controller.core.reasons import render
from controller.runtime.alarm_document import alarm_document
from controller.runtime.fairness_document import fairness_document
from controller.runtime.reported import ReportedBus, ReportedDevice

Json = dict[str, Any]

_WORST_FIRST = (Health.LOST, Health.STALE, Health.GOOD)


@dataclass(frozen=True, slots=True)
class StaticFacts:
    """What of the configuration goes into the document, prepared once."""

    site: Json
    """id, name, timezone, households, contact."""
    devices: Mapping[str, Json]
    """Device id -> id, role, profile, bus, unit."""
    demo: bool
    boot_id: str


def _no_storage() -> Json | None:
    return None


class ImageDocument:
    """Builds the document of a tick."""

    def __init__(
        self,
        facts: StaticFacts,
        site: Site,
        devices: Sequence[ReportedDevice],
        buses: Sequence[ReportedBus],
        clock: Clock,
        host_monotonic_s: Callable[[], float],
    ) -> None:
        self._facts = facts
        self._site = site
        self._devices = tuple(devices)
        self._buses = tuple(buses)
        self._clock = clock
        self._host_monotonic_s = host_monotonic_s
        self.storage: Callable[[], Json | None] = _no_storage
        """What the store takes of the disk; may be set before the first tick."""

    def build(
        self,
        image: ProcessImage,
        decision: Decision,
        tick: Json,
        alarms: Sequence[Standing] = (),
        diagnoses: Sequence[Alarm] = (),
    ) -> Json:
        """The document; tick: `ControlLoop.tick_summary`; alarms: those that stand."""
        return {
            "format": 1,
            "written": {
                "monotonic_s": self._host_monotonic_s(),
                "boot_id": self._facts.boot_id,
                "pid": os.getpid(),
            },
            "clock": {
                "utc": image.at.isoformat(timespec="milliseconds"),
                "synchronised": image.clock_synchronised,
                "speed": self._clock.speed,
            },
            "demo": self._facts.demo,
            "site": self._facts.site,
            "tick": tick,
            "mode": {"code": decision.mode, "reason": _reason(decision.mode_reason)},
            "voice": decision.voice,
            "plan": _plan(image, decision.plan),
            "supply": _supply(decision.supply),
            "summary": _summary(decision.plant),
            "feeders": [self._feeder(image, decision, index) for index in range(len(self._site.feeders))],
            "fairness": fairness_document(self._site, decision.memory),
            "pv": self._pv(image, decision),
            "pv_reason": _reason(decision.pv_reason),
            "battery": self._battery(image, decision),
            "genset": self._genset(image, decision),
            "alarms": [alarm_document(alarm) for alarm in alarms],
            "diagnoses": [{"subject": each.subject, **said(each.reason)} for each in diagnoses],
            "devices": [self._device(image, device) for device in self._devices],
            "buses": [
                {"id": bus.name, "ok": bus.ok, "failed": bus.failed, "connected": bus.connected}
                for bus in self._buses
            ],
            "writes": sum(device.writes for device in self._devices),
            "storage": self.storage(),
        }

    def _feeder(self, image: ProcessImage, decision: Decision, index: int) -> Json:
        feeder = self._site.feeders[index]
        decided = decision.feeders[feeder.id]
        memory = decision.memory.feeders[feeder.id]
        power = image.reading(feeder.meter, "power_w") if feeder.meter else None
        # Rounded to the second, so that a jitter of milliseconds does not show as another minute.
        since = image.at + timedelta(seconds=0.5 - memory.state_s)
        return {
            "id": feeder.id,
            "name": _text(feeder.name),
            "class": feeder.priority.value,
            "households": feeder.households,
            "closed": view_feeder(feeder, image).closed,
            "power_w": power.value if power else None,
            "health": image.reading(feeder.switch.device, feeder.switch.point).health.value,
            "reason": _reason(decided.reason),
            "since_utc": since.isoformat(timespec="seconds"),
            "without_s": round(memory.ledger.window.without_s, 1),
        }

    def _pv(self, image: ProcessImage, decision: Decision) -> list[Json]:
        return [
            {
                "id": inverter.id,
                "name": _text(inverter.name),
                "power_w": image.value(inverter.id, inverter.power_point),
                "limit_frac": decision.pv_limit_frac.get(inverter.id),
                "health": image.reading(inverter.id, inverter.power_point).health.value,
            }
            for inverter in self._site.pv
        ]

    def _battery(self, image: ProcessImage, decision: Decision) -> Json:
        battery = self._site.battery
        soc = battery_reading(image, battery, "battery_soc_frac")
        return {
            "id": battery.id,
            "soc_frac": soc.value,
            "power_w": battery_reading(image, battery, "battery_power_w").value,
            "temperature_c": battery_reading(image, battery, "battery_temperature_c").value,
            "energy_wh": battery.energy_wh,
            "reserve_soc_frac": battery.reserve_soc_frac,
            "health": soc.health.value,
            "setpoint_w": None if decision.battery is None else decision.battery.power_w,
        }

    def _genset(self, image: ProcessImage, decision: Decision) -> Json | None:
        genset = self._site.genset
        if genset is None:
            return None
        return {
            "id": genset.id,
            "name": _text(genset.name),
            "phase": decision.memory.genset.phase,
            "power_w": image.value(genset.id, "power_w"),
            "fuel_frac": image.value(genset.id, "fuel_frac"),
            "health": image.reading(genset.id, "power_w").health.value,
            "reason": _reason(decision.genset_reason),
        }

    def _device(self, image: ProcessImage, device: ReportedDevice) -> Json:
        points = image.devices[device.id]
        texts = device.texts(points)
        return {
            **self._facts.devices[device.id],
            **_overall(points),
            "last_error": device.last_error,
            "points": {
                name: {
                    "value": reading.value,
                    "age_s": _rounded(reading.age_s),
                    "health": reading.health.value,
                    **({"text": texts[name]} if name in texts else {}),
                }
                for name, reading in points.items()
            },
        }


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the file's content; a reader sees the old or the new whole. Raises OSError."""
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(data)
    draft.replace(path)


def _summary(plant: PlantState) -> Json:
    return {
        "pv_w": plant.pv_w,
        "load_w": plant.load_w,
        "battery_w": plant.battery_w,
        "inverter_w": plant.inverter_w,
        "genset_w": plant.genset_w,
        "grid_w": plant.grid_w,
        "soc_frac": plant.soc_frac,
        "energy_left_h": plant.energy_left_h,
        "missing": list(plant.missing),
    }


def _supply(supply: Supply | None) -> Json | None:
    if supply is None:
        return None
    grid = None if supply.grid is None else {**asdict(supply.grid), "sound_s": round(supply.grid.sound_s, 1)}
    return {
        "state": supply.state,
        "reason": _reason(supply.reason),
        "grid": grid,
        "refusals": [_reason(each) for each in supply.refusals],
    }


def _plan(image: ProcessImage, plan: PlanStanding) -> Json:
    # Rounded like a feeder's since_utc.
    issued = None if plan.age_s is None else image.at + timedelta(seconds=0.5 - plan.age_s)
    return {
        "in_force": plan.in_force,
        "reason": _reason(plan.reason),
        "issued_utc": None if issued is None else issued.isoformat(timespec="seconds"),
    }


def _overall(points: Mapping[str, Reading]) -> Json:
    """A device is as healthy as its freshest reading: single points may be missing for their own reasons."""
    ages = [reading.age_s for reading in points.values() if reading.age_s is not None]
    present = {reading.health for reading in points.values()}
    health = next((one for one in reversed(_WORST_FIRST) if one in present), Health.LOST)
    return {"health": health.value, "age_s": _rounded(min(ages)) if ages else None}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _text(text: Text) -> Json:
    return {"th": text.th, "en": text.en}


def _reason(reason: Reason | None) -> Json | None:
    return None if reason is None else said(reason)


def said(reason: Reason) -> Json:
    """A reason with its sentences, as it stands in image.json and forecast.json."""
    return {"code": reason.code, "params": dict(reason.params), **_text(render(reason))}
