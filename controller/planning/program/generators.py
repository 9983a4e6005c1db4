"""The gensets' part of the programme: commitment, load and fuel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from controller.planning.problem import Bools, Floats, Generator, Problem
from controller.planning.program.frame import Frame
from controller.planning.program.linear import Indices, Term

CLOSE_H = 1e-6
"""Times nearer than this are the same."""


@dataclass(frozen=True, slots=True, eq=False)
class GeneratorColumns:
    """Numbers of a generator's variables, and what its power is made of."""

    on: Indices
    """1 while it runs, (scenarios, n); the same variables in all scenarios while runs are common."""
    common_steps: int
    """So many of its steps are whole: it runs in them or it does not."""
    power: tuple[Term, ...]
    """(scenarios, n), to be summed."""


@dataclass(frozen=True, slots=True, eq=False)
class _Load:
    """What a generator gives while it runs, per unit."""

    least: Floats
    most: Floats
    """(n,)."""
    lost: Floats
    """Power it cannot give yet, [steps since its start, n]."""
    cold: Floats
    """1 where too little of a step would be left to take its least load, so that it takes none: likewise."""


def add_generator(frame: Frame, generator: Generator) -> GeneratorColumns:
    """When it runs, what it gives, and its fuel."""
    linear, load = frame.linear, _load(frame, generator)
    per_energy = frame.price(generator.price_per_wh) * frame.expected_h
    running = frame.expected_h * frame.money(generator.price_per_h) + per_energy * load.least
    if generator.allowed is not None:
        annoyance = frame.money(generator.disallowed_price_per_h)
        running = running + frame.expected_h * np.where(generator.allowed, 0.0, annoyance)
    starting = (
        frame.problem.weights[:, np.newaxis] * frame.money(generator.start_price) * np.ones(frame.shape)
    )
    for since, cold in enumerate(load.cold):
        starting -= _earlier(per_energy * load.least * cold, since)
    on = _tree(frame, running, possible(frame.problem, generator).astype(np.float64), integer=True)
    start = _tree(frame, starting, np.ones(frame.shape[1]), integer=False)
    above = linear.add_columns(frame.shape, load.most - load.least, per_energy)
    power: list[Term] = [(above, 1.0), (on, load.least)]
    limit: list[Term] = [(above, 1.0), (on, load.least - load.most)]
    for since, (lost, cold) in enumerate(zip(load.lost, load.cold, strict=True)):
        begun = np.roll(start, since, axis=1)
        power.append((begun, -load.least * cold))
        limit.append((begun, lost))
    linear.add_rows(frame.shape, limit, -np.inf, 0.0)
    for columns, coefficients in power:
        frame.feeds(columns, coefficients)
    _add_commitment(frame, generator, on, start)
    _add_fuel(frame, generator, on, power)
    return GeneratorColumns(on, frame.steps_within(frame.problem.committed_h), tuple(power))


def state(problem: Problem, generator: Generator) -> tuple[bool, float]:
    """Whether it runs now, and for how long it has been so [h]."""
    on = problem.present.generator_on.get(generator.id, False)
    return on, problem.present.generator_since_h.get(generator.id, np.inf)


def least_run_h(generator: Generator) -> float:
    """How long a run lasts at least [h]: to stop before it takes load would be to start for nothing."""
    return max(generator.min_run_h, generator.warm_up_h)


def possible(problem: Problem, generator: Generator) -> Bools:
    """Where it may run at all: not where it is forbidden, nor before it has rested; shape (n,)."""
    on, since_h = state(problem, generator)
    begins_h = np.cumsum(problem.step_h) - problem.step_h
    may = np.full(problem.step_h.size, on) | (begins_h >= generator.min_rest_h - since_h - CLOSE_H)
    if generator.allowed is None or generator.disallowed_price_per_h > 0:
        return may
    return may & generator.allowed


def _shall_run(frame: Frame, generator: Generator) -> Bools:
    """Steps in which it should run if it can: a test, or a run that has only just begun; shape (n,)."""
    on, since_h = state(frame.problem, generator)
    begun = np.full(frame.shape[1], on) & (frame.edges_h[:-1] < generator.min_run_h - since_h - CLOSE_H)
    return begun if generator.required is None else begun | generator.required


def _tree(frame: Frame, cost: Floats, upper: Floats, *, integer: bool) -> Indices:
    """Variables (scenarios, n) that are the same ones in all scenarios for `Problem.committed_h`.

    Later they are each scenario's own and no integers, whatever `integer` says.
    """
    scenarios, steps = frame.shape
    common_steps = frame.steps_within(frame.problem.committed_h)
    common = frame.linear.add_columns(
        (common_steps,), upper[:common_steps], cost[:, :common_steps].sum(axis=0), integer=integer
    )
    own = frame.linear.add_columns(
        (scenarios, steps - common_steps), upper[common_steps:], cost[:, common_steps:]
    )
    return np.hstack([np.broadcast_to(common, (scenarios, common_steps)), own])


