"""What people and machines want: their part of the programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from controller.planning.problem import FlexibleLoad, Floats, LoadClass
from controller.planning.program.frame import Frame
from controller.planning.program.linear import Indices

TOLD_DISCOUNT_FRAC = 0.25
"""How much cheaper a cut is of which people have been told already."""


@dataclass(frozen=True, slots=True, eq=False)
class AnnouncedColumns:
    """Parts of a class's demand that people are told to be without, [0, 1], shape (steps, pieces)."""

    told: Indices
    new: Indices


@dataclass(frozen=True, slots=True, eq=False)
class ClassColumns:
    """Numbers of a class's variables."""

    unserved: Indices
    """(scenarios, n, pieces)."""
    announced: AnnouncedColumns | None


def add_class(frame: Frame, load: LoadClass) -> ClassColumns:
    """Demand, and how much of it is not met, by pieces of rising price."""
    parts, prices = np.array(load.unserved_prices).T
    pieces = frame.power(load.demand_w)[..., np.newaxis] * parts
    cost = frame.price(prices) * frame.expected_h[..., np.newaxis]
    told_steps = frame.steps_within(frame.problem.announced_h) if load.cut_at_will else 0
    cost[:, :told_steps] *= frame.problem.lifted_frac
    unserved = frame.linear.add_columns(pieces.shape, pieces, cost)
    frame.demand += frame.power(load.demand_w)
    for piece in range(parts.size):
        frame.feeds(unserved[..., piece])
    if not told_steps:
        return ClassColumns(unserved, None)
    return ClassColumns(
        unserved, _add_announced(frame, load, unserved[:, :told_steps], pieces[:, :told_steps])
    )


def _add_announced(frame: Frame, load: LoadClass, unserved: Indices, pieces: Floats) -> AnnouncedColumns:
    """Cuts that are the same part of demand in all scenarios, since people are told of them.

    For each piece of demand D of price p, with v of it unserved where the part a is announced, the cost is
    p (f v + (1 - f) a D + (u - f) max(0, v - a D)): v = a D costs p for each Wh; what is lifted gives back
    f of it (`Problem.lifted_frac`); what comes on top costs u times as much (`unannounced_factor`).
    It is convex, so that it needs no integers: `extra` stands for the maximum.
    """
    problem, linear = frame.problem, frame.linear
    steps, count = pieces.shape[1:]
    parts, prices = np.array(load.unserved_prices).T
    price = frame.price(prices) * frame.expected_h[:, :steps, np.newaxis]
    regret, excess = 1.0 - problem.lifted_frac, problem.unannounced_factor - problem.lifted_frac
    whole = np.sum(price * frame.power(load.demand_w)[:, :steps, np.newaxis], axis=0)
    limit = _told_parts(frame, load, steps)
    free = parts - limit
    free[: frame.steps_within(problem.promised_h)] = 0.0
    told = linear.add_columns((steps, count), limit, whole * (regret - TOLD_DISCOUNT_FRAC))
    new = linear.add_columns((steps, count), free, whole * regret)
    extra = linear.add_columns(pieces.shape, pieces, price * excess)
    demand = -frame.power(load.demand_w)[:, :steps, np.newaxis] * np.ones(count)
    common = [(np.broadcast_to(columns, pieces.shape), demand) for columns in (told, new)]
    linear.add_rows(pieces.shape, [(unserved, 1.0), (extra, -1.0), *common], -np.inf, 0.0)
    return AnnouncedColumns(told, new)


def _told_parts(frame: Frame, load: LoadClass, steps: int) -> Floats:
    """Which part of each piece has been announced already, the cheapest first; shape (steps, pieces)."""
    parts = np.array([part for part, _ in load.unserved_prices])
    told_w = frame.problem.announced_cut_w.get(load.id)
    if told_w is None:
        return np.zeros((steps, parts.size))
    expected_w = frame.problem.weights @ load.demand_w[:, :steps]
    told = np.divide(told_w[:steps], expected_w, out=np.zeros(steps), where=expected_w > 0)
    below = np.concatenate([[0.0], np.cumsum(parts)[:-1]])
    clipped: Floats = np.clip(told[:, np.newaxis] - below, 0.0, parts)
    return clipped


@dataclass(frozen=True, slots=True, eq=False)
class FlexibleColumns:
    """A flexible load's variables."""

    drawn: Indices
    """Numbers, (scenarios, n): of its power, or of whether it is on (all or nothing)."""
    all_or_nothing: bool
    power_w: float


def add_flexible(frame: Frame, load: FlexibleLoad) -> FlexibleColumns:
    """Energy that may be drawn at any time within a window; what lacks of it has a price."""
    linear, (scenarios, steps) = frame.linear, frame.shape
    energy = load.energy_wh / frame.scale.power_w
    short = linear.add_columns(
        (scenarios,), energy, frame.problem.weights * float(frame.price(load.unserved_price_per_wh))
    )
    power = float(frame.power(load.power_w))
    if load.all_or_nothing:
        on = linear.add_columns((steps,), load.window.astype(np.float64), integer=True)
        drawn, unit = np.broadcast_to(on, (scenarios, steps)), power
    else:
        drawn, unit = linear.add_columns((scenarios, steps), np.where(load.window, power, 0.0)), 1.0
    linear.add_rows((scenarios,), [(drawn, frame.problem.step_h * unit), (short, 1.0)], energy, np.inf)
    frame.feeds(drawn, -unit)
    return FlexibleColumns(drawn, load.all_or_nothing, load.power_w)
