"""A structure of loads followed day by day: an exact Kalman filter, for which gaps are no trouble. Pure.

The covariance of a Structure is that of a Gaussian process; as its parts fade exponentially and its shapes
are sums of harmonics, it is followed in a state of fixed size (Hartikainen and Sarkka 2010). One step of the
filter is a local day with its 24 hours: what lasts is constant within the day, the deviations for hours are
24 states of their own. The first state is the class prior, so measured days take over as Bayes says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from forecasting.grid import Floats
from forecasting.load.calendar import DayKind
from forecasting.load.day_table import HOURS
from forecasting.load.structure import HARMONICS, Structure

_SURPRISE = 2.0
"""Errors beyond so many standard deviations count less, as in Huber's robust estimate."""
_MID_HOURS = np.arange(HOURS) + 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """What is held of a day before or while it is seen."""

    mean: Floats
    """Shape (states,): what lasts, then the 24 deviations of the day's hours."""
    covariance: Floats
    """Shape (states, states)."""


class StateFilter:
    """The filter of one structure; it holds constants only, beliefs go in and come out."""

    def __init__(self, structure: Structure) -> None:
        s, shares = structure, structure.shape_shares
        shapes = (s.lasting_shape, s.passing_shape, *[s.kind_shape] * len(DayKind))
        levels = (s.base, s.level)
        self._variance = np.concatenate(
            [*(part.sd**2 * shares for part in shapes), *([part.sd**2] for part in levels)]
        )
        self._kept = np.exp(
            -1.0 / np.array([*np.repeat([p.days for p in shapes], shares.size), *(p.days for p in levels)])
        )
        hours = np.arange(HOURS)
        self._moment_variance = s.moment.sd**2
        self._within = np.exp(-np.abs(hours[:, None] - hours) / (HOURS * s.moment.days))
        self._moment_kept = np.exp(-(hours + 1) / (HOURS * s.moment.days))
        self._noise = s.noise_sd**2
        self._lasting = self._variance.size
        self._views = [self._view(kind) for kind in DayKind]

    def _view(self, kind: DayKind) -> Floats:
        """What each state adds in the hours of a day of a kind, shape (24, states)."""
        angle = 2 * np.pi * _MID_HOURS[:, None] / HOURS * np.arange(1, HARMONICS + 1)
        shape = np.hstack([np.ones((HOURS, 1)), np.cos(angle), np.sin(angle)])
        kinds = [shape if kind == other else np.zeros_like(shape) for other in DayKind]
        return np.hstack([shape, shape, *kinds, np.ones((HOURS, 2)), np.eye(HOURS)])

    def start(self, doubt: float) -> Belief:
        """Before anything is seen; doubt scales the standard deviation of what lasts."""
        states = self._lasting + HOURS
        covariance = np.zeros((states, states))
        np.fill_diagonal(covariance[: self._lasting, : self._lasting], self._variance * doubt**2)
        covariance[self._lasting :, self._lasting :] = self._moment_variance * self._within
        return Belief(np.zeros(states), covariance)

    def expect(self, belief: Belief, kind: int) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the hours of a day of a kind, both shape (24,)."""
        view = self._views[kind]
        variance = np.einsum("ij,ij->i", view @ belief.covariance, view)
        return view @ belief.mean, np.sqrt(variance + self._noise)

    def observe(self, belief: Belief, kind: int, seen: Floats) -> Belief:
        """Take in the hours of the day; seen has shape (24,), NaN where missing."""
        known = np.isfinite(seen)
        if not known.any():
            return belief
        view = self._views[kind][known]
        shared = view @ belief.covariance
        expected = shared @ view.T
        error = seen[known] - view @ belief.mean
        variance = np.diag(expected) + self._noise
        surprise = np.maximum(np.abs(error) / (_SURPRISE * np.sqrt(variance)), 1.0)
        expected[np.diag_indices_from(expected)] += self._noise + (surprise**2 - 1.0) * variance
        gain = np.linalg.solve(expected, shared).T
        return Belief(belief.mean + gain @ error, belief.covariance - gain @ shared)

    def next_day(self, belief: Belief) -> Belief:
        """The same belief a day later: all parts fade, what is not known of them grows."""
        n, kept, moment = self._lasting, self._kept, self._moment_kept
        last = belief.covariance[-1, -1]
        mean = np.concatenate((kept * belief.mean[:n], moment * belief.mean[-1]))
        covariance = np.empty_like(belief.covariance)
        covariance[:n, :n] = kept[:, None] * belief.covariance[:n, :n] * kept
        covariance[range(n), range(n)] += self._variance * (1.0 - kept**2)
        covariance[:n, n:] = np.outer(kept * belief.covariance[:n, -1], moment)
        covariance[n:, :n] = covariance[:n, n:].T
        both = np.outer(moment, moment)
        covariance[n:, n:] = last * both + self._moment_variance * (self._within - both)
        return Belief(mean, covariance)


@lru_cache(maxsize=8)
def filter_of(structure: Structure) -> StateFilter:
    """The filter of a structure, built once."""
    return StateFilter(structure)
