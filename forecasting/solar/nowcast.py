"""The next hours from the last ones: measured clearness blended with what was foreseen. Pure.

How the coming clearness differs from the foreseen one is told by two experts for each lead. One is the same
for all sites: how differences of the last step, hour and day usually go on. The other is a regression on
more signals of the site itself, and counts for more the more days it has seen: after few weeks it knows one
season only. After some hours the day-ahead forecast takes over. Leads count from the last measurement
under a high sun, so that a gap in the measurements makes the forecast humbler, not wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Floats, Grid, Ints
from forecasting.quantiles import LEVELS
from forecasting.solar.recent import DAY_BEFORE, HOUR_BEFORE, LAST_STEP, History, Targets, signals
from forecasting.solar.ridge import Smooth, fit
from forecasting.solar.spread import Spread, learn_spread

LEADS_S = (QUARTER_S, 2 * QUARTER_S, HOUR_S, 2 * HOUR_S, 3 * HOUR_S, 4 * HOUR_S, 6 * HOUR_S)
"""From the last measurement to the end of the step foretold: models stand here, straight lines between."""
FADED_S = 9 * HOUR_S
"""The lead from which the day-ahead forecast stands alone."""
_USUAL = (
    (0.56, 0.33, 0.09),
    (0.36, 0.44, 0.14),
    (0.27, 0.39, 0.22),
    (0.25, 0.22, 0.30),
    (0.19, 0.14, 0.35),
    (0.17, 0.07, 0.38),
    (0.07, 0.09, 0.37),
)
"""What is left, at each of LEADS_S, of a difference of the last step, hour, and day and night: least squares
over two tropical roofs, in Bangkok (two periods) and on La Reunion, whose own tables hardly differ."""
_FEWEST_DAYS, _FEWEST_PAIRS = 21, 100
_HALF_WAY_DAYS, _HALF_WAY_DAYS_PER_HOUR = 100.0, 50.0
"""After so many days, and so many for each hour of lead, the site's own regression counts for half."""
_NEW_SEASONS = 1.15
"""Errors to come are so much wider than past ones: the next weeks bring weather not yet learned from."""
_BRIGHTEST = 1.2
"""Most clearness that clouds around the sun can add up to."""


@dataclass(frozen=True, slots=True, eq=False)
class LeadModel:
    """What was learned for one lead."""

    lead_s: int
    own: Smooth
    """The site's own regression: difference from the foreseen clearness, from the signals."""
    own_share: float
    """What it counts for, 0 to 1, beside what is usual everywhere."""
    spread: Spread
    """Of the clearness around the expected one."""

    def expected(self, targets: Targets, seen: Floats) -> Floats:
        """Expected clearness, shape (m,)."""
        usual = _usual(seen, np.full(len(seen), self.lead_s))
        return _clipped(targets.foreseen + usual + self.own_share * (self.own(seen) - usual))


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
    mean_w: Floats
    """Expected power [W], shape (grid.count,)."""
    values_w: Floats
    """Quantiles [W], shape (len(LEVELS), grid.count)."""


