"""The next hours from the last ones: measured clearness blended with what was foreseen. Pure.

For some leads a regression learns how the coming clearness differs from the foreseen one, given what the last
hours, the day so far and yesterday showed; before there is enough to learn from, the difference of the last
hour fades exponentially. After some hours the day-ahead forecast takes over. Leads count from the last
measurement under a high sun, so that a gap in the measurements makes the forecast humbler, not wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Floats, Grid, Ints
from forecasting.quantiles import LEVELS
from forecasting.solar.recent import HOUR_BEFORE, LAST_STEP, History, Targets, signals
from forecasting.solar.ridge import Smooth, fit
from forecasting.solar.spread import Spread, learn_spread

LEADS_S = (QUARTER_S, 2 * QUARTER_S, HOUR_S, 2 * HOUR_S, 3 * HOUR_S, 4 * HOUR_S, 6 * HOUR_S)
"""From the last measurement to the end of the step foretold: models stand here, straight lines between."""
FADED_S = 9 * HOUR_S
"""The lead from which the day-ahead forecast stands alone."""
_MEMORY_S = 3 * HOUR_S
_MEMORY_FRAC = 0.85
"""While nothing better is learned, this share of a difference lasts, and fades to 1/e of it in that time."""
_FEWEST_DAYS = 21
_BRIGHTEST = 1.2
"""Most clearness that clouds around the sun can add up to."""


@dataclass(frozen=True, slots=True, eq=False)
class LeadModel:
    """What was learned for one lead."""

    lead_s: int
    correction: Smooth
    """Of the foreseen clearness, from the signals."""
    spread: Spread
    """Of the clearness around the expected one."""


@dataclass(frozen=True, slots=True, eq=False)
class Nowcast:
    """What was learned of how clearness goes on; without models as long as there were too few days."""

    models: tuple[LeadModel, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """What the day-ahead forecast says of the steps to come."""

    grid: Grid
    clear_w: Floats
    """Clear-sky power [W], shape (grid.count,)."""
    foreseen_w: Floats
    """Expected power as told before the day, as in the History [W], shape (grid.count,)."""
    mean_w: Floats
    """Expected power as of now [W], shape (grid.count,)."""
    values_w: Floats
    """Quantiles as of now [W], shape (len(LEVELS), grid.count)."""


def learn(history: History) -> Nowcast:
    """How the clearness of the last hours goes on; a second for a year of quarters of an hour."""
    days = np.unique(history.grid.starts_s[history.measured] // DAY_S)
    if days.size < _FEWEST_DAYS:
        return Nowcast()
    steps = sorted({max(1, lead_s // history.grid.step_s) for lead_s in LEADS_S})
    return Nowcast(tuple(_learn_lead(history, ahead) for ahead in steps))


def forecast(learned: Nowcast, history: History, ahead: Ahead) -> tuple[Floats, Floats]:
    """Mean [W], shape (n,), and quantiles [W], shape (len(LEVELS), n), of the steps ahead.

    The history ends at the moment of issue and reaches back more than a day, or as far as there is any. Steps
    out of its reach, or with the sun down, come out as the day-ahead forecast has them.
    """
    mean_w, values_w = ahead.mean_w.copy(), ahead.values_w.copy()
    measured = np.flatnonzero(history.measured)
    if measured.size == 0:
        return mean_w, values_w
    ended = int(measured[-1]) + 1
    lead_s = (
        ahead.grid.starts_s + ahead.grid.step_s - int(history.grid.starts_s[ended - 1]) - history.grid.step_s
    )
    near = np.flatnonzero((lead_s < FADED_S) & (ahead.clear_w > 0))
    if near.size == 0:
        return mean_w, values_w
    targets = _targets_ahead(history, ended, ahead, near)
    seen = signals(history, targets)
    if learned.models:
        mean, quantiles = _modelled(learned.models, targets, seen, lead_s[near])
    else:
        mean, quantiles = _fading(targets, seen, ahead, near, lead_s[near])
    share = np.clip((FADED_S - lead_s[near]) / (FADED_S - LEADS_S[-1]), 0.0, 1.0)
    clear_w = ahead.clear_w[near]
    mean_w[near] += share * (np.clip(mean, 0.0, _BRIGHTEST) * clear_w - mean_w[near])
    values_w[:, near] += share * (np.clip(quantiles, 0.0, _BRIGHTEST) * clear_w - values_w[:, near])
    return mean_w, values_w


def _learn_lead(history: History, ahead: int) -> LeadModel:
    """The model for the step that ends so many steps after the last measured one."""
    measured = history.measured
    last = np.flatnonzero(measured[:-ahead] & measured[ahead:])
    to = last + ahead
    targets = Targets(
        now=last + 1,
        yesterday=to - DAY_S // history.grid.step_s,
        clear_w=history.clear_w[to],
        foreseen_w=history.foreseen_w[to],
    )
    truth = history.power_w[to] / targets.clear_w
    # Errors count in W, as the battery feels them.
    correction, unseen = fit(signals(history, targets), truth - targets.foreseen, targets.clear_w**2)
    expected = np.clip(targets.foreseen + unseen, 0.0, _BRIGHTEST)
    return LeadModel(ahead * history.grid.step_s, correction, learn_spread(expected, truth, targets.clear_w))


def _targets_ahead(history: History, ended: int, ahead: Ahead, steps: Ints) -> Targets:
    day_before_s = ahead.grid.centres_s[steps] - DAY_S
    return Targets(
        now=np.full(steps.size, ended, dtype=np.int64),
        yesterday=(day_before_s - history.grid.start_s) // history.grid.step_s,
        clear_w=ahead.clear_w[steps],
        foreseen_w=ahead.foreseen_w[steps],
    )


def _modelled(
    models: tuple[LeadModel, ...], targets: Targets, seen: Floats, lead_s: Ints
) -> tuple[Floats, Floats]:
    """Mean and quantiles of the clearness, straight between the leads of the models."""
    leads_s = np.array([model.lead_s for model in models], dtype=np.float64)
    mean, quantiles = np.zeros(lead_s.size), np.zeros((len(LEVELS), lead_s.size))
    for number, model in enumerate(models):
        share = np.interp(lead_s, leads_s, np.eye(len(models))[number])
        used = np.flatnonzero(share > 0)
        expected = np.clip(targets.foreseen[used] + model.correction(seen[used]), 0.0, _BRIGHTEST)
        mean[used] += share[used] * expected
        quantiles[:, used] += share[used] * model.spread(expected)
    return mean, quantiles


def _fading(targets: Targets, seen: Floats, ahead: Ahead, steps: Ints, lead_s: Ints) -> tuple[Floats, Floats]:
    """Mean and quantiles of the clearness before anything is learned: the day-ahead band, moved and narrower.

    For the next steps the last one tells most, for later ones the last hour. The band narrows as for two
    jointly normal quantities of which one is seen: the more it tells, the less doubt is left.
    """
    kept = _MEMORY_FRAC * np.exp(-np.maximum(lead_s, 0) / _MEMORY_S)
    back = np.interp(lead_s, (QUARTER_S, HOUR_S), (0.0, 1.0))
    mean = targets.foreseen + kept * ((1.0 - back) * seen[:, LAST_STEP] + back * seen[:, HOUR_BEFORE])
    band = (ahead.values_w[:, steps] - ahead.mean_w[steps]) / ahead.clear_w[steps]
    return mean, mean + np.sqrt(1.0 - kept**2) * band
