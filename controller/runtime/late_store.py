"""Where the store could not be opened at the start it is tried again, and then the controller starts anew."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from controller.clock import Clock
from controller.telemetry.schema import StorageError

_log = logging.getLogger(__name__)

TRY_EVERY_S = 60.0


class LateStore(Protocol):
    """What is needed of the store (controller.telemetry.store)."""

    async def open_late(self) -> None:
        """Write the samples that wait. Raises StorageError."""
        ...


async def start_anew_once_it_opens(store: LateStore, clock: Clock, stop: asyncio.Event) -> None:
    """Set `stop` once the store can be written again.

    A controller that began without its memory and its alarms cannot take them up midway; the service manager
    starts it again within a second, and the feeders stay as they are meanwhile.
    """
    while not stop.is_set():
        await clock.sleep(TRY_EVERY_S)
        try:
            await store.open_late()
        except StorageError as error:
            _log.info("the store still cannot be opened: %s", error)
            continue
        _log.warning("the store can be written again: the controller starts anew, to remember what it holds")
        stop.set()
