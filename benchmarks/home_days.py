"""The home of the benchmark, its days, and how days of the past tell what today may bring."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from controller.planning.problem import Floats, Storage
from controller.planning.stored_energy import Market

STEP_H = 0.5
STEPS = 48
"""Half hours of a day."""
NIGHT_STEPS = 12
"""From 0 to 6 h the grid is cheap."""
NIGHT_PRICE, DAY_PRICE = 0.10e-3, 0.20e-3
PRICES = np.where(np.arange(STEPS) < NIGHT_STEPS, NIGHT_PRICE, DAY_PRICE)
"""EUR/Wh."""
GRID_W = 3000.0
PV_PER_COLUMN = 4.0 / 1.04
"""The home has 4 kWp, the column is that of 1.04 kWp."""
UNSERVED_PRICE = 10 * DAY_PRICE
"""Of demand beyond grid, sun and battery. The published benchmark forbids it and names no price."""
BATTERY = Storage(
    energy_wh=8000.0, charge_w=1e6, discharge_w=1e6, charge_efficiency=1.0, discharge_efficiency=1.0
)
"""Lossless, and its power is not limited."""
BEGUN_WH = 4000.0
"""Half full at the first step, as published; what is left after the last one is worth nothing."""


def market(first_step: int = 0, steps: int = STEPS) -> Market:
    """The grid from a half hour of the day on: it can be bought from, not sold to."""
    prices = PRICES[np.arange(first_step, first_step + steps) % STEPS]
    return Market(
        np.full((1, steps), GRID_W), prices[np.newaxis], UNSERVED_PRICE, np.zeros(steps), np.zeros(steps)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Whole days of half-hourly means [W]; arrays of the shape (days, 48)."""

    dates: tuple[date, ...]
    load_w: Floats
    pv_w: Floats

    def __len__(self) -> int:
        return len(self.dates)

    def pick(self, part: slice) -> Days:
        """Some of them."""
        return Days(self.dates[part], self.load_w[part], self.pv_w[part])


def read_days(paths: Iterable[Path]) -> tuple[Days, int]:
    """Days of one or more CSV files, sorted, and how many were left out since half hours lack.

    Columns: time_local, load_kw, pv_kw_of_1p04kwp. Of rows with the same stamp the first counts. Raises
    ValueError with the file's name for a row that cannot be read.
    """
    rows: dict[datetime, tuple[float, float]] = {}
    for path in paths:
        for at, load_kw, pv_kw in _rows(path):
            rows.setdefault(at, (1000.0 * load_kw, 1000.0 * PV_PER_COLUMN * pv_kw))
    by_day: dict[date, list[tuple[float, float]]] = {}
    for at in sorted(rows):
        by_day.setdefault(at.date(), []).append(rows[at])
    whole = {day: values for day, values in by_day.items() if len(values) == STEPS}
    if not whole:
        raise ValueError("no day in these files has all 48 half hours")
    values = np.array(list(whole.values()))
    return Days(tuple(whole), values[..., 0], values[..., 1]), len(by_day) - len(whole)


def _rows(path: Path) -> Iterator[tuple[datetime, float, float]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            if row["time_local"] == "time_local":  # a second line of names, where files were put together
                continue
            try:
                at = datetime.fromisoformat(row["time_local"])
                yield at, float(row["load_kw"]), float(row["pv_kw_of_1p04kwp"])
            except (TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error


@dataclass(frozen=True, slots=True)
class Likeness:
    """How days of the past stand for today."""

    envelope_days: int = 21
    """The sun of a cloudless day is the best of each half hour in so many days."""
    fading_h: float = 0.75
    """Before midnight: how fast yesterday's sun loses weight in judging what today's will be."""
    clearness_width: float = 0.25
    """Days that began after an evening as clear as this one weigh most."""
    recent_days: float = 40.0
    """Weights fade with age."""
    level_days: float = 30.0
    """Over which the household's present use is averaged."""
    most_days: int = 60
    """So many of the likeliest stand for all: the others would hardly count."""
    least_clear_w: float = 150.0
    """Below it a half hour's sun says nothing of clouds."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What a day may be: net demand [W], shape (scenarios, 48), and the probability of each."""

    net_w: Floats
    weights: Floats


def outlooks(past: Days, like: Likeness) -> tuple[Outlook, Outlook]:
    """What today may be, given how yesterday's sun ended, and what a day is usually like.

    Whole days of the past, sun and demand together, brought to the season's sun and the present use.
    """
    envelope_w = _envelope(past.pv_w, like.envelope_days)
    level_w = _levels(past.load_w.mean(axis=1), like.level_days)
    clear = _evening_clearness(past.pv_w, envelope_w, like)
    sun = envelope_w[-1].sum() / np.maximum(envelope_w.sum(axis=1), 1.0)
    net_w = past.load_w * (level_w[-1] / level_w[:-1])[:, np.newaxis] - past.pv_w * sun[:, np.newaxis]
    usual = np.exp(-np.arange(len(past), 0, -1) / like.recent_days)
    evening_before = np.concatenate([clear[:1], clear[:-1]])
    likely = usual * np.exp(-0.5 * ((evening_before - clear[-1]) / like.clearness_width) ** 2)
    return _likeliest(net_w, likely, like.most_days), _likeliest(net_w, usual, like.most_days)


def _likeliest(net_w: Floats, weights: Floats, count: int) -> Outlook:
    best = np.sort(np.argsort(weights)[-count:])
    return Outlook(net_w[best], weights[best] / weights[best].sum())


def _envelope(pv_w: Floats, days: int) -> Floats:
    """The most sun of each half hour in the days up to each day, itself included; shape (days, 48)."""
    return np.array([pv_w[max(0, day - days + 1) : day + 1].max(axis=0) for day in range(len(pv_w))])


def _levels(daily_w: Floats, days: float) -> Floats:
    """Fading mean of the days before each day and before today, shape (days + 1,); the first is its own."""
    levels = np.empty(daily_w.size + 1)
    levels[0], total, weight = daily_w[0], 0.0, 0.0
    for day, value in enumerate(daily_w):
        total, weight = total * np.exp(-1 / days) + value, weight * np.exp(-1 / days) + 1.0
        levels[day + 1] = total / weight
    return levels


def _evening_clearness(pv_w: Floats, envelope_w: Floats, like: Likeness) -> Floats:
    """Each day's sun as part of a cloudless day's, its last hours above all; shape (days,)."""
    before_midnight_h = STEP_H * np.arange(STEPS, 0, -1)
    weights = np.exp(-before_midnight_h / like.fading_h) * (envelope_w > like.least_clear_w)
    found: Floats = (weights * pv_w).sum(axis=1) / np.maximum((weights * envelope_w).sum(axis=1), 1e-9)
    return found
