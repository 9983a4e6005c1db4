"""Will it last tonight? What joint paths of PV and load mean for the battery, in figures and words. Pure.

The genset is left out of the reckoning, and nothing is shed: the answer is what happens if people go on as
they do and nobody steps in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from controller.core.model import Reason
from forecasting.calibration.scenarios import Scenarios
from forecasting.grid import HOUR_S, QUARTER_S, Bools, Floats, Grid, local_time
from forecasting.quantiles import LEVELS
from forecasting.site import Place
from forecasting.solar.geometry import sun_position

SURELY_PROB, PROBABLY_PROB, UNCERTAIN_PROB = 0.95, 0.75, 0.40
"""From which chance of lasting on each verdict is given."""
GOOD_HOUR_PROB = 0.70
"""How likely spare sun must be for an hour to be recommended."""
_SPARE_FRAC = 0.05
"""Of the inverter limit: less spilled sun than this is not worth a heavy use."""
_SHORTEST_S = HOUR_S
"""Spare sun for less than this is not recommended."""
_MINUTE_S = 60
_RISEN_DEG = 90.27
"""Apparent zenith of the sun's centre when its upper rim shows."""
_REACHED_PROBS = (0.10, 0.50, 0.90)


class Verdict(StrEnum):
    """Whether the battery lasts until sunrise, for plain words."""

    SURELY = "surely"
    PROBABLY = "probably"
    UNCERTAIN = "uncertain"
    PROBABLY_NOT = "probably_not"


@dataclass(frozen=True, slots=True)
class Battery:
    """What is reckoned with. Raises ValueError for what no battery can be."""

    energy_wh: float
    """Usable from empty to full."""
    soc_frac: float | None
    """None while it is not known."""
    reserve_soc_frac: float
    inverter_w: float
    """The most it takes or gives on the AC side."""
    charge_efficiency_frac: float = 0.95
    discharge_efficiency_frac: float = 0.95

    def __post_init__(self) -> None:
        if not (self.energy_wh > 0 and self.inverter_w > 0):
            raise ValueError("a battery has a positive energy and inverter limit")
        if not 0 <= self.reserve_soc_frac < 1 or not (self.soc_frac is None or 0 <= self.soc_frac <= 1):
            raise ValueError("SoC and reserve are fractions of the battery's energy")
        if not (0 < self.charge_efficiency_frac <= 1 and 0 < self.discharge_efficiency_frac <= 1):
            raise ValueError("efficiencies lie above 0 and at most at 1")


@dataclass(frozen=True, slots=True, eq=False)
class BatteryOutlook:
    """What becomes of a battery whose SoC is known."""

    lasting_prob: float
    """Chance that it stays above its reserve until sunrise."""
    verdict: Verdict
    reserve_at_s: tuple[int | None, int | None, int | None]
    """By when the reserve is reached with a chance of 10, 50 and 90 %, Unix seconds; None: not by the end."""
    above_reserve_prob: Floats
    """Chance to be above the reserve at the end of each step, shape (grid.count,)."""
    soc_frac: Floats
    """Quantiles at the end of each step, shape (len(LEVELS), grid.count)."""
    spare_sun_prob: Floats
    """Chance that sun is to spare in each step, and is spilled if nobody uses it; shape (grid.count,)."""

    @property
    def good_hours(self) -> Bools:
        """Steps for heavy loads, shape (grid.count,)."""
        good: Bools = self.spare_sun_prob >= GOOD_HOUR_PROB
        return good


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """The answer, with its reasons in plain words."""

    issued_s: int
    grid: Grid
    sunrise_s: int
    battery: BatteryOutlook | None
    """None while the SoC is not known."""
    reasons: tuple[Reason, ...]


