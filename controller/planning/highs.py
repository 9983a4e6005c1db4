"""The one place that speaks to HiGHS: a programme in, values out. Nothing of HiGHS outlives a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from controller.planning.problem import Floats
from controller.planning.program import Columns, Rows
from controller.planning.solution import PlanningError

OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "mip_allow_restart": False,
    "mip_detect_symmetry": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
}


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What HiGHS found."""

    values: Floats | None
    """Of the columns; None if it found nothing feasible."""
    row_prices: Floats | None
    """Duals of the rows; None for a programme with integers."""
    done: bool
    """Whether it came to its end, not to that of its time."""
    bound: float
    """No values cost less, with preference and offset."""
    status: str


def minimise(
    columns: Columns,
    rows: Rows,
    *,
    integers: bool,
    time_limit_s: float,
    gap_frac: float = 0.0,
    offset: float = 0.0,
) -> Answer:
    """Solve a programme; without `integers` its relaxation.

    gap_frac: of the cost with `offset`, where the search for integers may stop.
    """
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in OPTIONS.items():
        highs.setOptionValue(name, value)
    highs.setOptionValue("time_limit", max(time_limit_s, 0.0))
    highs.setOptionValue("mip_rel_gap", gap_frac)
    integers = integers and bool(columns.integer.any())
    model = _model(columns, rows, integers=integers)
    model.offset_ = offset
    # It warns of coefficients of nearly nothing, which it leaves out.
    if highs.passModel(model) == highspy.HighsStatus.kError:
        raise PlanningError("HiGHS does not take the programme")
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    solution = highs.getSolution()
    return Answer(
        values=np.array(solution.col_value) if feasible else None,
        row_prices=np.array(solution.row_dual) if feasible and not integers else None,
        done=status == highspy.HighsModelStatus.kOptimal,
        bound=float(info.mip_dual_bound if integers else info.objective_function_value),
        status=highs.modelStatusToString(status),
    )


def _model(columns: Columns, rows: Rows, *, integers: bool) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns.cost.size, rows.lower.size
    model.col_cost_ = columns.cost + columns.preference
    model.col_lower_, model.col_upper_ = columns.lower, columns.upper
    model.row_lower_, model.row_upper_ = rows.lower, rows.upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.num_col_, model.a_matrix_.num_row_ = model.num_col_, model.num_row_
    model.a_matrix_.start_, model.a_matrix_.index_ = rows.start, rows.index
    model.a_matrix_.value_ = rows.value
    if integers:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[is_integer] for is_integer in columns.integer.astype(int)]
    return model
