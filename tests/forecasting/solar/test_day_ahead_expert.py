"""One learner: kernel ridge regression from a day's signals to its profile."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.solar.day_ahead import expert as under_test
from forecasting.solar.day_ahead.expert import learn_expert

SUN = np.array([0.3, 1.0, 0.5])


def _lessons(days: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Signals of which the first tells the day and the second nothing, and profiles."""
    rng = np.random.default_rng(seed)
    signals = rng.standard_normal((days, 2))
    day = 0.6 + 0.2 * np.tanh(signals[:, 0])
    return signals, day[:, None] * np.array([0.8, 1.0, 0.9]) + noise * rng.standard_normal((days, 3))


def test_what_a_signal_tells_is_learned() -> None:
    signals, profiles = _lessons(200, noise=0.02)
    expert = learn_expert(signals, profiles, SUN)
    assert expert is not None
    told = expert.predict(np.array([[-1.5, 0.0], [0.0, 2.0], [1.5, -2.0]]))
    expected = 0.6 + 0.2 * np.tanh([-1.5, 0.0, 1.5])
    assert told[:, 1] == pytest.approx(expected, abs=0.03)
    assert told[:, 0] == pytest.approx(0.8 * expected, abs=0.03)


def test_where_signals_tell_nothing_the_usual_profile_stands() -> None:
    rng = np.random.default_rng(1)
    profiles = 0.6 + 0.2 * rng.standard_normal((200, 3))
    expert = learn_expert(rng.standard_normal((200, 4)), profiles, SUN)
    assert expert is not None
    assert expert.predict(rng.standard_normal((50, 4))) == pytest.approx(
        np.tile(profiles.mean(axis=0), (50, 1)), abs=0.07
    )


def test_errors_of_unseen_days_are_as_large_as_those_of_days_to_come() -> None:
    signals, profiles = _lessons(150, noise=0.1)
    expert = learn_expert(signals, profiles, SUN)
    assert expert is not None
    coming, truth = _lessons(2000, noise=0.1, seed=9)
    to_come = np.sqrt(((expert.predict(coming) - truth) ** 2).mean())
    unseen = np.sqrt(((expert.unseen - profiles) ** 2).mean())
    assert unseen == pytest.approx(to_come, rel=0.08)


def test_leaving_days_out_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "_RIDGES", np.array([0.7]))
    rng = np.random.default_rng(2)
    scaled, wanted = rng.standard_normal((35, 3)), rng.standard_normal((35, 2))
    kernel = under_test._kernel(scaled, scaled)
    _, errors = under_test._ridge(kernel, wanted)
    out = slice(10, 20)
    kept = np.r_[0:10, 20:35]
    refit = np.linalg.solve(kernel[np.ix_(kept, kept)] + 0.7 * np.eye(25), wanted[kept])
    assert errors[out] == pytest.approx(wanted[out] - kernel[out][:, kept] @ refit)


def test_an_unknown_signal_is_taken_as_usual() -> None:
    signals, profiles = _lessons(200, noise=0.02)
    expert = learn_expert(signals, profiles, SUN)
    assert expert is not None
    usual = signals.mean(axis=0)
    assert expert.predict(np.array([[np.nan, np.nan]])) == pytest.approx(expert.predict(usual[None]))


def test_signals_that_nobody_measures_or_that_never_change_are_not_looked_at() -> None:
    signals, profiles = _lessons(60, noise=0.02)
    more = np.column_stack([np.full(60, np.nan), signals, np.full(60, 3.0)])
    expert = learn_expert(more, profiles, SUN)
    assert expert is not None
    assert expert.used.tolist() == [False, True, True, False]
    bare = learn_expert(signals, profiles, SUN)
    assert bare is not None
    assert expert.predict(more) == pytest.approx(bare.predict(signals))


def test_a_strange_number_does_not_carry_the_forecast_away() -> None:
    signals, profiles = _lessons(200, noise=0.02)
    expert = learn_expert(signals, profiles, SUN)
    assert expert is not None
    told = expert.predict(np.array([[1e9, 0.0]]))
    assert told[0, 1] == pytest.approx(profiles[:, 1].max(), abs=0.15)


def test_days_with_gaps_are_left_out() -> None:
    signals, profiles = _lessons(60, noise=0.02)
    profiles[5, 1] = np.nan
    signals[7] = np.nan
    expert = learn_expert(signals, profiles, SUN)
    assert expert is not None
    assert 5 not in expert.rows
    assert 7 not in expert.rows
    assert expert.rows.size == 58


def test_too_few_days_teach_nothing() -> None:
    signals, profiles = _lessons(19, noise=0.02)
    assert learn_expert(signals, profiles, SUN) is None
