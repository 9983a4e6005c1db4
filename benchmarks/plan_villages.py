"""Problems as a village's planner meets them: differing days, hours and states, drawn by a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from controller.planning.horizon import aggregate, steps_of
from controller.planning.problem import Floats, Generator, LoadClass, Present, Problem, Storage

KWH = 1e-3
SCENARIOS, QUARTERS = 5, 192
DIESEL_PER_L, IDLE_L_PER_KWH, LOAD_L_PER_KWH = 35.0, 0.08, 0.22


@dataclass(frozen=True)
class Village:
    """Sizes."""

    name: str
    pv_w: float
    battery_wh: float
    inverter_w: float
    genset_w: float
    households: int


VILLAGES = (
    Village("default village", 36e3, 120e3, 24e3, 24e3, 60),
    Village("Koh Jik twin", 72e3, 266e3, 60e3, 48e3, 100),
)
PRICES = {
    "critical": ((1.0, 2000 * KWH),),
    "essential": ((0.5, 200 * KWH), (0.5, 260 * KWH)),
    "household": ((0.3, 30 * KWH), (0.3, 40 * KWH), (0.4, 55 * KWH)),
    "flexible": ((0.5, 8 * KWH), (0.5, 9 * KWH)),
}


def problem_of(village: Village, seed: int, committed_h: float) -> Problem:
    """Two days from some hour on: from wet to clear, from an empty battery to a full one."""
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 96) / 4
    steps = steps_of(start)
    hours = start + np.arange(QUARTERS) / 4 + 0.125
    days = (hours // 24).astype(int)
    sun = np.maximum(np.sin((hours % 24 - 6.2) / 12 * np.pi), 0.0) ** 1.2
    clearness = rng.choice([0.2, 0.4, 0.6, 0.8, 1.0], size=3) + rng.normal(0, 0.15, (SCENARIOS, 3))
    clouds = np.clip(1 + 0.15 * _slow(rng), 0.1, 1.2)
    pv_w = 0.85 * village.pv_w * sun * np.clip(clearness, 0.08, 1.05)[:, days] * clouds
    noise = np.exp(0.1 * rng.normal(size=(SCENARIOS, 1)) + 0.1 * _slow(rng))
    wanted = _wanted_w(village, hours % 24, rng.uniform(0.8, 1.5))
    quiet = (edges_of(start, steps) >= 22) | (edges_of(start, steps) < 5)
    return Problem(
        step_h=steps,
        weights=np.full(SCENARIOS, 1 / SCENARIOS),
        pv_w=aggregate(pv_w, steps),
        loads=tuple(
            LoadClass(name, aggregate(noise * wanted[name], steps), prices, cut_at_will=name != "critical")
            for name, prices in PRICES.items()
        ),
        storage=_storage(village),
        generators=(_genset(village, ~quiet if seed % 3 == 0 else np.ones_like(quiet)),),
        present=Present(
            soc_frac=float(rng.uniform(0.08, 0.95)),
            generator_on={"genset": bool(rng.random() < 0.3)},
            generator_since_h={"genset": float(rng.choice([0.1, 0.3, 5.0]))},
            fuel_l={"genset": float(rng.choice([5, 60, 200]))} if rng.random() < 0.5 else {},
        ),
        curtailment_price_per_wh=0.05 * KWH,
        announced_h=12.0,
        committed_h=committed_h,
    )


def edges_of(start: float, steps: Floats) -> Floats:
    """Hour of the day at which each step begins."""
    begins: Floats = (start + np.cumsum(steps) - steps) % 24
    return begins


def _slow(rng: np.random.Generator) -> Floats:
    """Noise of unit variance that lasts some two hours, shape (SCENARIOS, QUARTERS)."""
    raw = rng.normal(size=(SCENARIOS, QUARTERS + 7))
    windows = np.lib.stride_tricks.sliding_window_view(raw, 8, axis=1)
    return windows.sum(axis=-1) / np.sqrt(8)


def _wanted_w(village: Village, hour: Floats, level: float) -> dict[str, Floats]:
    evening = np.exp(-(((hour - 20) / 2.2) ** 2))
    morning = (hour > 5.5) & (hour < 8)
    dark = (hour > 18.5) | (hour < 6)
    return {
        "critical": 300.0 + 150.0 * (abs(hour - 13) < 4),
        "essential": 1500.0 * (abs(hour - 12) < 4) + 900.0 * dark,
        "household": village.households * level * (45 + 220 * evening + 30 * morning),
        "flexible": 2500.0 * (abs(hour - 10) < 3),
    }


def _storage(village: Village) -> Storage:
    size_wh = village.battery_wh
    return Storage(
        energy_wh=size_wh,
        charge_w=village.inverter_w,
        discharge_w=village.inverter_w,
        soc_min_frac=0.05,
        soc_max_frac=0.97,
        reserve_soc_frac=0.2,
        reserve_price_per_wh_h=5 * KWH,
        wear_price_per_wh=1 * KWH,
        end_prices=((0.3 * size_wh, 30 * KWH), (0.3 * size_wh, 12 * KWH), (0.4 * size_wh, 5 * KWH)),
        standing_w=60.0,
    )


def _genset(village: Village, allowed: np.ndarray) -> Generator:
    rated_kw = village.genset_w / 1000
    return Generator(
        id="genset",
        rated_w=village.genset_w,
        least_w=0.3 * village.genset_w,
        price_per_h=DIESEL_PER_L * IDLE_L_PER_KWH * rated_kw,
        price_per_wh=DIESEL_PER_L * LOAD_L_PER_KWH * KWH,
        start_price=20.0,
        min_run_h=0.5,
        min_rest_h=0.25,
        warm_up_h=120 / 3600,
        fuel_per_h=IDLE_L_PER_KWH * rated_kw,
        fuel_per_wh=LOAD_L_PER_KWH * KWH,
        allowed=allowed,
        disallowed_price_per_h=50.0,
    )
