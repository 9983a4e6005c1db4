"""The public grid as the plan sees it: how much may flow in each step, and at what price."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from controller.planning.problem import Floats, GridSupply
from controller.settings import GridSettings, TariffSettings
from controller.site import outages

_LOOK = timedelta(minutes=5)
"""Prices are looked up so often within a step; tariffs change at full quarters."""
_WEEKEND = 5
_LEAST_AWAY_H = 1.0


def grid_supply(
    settings: GridSettings, zone: ZoneInfo, edges_utc: Sequence[datetime], *, away_h: float = 0.0
) -> GridSupply:
    """Limits and prices of the steps between n + 1 aware edges; each array has the shape (n,).

    A step that an outage covers in part counts with the part that is left. away_h: for so long the grid is
    not counted on, because it is away just now (`expected_away_h`). Powers are magnitudes [W], prices per Wh.
    """
    there = np.array([_part_there(begin, end, settings, zone) for begin, end in pairwise(edges_utc)])
    if away_h > 0.0:
        back = edges_utc[0] + timedelta(hours=away_h)
        there *= np.array([_part_after(back, begin, end) for begin, end in pairwise(edges_utc)])
    return GridSupply(
        import_w=settings.import_w * there,
        export_w=settings.export_w * there,
        import_price_per_wh=_prices(
            settings, zone, edges_utc, settings.import_thb_per_kwh, lambda t: t.import_thb_per_kwh
        ),
        export_price_per_wh=_prices(
            settings, zone, edges_utc, settings.export_thb_per_kwh, lambda t: t.export_thb_per_kwh
        ),
    )


def expected_away_h(lost_s: float) -> float:
    """How long a grid that has been away for lost_s will stay so [h]: as long again, an hour at least.

    The best guess where nothing is known of the cause: the median of what is left is what has been
    (Gott, Nature 363, 1993).
    """
    return max(_LEAST_AWAY_H, lost_s / 3600.0)


def _part_there(begin: datetime, end: datetime, settings: GridSettings, zone: ZoneInfo) -> float:
    away_s = 0.0
    reached = begin
    for outage in outages(settings, zone):
        first, last = max(reached, outage.begin), min(end, outage.end)
        if last > first:
            away_s += (last - first).total_seconds()
            reached = last
    return 1.0 - away_s / (end - begin).total_seconds()


def _part_after(moment: datetime, begin: datetime, end: datetime) -> float:
    return min(1.0, max(0.0, (end - max(moment, begin)) / (end - begin)))


def _prices(
    settings: GridSettings,
    zone: ZoneInfo,
    edges_utc: Sequence[datetime],
    usual: float,
    price: Callable[[TariffSettings], float],
) -> Floats:
    """The mean price of each step, per Wh."""
    means = []
    for begin, end in pairwise(edges_utc):
        looks = max(1, round((end - begin) / _LOOK))
        moments = ((begin + (end - begin) * (i + 0.5) / looks).astimezone(zone) for i in range(looks))
        held = [next((t for t in settings.tariff or () if _holds(t, moment)), None) for moment in moments]
        means.append(sum(usual if each is None else price(each) for each in held) / looks)
    return np.array(means) / 1000.0


def _holds(tariff: TariffSettings, local: datetime) -> bool:
    """Whether a tariff holds at a local time; past midnight it belongs to the day on which it began."""
    clock = f"{local:%H:%M}"
    if tariff.begin < tariff.end:
        inside, day = tariff.begin <= clock < tariff.end, local
    else:
        inside = clock >= tariff.begin or clock < tariff.end
        day = local - timedelta(days=1) if clock < tariff.end else local
    weekend = day.weekday() >= _WEEKEND
    return inside and (tariff.days == "all" or weekend == (tariff.days == "weekends"))
