"""What sun and people of a simulated village offer and want, whatever a controller does: the truth of a year.

The same sky, appliances and inverters as in the run itself, looked at every 90 s without anybody switching
anything: forecasts learn from it as from past days, and perfect foresight is handed what is to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from controller.settings import Config
from forecasting.grid import DAY_S, QUARTER_S, Floats, Grid
from simulation.physics.pv import PvPlant
from simulation.physics.village import Village

STEP_S = 90.0
_STEPS = int(QUARTER_S / STEP_S)
_NOMINAL_V, _NOMINAL_HZ = 230.0, 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Means over quarters of an hour; all columns of shape (grid.count,)."""

    grid: Grid
    pv_w: Mapping[str, Floats]
    """What each array would give if nothing held it back, by its device [W]."""
    demand_w: Mapping[str, Floats]
    """What each feeder's people want [W]."""
    plane_wm2: Floats
    """Irradiance where the sensor is mounted."""
    ghi_wm2: Floats
    temp_c: Floats

    def between(self, from_s: int, until_s: int) -> Truth:
        """The quarters of an hour from a moment until another, Unix seconds."""
        part = slice(self.grid.position(from_s), self.grid.position(until_s))
        return Truth(
            Grid(from_s, QUARTER_S, part.stop - part.start),
            {name: values[part] for name, values in self.pv_w.items()},
            {name: values[part] for name, values in self.demand_w.items()},
            self.plane_wm2[part],
            self.ghi_wm2[part],
            self.temp_c[part],
        )

    @property
    def total_pv_w(self) -> Floats:
        """All arrays together."""
        return np.sum(list(self.pv_w.values()), axis=0)

    def save(self, file: Path) -> None:
        """Keep it for other processes."""
        columns = {f"pv_w {name}": values for name, values in self.pv_w.items()}
        columns |= {f"demand_w {name}": values for name, values in self.demand_w.items()}
        np.savez(
            file, start_s=np.array(self.grid.start_s), plane_wm2=self.plane_wm2, ghi_wm2=self.ghi_wm2,
            temp_c=self.temp_c, allow_pickle=False, **columns,
        )  # fmt: skip

    @staticmethod
    def load(file: Path) -> Truth:
        """What `save` kept. Raises OSError."""
        with np.load(file) as kept:
            named = {
                kind: {
                    name.split(" ", 1)[1]: kept[name] for name in kept.files if name.startswith(f"{kind} ")
                }
                for kind in ("pv_w", "demand_w")
            }
            plane_wm2 = kept["plane_wm2"]
            grid = Grid(int(kept["start_s"]), QUARTER_S, plane_wm2.size)
            return Truth(grid, named["pv_w"], named["demand_w"], plane_wm2, kept["ghi_wm2"], kept["temp_c"])


def find_truth(config: Config, start_utc: datetime, days: int, seed: int) -> Truth:
    """Look at so many days of a village, the same that `Village` lives through with this seed."""
    village = Village(config, start_utc=start_utc, seed=seed)
    sky, plants = village.sky, list(village.pv.values())
    count = days * DAY_S // QUARTER_S
    pv_w = np.zeros((len(plants), count))
    demand_w = np.zeros((len(village.feeders), count))
    sun = np.zeros((3, count))
    for quarter in range(count):
        for step in range(_STEPS):
            now_s = quarter * QUARTER_S + step * STEP_S
            sky.move_to(now_s)
            sun[:, quarter] += (sky.irradiance_wm2, sky.ghi_wm2, sky.ambient_temperature_c)
            for row, (plant, plane_wm2) in enumerate(zip(plants, sky.planes_wm2, strict=True)):
                pv_w[row, quarter] += _offered_w(plant, plane_wm2, sky.ambient_temperature_c)
            for row, line in enumerate(village.feeders.values()):
                line.draw(now_s, STEP_S, alive=False)
                demand_w[row, quarter] += line.demand_w
    plane_wm2, ghi_wm2, temp_c = sun / _STEPS
    return Truth(
        Grid(int(start_utc.timestamp()), QUARTER_S, count),
        dict(zip(village.pv, pv_w / _STEPS, strict=True)),
        dict(zip(village.feeders, demand_w / _STEPS, strict=True)),
        plane_wm2,
        ghi_wm2,
        temp_c,
    )


def _offered_w(plant: PvPlant, plane_wm2: float, ambient_c: float) -> float:
    """What an inverter feeds into a bus that takes everything, for a step."""
    plant.prepare(STEP_S, plane_wm2, ambient_c, bus_alive=True)
    plant.produce(1.0, STEP_S, _NOMINAL_V, _NOMINAL_HZ, ambient_c)
    return plant.ac_power_w
