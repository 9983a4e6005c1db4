"""The villages of the year, and which of its days are lived through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from controller.settings import Config

ROOT = Path(__file__).resolve().parents[1]
VILLAGES = {"ban-wang-won": ROOT / "config.yaml", "koh-jik": ROOT / "benchmarks/sites/koh-jik.yaml"}
YEAR = 2025
HISTORY_DAYS = 60
"""Before any day of the year: what forecasts can have learned by then."""
_AHEAD_DAYS = 3
_WEEK_FROM_DAY = 8
LEAN_FRAC = 0.7
"""Of the panels that are left in a lean village."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days lived through in one go."""

    start_utc: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Variant:
    """How a village differs from its config.yaml."""

    lean: bool = False
    """With fewer panels."""
    genset: bool = True
    fuel_thb_per_l: float | None = None
    """What diesel costs, in plans and in the bill; None: as config.yaml has it."""


def village_config(name: str, variant: Variant) -> Config:
    """The settings of a village. Raises KeyError, OSError."""
    data = YAML(typ="safe").load(VILLAGES[name].read_text(encoding="utf-8"))
    if variant.lean:
        for array in data["pv"].values():
            array["dc_w"] *= LEAN_FRAC
    if variant.fuel_thb_per_l is not None and "genset" in data:
        data["genset"]["fuel_thb_per_l"] = variant.fuel_thb_per_l
    if not variant.genset:
        del data["devices"][data.pop("genset")["device"]]
    return Config.model_validate(data)


def local_midnight(config: Config, month: int, day: int) -> datetime:
    """Midnight of a day of the year by the village's clock, as UTC."""
    return datetime(YEAR, month, day, tzinfo=ZoneInfo(config.site.timezone)).astimezone(UTC)


def stretches(config: Config, months: tuple[int, ...], *, full: bool) -> tuple[Stretch, ...]:
    """A week of each of the months, or the months as a whole, those that follow each other in one go."""
    if not full:
        return tuple(Stretch(local_midnight(config, month, _WEEK_FROM_DAY), 7) for month in months)
    found: list[Stretch] = []
    for month in months:
        start = local_midnight(config, month, 1)
        after = datetime(YEAR + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        days = (after - datetime(YEAR, month, 1, tzinfo=UTC)).days
        if found and found[-1].start_utc + timedelta(days=found[-1].days) == start:
            found[-1] = Stretch(found[-1].start_utc, found[-1].days + days)
        else:
            found.append(Stretch(start, days))
    return tuple(found)


def truth_span(lived: tuple[Stretch, ...]) -> Stretch:
    """From the first day that forecasts learn from until some days after the last one that is lived."""
    start_utc = lived[0].start_utc - timedelta(days=HISTORY_DAYS)
    end_utc = lived[-1].start_utc + timedelta(days=lived[-1].days + _AHEAD_DAYS)
    return Stretch(start_utc, (end_utc - start_utc).days)
