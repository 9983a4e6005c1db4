"""Runs the services of the outside process: each lives by itself, and none takes another down with it."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from controller.clock import Clock, clock_from
from controller.core.model import Reason
from controller.outside.notebook import Notebook
from controller.requests.box import FILE_NAME as REQUESTS_NAME
from controller.runtime.published import PublishedFile
from controller.settings import Config
from controller.settings.outside import OUTSIDE_FILE_NAME

_log = logging.getLogger(__name__)

TELL_EVERY_S = 2.0
MAX_BACKOFF_S = 60.0
NOTEBOOK_NAME = "outside.db"
"""Beside telemetry.db: what the services must remember."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setup:
    """What the process is told when it starts."""

    config: Config
    clock: Clock

    @classmethod
    def from_json(cls, told: Json) -> Self:
        """From the controller's first message. Raises ValueError for what is no config."""
        return cls(Config.model_validate_json(told["config"]), clock_from(told["clock"]))

    @property
    def telemetry(self) -> Path:
        """The store, to be read only."""
        return self.config.storage.telemetry

    @property
    def image(self) -> Path:
        """image.json, to be read only."""
        return self.config.storage.image

    @property
    def notebook(self) -> Path:
        """The process's own database."""
        return self.telemetry.with_name(NOTEBOOK_NAME)

    @property
    def requests(self) -> Path:
        """The box for requests."""
        return self.telemetry.with_name(REQUESTS_NAME)


class Service(Protocol):
    """One way to the world."""

    @property
    def name(self) -> str:
        """`influx`, `mqtt`, `messages`."""
        ...

    async def run(self) -> None:
        """Serve for ever. Raises only for a defect: a network that is away is its daily bread."""
        ...

    def status(self) -> Json:
        """How it is doing, JSON values: at least `ok` (bool) and `detail` (one English sentence or None)."""
        ...

    def alarms(self) -> Sequence[Reason]:
        """What a technician must see to, of the catalogue: the controller raises it. Cheap."""
        ...


async def run(setup: Setup, services: Sequence[Service], notebook: Notebook) -> None:
    """Run all services until stdin is closed: the controller is gone, or wants us to end."""
    file = PublishedFile(setup.image.with_name(OUTSIDE_FILE_NAME), _boot_id(), time.monotonic)
    jobs = [asyncio.create_task(_kept_alive(service), name=service.name) for service in services]
    jobs.append(asyncio.create_task(_tell(file, services, notebook), name="tell"))
    try:
        await _until_stdin_closes()
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.wait(jobs)
        file.remove()


async def _kept_alive(service: Service) -> None:
    """Start a service again after a defect, ever more rarely."""
    failures = 0
    loop = asyncio.get_running_loop()
    while True:
        began_s = loop.time()
        try:
            await service.run()
        except Exception:  # noqa: BLE001 - whatever it is: the other services go on, and the log has it
            _log.exception("%s failed, it is started again", service.name)
        failures = 0 if loop.time() - began_s > MAX_BACKOFF_S else failures + 1
        await asyncio.sleep(random.uniform(0.5, 1.0) * min(MAX_BACKOFF_S, 2.0 ** min(failures, 6)))  # noqa: S311 - jitter


async def _tell(file: PublishedFile, services: Sequence[Service], notebook: Notebook) -> None:
    """Publish how the services are doing; the controller takes the alarms up."""
    refused = False
    while True:
        told = {each.name: _told(each) for each in services}
        document = {
            "pid": os.getpid(),
            "notebook": notebook.defect,
            "services": {name: status for name, (status, _) in told.items()},
            "alarms": [alarm for _, alarms in told.values() for alarm in alarms],
        }
        try:
            file.write(document)
            refused = False
        except (OSError, ValueError, TypeError) as error:  # the disk, or what JSON has no word for
            if not refused:
                _log.warning("%s cannot be written: %s", OUTSIDE_FILE_NAME, error)
            refused = True
        await asyncio.sleep(TELL_EVERY_S)


def _told(service: Service) -> tuple[Json, list[Json]]:
    """Status and alarms of a service; a defect in telling them is told."""
    try:
        alarms = [{"code": alarm.code, "params": dict(alarm.params)} for alarm in service.alarms()]
        return service.status(), alarms
    except Exception as error:  # noqa: BLE001 - whatever it is: the others are told
        return {"ok": False, "detail": f"how it is doing cannot be told: {error!r}"}, []


def _boot_id() -> str:
    return _BOOT_ID.read_text(encoding="ascii").strip()


async def _until_stdin_closes() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass
