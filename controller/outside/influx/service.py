"""The service `influx` of the outside process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

from controller.core.model import Reason
from controller.outside.influx.forwarder import Forwarder
from controller.outside.influx.lines import Naming
from controller.outside.influx.progress import Memory
from controller.outside.influx.server import Server
from controller.outside.notebook import Notebook
from controller.outside.process import Setup
from controller.runtime.child_wire import Json
from controller.settings.influx import InfluxSettings
from controller.telemetry.reader import TelemetryReader

HANGS_AFTER_S = 600.0
"""A step that takes longer hangs on a server that keeps its answer dripping: all begins anew."""


class InfluxService:
    """Sends the village's history to the server of config.yaml."""

    name = "influx"

    def __init__(self, setup: Setup, settings: InfluxSettings, notebook: Notebook) -> None:
        self._setup = setup
        self._settings = settings
        self._notebook = notebook
        self._zone = ZoneInfo(setup.config.site.timezone)
        self._forwarder: Forwarder | None = None

    async def run(self) -> None:
        """Serve for ever; cancel to stop. Raises TimeoutError where a step does not end."""
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="influx")
        forwarder = self._forwarder = self._made()
        try:
            while True:
                async with asyncio.timeout(HANGS_AFTER_S):
                    wait_s = await loop.run_in_executor(thread, forwarder.step)
                await asyncio.sleep(wait_s)
        finally:
            thread.shutdown(wait=False, cancel_futures=True)
            forwarder.save()

    def status(self) -> Json:
        """For outside.json."""
        if self._forwarder is None:
            return {"ok": True, "detail": None}
        return self._forwarder.health.status(self._forwarder.progress)

    def alarms(self) -> Sequence[Reason]:
        """What a technician must see to."""
        if self._forwarder is None:
            return ()
        return self._forwarder.health.alarms(self._forwarder.progress, self._zone)

    def _made(self) -> Forwarder:
        settings, clock = self._settings, self._setup.clock
        return Forwarder(
            TelemetryReader(self._setup.telemetry),
            self._setup.telemetry,
            Server(settings, clock.utc_now),
            Naming(self._setup.config),
            Memory(self._notebook),
            f"{settings.url} {settings.org} {settings.bucket}",
            with_annotations=settings.decisions,
            utc_now=clock.utc_now,
            monotonic_s=time.monotonic,
        )
