"""Four simple models of a load, followed together and weighted by how well each did lately. Pure.

Two structures (of homes and of institutions) in Kalman filters, and the median and the mean of the last
weeks. Their weighted mean is better than the best of them; the weights follow the exponentiated gradient of
the mean's absolute error (Kivinen and Warmuth 1997; for loads Gaillard and Goude 2015).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from forecasting.grid import Floats
from forecasting.load.calendar import DayKind
from forecasting.load.day_table import HOURS
from forecasting.load.priors import LoadPrior
from forecasting.load.recent import KEPT_DAYS, recent_mean_w, recent_median_w
from forecasting.load.scale import LogScale
from forecasting.load.state_filter import Belief, filter_of
from forecasting.load.structure import HOMES, INSTITUTIONS

STRUCTURES = (HOMES, INSTITUTIONS)
EXPERTS = len(STRUCTURES) + 2
_LEARNING_RATE = 10.0
"""Of the logarithm of the weights, per share of the load by which a day's error could have been less."""
_MOST_TAUGHT = 2.0
"""Of the logarithm of the weights in a day: one that is many times the typical must not silence experts."""
_FORGETTING = 1.0 / 90.0
"""Share by which the weights return to equal in a day."""
_LEAST = 0.01
"""Share of the typical load below which loads are not compared."""
_IMPLAUSIBLE = 4.0
"""What lies further off, in standard deviations, is taken into history as if it lay there."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What is expected of the hours of one day."""

    by_expert_w: Floats
    """Shape (EXPERTS, 24)."""
    point_w: Floats
    """Their weighted mean, shape (24,)."""
    sd: Floats
    """Standard deviation on the logarithmic scale that the structures give it, shape (24,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A load followed up to a day, that day not yet or only partly seen."""

    day: int
    """Days since 1970-01-01."""
    scale: LogScale
    usual: Floats
    """What the class prior expects by kind of day and hour on the logarithmic scale, shape (kinds, 24)."""
    beliefs: tuple[Belief, ...]
    """Of the STRUCTURES."""
    log_weights: Floats
    """Of the experts, shape (EXPERTS,)."""
    history_w: Floats
    """Hourly demand of the last days, newest last, shape (up to KEPT_DAYS, 24), NaN where missing."""

    @property
    def weights(self) -> Floats:
        """Of the experts, summing to 1."""
        raw = np.exp(self.log_weights - self.log_weights.max())
        found: Floats = raw / raw.sum()
        return found

    def expect(self, kind: int) -> Expected:
        """What the followed day brings, if it is of a kind."""
        views = [
            filter_of(structure).expect(belief, kind)
            for structure, belief in zip(STRUCTURES, self.beliefs, strict=True)
        ]
        structural_w = [self.scale.watts(self.usual[kind] + mean) for mean, _ in views]
        both_w = np.mean(structural_w, axis=0)
        by_expert_w = np.stack(
            [*structural_w, recent_median_w(self.history_w, both_w), recent_mean_w(self.history_w, both_w)]
        )
        weights = self.weights
        spread_weights = weights[: len(views)] / weights[: len(views)].sum()
        return Expected(
            by_expert_w, weights @ by_expert_w, spread_weights @ np.stack([sd for _, sd in views])
        )

    def expect_after(self, kind: int, before: Expected) -> Expected:
        """What the rest of the followed day brings after some hours of it were observed.

        The structures know of these hours; median and mean follow them from what was expected before.
        """
        after = self.expect(kind)
        count = len(STRUCTURES)
        was_w = np.maximum(before.by_expert_w[:count].mean(axis=0), _LEAST * self.scale.reference_w)
        now_w = np.maximum(after.by_expert_w[:count].mean(axis=0), _LEAST * self.scale.reference_w)
        by_expert_w = after.by_expert_w.copy()
        by_expert_w[count:] *= now_w / was_w
        return Expected(by_expert_w, self.weights @ by_expert_w, after.sd)

    def observe(self, kind: int, seen_w: Floats) -> Followed:
        """Take in hours of the followed day, shape (24,), NaN where missing; it stays the followed day."""
        with np.errstate(invalid="ignore"):
            seen = self.scale.of(seen_w) - self.usual[kind]
        beliefs = tuple(
            filter_of(structure).observe(belief, kind, seen)
            for structure, belief in zip(STRUCTURES, self.beliefs, strict=True)
        )
        return replace(self, beliefs=beliefs)

    def next_day(self, expected: Expected, seen_w: Floats) -> Followed:
        """Turn to the next day, after what was expected of this one and what was seen."""
        beliefs = tuple(
            filter_of(structure).next_day(belief)
            for structure, belief in zip(STRUCTURES, self.beliefs, strict=True)
        )
        history_w = np.vstack([self.history_w, self._plausible(expected, seen_w)])[-KEPT_DAYS:]
        return replace(
            self,
            day=self.day + 1,
            beliefs=beliefs,
            log_weights=self._reweighted(expected, seen_w),
            history_w=history_w,
        )

    def _plausible(self, expected: Expected, seen_w: Floats) -> Floats:
        middle = self.scale.of(expected.point_w)
        reach = _IMPLAUSIBLE * expected.sd
        plausible_w: Floats = np.clip(
            seen_w, self.scale.watts(middle - reach), self.scale.watts(middle + reach)
        )
        return plausible_w

    def _reweighted(self, expected: Expected, seen_w: Floats) -> Floats:
        known = np.isfinite(seen_w)
        if not known.any():
            return self.log_weights
        off_w = expected.by_expert_w[:, known] - expected.point_w[known]
        slope = off_w @ np.sign(expected.point_w[known] - seen_w[known])
        taught = _LEARNING_RATE * slope / (self.scale.reference_w * seen_w.size)
        return (1.0 - _FORGETTING) * self.log_weights - np.clip(taught, -_MOST_TAUGHT, _MOST_TAUGHT)


def begin(day: int, scale: LogScale, prior: LoadPrior | None) -> Followed:
    """Nothing seen yet, before a day; without a prior all hours and kinds of day are alike."""
    flat_w = np.full((len(DayKind), HOURS), scale.reference_w)
    doubt = 1.0 if prior is None else prior.doubt
    return Followed(
        day,
        scale,
        scale.of(flat_w if prior is None else prior.typical_w),
        tuple(filter_of(structure).start(doubt) for structure in STRUCTURES),
        np.zeros(EXPERTS),
        np.empty((0, HOURS)),
    )


def follow(followed: Followed, kinds: Iterable[int], days_w: Floats) -> tuple[Followed, list[Expected]]:
    """Walk over whole days: what is held after them, and what was expected of each before it was seen.

    Args:
        followed: at the first of the days.
        kinds: of each day.
        days_w: hourly demand, shape (days, 24), NaN where missing.
    """
    walked = []
    for kind, seen_w in zip(kinds, days_w, strict=True):
        expected = followed.expect(kind)
        followed = followed.observe(kind, seen_w).next_day(expected, seen_w)
        walked.append(expected)
    return followed, walked
