"""Truths and tallies of invented days for tests of the village year."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import numpy as np
from year_tally import Day, Tally
from year_truth import Truth
from year_villages import Variant, village_config

from controller.settings import Config
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Grid
from forecasting.site import Place
from forecasting.solar.clear_sky import clear_sky

VILLAGE: Config = village_config("ban-wang-won", Variant())
PLACE = Place(12.4, 99.8, "Asia/Bangkok")
BEGIN_S = 1_735_664_400
"""2025-01-01 00:00 in Thailand."""


def made_truth(days: int, seed: int = 1) -> Truth:
    """Days under clouds that last for hours, evenings with lamps; no simulation behind it."""
    rng = np.random.default_rng(seed)
    grid = Grid(BEGIN_S, QUARTER_S, days * DAY_S // QUARTER_S)
    clear = clear_sky(PLACE, grid).ghi_wm2
    of_day = np.clip(rng.normal(0.72, 0.22, days), 0.15, 1.0)
    of_hour = np.clip(np.repeat(of_day, 24) + rng.normal(0.0, 0.15, days * 24), 0.1, 1.05)
    ghi = clear * np.repeat(of_hour, HOUR_S // QUARTER_S)
    hours = (grid.starts_s - BEGIN_S) % DAY_S / HOUR_S
    evening = 1.0 + 2.0 * np.exp(-(((hours - 19.5) / 2.0) ** 2))
    share = {name: 400.0 * evening * rng.uniform(0.8, 1.2, grid.count) for name in VILLAGE.feeders}
    return Truth(
        grid=grid,
        pv_w=dict.fromkeys(VILLAGE.pv, 18.0 * ghi),
        demand_w=share,
        plane_wm2=ghi,
        ghi_wm2=ghi,
        temp_c=28.0 + 5.0 * np.sin((hours - 9.0) / 12.0 * np.pi),
    )


def made_tally(unserved_frac: list[dict[str, float]]) -> Tally:
    """A day for each item: what part of their 10 kWh the feeders it names went without."""
    names = list(VILLAGE.feeders)
    days = [
        Day(
            wanted_wh=[10_000.0] * len(names),
            unserved_wh=[10_000.0 * today.get(name, 0.0) for name in names],
            unserved_s=[DAY_S * today.get(name, 0.0) for name in names],
            switchings=[2 if today.get(name) else 0 for name in names],
        )
        for today in unserved_frac
    ]
    return Tally(days=days)
