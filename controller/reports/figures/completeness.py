"""What was measured of the month and what was not. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from controller.core.model import Site
from controller.reports.figures.energy import feeder_power_w
from controller.reports.figures.month import QUARTER_S, Floats
from controller.reports.figures.series import Columns

_LEAST_GAP_QUARTERS = 4
"""Shorter gaps are counted but not named."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time of an hour or more without a measurement; Unix seconds."""

    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Known:
    """How much of one quantity is known."""

    subject: str
    point: str
    known_frac: float
    gaps: Sequence[Gap]
    """The longest first; at most five."""
    more: int
    """Further gaps of an hour or more."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """The month's data."""

    known_frac: float
    """Part of the quarters in which anything at all was measured: else the controller stood still."""
    silent: Sequence[Gap]
    """When nothing was measured, in order of time."""
    quantities: Sequence[Known]
    """The site's totals and each feeder, those wholly known included."""


def completeness(columns: Columns, site: Site) -> Completeness:
    """How much of the site's totals and of each feeder is known, and the gaps of an hour or more by name."""
    totals = ["pv_w", "load_w", "battery_w", "soc_frac"]
    totals += ["genset_w"] if site.genset else []
    totals += ["grid_w"] if site.grid else []
    quantities = [("site", point, columns.mean("site", point)) for point in totals]
    quantities += [(feeder.id, "power_w", feeder_power_w(columns, feeder.id)) for feeder in site.feeders]
    known = [_known(subject, point, values, columns) for subject, point, values in quantities]
    anything = np.any([np.isfinite(values) for _, _, values in quantities], axis=0)
    silent = _gaps(np.where(anything, 0.0, np.nan), columns.steps.start_s)
    frac = float(anything.mean()) if anything.size else 0.0
    return Completeness(frac, sorted(silent, key=lambda gap: gap.start_s), known)


def _known(subject: str, point: str, values: Floats, columns: Columns) -> Known:
    gaps = sorted(_gaps(values, columns.steps.start_s), key=lambda gap: gap.start_s - gap.end_s)
    frac = float(np.isfinite(values).mean()) if values.size else 0.0
    return Known(subject, point, frac, gaps[:5], max(0, len(gaps) - 5))


def _gaps(values: Floats, start_s: int) -> list[Gap]:
    missing = np.concatenate(([False], ~np.isfinite(values), [False])).astype(np.int8)
    edges = np.flatnonzero(np.diff(missing))
    return [
        Gap(start_s + QUARTER_S * int(first), start_s + QUARTER_S * int(last))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if last - first >= _LEAST_GAP_QUARTERS
    ]