def look_ahead(
    scenarios: Scenarios, battery: Battery, *, sunrise_s: int, timezone: str, has_genset: bool = False
) -> Outlook:
    """Whether the battery lasts until the next sunrise, and when there is sun to spare.

    sunrise_s: Unix seconds. timezone: IANA name, for the hours told. Raises ValueError when the sunrise lies
    outside the scenarios' grid.
    """
    grid = scenarios.grid
    if not grid.start_s < sunrise_s <= grid.end_s:
        raise ValueError("the outlook needs scenarios that reach the next sunrise")
    if battery.soc_frac is None:
        reasons: tuple[Reason, ...] = (Reason("outlook_soc_missing"),)
        return Outlook(scenarios.issued_s, grid, sunrise_s, None, reasons)
    soc, spare = _battery_paths(scenarios, battery, battery.soc_frac)
    reached_s = _reached_s(soc, battery.reserve_soc_frac, grid, steps=grid.position(sunrise_s - 1) + 1)
    fails = reached_s < sunrise_s
    lasting_prob = float(_chance(scenarios.weights, ~fails))
    outlook = BatteryOutlook(
        lasting_prob=lasting_prob,
        verdict=verdict_of(lasting_prob),
        reserve_at_s=_when(reached_s, scenarios.weights),
        above_reserve_prob=_chance(scenarios.weights, soc[:, 1:] > battery.reserve_soc_frac),
        soc_frac=_weighted_quantiles(soc[:, 1:], scenarios.weights, LEVELS),
        spare_sun_prob=_chance(scenarios.weights, spare),
    )
    told = [_night(outlook, battery, reached_s[fails], scenarios.weights[fails], sunrise_s, timezone)]
    if has_genset:
        told.append(Reason("outlook_without_genset"))
    told += _good_hours(outlook.good_hours, grid, timezone)
    return Outlook(scenarios.issued_s, grid, sunrise_s, outlook, tuple(told))


def next_sunrise_s(at_s: int, place: Place) -> int:
    """The first sunrise after a moment, Unix seconds to the minute.

    Raises ValueError where the sun does not rise within a day.
    """
    minutes_s = at_s + 60 * np.arange(25 * 60, dtype=np.int64)
    up = sun_position(place, minutes_s).zenith_deg < _RISEN_DEG
    rises = np.flatnonzero(~up[:-1] & up[1:])
    if rises.size == 0:
        raise ValueError("the sun does not rise here within a day")
    return int(minutes_s[rises[0] + 1])


def verdict_of(lasting_prob: float) -> Verdict:
    """The verdict of a chance of lasting; whoever repeats it over time adds the hysteresis."""
    if lasting_prob >= SURELY_PROB:
        return Verdict.SURELY
    if lasting_prob >= PROBABLY_PROB:
        return Verdict.PROBABLY
    return Verdict.UNCERTAIN if lasting_prob >= UNCERTAIN_PROB else Verdict.PROBABLY_NOT


def _chance(weights: Floats, happens: Bools) -> Floats:
    """Weight of the paths in which something happens; rounding does not make it more than certain."""
    chance: Floats = np.clip(np.round(weights @ happens, 9), 0.0, 1.0)
    return chance


def _battery_paths(scenarios: Scenarios, battery: Battery, soc_frac: float) -> tuple[Floats, Bools]:
    """SoC from now to the end of each step, shape (paths, count + 1), and whether sun is to spare in each."""
    step_h = scenarios.grid.step_s / HOUR_S
    net_w = scenarios.pv_w - scenarios.load_w
    most_w = battery.inverter_w
    # what the battery's cells get or give, before it is full or empty
    wanted_wh = step_h * np.where(
        net_w > 0,
        np.minimum(net_w, most_w) * battery.charge_efficiency_frac,
        np.maximum(net_w, -most_w) / battery.discharge_efficiency_frac,
    )
    energy_wh = np.full((net_w.shape[0], net_w.shape[1] + 1), soc_frac * battery.energy_wh)
    for step in range(net_w.shape[1]):
        energy_wh[:, step + 1] = np.clip(energy_wh[:, step] + wanted_wh[:, step], 0.0, battery.energy_wh)
    charged_w = np.maximum(np.diff(energy_wh, axis=1), 0.0) / step_h / battery.charge_efficiency_frac
    spilled = net_w - charged_w >= _SPARE_FRAC * most_w
    return energy_wh / battery.energy_wh, _to_spare(net_w > 0, spilled, scenarios.pv_w > 0)


def _to_spare(surplus: Bools, spilled: Bools, daylight: Bools) -> Bools:
    """Steps with a surplus in which, or later that day, sun is spilled: what is used now is not missed."""
    later = np.zeros(surplus.shape[0], dtype=np.bool_)
    spare = np.empty_like(surplus)
    for step in range(surplus.shape[1] - 1, -1, -1):
        later = spilled[:, step] | (later & daylight[:, step])
        spare[:, step] = later & surplus[:, step]
    return spare


