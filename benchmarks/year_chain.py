"""One policy lives through the days of one village; what it owes is carried from stretch to stretch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from year_foresight import Forecasts, Foresight, Perfect
from year_planned import Planning
from year_policies import NoControl, Policy, Rules
from year_tally import Bookkeeper, Tally
from year_truth import Truth
from year_villages import Stretch, Variant, stretches, village_config
from year_weather import weather_archive

from controller.planner.site import PlannedSite, planned_site
from controller.settings import Config
from forecasting.grid import DAY_S
from forecasting.records import WeatherArchive
from simulation.direct import DirectVillage
from simulation.physics.village import Village

TICK_S = 60.0
QUIET_STEP_S = 20.0
"""Of the physics; energies are those of one-second steps within 0.5 % (tests/simulation/test_direct.py)."""
FIRST_SOC_FRAC = 0.5
NO_CONTROL, RULES, PLAN, PLAN_WEATHER, PERFECT = POLICIES = (
    "no control",
    "rules",
    "plan",
    "plan with weather",
    "perfect",
)
"""In the order of the table."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A policy in a village."""

    village: str
    policy: str
    months: tuple[int, ...]
    full: bool
    variant: Variant
    seed: int
    replan_s: float
    truth: Path


def live(chain: Chain, progress: Callable[[int], None]) -> Tally:
    """Live through all days of a chain; `progress` is told of each day that is over."""
    config, truth = village_config(chain.village, chain.variant), Truth.load(chain.truth)
    tally, soc_frac, started_s = Tally(), FIRST_SOC_FRAC, 1000.0
    policy = _policy(chain, config, truth, tally)
    begun_s = time.perf_counter()
    for stretch in stretches(config, chain.months, full=chain.full):
        village = Village(
            config,
            start_utc=stretch.start_utc,
            seed=chain.seed,
            soc_frac=soc_frac,
            quiet_step_s=QUIET_STEP_S,
        )
        direct = DirectVillage(config, village, start_utc=stretch.start_utc, started_s=started_s)
        _live(direct, policy, tally, stretch, truth, progress)
        soc_frac, started_s = village.storage.soc_frac, direct.monotonic_s
    tally.host_s = time.perf_counter() - begun_s
    return tally


def _live(
    direct: DirectVillage,
    policy: Policy,
    tally: Tally,
    stretch: Stretch,
    truth: Truth,
    progress: Callable[[int], None],
) -> None:
    book = Bookkeeper(direct.config, direct.village, tally)
    policy.begin(direct)
    for _ in range(stretch.days):
        for tick in range(round(DAY_S / TICK_S)):
            direct.advance(TICK_S)
            policy.step(direct, tick)
            book.step(TICK_S)
        book.end_of_day()
        progress(1)
    end_utc = stretch.start_utc + timedelta(days=stretch.days)
    lived = truth.between(int(stretch.start_utc.timestamp()), int(end_utc.timestamp()))
    book.end(float(lived.total_pv_w.sum()) * lived.grid.step_s / 3600.0)


def _policy(chain: Chain, config: Config, truth: Truth, tally: Tally) -> Policy:
    if chain.policy == NO_CONTROL:
        return NoControl(config.genset)
    if chain.policy == RULES:
        return Rules()
    site = planned_site(config)
    return Planning(site, config, _foresight(chain, site, truth), tally, chain.replan_s)


def _foresight(chain: Chain, site: PlannedSite, truth: Truth) -> Foresight:
    if chain.policy == PERFECT:
        return Perfect(truth)
    told = chain.policy == PLAN_WEATHER
    weather = weather_archive(truth, site.place, chain.seed) if told else WeatherArchive()
    return Forecasts(site, truth, weather)
