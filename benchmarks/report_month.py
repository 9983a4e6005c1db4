"""A made-up month of the village of config.yaml: noisy curves, and a battery that keeps its energy balance.

Fifteen-minute steps. Sun and use are random with a seed; the battery has a true capacity and losses; homes
take turns below 42 % SoC, the genset runs below 24 %, panels are held back when the battery is full. What
went wrong is written down: `MadeMonth` says what the figures must find.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from controller.config_file import load_config
from controller.core.model import PriorityClass, Site
from controller.reports.figures.alarms import Raised
from controller.reports.figures.genset import FuelCurve
from controller.reports.figures.month import QUARTER_H, QUARTER_S, Floats, Month, Steps
from controller.reports.figures.outages import Switching
from controller.reports.figures.series import Column, Columns, Key
from controller.reports.figures.skill import LEVELS, Foretold
from controller.reports.figures.whole import Fuel, Material
from controller.site import site_from

ZONE = ZoneInfo("Asia/Bangkok")
ROOT = Path(__file__).parents[1]
CONFIG = load_config(ROOT / "config.yaml")
SITE: Site = site_from(CONFIG)
FUEL = Fuel(FuelCurve(1.92, 0.22, 24_000.0), 200.0, 35.0)
CAPACITY_WH = 111_000.0
"""Of the battery as it is, seven and a half per cent below its nameplate."""
ROUND_TRIP = 0.95
"""At the battery's terminals."""
_INVERTER_LOSS = 0.04
_USUAL_W = {
    "clinic": (500.0, 300.0),
    "school": (200.0, 1500.0),
    "street": (0.0, 0.0),
    "pump": (0.0, 1800.0),
    "houses_a": (900.0, 700.0),
    "houses_b": (850.0, 650.0),
    "houses_c": (850.0, 600.0),
    "houses_d": (800.0, 600.0),
}
"""Of each feeder, what it draws at any time, and on top of that by day."""


