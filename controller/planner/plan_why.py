"""What binds in a plan, in words for technicians, each with what would have to change. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.model import Reason
from controller.planner.plan_calendar import Steps
from controller.planner.plan_told import Stretch
from controller.planning.problem import Problem
from controller.planning.solution import Solution
from controller.planning.why import Binding, Kind, binding

_PLAIN: Mapping[Kind, Reason] = {
    "battery_empty": Reason("binds_battery_empty"),
    "battery_below_reserve": Reason("binds_battery_below_reserve"),
    "battery_at_reserve": Reason("binds_battery_at_reserve"),
    "battery_full": Reason("binds_battery_full"),
    "discharge_limit": Reason("binds_discharge"),
    "charge_limit": Reason("binds_charge"),
    "generator_least_load": Reason("binds_genset_least_load"),
    "generator_full_load": Reason("binds_genset_full_load"),
    "generator_not_allowed": Reason("binds_genset_rests"),
    "generator_out_of_fuel": Reason("binds_fuel"),
    "grid_limit": Reason("binds_grid_limit"),
    "grid_away": Reason("binds_grid_away"),
}
"""That the genset runs has a reason of its own (plan_runs)."""


def why(steps: Steps, problem: Problem, solution: Solution) -> tuple[Stretch, ...]:
    """What binds, in order of time."""
    return tuple(
        Stretch(int(steps.edges_s[each.first]), int(steps.edges_s[each.last]), reason)
        for each in binding(problem, solution)
        if (reason := _reason(each)) is not None
    )


def _reason(binds: Binding) -> Reason | None:
    match binds.kind:
        case "sun_unused":
            return Reason("binds_sun_unused", {"energy_wh": round(binds.energy_wh, 1)})
        case "demand_unserved":
            return Reason("binds_unserved", {"class": binds.subject, "energy_wh": round(binds.energy_wh, 1)})
        case kind:
            return _PLAIN.get(kind)
