"""What is wrong with the host's clock, as reasons for the list of alarms."""

from __future__ import annotations

from controller.clock import Clock
from controller.core.model import Reason
from controller.trusted_clock import TrustedClock

_TOLD_FOR_S = 86_400.0
"""A step that was believed in the end is shown for a day."""


def clock_alarms(clock: Clock) -> tuple[Reason, ...]:
    """Reasons that stand now; none for the demo's clock, which is always right."""
    if not isinstance(clock, TrustedClock):
        return ()
    belief = clock.belief
    if belief.rival is not None:
        claimed_s = belief.rival.offset_s + belief.at_s
        return (Reason("clock_doubted", {"off_s": abs(claimed_s - belief.utc_s)}),)
    if belief.stepped_by_s is None or belief.stepped_at_s is None:
        return ()
    if belief.at_s - belief.stepped_at_s > _TOLD_FOR_S:
        return ()
    return (Reason("clock_stepped", {"off_s": abs(belief.stepped_by_s)}),)
