"""How evenly the month's energy was shared. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from controller.core.model import PriorityClass, Site
from controller.core.sharing.fairness import jain_index
from controller.reports.figures.energy import feeder_power_w
from controller.reports.figures.month import QUARTER_H, SLOTS, Floats, Steps
from controller.reports.figures.outages import Cause, Outage, off_frac
from controller.reports.figures.series import Columns, by_slot


@dataclass(frozen=True, slots=True)
class Share:
    """What a feeder got of what it wanted."""

    served_wh: float
    without_wh: float
    """What it would have drawn while it was off, estimated."""

    @property
    def served_frac(self) -> float | None:
        """None where it wanted nothing."""
        wanted_wh = self.served_wh + self.without_wh
        return self.served_wh / wanted_wh if wanted_wh > 0 else None


@dataclass(frozen=True, slots=True)
class ClassShares:
    """How alike the feeders of a priority class were served."""

    spread_frac: float
    """The largest served share less the smallest."""
    jain: float | None
    """Jain's index over households, 1: all alike."""


@dataclass(frozen=True, slots=True)
class ShareFigures:
    """The month's shares."""

    feeders: Mapping[str, Share | None]
    """None where a feeder has no measurement to estimate from."""
    classes: Mapping[PriorityClass, ClassShares]
    """Classes of which at least one feeder is known."""
    worst: Sequence[str]
    """Feeders that went without something, the smallest share first; at most three."""


def share_figures(columns: Columns, outages: Sequence[Outage], site: Site) -> ShareFigures:
    """Served shares: energy drawn, divided by that and what each feeder went without.

    What a feeder went without is estimated: for the time that it was off it is taken to want what it drew on
    average in this month at that quarter of the day while it was on, or, where that is not known, on average
    at any time. Waiting for better hours counts as no want. Jain's index: Jain, Chiu and Hawe 1984.
    """
    real = [outage for outage in outages if outage.cause is not Cause.HOURS]
    feeders = {
        feeder.id: _share(
            feeder_power_w(columns, feeder.id),
            off_frac(real, feeder.id, columns.steps),
            off_frac(outages, feeder.id, columns.steps),
            columns.steps,
        )
        for feeder in site.feeders
    }
    return ShareFigures(feeders, _classes(site, feeders), _worst(feeders))


def _share(power_w: Floats, off: Floats, off_or_waiting: Floats, steps: Steps) -> Share | None:
    on = np.where(off_or_waiting == 0, power_w, np.nan)
    usual_w = by_slot(on, steps, SLOTS)
    known = np.isfinite(usual_w)
    if not known.any():
        return None
    usual_w = np.where(known, usual_w, usual_w[known].mean())
    return Share(
        served_wh=float(np.nansum(power_w)) * QUARTER_H,
        without_wh=float((off * usual_w[steps.slot]).sum()) * QUARTER_H,
    )


def _classes(site: Site, shares: Mapping[str, Share | None]) -> dict[PriorityClass, ClassShares]:
    found = dict[PriorityClass, ClassShares]()
    for priority in PriorityClass:
        served = [
            (share.served_frac, feeder.households)
            for feeder in site.feeders
            if feeder.priority is priority and (share := shares[feeder.id]) is not None
        ]
        known = [(frac, households) for frac, households in served if frac is not None]
        if known:
            fracs = [frac for frac, _ in known]
            found[priority] = ClassShares(max(fracs) - min(fracs), jain_index(known))
    return found


def _worst(shares: Mapping[str, Share | None]) -> list[str]:
    short = [
        (share.served_frac, name)
        for name, share in shares.items()
        if share is not None and share.served_frac is not None and share.without_wh > 0
    ]
    return [name for _, name in sorted(short)[:3]]
