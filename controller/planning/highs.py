"""The one place that speaks to HiGHS: programmes in, values out. What it holds is freed with its object."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from controller.planning.problem import Bools, Floats
from controller.planning.program import Columns, Rows
from controller.planning.solution import PlanningError

OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "presolve": "off",  # these programmes are lean already: it takes as long as the simplex itself
    "mip_abs_gap": 1e-9,
    # Measured on villages with five scenarios: symmetry there is none, and where good runs are handed over to
    # begin with, what looks for others costs more time than all the rest.
    "mip_allow_restart": False,
    "mip_detect_symmetry": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
}


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a search for integers came to."""

    values: Floats | None
    """Of all columns; None if nothing was found in time."""
    bound: float
    """No values cost less; preferences are included."""


class Relaxation:
    """A programme without the demand that integers be integers.

    It stays warm: the first time takes twenty milliseconds, with some columns fixed anew it takes one or two.
    """

    def __init__(self, columns: Columns, rows: Rows) -> None:
        self._columns = columns
        self._highs = _highs_with(columns, rows, integers=False)
        self._numbers = np.flatnonzero(columns.integer).astype(np.int32)

    def solve(self, integers: Floats | None = None) -> float | None:
        """The least cost with the integer columns as given, or free; None if it is impossible.

        integers: shape (columns,), of which only the integer columns are looked at. Preferences are included.
        """
        lower, upper = self._columns.lower, self._columns.upper
        if integers is not None:
            lower = upper = np.clip(np.rint(integers), lower, upper)
        numbers = self._numbers
        self._highs.changeColsBounds(numbers.size, numbers, lower[numbers], upper[numbers])
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return float(self._highs.getInfo().objective_function_value)

    @property
    def values(self) -> Floats:
        """Of all columns, as solved last."""
        return np.array(self._highs.getSolution().col_value)

    @property
    def row_prices(self) -> Floats:
        """What one more of each row's right side would have cost, as solved last."""
        return np.array(self._highs.getSolution().row_dual)


def search(
    columns: Columns, rows: Rows, *, begin: Floats, offset: float, time_limit_s: float, gap_frac: float
) -> Found:
    """Branch and bound from values that are known to be possible.

    gap_frac: of the cost with `offset`, where the search may stop.
    """
    highs = _highs_with(columns, rows, integers=True, offset=offset)
    highs.setOptionValue("time_limit", max(time_limit_s, 0.0))
    highs.setOptionValue("mip_rel_gap", gap_frac)
    known = highspy.HighsSolution()
    known.col_value = begin
    highs.setSolution(known)
    highs.run()
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(highs.getSolution().col_value) if found else None
    return Found(values, float(info.mip_dual_bound) - offset)


def _highs_with(columns: Columns, rows: Rows, *, integers: bool, offset: float = 0.0) -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in OPTIONS.items():
        highs.setOptionValue(name, value)
    model = _model(columns, rows, columns.integer if integers else None)
    model.offset_ = offset
    # It warns of coefficients of nearly nothing, which it leaves out.
    if highs.passModel(model) == highspy.HighsStatus.kError:
        raise PlanningError("HiGHS does not take the programme")
    return highs


def _model(columns: Columns, rows: Rows, integer: Bools | None) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns.cost.size, rows.lower.size
    model.col_cost_ = columns.cost + columns.preference
    model.col_lower_, model.col_upper_ = columns.lower, columns.upper
    model.row_lower_, model.row_upper_ = rows.lower, rows.upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.num_col_, model.a_matrix_.num_row_ = model.num_col_, model.num_row_
    model.a_matrix_.start_, model.a_matrix_.index_ = rows.start, rows.index
    model.a_matrix_.value_ = rows.value
    if integer is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[one] for one in integer.astype(int)]
    return model
