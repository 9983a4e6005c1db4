"""`tawan run`: puts the controller together and runs it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from controller.clock import Clock, clock_from
from controller.commands.alarm_parts import Around, build_alarms
from controller.commands.configuration import load_or_explain, profiles_of
from controller.commands.control_parts import (
    build_actuators,
    build_desk,
    build_diagnosing,
    build_document,
    build_outside,
    build_planner,
    build_plans,
)
from controller.commands.counter_parts import build_counters
from controller.core.memory import from_json
from controller.core.model import Memory, Reason
from controller.runtime.clock_alarms import clock_alarms
from controller.runtime.field import build_field
from controller.runtime.journal import StoreJournal
from controller.runtime.late_store import start_anew_once_it_opens
from controller.runtime.loop import ControlLoop
from controller.runtime.process_image import Attention, LiveImage
from controller.runtime.salvage_alarms import salvage_alarms
from controller.runtime.single import AlreadyRunningError, only_one
from controller.runtime.supervisor import Job, stop_on_signals, supervise
from controller.runtime.systemd import Systemd
from controller.runtime.teller import Teller
from controller.settings import Config
from controller.site import site_from
from controller.telemetry.schema import StorageError
from controller.telemetry.store import TelemetryStore
from controller.trusted_clock import TrustedClock
from drivers.profile import ProfileLibrary

_log = logging.getLogger("tawan")

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def run_controller(config_path: Path, *, clock_spec: str | None, verbose: bool) -> int:
    """Run until stopped; returns the exit status."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    config = load_or_explain(config_path)
    problem = _unusable(config.storage.image.parent)
    if problem is not None:
        print(f"tawan run: storage.image in {config_path}: {problem}", file=sys.stderr)
        return 1
    with ExitStack() as held:
        try:
            held.enter_context(only_one(config.storage.image.parent))
        except (AlreadyRunningError, OSError) as error:
            print(f"tawan run: {error}. Two controllers would undo each other's commands.", file=sys.stderr)
            return 1
        try:
            boot_id = _BOOT_ID.read_text(encoding="ascii").strip()
            asyncio.run(_run(config, profiles_of(config_path), clock_spec, boot_id))
        except ExceptionGroup:
            _log.exception("a defect ended the controller; the devices were released")
            return 1
    return 0


def _unusable(folder: Path) -> str | None:
    """Make the folder; why it cannot be used, or None."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"the folder {folder} cannot be made: {error.strerror}. Choose another, or run as its owner."
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"the folder {folder} cannot be written to. Choose another, or run as its owner."
    return None


async def _run(config: Config, profiles: ProfileLibrary, clock_spec: str | None, boot_id: str) -> None:
    """Everything from config.yaml to the last release."""
    clock = clock_from(clock_spec)
    site = site_from(config)
    budget_bytes = config.storage.budget_mb * 1_000_000
    store = TelemetryStore(config.storage.telemetry, boot_id=boot_id, clock=clock, budget_bytes=budget_bytes)
    memory, opening_alarms = await _remembered(store, clock)
    attention = Attention()
    field = build_field(config, clock, attention.call, profiles)
    live = LiveImage(list(field.devices.values()), clock)
    actuators = build_actuators(config, site, field, clock.speed)
    counters = build_counters(config, site, field, store, boot_id)
    journal = StoreJournal(store, site, field.roles, boot_id, counters)

    plans = build_plans(config, site, clock, store, boot_id)
    planner = build_planner(config, clock_spec, clock, store, boot_id, plans)
    outside = build_outside(config, clock_spec, boot_id)

    def own_alarms() -> Sequence[Reason]:
        parts = (*clock_alarms(clock), *planner.alarms(), *outside.alarms(), *desk.alarms())
        return (*opening_alarms, *parts, *_store_alarms(store))

    loop = ControlLoop(site, live, attention, actuators, journal, clock, memory=memory)
    systemd = Systemd()
    document = build_document(config, site, field, clock, boot_id, store)
    diagnosing = build_diagnosing(config, site, field)
    if plans is not None:
        loop.plans = plans.current
    around = Around(
        own_alarms, diagnosing, planner, loop.plans, lambda: loop.memory.lived_s, light=actuators.light
    )
    alarms = build_alarms(config, site, clock, store, memory, around)
    desk = build_desk(config, site, clock, alarms.keeper)
    loop.requests = desk.take
    teller = Teller(
        config.storage.image,
        document,
        systemd,
        loop.tick_summary,
        lambda: alarms.keeper.standing,
        lambda: diagnosing.current,
    )
    loop.tell = (journal.sample, diagnosing.tell, planner.tell, alarms.keeper.tell, teller.tell)

    async def release() -> None:
        systemd.stopping()
        await loop.stop()
        await actuators.release()
        await alarms.keeper.flush()

    jobs = {f"line {name}": line.run for name, line in field.lines.items()}
    jobs |= {"loop": loop.run, "hands": actuators.run, "planner": planner.run, "outside": outside.run}
    jobs |= {"alarms": alarms.keeper.run, "host": alarms.host.run, "requests": desk.run}
    try:
        await _serve(jobs, store, clock, release)
    finally:
        config.storage.image.unlink(missing_ok=True)
        await counters.close()
        await _close(store)


async def _serve(
    jobs: dict[str, Job], store: TelemetryStore, clock: Clock, release: Callable[[], Awaitable[None]]
) -> None:
    """Run the jobs until a signal comes, or a store that did not open at the start does."""
    stop = asyncio.Event()
    if not store.opened:
        jobs["late store"] = partial(start_anew_once_it_opens, store, clock, stop)
    with stop_on_signals(stop):
        await supervise(jobs, stop=stop, release=release)


def _store_alarms(store: TelemetryStore) -> Sequence[Reason]:
    """What a technician should know of the store."""
    salvaged = tuple(salvage_alarms(store))
    if store.sample_error is None:
        return salvaged
    return (*salvaged, Reason("storage_failed", {"error": store.sample_error}))


async def _remembered(store: TelemetryStore, clock: Clock) -> tuple[Memory, tuple[Reason, ...]]:
    """What the controller remembers, and alarms about its disk: control goes on without one.

    The clock is told of the newest sample: no earlier time is believed.
    """
    memory, alarms = await _opened(store)
    if isinstance(clock, TrustedClock):
        clock.remember(store.newest_at)
    return memory, alarms


async def _opened(store: TelemetryStore) -> tuple[Memory, tuple[Reason, ...]]:
    try:
        report = await store.open()
        memory_json = store.load_memory()
        memory = Memory() if memory_json is None else from_json(memory_json)
    except (StorageError, ValueError) as error:
        _log.error("nothing is remembered of the past: %s", error)
        return Memory(), (Reason("storage_failed", {"error": str(error)}),)
    for defect in report.defects:
        _log.warning("telemetry: %s", defect)
    if report.set_aside is not None:
        return memory, (Reason("storage_set_aside", {"file": str(report.set_aside)}),)
    return memory, ()


async def _close(store: TelemetryStore) -> None:
    try:
        await store.close()
    except StorageError as error:
        _log.error("the last samples could not be stored: %s", error)
