"""`/metrics`: the present state for Prometheus and VictoriaMetrics; names and labels in docs/metrics.md.

Made anew at each scrape from image.json and outside.json. What is not known is absent, never zero. Labels
come from config.yaml and from fixed lists, so that their number is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from pydantic import BaseModel, ConfigDict

from controller.core.alarming import Severity
from controller.core.model import Health
from web.image import BusPart, DevicePart, FeederPart, Image, StoragePart
from web.image_store import ImageStore
from web.watched_file import WatchedFile

CONTENT_TYPE = CONTENT_TYPE_LATEST
OUTSIDE_FILE_NAME = "outside.json"
MODES = ("normal", "saving", "emergency", "blackout", "black_start", "unknown")

_Labels = tuple[str, ...]


class ServicePart(BaseModel):
    """How one way to the world is doing."""

    model_config = ConfigDict(extra="ignore")

    ok: bool
    lag_s: float | None = None
    waiting_s: float | None = None


class OutsideDocument(BaseModel):
    """What is read of outside.json."""

    model_config = ConfigDict(extra="ignore")

    services: dict[str, ServicePart] = {}


class Metrics:
    """The figures of one site."""

    def __init__(self, images: ImageStore, image_path: Path) -> None:
        self._images = images
        self._outside = WatchedFile(image_path.with_name(OUTSIDE_FILE_NAME), OutsideDocument)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def exposition(self) -> bytes:
        """All figures in the text format that Prometheus reads."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now (the protocol of prometheus_client's collectors)."""
        snapshot = self._images.look()
        yield _gauge("tawan_up", "1 while the controller is running.", float(snapshot.running))
        if snapshot.age_s is not None:
            yield _gauge("tawan_image_age_seconds", "Age of the latest process image.", snapshot.age_s)
        if snapshot.image is None or not snapshot.running:
            return  # what is not of now would be taken for it
        yield from _site(snapshot.image)
        yield from _feeders(snapshot.image.feeders)
        yield from _plant(snapshot.image)
        yield from _devices(snapshot.image.devices, snapshot.image.buses)
        if snapshot.image.storage is not None:
            yield from _storage(snapshot.image.storage)
        yield from self._services()

    def _services(self) -> Iterator[Metric]:
        self._outside.reread()
        if self._outside.content is None:
            return
        services, label = self._outside.content.services.items(), ("service",)
        up = [((name,), float(part.ok)) for name, part in services]
        yield _labelled("tawan_service_up", "1 while a way to the outside works.", label, up)
        lag = [((name,), part.lag_s) for name, part in services]
        yield _labelled("tawan_service_lag_seconds", "Age of the newest data that arrived.", label, lag)
        waiting = [((name,), part.waiting_s) for name, part in services]
        yield _labelled("tawan_service_waiting_seconds", "Age of the oldest data that wait.", label, waiting)


def _site(image: Image) -> Iterator[Metric]:
    info = InfoMetricFamily("tawan_site", "Which site this is.")
    info.add_metric((), {"site": image.site.id, "name": image.site.name.en})
    yield info
    summary = image.summary
    yield _gauge("tawan_pv_power_watts", "Power of all arrays, >= 0.", _magnitude(summary.pv_w))
    yield _gauge("tawan_load_power_watts", "Served load, >= 0.", summary.load_w)
    yield _gauge("tawan_battery_power_watts", "Into the battery: charging > 0.", summary.battery_w)
    yield _gauge("tawan_genset_power_watts", "Power of the genset, >= 0.", _magnitude(summary.genset_w))
    yield _gauge("tawan_grid_power_watts", "Drawn from the public grid > 0.", summary.grid_w)
    yield _gauge("tawan_battery_soc_ratio", "State of charge, 0 to 1.", summary.soc_frac)
    left_s = None if summary.energy_left_h is None else 3600 * summary.energy_left_h
    yield _gauge("tawan_battery_until_reserve_seconds", "Until the reserve, at the present load.", left_s)
    modes = [((mode,), float(mode == image.mode.code)) for mode in MODES]
    yield _labelled("tawan_mode", "1 for the mode that the site is in.", ("mode",), modes)
    if image.plan is not None:
        yield _gauge("tawan_plan_followed", "1 while the plan is followed.", float(image.plan.in_force))
    yield _gauge(
        "tawan_clock_synchronised", "1 while the time of day is known.", float(image.clock.synchronised)
    )
    yield _counter("tawan_ticks", "Ticks since the controller started.", image.tick.number)
    yield _counter("tawan_ticks_skipped", "Ticks skipped because one was late.", image.tick.skipped)
    if image.tick.lateness_ms.p99 is not None:
        late_s = image.tick.lateness_ms.p99 / 1000
        yield _gauge("tawan_tick_lateness_p99_seconds", "How late the latest ticks began at most.", late_s)
    severities = Counter[str]({severity.value: 0 for severity in Severity})
    severities.update(getattr(alarm, "severity", None) or "unknown" for alarm in image.alarms)
    alarms = [((severity,), float(count)) for severity, count in severities.items()]
    yield _labelled("tawan_alarms", "Alarms that stand.", ("severity",), alarms)
    yield _gauge("tawan_diagnoses", "Findings for technicians that stand.", float(len(image.diagnoses)))
    yield _counter("tawan_register_writes", "Registers written since the start.", image.writes)