def learn(history: History) -> Nowcast:
    """How the clearness of the last hours goes on; a second for a year of quarters of an hour."""
    days = np.unique(history.grid.starts_s[history.measured] // DAY_S)
    if days.size < _FEWEST_DAYS:
        return Nowcast()
    steps = sorted({max(1, lead_s // history.grid.step_s) for lead_s in LEADS_S})
    models = (_learn_lead(history, ahead, days.size) for ahead in steps)
    return Nowcast(tuple(model for model in models if model is not None))


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
        mean, quantiles = _unlearned(targets, seen, ahead, near, lead_s[near])
    share = np.clip((FADED_S - lead_s[near]) / (FADED_S - LEADS_S[-1]), 0.0, 1.0)
    clear_w = ahead.clear_w[near]
    mean_w[near] += share * (_clipped(mean) * clear_w - mean_w[near])
    values_w[:, near] += share * (_clipped(quantiles) * clear_w - values_w[:, near])
    return mean_w, values_w


def _learn_lead(history: History, ahead: int, days: int) -> LeadModel | None:
    """The model for the step that ends so many steps after the last measured one; None with too few pairs."""
    measured = history.measured
    last = np.flatnonzero(measured[:-ahead] & measured[ahead:])
    if last.size < _FEWEST_PAIRS:
        return None
    to = last + ahead
    targets = Targets(
        now=last + 1,
        yesterday=to - DAY_S // history.grid.step_s,
        clear_w=history.clear_w[to],
        foreseen_w=history.foreseen_w[to],
    )
    lead_s = ahead * history.grid.step_s
    share = days / (days + _HALF_WAY_DAYS + _HALF_WAY_DAYS_PER_HOUR * lead_s / HOUR_S)
    seen = signals(history, targets)
    truth = history.power_w[to] / targets.clear_w
    # Errors count in W, as the battery feels them.
    own, unseen = fit(seen, truth - targets.foreseen, targets.clear_w**2)
    usual = _usual(seen, np.full(last.size, lead_s))
    expected = _clipped(targets.foreseen + usual + share * (unseen - usual))
    return LeadModel(lead_s, own, share, learn_spread(expected, truth, targets.clear_w, _NEW_SEASONS))


def _targets_ahead(history: History, ended: int, ahead: Ahead, steps: Ints) -> Targets:
    day_before_s = ahead.grid.centres_s[steps] - DAY_S
    return Targets(
        now=np.full(steps.size, ended, dtype=np.int64),
        yesterday=(day_before_s - history.grid.start_s) // history.grid.step_s,
        clear_w=ahead.clear_w[steps],
        foreseen_w=ahead.mean_w[steps],
    )


def _modelled(
    models: tuple[LeadModel, ...], targets: Targets, seen: Floats, lead_s: Ints
) -> tuple[Floats, Floats]:
    """Mean and quantiles of the clearness, straight between the leads of the models."""
    leads_s = np.array([model.lead_s for model in models], dtype=np.float64)
    mean, quantiles = np.zeros(lead_s.size), np.zeros((len(LEVELS), lead_s.size))
    for number, model in enumerate(models):
        share = np.interp(lead_s, leads_s, np.eye(len(models))[number])
        expected = model.expected(targets, seen)
        mean += share * expected
        quantiles += share * model.spread(expected)
    return mean, quantiles


def _unlearned(
    targets: Targets, seen: Floats, ahead: Ahead, steps: Ints, lead_s: Ints
) -> tuple[Floats, Floats]:
    """Mean and quantiles of the clearness in the first weeks: the day-ahead band, moved and narrower.

    It narrows as for two jointly normal quantities of which one is seen: the more it tells, the less doubt is
    left.
    """
    mean = targets.foreseen + _usual(seen, lead_s)
    band = (ahead.values_w[:, steps] - ahead.mean_w[steps]) / ahead.clear_w[steps]
    kept = _interpolated(lead_s)[:, :2].sum(axis=1)
    return mean, mean + np.sqrt(1.0 - kept**2) * band


def _usual(seen: Floats, lead_s: Ints) -> Floats:
    """Difference from the foreseen clearness as it usually goes on, shape (m,)."""
    found: Floats = (seen[:, [LAST_STEP, HOUR_BEFORE, DAY_BEFORE]] * _interpolated(lead_s)).sum(axis=1)
    return found


def _interpolated(lead_s: Ints) -> Floats:
    """_USUAL at these leads, shape (m, 3)."""
    return np.stack([np.interp(lead_s, LEADS_S, column) for column in zip(*_USUAL, strict=True)], axis=1)


def _clipped(clearness: Floats) -> Floats:
    return np.clip(clearness, 0.0, _BRIGHTEST)
