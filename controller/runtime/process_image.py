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


class LiveImage:
    """Gathers the devices' latest readings; never waits for a bus."""

    def __init__(self, devices: Sequence[ReadableDevice], clock: Clock) -> None:
        self._devices = tuple(devices)
        self._clock = clock
        self._attention = asyncio.Event()

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

    def call_attention(self, _device: str, _point: str) -> None:
        """An alarm word changed: the loop should not wait for the next full second."""
        self._attention.set()

    async def wait_for_attention(self, timeout_s: float) -> bool:
        """Wait at most timeout_s host seconds; True when an alarm word has changed meanwhile."""
        try:
            async with asyncio.timeout(max(0.0, timeout_s)):
                await self._attention.wait()
        except TimeoutError:
            return False
        self._attention.clear()
        return True
