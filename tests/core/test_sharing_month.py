"""A month by announced turns: whatever the size of feeders and the hour of their cuts, shares are alike."""

from __future__ import annotations

import numpy as np
import pytest
from sharing_village import Month, cut_before_a_peer


def changing(seed: int):
    """Four days of five lack something, 5 to 40 % of what is wanted."""
    lacking = np.random.default_rng(seed).uniform(0.05, 0.40, 400)
    good = np.random.default_rng(seed + 1).random(400) < 0.2
    return lambda day: 0.0 if good[day] else float(lacking[day])


@pytest.mark.parametrize(("households", "days"), [([25, 6, 14], 36), ([22, 7, 12, 9, 25, 16], 32)])
def test_over_any_thirty_days_the_served_shares_differ_by_two_points_at_most(
    households: list[int], days: int
) -> None:
    month = Month(households, changing(len(households)))
    month.live(days)
    assert month.shares(30).max() < 0.95
    assert month.worst_spread() <= 0.02
    assert cut_before_a_peer(month.cuts, [feeder.id for feeder in month.feeders]) == []


def test_what_was_announced_is_kept() -> None:
    month = Month([16, 15, 15, 14], changing(7), plan_every=8)
    month.live(6)
    assert month.announced > 40
    assert month.lifted <= 0.05 * month.announced


def test_what_protection_took_from_one_feeder_is_repaid_within_days() -> None:
    def evenings_of_overload(quarter: int) -> dict[str, float]:
        return {"houses_0": 3 * 3600.0} if 5 * 96 <= quarter < 9 * 96 and quarter % 96 == 76 else {}

    month = Month([16, 15, 15, 14], lambda _: 0.25, protection=evenings_of_overload)
    month.live(9)
    assert month.shares(9)[0] < month.shares(9)[1:].min() - 0.02
    month.live(8)
    shares = month.shares(17)
    assert shares.max() - shares.min() <= 0.02
