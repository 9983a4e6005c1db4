"""The ledger: what each feeder wanted and went without within the last 30 days. Pure.

A feeder's account is in energy, as an hour without light in the evening is more than one in the forenoon, and
as a part of what it wanted, as a household's share must not depend on how many neighbours hang on its line.
"""

from __future__ import annotations

import math

from controller.core.model import FeederLedger, FeederMemory, Plan, Tally

DAY_S = 86400.0
WINDOW_DAYS = 30
"""Whole days that are remembered, besides the one that runs."""
_MEAN_S = 900.0
"""Time constant of the mean of a feeder's power."""
_HOURLY_S = 3 * 3600.0
"""Likewise of what it usually draws in an hour of the day: about three days."""
_HOURS = 24


def entered(
    ledger: FeederLedger, wanted_w: float, dt_s: float, *, without: bool, by_protection: bool
) -> FeederLedger:
    """The account after dt_s [s] in which a feeder wanted wanted_w [W], >= 0, and had it or went without."""
    wanted_wh, today = wanted_w * dt_s / 3600.0, ledger.today
    missed_wh, missed_s = (wanted_wh, dt_s) if without else (0.0, 0.0)
    turns, shed = (0.0, 1.0) if by_protection else (1.0, 0.0)
    now = Tally(
        today.wanted_wh + wanted_wh,
        today.turns_wh + turns * missed_wh,
        today.protection_wh + shed * missed_wh,
        today.turns_s + turns * missed_s,
        today.protection_s + shed * missed_s,
    )
    return FeederLedger(ledger.days, now, ledger.closed)


def day_closed(ledger: FeederLedger) -> FeederLedger:
    """The account as another day begins: the oldest of 30 is forgotten."""
    days = (*ledger.days, Tally(*(round(sum_, 1) for sum_ in ledger.today)))[-WINDOW_DAYS:]
    return FeederLedger(days, Tally(), Tally(*(math.fsum(column) for column in zip(*days, strict=True))))


def window_days(lived_s: float) -> float:
    """How many days the ledger looks back on."""
    return min(lived_s / DAY_S, WINDOW_DAYS + lived_s % DAY_S / DAY_S)


def planned_w(plan: Plan | None, now_s: float) -> dict[str, float]:
    """What a plan expects each feeder to draw now if it were on [W]; nothing outside of the plan."""
    step = None if plan is None else plan.step_at(now_s)
    if plan is None or step is None:
        return {}
    return {feeder_id: power_w[step] for feeder_id, power_w in plan.wanted_w.items()}


def wanted_w(past: FeederMemory, planned_w: float | None, hour: int | None, rated_w: float) -> float:
    """What a feeder would draw if it were on [W]: as planned, else as usual at this hour, else as lately.

    Where its power has never been seen its rated power serves: its account is then one of time.
    """
    if planned_w is not None:
        return planned_w
    usual_w = past.hourly_w[hour] if hour is not None and past.hourly_w else None
    if usual_w is not None:
        return usual_w
    return rated_w if past.mean_w is None else past.mean_w


def mean_w(past: FeederMemory, power_w: float, dt_s: float) -> float:
    """The mean of what a feeder draws, after dt_s more of power_w."""
    return _drawn_to(past.mean_w, power_w, dt_s / _MEAN_S)


def hourly_w(past: FeederMemory, power_w: float, dt_s: float, hour: int | None) -> tuple[float | None, ...]:
    """What a feeder usually draws by hour of the day (UTC, 0 to 23), after dt_s more of power_w in one."""
    if hour is None:
        return past.hourly_w
    usual = past.hourly_w or (None,) * _HOURS
    return (*usual[:hour], _drawn_to(usual[hour], power_w, dt_s / _HOURLY_S), *usual[hour + 1 :])


def _drawn_to(before: float | None, value: float, part: float) -> float:
    return value if before is None else value + (before - value) * math.exp(-part)
