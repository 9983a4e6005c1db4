"""Carries out what was decided.

One hand per device, each doing the newest intent: a dead device holds up neither the tick nor its neighbours.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from controller.core.model import Decision, Feeder, Setpoint, Site, SwitchPoint

_log = logging.getLogger(__name__)

RELEASE_TIMEOUT_S = 5.0
"""Host seconds that a clean stop spends on giving devices their freedom back."""


class SwitchBoard(Protocol):
    """A relay board."""

    async def set_channel(self, channel: int, energised: bool) -> object:
        """Energise or release a relay; does nothing where it is so already."""
        ...

    async def release(self) -> None:
        """A clean stop: give back what is held."""
        ...


class PvLimiter(Protocol):
    """A PV inverter whose power can be limited."""

    async def limit(self, frac: float) -> object:
        """Limit to a fraction of rated power; 1.0 frees it."""
        ...

    async def release(self) -> None:
        """Free it."""
        ...


class GensetStarter(Protocol):
    """A genset controller that can be asked to run."""

    async def request_run(self, run: bool) -> object:
        """Ask it to run or to stop; warm-up and cool-down are its own."""
        ...

    async def release(self) -> None:
        """Withdraw the request."""
        ...


class BatterySetter(Protocol):
    """Inverters that take a setpoint for their battery."""

    async def hold(self, power_w: float, rated_w: float) -> object:
        """Ask for a power, charging > 0 [W]; rated_w: of the inverters together."""
        ...

    async def release(self) -> None:
        """Withdraw it."""
        ...


class _Hand:
    """Does the newest of the jobs it was given; older ones that were not begun are forgotten."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._job: Callable[[], Awaitable[object]] | None = None
        self._wake = asyncio.Event()

    def give(self, job: Callable[[], Awaitable[object]]) -> None:
        self._job = job
        self._wake.set()

    def newer_job_waits(self) -> bool:
        return self._wake.is_set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._job is not None:
                await self._job()


class _SetpointHand:
    """Holds the newest setpoint of the battery; one that is not given anew in time is withdrawn."""

    def __init__(self, battery: BatterySetter, rated_w: float, speed: float) -> None:
        self._battery = battery
        self._rated_w = rated_w
        self._speed = speed
        self._wanted: Setpoint | None = None
        self._held = False
        self._wake = asyncio.Event()

    def give(self, wanted: Setpoint | None) -> None:
        self._wanted = wanted
        if wanted is not None or self._held:
            self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            wanted = self._wanted
            if wanted is not None:
                self._held = True
                await self._battery.hold(wanted.power_w, self._rated_w)
                if await self._renewed(wanted.expires_s / self._speed):
                    continue
            self._held = False
            await self._battery.release()

    async def _renewed(self, patience_s: float) -> bool:
        try:
            async with asyncio.timeout(patience_s):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True


class Actuators:
    """Turns decisions into the roles' commands. Device faults stay with the device's own report."""

    def __init__(
        self,
        site: Site,
        switches: Mapping[str, SwitchBoard],
        pv: Mapping[str, PvLimiter],
        genset: GensetStarter | None,
        battery: BatterySetter | None = None,
        *,
        lamp: SwitchPoint | None = None,
        speed: float = 1.0,
    ) -> None:
        """battery: None where its inverters form the grid. lamp: where there is one for alarms.

        speed: of the site's clock to the host's.
        """
        self._feeders = {feeder.id: feeder for feeder in site.feeders}
        self._breaker = None if site.grid is None or site.grid.breaker is None else site.grid.breaker.switch
        self._lamp = lamp
        self._lit: bool | None = None
        self._switches = switches
        self._pv = pv
        self._genset = genset
        self._hands = {key: _Hand(key) for key in (*switches, *pv)}
        self._genset_hand = _Hand("genset")
        self._battery = battery
        self._battery_hand = (
            None if battery is None else _SetpointHand(battery, site.battery.inverter_w, speed)
        )

    async def run(self) -> None:
        """Work for ever; cancel to stop."""
        async with asyncio.TaskGroup() as group:
            for hand in (*self._hands.values(), self._genset_hand):
                group.create_task(hand.run(), name=f"hand {hand.name}")
            if self._battery_hand is not None:
                group.create_task(self._battery_hand.run(), name="hand battery")

    def light(self, lit: bool) -> None:
        """Whether the alarm lamp is to be lit from the next `apply` on; does nothing where there is none."""
        self._lit = lit

    def apply(self, decision: Decision) -> None:
        """Take over the intents of one tick; returns at once."""
        by_board: dict[str, list[tuple[bool, bool, int, bool]]] = {}
        for feeder_id, wanted in decision.feeders.items():
            if wanted.closed is None:
                continue
            feeder = self._feeders[feeder_id]
            by_board.setdefault(feeder.switch.device, []).append(
                (not wanted.emergency, wanted.closed, feeder.switch.channel, energised(feeder, wanted.closed))
            )
        if self._breaker is not None and decision.grid_closed is not None:
            closed = decision.grid_closed
            by_board.setdefault(self._breaker.device, []).append(
                (closed, closed, self._breaker.channel, closed == self._breaker.closed_when_energised)
            )
        if self._lamp is not None and self._lit is not None:
            on = self._lit == self._lamp.closed_when_energised
            by_board.setdefault(self._lamp.device, []).append((True, True, self._lamp.channel, on))
        for board, moves in by_board.items():
            # Emergencies and the way off the grid first, then openings, then closings.
            channels = [(channel, on) for _, _, channel, on in sorted(moves)]
            self._hands[board].give(partial(self._move, board, channels))
        for device, frac in decision.pv_limit_frac.items():
            self._hands[device].give(partial(self._pv[device].limit, frac))
        if self._genset is not None and decision.genset_run is not None:
            self._genset_hand.give(partial(self._genset.request_run, decision.genset_run))
        if self._battery_hand is not None:
            self._battery_hand.give(decision.battery)

    async def _move(self, board: str, channels: Sequence[tuple[int, bool]]) -> None:
        hand = self._hands[board]
        for channel, on in channels:
            await self._switches[board].set_channel(channel, on)
            if hand.newer_job_waits():
                return  # it repeats what is left, in its own order

    async def release(self) -> None:
        """A clean stop: limits, setpoint and the genset request are withdrawn; feeders stay as they are."""
        held: list[PvLimiter | GensetStarter | SwitchBoard | BatterySetter] = [
            *self._pv.values(),
            *self._switches.values(),
        ]
        held += [each for each in (self._genset, self._battery) if each is not None]
        try:
            async with asyncio.timeout(RELEASE_TIMEOUT_S):
                await asyncio.gather(*(device.release() for device in held))
        except TimeoutError:
            _log.warning("not every device could be released within %.0f s", RELEASE_TIMEOUT_S)


def energised(feeder: Feeder, closed: bool) -> bool:
    """Whether the relay coil must be on for the feeder to be closed (connected) or open."""
    return closed == feeder.switch.closed_when_energised
