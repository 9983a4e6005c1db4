"""A home's day ahead as EMHASS plans it: 48 half hours, a battery, two loads that run at full power or not.

Only numbers, so that both planners can be given the same: plan.py runs Tawan's, plan_emhass.py the other.
"""

from __future__ import annotations

import math
from typing import Any

STEPS = 48
STEP_H = 0.5
BATTERY: dict[str, float] = {
    "energy_wh": 5000.0, "charge_w": 1000.0, "discharge_w": 1000.0, "efficiency": 0.95,
    "soc_min": 0.3, "soc_max": 0.9, "soc_begin": 0.6, "soc_end": 0.6,
}  # fmt: skip
LOADS = ((3000.0, 5.0), (750.0, 8.0))
"""Power [W] and hours of running."""
GRID_W = 9000.0


def day(number: int) -> dict[str, list[float]]:
    """Sun, load [W] and prices [per kWh]: each day has less sun and more load than the one before."""
    hours = [STEP_H * step for step in range(STEPS)]
    peak = [3 <= hour < 15.5 or 17.5 <= hour < 20.5 for hour in hours]
    sun = [max(math.sin((hour - 6) / 12 * math.pi), 0.0) * 4500 * (1 - 0.05 * number) for hour in hours]
    evening = [900 * math.exp(-(((hour - 19) / 2) ** 2)) for hour in hours]
    morning = [300 * math.exp(-((hour - 7) ** 2)) for hour in hours]
    return {
        "pv_w": sun,
        "load_w": [
            (400 + more + less) * (1 + 0.03 * number) for more, less in zip(evening, morning, strict=True)
        ],
        "bought": [0.1907 if high else 0.1419 for high in peak],
        "sold": [0.07095] * STEPS,
    }


def money(plan: dict[str, Any], prices: dict[str, list[float]]) -> float:
    """What a plan's imports and exports [W] cost in all."""
    flows = zip(plan["import_w"], plan["export_w"], prices["bought"], prices["sold"], strict=True)
    return sum(STEP_H * (bought * cost - sold * gain) / 1000 for bought, sold, cost, gain in flows)
