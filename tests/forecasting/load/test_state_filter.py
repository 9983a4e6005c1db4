"""The filter is the Gaussian process it claims to be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.load.calendar import DayKind
from forecasting.load.state_filter import StateFilter, filter_of
from forecasting.load.structure import HOMES, INSTITUTIONS, Part, Structure


def covariance(structure: Structure, days, kinds):
    """Of all hours of some days, from the kernel's own formula; shape (24 n, 24 n)."""
    hour = np.arange(24 * len(days)) + 0.5
    apart = np.abs(hour[:, None] - hour)
    days_apart = np.abs(np.repeat(days, 24)[:, None] - np.repeat(days, 24))
    same_kind = np.repeat(kinds, 24)[:, None] == np.repeat(kinds, 24)
    periodic = np.exp(-2 * np.sin(np.pi * apart / 24) ** 2 / structure.length**2)

    def fading(part: Part, lag_days):
        return part.sd**2 * np.exp(-lag_days / part.days)

    shapes = fading(structure.lasting_shape, days_apart) + fading(structure.passing_shape, days_apart)
    kind_shape = fading(structure.kind_shape, days_apart) * same_kind
    levels = fading(structure.base, days_apart) + fading(structure.level, days_apart)
    return periodic * (shapes + kind_shape) + levels + fading(structure.moment, apart / 24)


@pytest.mark.parametrize("structure", [HOMES, INSTITUTIONS])
def test_the_filter_expects_what_kriging_expects(structure) -> None:
    kinds = np.array([0, 0, 1, 2, 0])
    rng = np.random.default_rng(3)
    seen = 0.05 * rng.standard_normal((4, 24))  # small: no surprise is tamed
    seen[1, 5:20] = np.nan
    seen[2] = np.nan
    model = StateFilter(structure)
    belief = model.start(1.0)
    for kind, day in zip(kinds, seen, strict=False):
        belief = model.next_day(model.observe(belief, int(kind), day))
    mean, sd = model.expect(belief, int(kinds[4]))

    together = covariance(structure, np.arange(5), kinds)
    known = np.flatnonzero(np.isfinite(seen.ravel()))
    ahead = np.arange(96, 120)
    among = together[np.ix_(known, known)] + structure.noise_sd**2 * np.eye(known.size)
    gain = np.linalg.solve(among, together[np.ix_(known, ahead)]).T
    np.testing.assert_allclose(mean, gain @ seen.ravel()[known], atol=1e-3)
    remaining = together[np.ix_(ahead, ahead)] - gain @ together[np.ix_(known, ahead)]
    np.testing.assert_allclose(sd**2, np.diag(remaining) + structure.noise_sd**2, rtol=0.01)


def test_one_wild_day_moves_the_belief_less_than_its_size() -> None:
    model = filter_of(HOMES)
    usual, wild = model.start(1.0), model.start(1.0)
    for _ in range(20):
        usual = wild = model.next_day(model.observe(usual, 0, np.zeros(24)))
    spike = np.zeros(24)
    spike[12] = 5.0
    for size in (1.0, 5.0):
        wild = model.observe(usual, 0, spike * size)
        assert model.expect(model.next_day(wild), 0)[0][12] < 0.25


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([HOMES, INSTITUTIONS]))
def test_seeing_never_adds_doubt_and_waiting_never_removes_it(seed, structure) -> None:
    rng = np.random.default_rng(seed)
    model = filter_of(structure)
    belief = model.start(1.0)
    for _ in range(5):
        kind = int(rng.integers(len(DayKind)))
        seen = np.where(rng.random(24) < 0.5, rng.standard_normal(24), np.nan)
        after = model.observe(belief, kind, seen)
        assert (model.expect(after, kind)[1] <= model.expect(belief, kind)[1] + 1e-9).all()
        belief = model.next_day(after)
        waited = model.next_day(belief)
        assert (model.expect(waited, kind)[1] >= model.expect(belief, kind)[1] - 1e-9).all()


def test_long_forgotten_days_leave_what_was_known_before_them() -> None:
    model = filter_of(INSTITUTIONS)
    belief = model.observe(model.start(1.0), 0, np.ones(24))
    for _ in range(4000):
        belief = model.next_day(belief)
    mean, sd = model.expect(belief, 0)
    np.testing.assert_allclose(mean, 0.0, atol=1e-3)
    np.testing.assert_allclose(sd, model.expect(model.start(1.0), 0)[1], rtol=1e-6)
