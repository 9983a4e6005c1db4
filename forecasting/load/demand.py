"""What of a load's record is demand to learn from: not what was cut, not the rush after it. Pure."""

from __future__ import annotations

import numpy as np

from forecasting.grid import HOUR_S, Bools, Floats
from forecasting.records import LoadRecord

PICKUP_S = 1800
"""After a cut all refrigerators run at once (cold-load pickup): that long its demand is not the usual."""
_STUCK_S = 6 * HOUR_S
"""People's loads are never equal to the last digit for so long: such a meter is stuck."""

_WILD = 3.0
"""So many times what is hardly ever reached is no load."""


def teachable_w(record: LoadRecord) -> Floats:
    """Demand to learn from [W], shape (n,), NaN elsewhere.

    Left out are steps not served, the first PICKUP_S after them, impossible values, and runs of hours in
    which a value other than zero repeats to the last digit.
    """
    power_w = record.power_w
    steps = max(2, _STUCK_S // record.grid.step_s)
    with np.errstate(invalid="ignore"):
        sound = np.isfinite(power_w) & (power_w >= 0)
    usable = sound & ~after_cut(record.unserved, record.grid.step_s) & ~_stuck(power_w, steps)
    return np.where(usable, power_w, np.nan)


def plausible_w(power_w: Floats) -> Floats:
    """Power with what only a faulty meter tells made NaN [W]; any shape, kept.

    A load that is nearly never on has no usual size, so nothing of it is left out.
    """
    known_w = power_w[np.isfinite(power_w)]
    usual_w = float(np.quantile(known_w, 0.99)) if known_w.size else 0.0
    with np.errstate(invalid="ignore"):
        wild = (power_w > _WILD * usual_w) & (usual_w > 0)
    return np.where(wild, np.nan, power_w)


def after_cut(unserved: Bools, step_s: int) -> Bools:
    """True in steps not served and in the first PICKUP_S after them, shape (n,)."""
    masked = unserved.copy()
    for lag in range(1, -(-PICKUP_S // step_s) + 1):
        masked[lag:] |= unserved[:-lag]
    return masked


def _stuck(power_w: Floats, steps: int) -> Bools:
    """True within runs of at least so many equal values other than zero."""
    same = np.zeros(power_w.size, dtype=np.bool_)
    same[1:] = (power_w[1:] == power_w[:-1]) & (power_w[1:] != 0)
    run = np.cumsum(~same)
    found: Bools = np.bincount(run)[run] >= steps
    return found
