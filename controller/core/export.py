"""Nothing flows into the grid but what may: the panels are held back before the meter at the border turns.

Where a battery or an inverter of its own keeps the exchange near zero, this stays silent: it speaks only when
more than a meter's error flows out, and lets go slowly.
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.bounds import Bounds, PvWish, Wishes
from controller.core.coupling import look
from controller.core.interlocks import export_slack_w
from controller.core.model import GridConnection, Reason
from controller.core.situation import Opinion, Situation

_UP_PER_S = 0.02
_STEP = 0.02
"""Smaller changes are not worth a write."""


def hold_export(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: the limit of PV that keeps the export within what the connection allows."""
    del bounds
    grid, memory = situation.site.grid, situation.memory
    rated_w = sum(pv.ac_w for pv in situation.site.pv if pv.limitable)
    if grid is None or rated_w <= 0.0:
        return Opinion(Wishes(), memory)
    limit_frac = _limit(situation, grid, memory.supply.pv_limit_frac, rated_w)
    memory = replace(memory, supply=replace(memory.supply, pv_limit_frac=limit_frac))
    if limit_frac >= 1.0:
        return Opinion(Wishes(), memory)
    export_w = max(0.0, -(situation.plant.grid_w or 0.0))
    reason = Reason(
        "pv_export_held", {"limit_frac": limit_frac, "power_w": export_w, "limit_w": grid.export_w}
    )
    return Opinion(Wishes(pv=(PvWish(limit_frac, reason),)), memory)


def exportable_w(situation: Situation) -> float:
    """What the grid takes besides the village's own use [W]; 0 on an island."""
    grid = situation.site.grid
    return grid.export_w if grid is not None and look(situation.image, situation.site).tied else 0.0


def _limit(situation: Situation, grid: GridConnection, before_frac: float, rated_w: float) -> float:
    if not look(situation.image, situation.site).tied:
        return 1.0
    import_w = situation.image.fresh(grid.device, f"{grid.prefix}power_w")
    pv_w = situation.plant.pv_w
    if import_w is None or pv_w is None:
        return before_frac
    room_w = import_w + grid.export_w
    slack_w = export_slack_w(grid)
    if room_w < -slack_w / 2.0:
        target = max(0.0, -pv_w + room_w) / rated_w
        return min(before_frac, int(target / _STEP) * _STEP)
    if before_frac < 1.0 and room_w > 0.0:
        return min(1.0, before_frac + min(_UP_PER_S * situation.dt_s, room_w / rated_w))
    return before_frac
