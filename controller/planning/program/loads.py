"""What people and machines want: their part of the programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from controller.planning.problem import FlexibleLoad, Floats, LoadClass
from controller.planning.program.frame import Frame
from controller.planning.program.linear import Indices, Term

KNOWN_FRAC = 0.02
"""Part of a cut's price that it costs to keep to what people know already where it is needless."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassColumns:
    """Numbers of a class's variables."""

    unserved: Indices
    """(scenarios, n, pieces)."""
    announced: Indices | None
    """Parts of its demand that people are told to be without, [0, 1], shape (steps, pieces)."""


def add_class(frame: Frame, load: LoadClass) -> ClassColumns:
    """Demand, and how much of it is not met, by pieces of rising price."""
    parts, prices = np.array(load.unserved_prices).T
    pieces = frame.power(load.demand_w)[..., np.newaxis] * parts
    cost = frame.price(prices) * frame.expected_h[..., np.newaxis]
    unserved = frame.linear.add_columns(pieces.shape, pieces, cost)
    frame.demand += frame.power(load.demand_w)
    for piece in range(parts.size):
        frame.feeds(unserved[..., piece])
    steps = frame.steps_within(frame.problem.announced_h) if load.cut_at_will else 0
    announced = _add_announced(frame, load, unserved[:, :steps], pieces[:, :steps]) if steps else None
    return ClassColumns(unserved, announced)


def _add_announced(frame: Frame, load: LoadClass, unserved: Indices, pieces: Floats) -> Indices:
    """Cuts that are the same part of demand in all scenarios, since people are told of them.

    A Wh unserved of a piece with the price p costs p whenever it is, so that no hour is preferred to another.
    On top of that, where the part a of the piece's demand D is announced and v is unserved, it costs
    (u - 1) p max(0, v - a D) + r p max(0, a D - v): to cut whom nobody told, and to tell whom nobody cuts.
    So a cut is announced if its probability is above r / (r + u - 1). It is convex and needs no integers.
    """
    problem, linear = frame.problem, frame.linear
    steps, count = pieces.shape[1:]
    parts, prices = np.array(load.unserved_prices).T
    price = frame.price(prices) * frame.expected_h[:, :steps, np.newaxis]
    demand = np.broadcast_to(frame.power(load.demand_w)[:, :steps, np.newaxis], pieces.shape)
    known = _known_parts(frame, load, steps)
    most = np.broadcast_to(parts, known.shape).copy()
    promised = frame.steps_within(problem.promised_h)
    most[:promised] = known[:promised]
    announced = linear.add_columns((steps, count), most)
    unannounced = linear.add_columns(pieces.shape, pieces, price * (problem.unannounced_factor - 1.0))
    needless = linear.add_columns(pieces.shape, pieces, price * problem.needless_frac)
    kept = linear.add_columns(pieces.shape, demand * known, price * KNOWN_FRAC)
    told = np.broadcast_to(announced, pieces.shape)
    terms: list[Term] = [(unserved, 1.0), (unannounced, -1.0), (needless, 1.0), (kept, 1.0), (told, -demand)]
    linear.add_rows(pieces.shape, terms, 0.0, 0.0)
    return announced


def _known_parts(frame: Frame, load: LoadClass, steps: int) -> Floats:
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
    # No more than is wanted, however much sun is left; what draws all or nothing may go one step beyond.
    most = energy + (power * float(frame.problem.step_h.max()) if load.all_or_nothing else 0.0)
    linear.add_rows((scenarios,), [(drawn, frame.problem.step_h * unit), (short, 1.0)], energy, most)
    frame.feeds(drawn, -unit)
    return FlexibleColumns(drawn, load.all_or_nothing, load.power_w)
