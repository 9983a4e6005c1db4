"""The whole village on one simulated clock: `advance` it, look at its parts, switch and break them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from controller.settings import Config
from controller.site import outages
from simulation.physics.contactor import Contactor
from simulation.physics.feeder import FeederLine
from simulation.physics.genset import Genset
from simulation.physics.grid import Away, PublicGrid
from simulation.physics.ledger import Ledger
from simulation.physics.loads import ApplianceDemand, Demand, RecordedDemand
from simulation.physics.pv import PvPlant
from simulation.physics.recording import Recording
from simulation.physics.sky import Sky
from simulation.physics.storage import Storage

QUIET_STEP_S = 1.0
_LIVELY_STEP_S = 0.1
_LIVELY_FOR_S = 2.0


class Village:
    """Sky, feeders, PV, storage and genset of a site, on one AC bus whose powers always sum to zero."""

    def __init__(
        self,
        config: Config,
        *,
        start_utc: datetime,
        seed: int = 1,
        soc_frac: float = 0.5,
        clouds: str = "auto",
        irradiance_csv: Path | None = None,
        load_csv: Path | None = None,
        quiet_step_s: float = QUIET_STEP_S,
    ) -> None:
        """`quiet_step_s`: the physics' step while nothing changes fast [s]."""
        rng = np.random.default_rng([seed, 1])
        self.now_s = 0.0
        """Simulated seconds since start_utc."""
        self.sky = Sky(
            config.site, list(config.pv.values()),
            start_utc=start_utc, seed=seed, clouds=clouds, irradiance_csv=irradiance_csv,
        )  # fmt: skip
        ambient_c = self.sky.ambient_temperature_c
        self.pv = {device: PvPlant(settings) for device, settings in config.pv.items()}
        self.storage = Storage(config.battery.energy_wh, config.battery.inverter_w, soc_frac, ambient_c)
        self.genset = Genset(config.genset, rng, ambient_c) if config.genset else None
        self.grid = _grid(config, start_utc)
        demands = _demands(config, self.sky, seed, load_csv)
        self.feeders = {
            feeder: FeederLine(
                settings,
                demands[feeder],
                Contactor(
                    closed_when_energised=settings.switch.closed_when == "energised",
                    operating_s=float(rng.uniform(0.02, 0.06)),
                ),
            )
            for feeder, settings in config.feeders.items()
        }
        self.ledger = Ledger(dict.fromkeys(line.priority for line in self.feeders.values()))
        self._plants = list(self.pv.values())
        self._lines = list(self.feeders.values())
        self._stored_wh = self.storage.battery.stored_wh
        self._lively_until_s = 0.0
        self._quiet_step_s = quiet_step_s

    def advance(self, to_s: float) -> None:
        """Let time pass until to_s, in short steps while something is changing fast."""
        while self.now_s < to_s - 1e-9:
            step_s = self._step_s()
            if self.now_s + step_s >= to_s - 1e-9:
                self._step(to_s - self.now_s)
                self.now_s = to_s
            else:
                self._step(step_s)
                self.now_s += step_s

    def add_load(self, feeder: str, watts: float, duration_s: float) -> None:
        """Add demand to a feeder for a while, from now on. Raises KeyError."""
        self.feeders[feeder].add(watts, self.now_s + duration_s)
        self._lively_until_s = self.now_s + _LIVELY_FOR_S

    def set_soc(self, soc_frac: float) -> None:
        """Fill or empty the battery from outside; the ledger's `stored_change` leaves that out."""
        battery = self.storage.battery
        change_wh = soc_frac * battery.energy_wh - battery.stored_wh
        battery.stored_wh += change_wh
        self._stored_wh += change_wh

    def take_grid_away(self, for_s: float | None) -> None:
        """Switch the public grid off for a while; None: until it is given back. Raises LookupError."""
        self._public_grid().take_away(None if for_s is None else self.now_s + for_s)

    def give_grid_back(self) -> None:
        """Switch the public grid on. Raises LookupError."""
        self._public_grid().give_back()

    def _public_grid(self) -> PublicGrid:
        if self.grid is None:
            raise LookupError("the village has no public grid")
        return self.grid

    def _step_s(self) -> float:
        """How far to go at once: never past a contactor's move or a restart."""
        lively = self.now_s < self._lively_until_s or self.storage.waking
        step_s = self._quiet_step_s
        for line in self._lines:
            moves_in_s = line.contactor.moves_in_s
            if moves_in_s is not None and moves_in_s < step_s:
                step_s = max(moves_in_s, 1e-6)
            lively = lively or line.transient
        restart_in_s = self.storage.restart_in_s
        if restart_in_s is not None:
            step_s = min(step_s, max(restart_in_s, 1e-6))
        elif self.storage.overload_alarm:
            lively = True
        if self.genset is not None and self.genset.transient:
            lively = True
        return min(step_s, _LIVELY_STEP_S) if lively else step_s

    def _step(self, dt_s: float) -> None:
        sky, storage, genset = self.sky, self.storage, self.genset
        sky.move_to(self.now_s)
        ambient_c = sky.ambient_temperature_c
        if genset is not None:
            genset.advance(dt_s, ambient_c)
        was_alive = storage.alive
        joined = self._join_grid(dt_s)
        storage.supervise(dt_s, sky.irradiance_wm2, joined or (genset is not None and genset.on_load))
        alive = storage.alive
        one = two = three = 0.0
        for line in self._lines:
            phases = line.draw(self.now_s, dt_s, alive=alive)
            one, two, three = one + phases[0], two + phases[1], three + phases[2]
        for plant, irradiance_wm2 in zip(self._plants, sky.planes_wm2, strict=True):
            plant.prepare(dt_s, irradiance_wm2, ambient_c, bus_alive=alive)
        if alive and joined and self.grid is not None:
            loss_w = storage.follow(self.grid, (one, two, three), self._plants, genset, dt_s, ambient_c)
        elif alive:
            loss_w = storage.balance((one, two, three), self._plants, genset, dt_s, ambient_c)
        else:
            loss_w = storage.rest(self._plants, genset, dt_s, ambient_c)
        voltage_v, frequency_hz = storage.output_voltage_v, storage.frequency_hz
        for line in self._lines:
            line.measure(voltage_v, frequency_hz)
            line.contactor.advance(dt_s)
        if alive != was_alive:
            self._lively_until_s = self.now_s + _LIVELY_FOR_S
            self.ledger.blackouts += was_alive
        self._book(dt_s / 3600.0, loss_w)

    def _join_grid(self, dt_s: float) -> bool:
        """Let the grid come or go; whether the inverters follow it for the next dt_s."""
        if self.grid is None:
            return False
        before = self.grid.connected
        self.grid.advance(self.now_s, dt_s, inverters_well=not self.storage.inverter.faulted)
        if self.grid.connected != before:
            self._lively_until_s = self.now_s + _LIVELY_FOR_S
        return self.grid.connected

    def _book(self, hours: float, loss_w: float) -> None:
        ledger = self.ledger
        for line in self._lines:
            ledger.load_by_class[line.priority] += line.power_w * hours
            if not line.powered:
                ledger.unserved_by_class[line.priority] += line.demand_w * hours
        for plant in self._plants:
            ledger.pv += plant.ac_power_w * hours
        if self.genset is not None:
            ledger.genset += self.genset.power_w * hours
        if self.grid is not None:
            ledger.grid_in += max(0.0, self.grid.power_w) * hours
            ledger.grid_out += max(0.0, -self.grid.power_w) * hours
        battery_w = self.storage.battery.power_w
        if battery_w > 0.0:
            ledger.battery_in += battery_w * hours
        else:
            ledger.battery_out -= battery_w * hours
        ledger.losses += loss_w * hours
        ledger.stored_change = self.storage.battery.stored_wh - self._stored_wh


def _grid(config: Config, start_utc: datetime) -> PublicGrid | None:
    if config.grid is None:
        return None
    away = (
        Away((each.begin - start_utc).total_seconds(), (each.end - start_utc).total_seconds())
        for each in outages(config.grid, ZoneInfo(config.site.timezone))
    )
    return PublicGrid(config.grid.import_w, tuple(away))


def _demands(config: Config, sky: Sky, seed: int, load_csv: Path | None) -> dict[str, Demand]:
    if load_csv is None:
        return {
            feeder: ApplianceDemand(feeder, settings, sky, seed)
            for feeder, settings in config.feeders.items()
        }
    recording = Recording(load_csv, list(config.feeders), ZoneInfo(config.site.timezone))
    return {feeder: RecordedDemand(feeder, recording, sky) for feeder in config.feeders}
