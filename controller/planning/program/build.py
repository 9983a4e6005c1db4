"""From a problem to its programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from controller.planning.problem import GridSupply, Problem
from controller.planning.program.check import checked
from controller.planning.program.frame import PREFERENCE_FRAC, Frame, Scale
from controller.planning.program.generators import GeneratorColumns, add_generator
from controller.planning.program.linear import Indices, LinearProgram
from controller.planning.program.loads import (
    ClassColumns,
    FlexibleColumns,
    add_class,
    add_flexible,
)
from controller.planning.program.storage import StorageColumns, add_storage


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A problem as a linear programme, and where its parts are found in it."""

    problem: Problem
    scale: Scale
    linear: LinearProgram
    pv: Indices
    """(scenarios, n), as are all that follow."""
    balance: Indices
    """Rows: what feeds the bus is what it feeds."""
    storage: StorageColumns | None
    generators: dict[str, GeneratorColumns]
    grid: tuple[Indices, Indices] | None
    """Import and export."""
    classes: dict[str, ClassColumns]
    flexible: dict[str, FlexibleColumns]
    dumped: Indices | None


def build(problem: Problem) -> Program:
    """The programme of a problem; raises ValueError for shapes that do not fit, and for nonsense."""
    frame = Frame(checked(problem))
    curtailment = frame.price(problem.curtailment_price_per_wh) * frame.expected_h
    sun = frame.power(problem.pv_w)
    pv = frame.linear.add_columns(frame.shape, sun, -curtailment)
    frame.linear.constant += float(np.sum(curtailment * sun))
    frame.feeds(pv)
    storage = add_storage(frame, problem.storage) if problem.storage else None
    generators = {one.id: add_generator(frame, one) for one in problem.generators}
    grid = _add_grid(frame, problem.grid) if problem.grid else None
    classes = {load.id: add_class(frame, load) for load in problem.loads}
    flexible = {load.id: add_flexible(frame, load) for load in problem.flexible}
    dumped = None
    if generators:
        price = problem.dumped_price_per_wh
        annoyance = curtailment if price is None else frame.price(price) * frame.expected_h
        dumped = frame.linear.add_columns(
            frame.shape, np.inf, annoyance, preference=PREFERENCE_FRAC * frame.expected_h
        )
        frame.feeds(dumped, -1.0)
    balance = frame.linear.add_rows(frame.shape, frame.supply, frame.demand, frame.demand)
    return Program(
        problem, frame.scale, frame.linear, pv, balance, storage, generators, grid, classes, flexible, dumped
    )


def _add_grid(frame: Frame, grid: GridSupply) -> tuple[Indices, Indices]:
    """Import and export; a choice between them only where selling pays more than buying costs."""
    most_in, most_out = frame.power(grid.import_w), frame.power(grid.export_w)
    bought = frame.linear.add_columns(
        frame.shape, most_in, frame.price(grid.import_price_per_wh) * frame.expected_h
    )
    sold = frame.linear.add_columns(
        frame.shape, most_out, -frame.price(grid.export_price_per_wh) * frame.expected_h
    )
    frame.feeds(bought)
    frame.feeds(sold, -1.0)
    both = (most_in > 0) & (most_out > 0) & (grid.export_price_per_wh > grid.import_price_per_wh)
    if both.any():
        shape = (frame.shape[0], int(both.sum()))
        selling = frame.linear.add_columns(shape, 1.0, integer=True)
        frame.linear.add_rows(
            shape, [(bought[:, both], 1.0), (selling, most_in[both])], -np.inf, most_in[both]
        )
        frame.linear.add_rows(shape, [(sold[:, both], 1.0), (selling, -most_out[both])], -np.inf, 0.0)
    return bought, sold
