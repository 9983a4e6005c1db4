"""The default village for physics tests, without Modbus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from controller.settings import Config
from simulation.physics.village import Village

HOUR_S = 3600.0


@cache
def ban_wang_won() -> Config:
    """The config.yaml of the repository."""
    text = (Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8")
    return Config.model_validate(YAML(typ="safe").load(text))


def at_local(hour: float, *, month: int = 3, day: int = 10) -> datetime:
    """A moment of 2026 by the village's clock (UTC+7), as UTC."""
    return datetime(2026, month, day, tzinfo=UTC) + timedelta(hours=hour - 7.0)


def village_at(hour: float, **kwargs: Any) -> Village:
    """The default village at a local hour of 10 March; clear sky unless told."""
    return Village(ban_wang_won(), start_utc=at_local(hour), **{"clouds": "clear", **kwargs})


def run_until(village: Village, condition: Callable[[], bool], within_s: float, step_s: float = 1.0) -> float:
    """Advance until the condition holds; returns the seconds it took."""
    start_s = village.now_s
    while not condition():
        assert village.now_s - start_s < within_s, f"not within {within_s} s"
        village.advance(village.now_s + step_s)
    return village.now_s - start_s
