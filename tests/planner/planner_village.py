"""The default village with a past: sun by clear sky and clouds, load by custom and chance, seeded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from controller.config_file import load_config
from controller.planner.site import PlannedSite, planned_site
from controller.settings import Config
from controller.telemetry.schema import SeriesKey
from forecasting.grid import DAY_S, QUARTER_S, Grid, local_time
from forecasting.solar.arrays import panels_of, power_w
from forecasting.solar.clear_sky import clear_sky

CONFIG_FILE = Path(__file__).resolve().parents[2] / "config.yaml"
ISSUED_S = int(datetime(2026, 4, 1, 4, 2, tzinfo=UTC).timestamp())
"""11:02 in the village."""


def default_config() -> Config:
    return load_config(CONFIG_FILE)


def default_site() -> PlannedSite:
    return planned_site(default_config())


def slow_noise(rng: np.random.Generator, count: int, steps: int) -> np.ndarray:
    """Noise of unit variance that hangs together over some steps."""
    raw = np.convolve(rng.standard_normal(count + steps - 1), np.ones(steps), mode="valid")
    return raw / np.sqrt(steps)


def past_grid(days: int, end_s: int = ISSUED_S) -> Grid:
    end_s = end_s // QUARTER_S * QUARTER_S
    return Grid(end_s - days * DAY_S, QUARTER_S, days * DAY_S // QUARTER_S)


def past_of_village(days: int, *, seed: int = 1, sensor: bool = True) -> dict[SeriesKey, np.ndarray]:
    """Quarter-hour means in the signs of telemetry, ending with the last quarter before ISSUED_S."""
    rng = np.random.default_rng(seed)
    site, grid = default_site(), past_grid(days)
    sky = clear_sky(site.place, grid)
    clearness = np.clip(0.75 + 0.25 * slow_noise(rng, grid.count, 12), 0.05, 1.05)
    powers = power_w(panels_of(site.pv.arrays, site.place.latitude_deg), sky) * clearness
    hours = local_time(grid.centres_s, site.place.timezone).hour.astype(np.int64)
    columns: dict[SeriesKey, np.ndarray] = {}
    for array, power in zip(site.pv.arrays, powers, strict=True):
        columns[array.id, "power_w"] = -power
        columns[array.id, "limit_frac"] = np.ones(grid.count)
    for name, prior in site.priors.items():
        columns[name, "power_w"] = prior.typical_w[0][hours] * np.exp(0.2 * slow_noise(rng, grid.count, 4))
        columns[name, "closed"] = np.ones(grid.count)
    columns["site", "load_w"] = np.sum([columns[name, "power_w"] for name in site.priors], axis=0)
    columns["site", "soc_frac"] = np.full(grid.count, 0.6)
    columns["site", "blackout"] = np.zeros(grid.count)
    if sensor:
        columns["sun", "irradiance_wm2"] = sky.ghi_wm2 * clearness
        columns["sun", "ambient_temperature_c"] = 28.0 + 5.0 * np.sin((hours - 9) * np.pi / 12)
    return columns
