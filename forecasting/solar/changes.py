"""Steps and drift in what an array gives: a string lost, dust, a washing, a repair. Pure.

A hidden Markov model over the level: each day it stays, or drifts by 2 %, or (rarely) jumps anywhere; each
day's signs tell of it as far as they can be trusted. The likeliest path (Viterbi 1967) is at once the drift,
the date of each step and its size. Cloudy weeks neither raise nor drop it: an untrusted day is equally likely
at all levels, except those below what its best steps reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.grid import Floats, Ints
from forecasting.solar.days import LOWEST, DaySigns

_STEP = 0.02
_LEVELS: Floats = np.arange(LOWEST, 1.6, _STEP)
_DRIFT_COST = 4.0
"""Minus log-likelihood of a drift by a step: each way once in eight weeks, unless the days show it."""
_JUMP_COST = 10.0
"""Of a jump to any one level. Two clear days at a new level outweigh it, one does not."""
_RARE = 7.0
"""Minus logarithm of the odds of a change on a day, before looking."""
_HAZY, _HAZE = 0.35, 7.0
"""Days of smoke or cirrus dim the sun by up to this (30 %): a change that small must be so much surer."""
_SURE = 0.9
"""Less is followed, but not called a change."""
_FIRST_WIDTH = 0.7
"""Of the level on the first day, about that of most days."""
LEAST_CHANGE = 0.17
"""A smaller jump of the logarithm is dust, rain or haze."""
_UNTRUSTED = 1.0 / (1.0 - LOWEST)
"""Density of an untrusted level: anything between nothing and more than all."""
_VEILED, _VEIL = 0.3, 0.12
"""Share of untrusted levels that lie just below the true one, and how far: haze, cirrus."""
_EXCEEDED = 0.2
"""So far above the level the best steps of a day can reach (edges of clouds)."""
_EXCEEDED_COST = 4.0
_SHORT, _SHORT_COST = 0.4, 0.7
"""So far below the level the best steps of a cloudy day may stay, but seldom do."""


@dataclass(frozen=True, slots=True)
class ArrayChange:
    """A step in what an array gives."""

    array_id: str
    at_s: int
    """The start of the first day at the new level, Unix seconds."""
    factor: float
    """After over before: 0.5 is half lost, 2 is half regained."""
    sure: float
    """Probability that it is one, 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelPath:
    """The likeliest level of each day."""

    level: Floats
    """Logarithm, shape (days,)."""
    jumps: tuple[tuple[int, float, float], ...]
    """First day at the new level, logarithm of the factor, how sure: of each jump that is more than dust."""


def find_level(signs: Sequence[DaySigns]) -> LevelPath:
    """The likeliest path through the days, by all signals together (each over the same days)."""
    likelihood = np.sum([_log_likelihood(sign) for sign in signs], axis=0)
    path = _likeliest(likelihood)
    return LevelPath(_LEVELS[path], _jumps(path, likelihood))


def changes_of(array_id: str, path: LevelPath, day_starts_s: Ints) -> tuple[ArrayChange, ...]:
    """The path's jumps with their dates, oldest first. day_starts_s: shape (days,)."""
    return tuple(
        ArrayChange(array_id, int(day_starts_s[day]), float(np.exp(size)), sure)
        for day, size, sure in path.jumps
    )


def _log_likelihood(signs: DaySigns) -> Floats:
    """Of each day's signs at each level, shape (days, levels)."""
    away = (np.nan_to_num(signs.level)[:, None] - _LEVELS) / signs.width
    trust = signs.trust[:, None]
    peak = np.exp(-0.5 * away**2) / (signs.width * np.sqrt(2.0 * np.pi))
    below = np.maximum(-away * signs.width, 0.0)
    veiled = np.where(away < 0.0, np.exp(-below / _VEIL) / _VEIL, 0.0)
    cloudy = (1.0 - _VEILED) * _UNTRUSTED + _VEILED * veiled
    top = signs.top[:, None]
    found = np.log(trust * peak + (1.0 - trust) * cloudy)
    found -= np.where(top > _LEVELS + _EXCEEDED, _EXCEEDED_COST, 0.0)
    found -= np.where(np.isfinite(top) & (top < _LEVELS - _SHORT), _SHORT_COST, 0.0)
    known = np.isfinite(signs.level)[:, None]
    return np.where(known, found, 0.0)


def _likeliest(likelihood: Floats) -> Ints:
    """Index of the level of each day on the likeliest path."""
    days, levels = likelihood.shape
    came_from = np.empty((days, levels), dtype=np.int64)
    stay = np.arange(levels)
    score = likelihood[0] - 0.5 * (_LEVELS / _FIRST_WIDTH) ** 2
    for day in range(1, days):
        down = np.append(score[1:], -np.inf) - _DRIFT_COST
        up = np.append(-np.inf, score[:-1]) - _DRIFT_COST
        best = int(np.argmax(score))
        options = np.stack((score, down, up, np.full(levels, score[best] - _JUMP_COST)))
        chosen = np.argmax(options, axis=0)
        came_from[day] = np.select((chosen == 0, chosen == 1, chosen == 2), (stay, stay + 1, stay - 1), best)
        score = options.max(axis=0) + likelihood[day]
    path = np.empty(days, dtype=np.int64)
    path[-1] = int(np.argmax(score))
    for day in range(days - 1, 0, -1):
        path[day - 1] = came_from[day, path[day]]
    return path


def _jumps(path: Ints, likelihood: Floats) -> tuple[tuple[int, float, float], ...]:
    moves = np.diff(path)
    at = np.flatnonzero(np.abs(moves) * _STEP > LEAST_CHANGE) + 1
    ends = np.append(at[1:], len(path))[: len(at)]
    found = []
    for first, end in zip(at, ends, strict=True):
        days = np.arange(first, end)
        without = np.clip(path[days] - moves[first - 1], 0, len(_LEVELS) - 1)
        gained = float((likelihood[days, path[days]] - likelihood[days, without]).sum())
        size = float(moves[first - 1] * _STEP)
        doubt = _RARE + (_HAZE if abs(size) < _HAZY else 0.0)
        sure = float(1.0 / (1.0 + np.exp(np.clip(doubt - gained, -50.0, 50.0))))
        if sure > _SURE:
            found.append((int(first), size, sure))
    return tuple(found)
