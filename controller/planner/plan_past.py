"""What a plan must know of the last days: how long the genset ran, and what flexible loads have had today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from controller.planner.plan_calendar import midnight_s
from controller.planner.plan_now import PlanNow
from controller.planner.plan_runs import stretches
from controller.settings import Config
from controller.telemetry.quarters import read_quarters
from controller.telemetry.schema import SeriesKey, StorageError
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Floats

_GENSET: SeriesKey = ("site", "genset_w")
_TEST_LOOKS_BACK_S = 7 * DAY_S
_UNDER_LOAD_FRAC = 0.1
"""Of its rated power: less is warming up or cooling down."""


def with_past(now: PlanNow, config: Config, telemetry: Path) -> PlanNow:
    """The same moment with what the store knows; one that cannot be read adds nothing."""
    try:
        return replace(
            now,
            longest_run_s=_longest_run_s(now.at_s, config, telemetry),
            used_wh=_used_wh(now.at_s, config, telemetry),
        )
    except StorageError:
        return now


def _longest_run_s(at_s: float, config: Config, telemetry: Path) -> float:
    genset = config.genset
    if genset is None or genset.monthly_test is None:
        return 0.0
    power_w = _columns(telemetry, [_GENSET], at_s - _TEST_LOOKS_BACK_S, at_s).get(_GENSET)
    if power_w is None:
        return 0.0
    under_load = np.nan_to_num(-power_w) > _UNDER_LOAD_FRAC * genset.rated_w
    return float(max((last - first for first, last in stretches(under_load)), default=0) * QUARTER_S)


def _used_wh(at_s: float, config: Config, telemetry: Path) -> Mapping[str, float]:
    keys = [(name, "power_w") for name, feeder in config.feeders.items() if feeder.flexible is not None]
    since_s = midnight_s(int(at_s), config.site.timezone)
    if not keys or at_s - since_s < QUARTER_S:
        return {}
    columns = _columns(telemetry, keys, since_s, at_s)
    return {
        name: max(0.0, float(np.nansum(power_w))) * QUARTER_S / HOUR_S
        for (name, _), power_w in columns.items()
    }


def _columns(
    telemetry: Path, keys: list[SeriesKey], from_s: float, until_s: float
) -> Mapping[SeriesKey, Floats]:
    start_s = int(from_s) // QUARTER_S * QUARTER_S
    return read_quarters(telemetry, keys, start_s, (int(until_s) - start_s) // QUARTER_S)