def _load(frame: Frame, generator: Generator) -> _Load:
    """Least and most load, and what warming up takes of it."""
    rated, steps = float(frame.power(generator.rated_w)), frame.problem.step_h
    least, most = np.full(steps.size, float(frame.power(generator.least_w))), np.full(steps.size, rated)
    on, since_h = state(frame.problem, generator)
    if on:
        still_h = np.clip(generator.warm_up_h - since_h - frame.edges_h[:-1], 0.0, steps)
        most = rated * (1.0 - still_h / steps)
        most = np.where(most < least, 0.0, most)
        least = np.minimum(least, most)
    lost, cold = [], []
    for since in range(steps.size):
        begun_h = np.full(steps.size, np.inf)
        begun_h[since:] = frame.edges_h[since:-1] - frame.edges_h[: steps.size - since]
        warming = np.clip(generator.warm_up_h - begun_h, 0.0, steps) / steps
        if since and not warming.any():
            break
        none = most - rated * warming < least
        cold.append(np.where(none & (warming > 0), 1.0, 0.0))
        lost.append(np.where(cold[-1] > 0, most - least, rated * warming))
    return _Load(least, most, np.array(lost), np.array(cold))


def _earlier(values: Floats, since: int) -> Floats:
    """Values of a step under the step that came so many steps before; shape (scenarios, n) kept."""
    moved = np.zeros_like(values)
    moved[:, : values.shape[1] - since] = values[:, since:]
    return moved


def _add_commitment(frame: Frame, generator: Generator, on: Indices, start: Indices) -> None:
    """Starts, least run and rest for steps of any length, after Rajan and Takriti (IBM RC23628, 2005)."""
    common = frame.steps_within(frame.problem.committed_h) == frame.shape[1]
    on, start = (on[:1], start[:1]) if common else (on, start)
    edges, shape = frame.edges_h[:-1], on.shape
    was_on, _ = state(frame.problem, generator)
    first = np.zeros(shape[1])
    first[0] = float(was_on)
    follows = np.where(np.arange(shape[1]) > 0, -1.0, 0.0)
    frame.linear.add_rows(
        shape, [(on, 1.0), (start, -1.0), (np.roll(on, 1, axis=1), follows)], -np.inf, first
    )
    frame.linear.add_rows(
        shape, [*_begun_within(edges, start, least_run_h(generator)), (on, -1.0)], -np.inf, 0.0
    )
    resting = _begun_within(edges, start, generator.min_rest_h)
    before = (
        np.searchsorted(edges, edges - max(generator.min_rest_h, CLOSE_H) + CLOSE_H / 2, side="right") - 1
    )
    frame.linear.add_rows(
        shape,
        [*resting, (on[:, np.maximum(before, 0)], np.where(before >= 0, 1.0, 0.0))],
        -np.inf,
        np.where(before >= 0, 1.0, 1.0 - float(was_on)),
    )
    shall = _shall_run(frame, generator)
    if shall.any():
        hours = frame.problem.step_h[np.newaxis] if common else frame.expected_h
        price = frame.money(frame.dearest_per_wh * generator.rated_w) * hours[:, shall]
        omitted = frame.linear.add_columns(price.shape, 1.0, price)
        frame.linear.add_rows(price.shape, [(on[:, shall], 1.0), (omitted, 1.0)], 1.0, np.inf)


def _begun_within(edges: Floats, start: Indices, hours: float) -> list[Term]:
    """Starts less than so many hours before the begin of each step, that of the step itself always."""
    terms: list[Term] = [(start, 1.0)]
    for since in range(1, edges.size):
        near = np.zeros(edges.size)
        near[since:] = edges[since:] - edges[:-since] < hours - CLOSE_H
        if not near.any():
            break
        terms.append((np.roll(start, since, axis=1), near))
    return terms


def _add_fuel(frame: Frame, generator: Generator, on: Indices, power: list[Term]) -> None:
    """No more than the tank holds, in any scenario."""
    fuel_l = frame.problem.present.fuel_l.get(generator.id)
    per_h = generator.fuel_per_h + generator.fuel_per_wh * generator.rated_w
    if fuel_l is None or per_h <= 0:
        return
    hours = frame.problem.step_h
    per_power = generator.fuel_per_wh * frame.scale.power_w / per_h
    terms: list[Term] = []
    for columns, coefficients in power:
        burnt = hours * per_power * coefficients
        terms.append((columns, burnt + hours * generator.fuel_per_h / per_h if columns is on else burnt))
    frame.linear.add_rows(frame.shape[:1], terms, -np.inf, max(fuel_l, 0.0) / per_h)