def _reached_s(soc_frac: Floats, reserve_frac: float, grid: Grid, steps: int) -> Floats:
    """When each path comes down to the reserve, infinite where it does not; shape (paths,).

    A battery that is below it now may be charged first: only where it does not rise above it in the first
    `steps`, those before sunrise, is the reserve reached now.
    """
    before, after = soc_frac[:, :-1], soc_frac[:, 1:]
    falls = (before > reserve_frac) & (after <= reserve_frac)
    first = np.argmax(falls, axis=1)
    path = np.arange(soc_frac.shape[0])
    drop = before[path, first] - after[path, first]
    ever = falls.any(axis=1)
    share = np.divide(before[path, first] - reserve_frac, drop, out=np.zeros_like(drop), where=ever)
    reached = np.where(ever, grid.start_s + grid.step_s * (first + share), np.inf)
    never_above = (soc_frac[:, : steps + 1] <= reserve_frac).all(axis=1)
    found: Floats = np.where(never_above, float(grid.start_s), reached)
    return found


def _when(reached_s: Floats, weights: Floats) -> tuple[int | None, int | None, int | None]:
    early, middle, late = (
        round(at) if math.isfinite(at) else None
        for at in _weighted_quantiles(reached_s[:, None], weights, _REACHED_PROBS)[:, 0].tolist()
    )
    return early, middle, late


def _weighted_quantiles(values: Floats, weights: Floats, levels: tuple[float, ...]) -> Floats:
    """Quantiles over the paths of values of shape (paths, n); shape (levels, n)."""
    order = np.argsort(values, axis=0)
    below = np.cumsum(weights[order], axis=0)
    below /= below[-1:]
    ranks = np.stack([np.sum(below < level - 1e-9, axis=0) for level in levels])
    found: Floats = np.take_along_axis(np.take_along_axis(values, order, axis=0), ranks, axis=0)
    return found


def _night(
    outlook: BatteryOutlook, battery: Battery, ends_s: Floats, weights: Floats, sunrise_s: int, timezone: str
) -> Reason:
    """The night in one sentence; ends_s: when the paths that fail before sunrise reach the reserve."""
    sunrise = _clock(sunrise_s, timezone, _MINUTE_S)
    if outlook.verdict is Verdict.SURELY:
        nights = min(99, math.floor(100 * outlook.lasting_prob + 1e-6))
        return Reason("outlook_surely", {"sunrise": sunrise, "nights": nights, "of": 100})
    soc_frac, reserve_frac = battery.soc_frac, battery.reserve_soc_frac
    if outlook.verdict is Verdict.PROBABLY_NOT and soc_frac is not None and soc_frac <= reserve_frac:
        return Reason("outlook_at_reserve", {"soc_frac": soc_frac, "reserve_frac": reserve_frac})
    middle_s = _weighted_quantiles(ends_s[:, None], weights, (0.50,))[0, 0]
    params = {"sunrise": sunrise, "runs_out": _clock(float(middle_s), timezone), "of": 10}
    if outlook.verdict is Verdict.PROBABLY:
        return Reason("outlook_probably", {**params, "nights": _of_ten(outlook.lasting_prob)})
    params["nights"] = _of_ten(1 - outlook.lasting_prob)
    uncertain = outlook.verdict is Verdict.UNCERTAIN
    return Reason("outlook_uncertain" if uncertain else "outlook_probably_not", params)


def _of_ten(probability: float) -> int:
    return math.floor(10 * probability + 0.5)


def _clock(at_s: float, timezone: str, to_s: int = QUARTER_S) -> int:
    """Seconds since local midnight, to the quarter of an hour: only of the sun more is known."""
    told_s = math.floor(at_s / to_s + 0.5) * to_s
    return round(float(local_time(np.array([told_s]), timezone).hour[0]) * HOUR_S)


def _good_hours(good: Bools, grid: Grid, timezone: str) -> list[Reason]:
    """The longest good time of today and of tomorrow, where it is long enough."""
    day = local_time(grid.starts_s, timezone).day
    reasons = []
    for ahead in (0, 1):
        first, count = _longest(good & (day == day[0] + ahead))
        if count * grid.step_s < _SHORTEST_S:
            continue
        start_s = grid.start_s + first * grid.step_s
        params = {
            "start": _clock(start_s, timezone),
            "end": _clock(start_s + count * grid.step_s, timezone),
        }
        reasons.append(Reason("outlook_good_hours_tomorrow" if ahead else "outlook_good_hours_today", params))
    return reasons


def _longest(good: Bools) -> tuple[int, int]:
    """Index and length of the longest run of True, the first of equals; length 0 without any."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False]))))
    starts, ends = edges[::2], edges[1::2]
    if starts.size == 0:
        return 0, 0
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest] - starts[longest])
