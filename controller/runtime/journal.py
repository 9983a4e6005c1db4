"""What the loop hands to the store: decisions at once, samples tick by tick."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from controller.core.memory import to_json
from controller.core.model import Answer, Decision, Event, Memory, ProcessImage, Role, Site
from controller.telemetry.counter_breaks import is_counter
from controller.telemetry.decision_log import DecisionRecord
from controller.telemetry.schema import SeriesKey, StorageError

MAX_UNSTORED = 5000
"""Decisions kept while the disk refuses them: some weeks of a quiet village, and 2 MB of memory."""
_BATTERY = (
    "battery_voltage_v",
    "battery_current_a",
    "battery_temperature_c",
    "battery_soh_frac",
    "cell_voltage_min_v",
    "cell_voltage_max_v",
)
_BUS_IS_DARK = frozenset({"blackout", "black_start"})
_BATTERY_ENERGY = ("battery_energy_charged_wh", "battery_energy_discharged_wh")
_GRID_ENERGY = ("grid_energy_import_wh", "grid_energy_export_wh")
SAMPLED_POINTS: Mapping[Role, tuple[str, ...]] = {
    Role.PV_INVERTER: ("power_w", "energy_wh", "pv_power_w", "cabinet_temperature_c"),
    Role.BATTERY_INVERTER: ("frequency_hz", *_BATTERY, *_BATTERY_ENERGY, *_GRID_ENERGY),
    Role.HYBRID_INVERTER: (
        "frequency_hz",
        *_BATTERY,
        "pv_power_w",
        "pv_energy_wh",
        "load_energy_wh",
        *_BATTERY_ENERGY,
        *_GRID_ENERGY,
    ),
    Role.SOLAR_CHARGER: ("pv_power_w", "pv_energy_wh"),
    Role.BATTERY: ("battery_soc_frac", *_BATTERY, *_BATTERY_ENERGY),
    Role.METER: ("energy_import_wh", "energy_export_wh", "voltage_l1_v"),
    Role.GENSET: (
        "fuel_frac",
        "engine_run_s",
        "coolant_temperature_c",
        "starter_battery_v",
        "energy_export_wh",
    ),
    Role.SWITCH: (),
    Role.IRRADIANCE_SENSOR: ("irradiance_wm2", "cell_temperature_c", "ambient_temperature_c"),
}
"""What is kept of each device besides the site's sums and the feeders: what charts and later reports need.

Everything else is in image.json while it is fresh; an SD card is not worn out for what nobody looks at.
"""


class Store(Protocol):
    """The telemetry store (controller.telemetry.store)."""

    async def append_decisions(
        self,
        records: Sequence[DecisionRecord],
        memory_json: Mapping[str, Any],
        answers: Sequence[Answer] = (),
    ) -> None:
        """Commit decisions, memory and answers in one transaction. Raises StorageError."""
        ...

    def add_samples(
        self, at_utc: datetime, synchronised: bool, values: Mapping[tuple[str, str], float | None]
    ) -> None:
        """Take one tick's values; cheap."""
        ...


class Counters(Protocol):
    """What is believed of the energy counters (runtime.counter_keeper)."""

    def readings(self, image: ProcessImage) -> Mapping[SeriesKey, float | None]:
        """What each counter shows [Wh]; None while it is silent or doubted. Called once a tick."""
        ...


def counter_keys(roles: Mapping[str, Role]) -> tuple[SeriesKey, ...]:
    """The energy counters that are sampled, whether or not their devices have them. roles: by device id."""
    return tuple(key for key in _sampled(roles) if is_counter(key))


def _sampled(roles: Mapping[str, Role]) -> Iterator[SeriesKey]:
    return ((device, point) for device, role in roles.items() for point in SAMPLED_POINTS[role])


class StoreJournal:
    """Writes decisions and samples of one site into the store."""

    def __init__(
        self, store: Store, site: Site, roles: Mapping[str, Role], boot_id: str, counters: Counters
    ) -> None:
        self._counters = counters
        self._store = store
        self._site = site
        self._boot_id = boot_id
        self._in_order = asyncio.Lock()
        self._unstored: deque[DecisionRecord] = deque(maxlen=MAX_UNSTORED)
        """Decisions that the disk has refused so far: they were carried out, and belong in the log."""
        self._untold: tuple[Answer, ...] = ()
        """Likewise answers: people wait for them."""
        self._kept = tuple(key for key in _sampled(roles) if not is_counter(key))

    async def record(
        self, image: ProcessImage, events: Sequence[Event], memory: Memory, answers: Sequence[Answer] = ()
    ) -> None:
        """Commit events, memory and answers together; returns when they are safe.

        Raises StorageError; then they are kept, and committed with what comes next, in their order.
        """
        records = [self._record(image, event) for event in events]
        async with self._in_order:
            told = self._untold = (*self._untold, *answers)
            try:
                await self._store.append_decisions((*self._unstored, *records), to_json(memory), told)
            except StorageError:
                self._unstored.extend(records)
                raise
            self._unstored.clear()
            self._untold = ()

    def _record(self, image: ProcessImage, event: Event) -> DecisionRecord:
        return DecisionRecord(
            at_utc=image.at,
            boot_id=self._boot_id,
            monotonic_s=image.monotonic_s,
            subject=event.subject,
            action=event.action,
            code=event.reason.code,
            params=event.reason.params,
        )

    def sample(self, image: ProcessImage, decision: Decision) -> None:
        """Hand over this tick's values: the site's sums, the feeders, and what is kept of the devices."""
        plant = decision.plant
        values: dict[tuple[str, str], float | None] = {
            ("site", "pv_w"): plant.pv_w,
            ("site", "load_w"): plant.load_w,
            ("site", "battery_w"): plant.battery_w,
            ("site", "inverter_w"): plant.inverter_w,
            ("site", "genset_w"): plant.genset_w,
            ("site", "grid_w"): plant.grid_w if self._site.grid is not None else None,
            ("site", "soc_frac"): plant.soc_frac,
            ("site", "blackout"): float(decision.mode in _BUS_IS_DARK),
        }
        # With a limit, an open feeder or a dark bus less is measured than the sun offers or people want:
        # forecasts must not learn from it.
        for device, limit_frac in decision.pv_limit_frac.items():
            values[device, "limit_frac"] = limit_frac
        for feeder in self._site.feeders:
            closed = decision.memory.feeders[feeder.id].closed
            values[feeder.id, "closed"] = None if closed is None else float(closed)
            values[feeder.id, "power_w"] = image.value(feeder.meter, "power_w") if feeder.meter else None
        for key in self._kept:
            values[key] = image.value(*key)
        values.update(self._counters.readings(image))
        self._store.add_samples(image.at, image.clock_synchronised, values)
