"""From what the bus workers have read so far to the immutable image of one tick."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from controller.clock import Clock
from controller.core.model import ProcessImage, Reading


class ReadableDevice(Protocol):
    """What the image needs of a device."""

    @property
    def id(self) -> str:
        """The device id of config.yaml."""
        ...

    def readings(self, now_s: float) -> Mapping[str, Reading]:
        """Its points with value, age and health at an instant of the monotonic clock."""
        ...


class Attention:
    """Rings when an alarm word changes, so that the loop need not wait for the next full second."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def call(self, _device: str, _point: str) -> None:
        """An urgent point of a device has a new value."""
        self._rung.set()

    async def wait(self, timeout_s: float) -> bool:
        """Wait at most timeout_s host seconds; True when an alarm word has changed meanwhile."""
        try:
            async with asyncio.timeout(max(0.0, timeout_s)):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class LiveImage:
    """Gathers the devices' latest readings; never waits for a bus."""

    def __init__(self, devices: Sequence[ReadableDevice], clock: Clock) -> None:
        self._devices = tuple(devices)
        self._clock = clock

    def freeze(self, tick: int) -> ProcessImage:
        """Everything known now, immutable."""
        now_s = self._clock.monotonic()
        return ProcessImage(
            tick=tick,
            monotonic_s=now_s,
            at=self._clock.utc_now(),
            clock_synchronised=self._clock.synchronised(),
            devices={device.id: device.readings(now_s) for device in self._devices},
        )