@dataclass
class MadeMonth:
    """A month as it was, and what the store would know of it."""

    month: Month
    seed: int = 1
    clear: float = 0.72
    """Mean clearness of the days."""
    count: int | None = None
    """Only so many quarters have passed."""
    issued_every: int = 24
    """Quarters from one forecast to the next."""
    steps: Steps = field(init=False)
    values: dict[Key, Floats] = field(default_factory=dict)
    switchings: list[Switching] = field(default_factory=list)
    genset_switchings: list[tuple[float, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        whole = Steps.whole(self.month, ZONE)
        self.steps = whole if self.count is None else Steps(self.month, ZONE, self.count)
        self._random = np.random.default_rng(self.seed)
        self._live()

    def material(self) -> Material:
        """What the store would hand out."""
        columns = {key: Column(values, values, values) for key, values in self.values.items()}
        return Material(
            Columns(self.steps, columns),
            self.switchings,
            self.genset_switchings,
            self.alarms(),
            {"pv": self._forecasts("pv_w", -1.0, 0.2), "load": self._forecasts("load_w", 1.0, 0.05)},
        )

    def gap(self, first: int, last: int, *subjects: str) -> None:
        """Nothing is known of some subjects, or of any, between two quarters."""
        for (subject, _), values in self.values.items():
            if not subjects or subject in subjects:
                values[first:last] = np.nan

    def alarms(self) -> list[Raised]:
        """A few, one of them from the month before and one that stands still."""
        start_s = self.steps.start_s
        return [
            Raised("battery_hot", "battery", "warning", {}, start_s - 7200, start_s + 3600, start_s + 600),
            Raised(
                "device_lost",
                "meter_pump",
                "warning",
                {},
                start_s + 86_400,
                start_s + 90_000,
                start_s + 88_200,
            ),
            Raised("device_lost", "meter_pump", "warning", {}, start_s + 400_000, None, None),
        ]

    def _live(self) -> None:
        steps = self.steps
        hour = steps.slot * QUARTER_H
        ghi = self._sunshine(hour)
        wanted = self.wanted = self._wanted(hour)
        count, soc = steps.count, 0.62
        names = [feeder.id for feeder in SITE.feeders]
        series = {name: np.zeros(count) for name in ("pv", "load", "battery", "genset", "soc", "inverter")}
        on = {name: np.ones(count) for name in names}
        limit, run = np.ones(count), False
        yields = np.clip(1 + 0.06 * self._random.standard_normal(count), 0.7, 1.3)
        for at in range(count):
            off = self._off(at, soc)
            for name in off:
                on[name][at] = 0.0
            load = sum(wanted[name][at] for name in names if name not in off)
            full = soc >= 0.965
            free = 36.0 * ghi[at] * yields[at]
            pv = min(free, load) if full else free
            limit[at] = pv / 36_000.0 if full else 1.0
            run = soc < 0.24 or (run and soc < 0.40)
            genset = 14_000.0 if run else 0.0
            inverter = pv + genset - load
            battery = inverter * (1 - _INVERTER_LOSS) if inverter > 0 else inverter / (1 - _INVERTER_LOSS)
            stored = battery * (ROUND_TRIP**0.5 if battery > 0 else ROUND_TRIP**-0.5) * QUARTER_H
            series["soc"][at] = min(1.0, soc + stored / CAPACITY_WH / 2)  # the mean of the quarter
            soc = min(1.0, soc + stored / CAPACITY_WH)
            for name, value in (("pv", pv), ("load", load), ("battery", battery), ("genset", genset)):
                series[name][at] = value
        self._keep(series, on, wanted, limit, ghi)

    def _sunshine(self, hour: Floats) -> Floats:
        day_clear = np.clip(self._random.beta(4, 2, self.steps.days) * self.clear / 0.667, 0.1, 1.0)
        shape = np.sin(np.pi * np.clip((hour - 6.1) / 11.8, 0, 1)) ** 1.15
        flicker = np.clip(1 + 0.12 * self._random.standard_normal(hour.size), 0.2, 1.2)
        return 1000.0 * shape * day_clear[self.steps.day] * flicker

    def _wanted(self, hour: Floats) -> dict[str, Floats]:
        evening = np.exp(-(((hour - 19.8) / 1.9) ** 2))
        daytime = ((hour > 8) & (hour < 16)).astype(float)
        found = {}
        for feeder in SITE.feeders:
            base, by_day = _USUAL_W[feeder.id]
            homes = feeder.priority is PriorityClass.HOUSEHOLD
            power = base + by_day * daytime + (1900.0 * evening if homes else 0.0)
            if feeder.id == "street":
                power = np.where((hour < 5.8) | (hour > 18.3), 900.0, 0.0)
            found[feeder.id] = power * np.clip(1 + 0.1 * self._random.standard_normal(hour.size), 0.5, 1.5)
        return found

    def _off(self, at: int, soc: float) -> set[str]:
        """Pump off below 45 %, a home line off in turns below 38 %."""
        off = {"pump"} if soc < 0.45 else set()
        if soc < 0.38:
            off.add(f"houses_{'abcd'[at // 4 % 4]}")
        return off

    def _keep(
        self,
        series: dict[str, Floats],
        on: dict[str, Floats],
        wanted: dict[str, Floats],
        limit: Floats,
        ghi: Floats,
    ) -> None:
        kept = self.values
        kept["site", "pv_w"] = -series["pv"]
        kept["site", "load_w"] = series["load"]
        kept["site", "battery_w"] = series["battery"]
        kept["site", "genset_w"] = -series["genset"]
        kept["site", "soc_frac"] = series["soc"]
        kept["site", "blackout"] = np.zeros(self.steps.count)
        for share, name in ((0.5, "pv_south"), (0.5, "pv_east")):
            kept[name, "power_w"] = -share * series["pv"]
            kept[name, "limit_frac"] = limit
        for name, closed in on.items():
            kept[name, "closed"] = closed
            kept[name, "power_w"] = wanted[name] * closed
            self._switch(name, closed)
        kept["sun", "irradiance_wm2"] = ghi
        kept["battery", "battery_temperature_c"] = 29 + 4 * ghi / 1000
        kept["battery", "battery_current_a"] = series["battery"] / 52.0
        kept["battery", "battery_soh_frac"] = np.full(self.steps.count, 0.93)
        self._run_genset(series["genset"] > 0)

    def _switch(self, name: str, closed: Floats) -> None:
        self.switchings.append(Switching(self.steps.start_s - 86_400.0, name, True, "powered"))
        for at in np.flatnonzero(np.diff(closed, prepend=1.0)):
            on, at_s = bool(closed[at]), float(self.steps.starts_s[at])
            clock_s = float(self.steps.slot[at]) * QUARTER_S
            announced = {"class": "household", "start": clock_s, "end": (clock_s + 3600.0) % 86_400}
            told = ("turn_announced", announced) if name != "pump" else ("class_off", {})
            code, params = ("powered", {}) if on else told
            self.switchings.append(Switching(at_s, name, on, code, params))
        self.switchings.sort(key=lambda each: each.at_s)

    def _run_genset(self, running: Floats) -> None:
        for at in np.flatnonzero(np.diff(running.astype(int), prepend=0)):
            self.genset_switchings.append((float(self.steps.starts_s[at]), bool(running[at])))

    def _forecasts(self, point: str, sign: float, error: float) -> list[Foretold]:
        """48 hours ahead: right on average, off by a part of what came."""
        came, found = np.nan_to_num(sign * self.values["site", point]), []
        spread = error * np.array([-1.64, -1.28, -0.67, 0.0, 0.67, 1.28, 1.64])
        assert len(spread) == len(LEVELS)
        for first in range(0, self.steps.count - 192, self.issued_every):
            part = came[first : first + 192]
            middle = part * np.clip(1 + error * self._random.standard_normal(192), 0.2, 1.8)
            values = np.maximum(0.0, middle * (1 + spread[:, None]))
            start_s = int(self.steps.starts_s[first])
            found.append(Foretold(start_s, start_s, values))
        return found
