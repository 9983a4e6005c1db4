"""Two days ahead of the default village, for tests of plans: sun by clear sky, load by custom, five paths."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from planner_village import default_config, default_site

from controller.core.model import FeederMemory, GensetMemory, Memory
from controller.planner.plan_now import PlanNow
from controller.planner.plans import Planned, make_plan
from controller.planner.site import planned_site
from controller.settings import Config
from forecasting.calibration.scenarios import Scenarios
from forecasting.grid import Grid, local_time
from forecasting.solar.arrays import panels_of, power_w
from forecasting.solar.clear_sky import clear_sky

MORNING_S = int(datetime(2026, 4, 1, 1, 2, tzinfo=UTC).timestamp())
"""08:02 in the village."""
NOON_S = MORNING_S + 4 * 3600
EVENING_S = MORNING_S + 10 * 3600
PATHS = np.array([0.6, 0.85, 1.0, 1.1, 1.2])
"""Sun of each path, against the expected."""


def scenarios(
    at_s: int, *, sun: float, load: float = 1.0, paths: np.ndarray = PATHS
) -> tuple[Scenarios, dict[str, np.ndarray]]:
    """What may come from a moment on, and what each feeder is expected to want.

    sun: against a clear sky; load: against what is believed of such a village.
    """
    site = default_site()
    grid = Grid(at_s // 900 * 900, 900, 192)
    clear_w = power_w(panels_of(site.pv.arrays, site.place.latitude_deg), clear_sky(site.place, grid)).sum(
        axis=0
    )
    hours = local_time(grid.centres_s, site.place.timezone).hour.astype(np.int64)
    feeders = {name: load * prior.typical_w[0][hours] for name, prior in site.priors.items()}
    load_w = np.sum(list(feeders.values()), axis=0)
    weights = np.full(paths.size, 1.0 / paths.size)
    made = Scenarios(at_s, grid, sun * paths[:, None] * clear_w, np.tile(load_w, (paths.size, 1)), weights)
    return made, feeders


def memory(phase: str = "stopped") -> Memory:
    """Everybody has had power all day."""
    on = {name: FeederMemory(closed=True, state_s=86_400.0) for name in default_config().feeders}
    return Memory(feeders=on, genset=GensetMemory(phase=phase, phase_s=0.0))


def without_genset() -> Config:
    """The default village, had it none."""
    return default_config().model_copy(update={"genset": None})


def changed(**sections: dict[str, object]) -> Config:
    """The default village with other values within sections of config.yaml."""
    data = default_config().model_dump()
    for name, values in sections.items():
        data[name] = {**data[name], **values}
    return Config.model_validate(data)


def planned(
    at_s: int = NOON_S,
    *,
    sun: float = 0.6,
    load: float = 1.0,
    soc_frac: float = 0.5,
    config: Config | None = None,
    paths: np.ndarray = PATHS,
    now: PlanNow | None = None,
) -> Planned:
    """A plan of the village."""
    settings = config or default_config()
    made, feeders = scenarios(at_s, sun=sun, load=load, paths=paths)
    return make_plan(
        planned_site(settings), settings, made, feeders, now or PlanNow(at_s, soc_frac, memory())
    )
