"""A village at the edge of the public grid, for tests of the core."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from core_world import NOON, World, make_site, read

from controller.core.model import (
    Decision,
    GridBreaker,
    GridConnection,
    Outage,
    ProcessImage,
    Site,
    SwitchPoint,
)

BREAKER = GridBreaker(SwitchPoint("relays", 9, closed_when_energised=True), "relays", "input_1")
_JOINS_AFTER_S = 60.0


def grid_site(*, breaker: bool = False, **grid: Any) -> Site:
    """The village of core_world with a grid; breaker: it is ours, and a meter stands on the grid's side."""
    own: dict[str, Any] = {"device": "battery", "prefix": "grid_", "breaker": None}
    if breaker:
        own = {"device": "meter_grid", "prefix": "", "breaker": BREAKER}
    usual = {"import_w": 15_000.0, "export_w": 0.0, "stable_s": 300.0}
    return replace(make_site(), grid=GridConnection(**{**own, **usual, **grid}))


def outage(in_s: float, lasts_s: float) -> Outage:
    """One that begins so long after the world does."""
    begin = NOON + timedelta(seconds=1000.0 + in_s)
    return Outage(begin, begin + timedelta(seconds=lasts_s))


@dataclass
class GridWorld(World):
    """While it is joined, the grid takes what is left over; the battery rests unless `charging_w`."""

    site: Site = field(default_factory=grid_site)
    grid_there: bool = True
    grid_v: float = 231.0
    grid_hz: float = 50.0
    joined: bool = True
    sync_permitted: bool = True
    charging_w: float = 0.0
    """Taken by the battery while the grid is there."""
    sound_s: float = 0.0

    @property
    def ours(self) -> bool:
        """Whether the breaker is ours."""
        return self.site.grid is not None and self.site.grid.breaker is not None

    @property
    def tied(self) -> bool:
        """Whether current can flow."""
        return self.joined and self.grid_there

    @property
    def grid_w(self) -> float:
        """Into the village."""
        return self.load_w + self.charging_w - self.pv_w - self.genset_w if self.tied else 0.0

    @property
    def battery_w(self) -> float:
        """Into the battery."""
        return self.charging_w if self.tied else super().battery_w

    def image(self) -> ProcessImage:
        """What the controller sees."""
        image = super().image()
        volts, hertz = (self.grid_v, self.grid_hz) if self.grid_there else (0.0, 0.0)
        bus_v = 0.0 if self.extra.get("inverter_state") in (0, 2) else 230.0
        devices = {device: dict(points) for device, points in image.devices.items()}
        seen = {"power_w": self.grid_w, "voltage_l1_v": volts, "frequency_hz": hertz or None}
        bus = {f"voltage_l{phase}_v": read(bus_v) for phase in (1, 2, 3)}
        bus = {name: value for name, value in bus.items() if name not in self.extra}
        if self.ours:
            devices["meter_grid"] = {name: read(value) for name, value in seen.items()}
            devices["meter_grid"] |= {f"voltage_l{phase}_v": read(volts) for phase in (2, 3)}
            devices["relays"]["channel_9"] = read(1.0 if self.joined else 0.0)
            devices["relays"]["input_1"] = read(1.0 if self.sync_permitted else 0.0)
        else:
            devices["battery"] |= {f"grid_{name}": read(value) for name, value in seen.items()}
            devices["battery"] |= {f"grid_voltage_l{phase}_v": read(volts) for phase in (2, 3)}
            devices["battery"]["grid_connected"] = read(1.0 if self.tied else 0.0)
        devices["battery"] |= bus
        for device in self.lost:
            devices[device] = {}
        return replace(image, devices=devices)

    def step(self, dt_s: float = 1.0) -> Decision:
        """Let dt_s pass, look, decide, and let the plant follow."""
        self.sound_s = self.sound_s + dt_s if self.grid_there else 0.0
        if not self.ours:  # inverters let go at once, and look for a while before they join again
            self.joined = self.grid_there and (self.joined or self.sound_s >= _JOINS_AFTER_S)
        decision = super().step(dt_s)
        if decision.grid_closed is not None and self.ours and "relays" not in self.lost:
            self.joined = decision.grid_closed
        return decision

    def supply(self) -> str:
        """What the village is supplied by, as concluded last."""
        assert self.decision is not None
        assert self.decision.supply is not None
        return self.decision.supply.state

    def why_supply(self) -> str:
        """The code of the reason for it."""
        assert self.decision is not None
        assert self.decision.supply is not None
        return self.decision.supply.reason.code
