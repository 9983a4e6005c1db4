"""How long to wait before the broker is tried again. Pure."""

from __future__ import annotations

FIRST_S = 0.5
QUICK_S = 2.0
"""The longest wait at first, so that a broker that was started again is found within seconds."""
QUICK_FOR_S = 600.0
SLOW_S = 60.0
"""The longest wait once the broker has been away for so long, or when it turns us away."""


def wait_s(failures: int, away_s: float, *, refused: bool, luck: float) -> float:
    """Seconds to wait: full jitter, so that a hundred villages do not all come at once.

    failures: attempts in a row that failed, from 1; away_s: since the first of them; luck: 0 to 1, random.
    Source: M. Brooker, "Exponential backoff and jitter", AWS Architecture Blog, 2015.
    """
    most_s = SLOW_S if refused or away_s > QUICK_FOR_S else QUICK_S
    return luck * min(most_s, FIRST_S * 2.0 ** min(failures - 1, 20))