def _feeders(feeders: Iterable[FeederPart]) -> Iterator[Metric]:
    found = list(feeders)
    label = ("feeder", "class")
    yield _labelled(
        "tawan_feeder_power_watts", "What a feeder draws, >= 0.", label, [(_of(f), f.power_w) for f in found]
    )
    closed = [(_of(f), None if f.closed is None else float(f.closed)) for f in found]
    yield _labelled("tawan_feeder_connected", "1 while a feeder has power.", label, closed)
    without = [(_of(f), f.without_s) for f in found]
    yield _labelled("tawan_feeder_without_seconds", "Without power within the last 30 days.", label, without)


def _of(feeder: FeederPart) -> _Labels:
    return feeder.id, feeder.priority.value


def _plant(image: Image) -> Iterator[Metric]:
    power = [((pv.id,), _magnitude(pv.power_w)) for pv in image.pv]
    yield _labelled("tawan_pv_inverter_power_watts", "Power of a PV inverter, >= 0.", ("device",), power)
    limit = [((pv.id,), pv.limit_frac) for pv in image.pv]
    yield _labelled(
        "tawan_pv_inverter_limit_ratio", "What it may give, of its rated power.", ("device",), limit
    )
    yield _gauge("tawan_battery_temperature_celsius", "Of the battery.", image.battery.temperature_c)
    if image.genset is not None:
        yield _gauge("tawan_genset_fuel_ratio", "Of the genset's tank.", image.genset.fuel_frac)
        running = float(image.genset.phase in ("warming_up", "running", "cooling_down"))
        yield _gauge("tawan_genset_running", "1 while the genset turns.", running)


def _devices(devices: Iterable[DevicePart], buses: Iterable[BusPart]) -> Iterator[Metric]:
    found, lines = list(devices), list(buses)
    label = ("device", "role")
    up = [((each.id, each.role.value), float(each.health is Health.GOOD)) for each in found]
    yield _labelled("tawan_device_up", "1 while a device gives fresh values.", label, up)
    age = [((each.id, each.role.value), each.age_s) for each in found]
    yield _labelled("tawan_device_age_seconds", "Age of a device's freshest value.", label, age)
    requests = CounterMetricFamily(
        "tawan_bus_requests", "Requests on a field bus by what became of them.", labels=("bus", "result")
    )
    for line in lines:
        requests.add_metric((line.id, "answered"), line.ok)
        requests.add_metric((line.id, "failed"), line.failed)
    yield requests
    connected = [((line.id,), float(line.connected)) for line in lines]
    yield _labelled("tawan_bus_connected", "1 while the line is open.", ("bus",), connected)


def _storage(storage: StoragePart) -> Iterator[Metric]:
    yield _gauge("tawan_store_used_bytes", "What the store takes of the disk.", storage.used_bytes)
    yield _gauge("tawan_store_budget_bytes", "What it may take.", storage.budget_bytes)
    yield _gauge("tawan_store_disk_free_bytes", "Free on its disk.", storage.free_disk_bytes)
    written = storage.written_bytes_per_day
    yield _gauge("tawan_store_written_bytes_per_day", "Handed to disks in the last day.", written)
    yield _counter("tawan_store_dropped_samples", "Given up as the disk refused.", storage.dropped_samples)
    yield _gauge("tawan_store_failed", "1 while samples cannot be stored.", float(storage.error is not None))


def _gauge(name: str, text: str, value: float | None) -> Metric:
    family = GaugeMetricFamily(name, text)
    if value is not None:
        family.add_metric((), value)
    return family


def _labelled(
    name: str, text: str, labels: _Labels, values: Iterable[tuple[_Labels, float | None]]
) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values:
        if value is not None:
            family.add_metric(key, value)
    return family


def _counter(name: str, text: str, value: float) -> Metric:
    family = CounterMetricFamily(name, text)
    family.add_metric((), value)
    return family


def _magnitude(value: float | None) -> float | None:
    return None if value is None else abs(value)
