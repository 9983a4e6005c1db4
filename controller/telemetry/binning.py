"""From tiers to steps of any length: the coarsest tier that serves, finer or coarser ones where it lacks."""

from __future__ import annotations

import numpy as np

from controller.telemetry.blocks import MINUTES, QUARTERS, Series, Tier
from controller.telemetry.packing import Floats
from controller.telemetry.schema import PERIOD_S, QUARTER_S
from controller.telemetry.snapshot import Snapshot

_SMEARED = 16
"""A step so many times as long as a slot may begin in the middle of one."""


def in_steps(store: Snapshot, series: Series, start_s: int, end_s: int, step_s: int) -> Floats:
    """Means of a series (readings of a counter) in steps from start_s to end_s, NaN missing."""
    steps = -((start_s - end_s) // step_s)
    tier = next((each for each in (QUARTERS, MINUTES) if _serves(each, start_s, end_s, step_s)), None)
    slot_s = PERIOD_S if tier is None else tier.slot_s
    first_s = start_s - start_s % slot_s
    count = -((first_s - end_s) // slot_s)
    values, weights = _filled(store, series, tier, first_s, count)
    starts = first_s + slot_s * np.arange(count)
    bins = np.maximum(starts - start_s, 0) // step_s
    known = weights > 0
    if series.counter:
        found = np.full(steps, np.nan)
        found[bins[known]] = values[known]  # in the order of time: the last one stays
        return found
    total = np.bincount(bins[known], values[known] * weights[known], minlength=steps)
    weight = np.bincount(bins[known], weights[known], minlength=steps)
    means = np.full(steps, np.nan)
    np.divide(total, weight, out=means, where=weight > 0)
    return means


def energy(store: Snapshot, series: Series, start_s: int, end_s: int) -> tuple[float, float] | None:
    """Integral of a power [Wh] and the fraction of the window that was sampled; None where nothing was.

    Whole quarters are summed as such, the ends of the window by 10 s, or by what is left of them.
    """
    first_s = min(end_s, -(-start_s // QUARTER_S) * QUARTER_S)
    last_s = max(first_s, end_s - end_s % QUARTER_S)
    parts = [
        _filled(store, series, None, start_s, (first_s - start_s) // PERIOD_S),
        _filled(store, series, None, last_s, (end_s - last_s) // PERIOD_S),
    ]
    quarters = store.rolled(QUARTERS, series, first_s, (last_s - first_s) // QUARTER_S)
    parts.append((quarters.mean, quarters.samples.astype(float)))
    samples = sum(float(weights.sum()) for _, weights in parts)
    if not samples:
        return None
    total = sum(float(np.nansum(values * weights)) for values, weights in parts)
    return total * PERIOD_S / 3600, samples * PERIOD_S / (end_s - start_s)


def _serves(tier: Tier, start_s: int, end_s: int, step_s: int) -> bool:
    """Whether a tier's slots are short enough for the steps, or fit them exactly."""
    fit = all(at % tier.slot_s == 0 for at in (start_s, end_s, step_s))
    return fit or step_s >= _SMEARED * tier.slot_s


def _filled(
    store: Snapshot, series: Series, tier: Tier | None, start_s: int, count: int
) -> tuple[Floats, Floats]:
    """Values of slots (None: of 10 s), and of how many samples; where there are none, those of coarser tiers.

    Whole quarters are looked at: what lacks beside samples of the same quarter is a gap, and remains one.
    """
    if tier is QUARTERS or not count:
        rolled = store.rolled(QUARTERS, series, start_s, count)
        return rolled.mean, rolled.samples.astype(float)
    slot_s = PERIOD_S if tier is None else tier.slot_s
    lead = start_s % QUARTER_S // slot_s
    first_s = start_s - start_s % QUARTER_S
    whole = -(-(lead + count) * slot_s // QUARTER_S) * QUARTER_S // slot_s
    if tier is None:
        values = store.fine(series, first_s, whole)
        weights = (~np.isnan(values)).astype(float)
    else:
        rolled = store.rolled(tier, series, first_s, whole)
        values, weights = rolled.mean, rolled.samples.astype(float)
    for other in (MINUTES, QUARTERS) if tier is None else (QUARTERS,):
        _fill_gaps(store, series, other, first_s, slot_s, values, weights)
    return values[lead : lead + count], weights[lead : lead + count]


def _fill_gaps(
    store: Snapshot, series: Series, tier: Tier, start_s: int, slot_s: int, values: Floats, weights: Floats
) -> None:
    """Spread a coarser tier over the slots (in place) where none that it covers has a sample."""
    ratio = tier.slot_s // slot_s
    empty = weights.reshape(-1, ratio).sum(axis=1) == 0
    if not empty.any():
        return
    first, last = int(np.argmax(empty)), empty.size - int(np.argmax(empty[::-1]))
    found = store.rolled(tier, series, start_s + tier.slot_s * first, last - first)
    taken = np.flatnonzero(empty[first:last] & (found.samples > 0))
    values.reshape(-1, ratio)[first + taken] = found.mean[taken, None]
    weights.reshape(-1, ratio)[first + taken] = found.samples[taken, None] / ratio
