"""What the plan is told of the public grid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.planner.grid import expected_away_h, grid_supply
from controller.settings import GridSettings

BANGKOK = ZoneInfo("Asia/Bangkok")
FRIDAY = datetime(2026, 12, 4, tzinfo=BANGKOK)


def grid(**settings: Any) -> GridSettings:
    return GridSettings.model_validate(
        {"device": "battery", "import_w": 10_000.0, "export_w": 2_000.0, **settings}
    )


def hourly(begin: datetime, hours: int) -> list[datetime]:
    return [(begin + timedelta(hours=hour)).astimezone(UTC) for hour in range(hours + 1)]


def test_without_anything_special_the_grid_is_there_at_its_usual_price() -> None:
    supply = grid_supply(grid(import_thb_per_kwh=4.0, export_thb_per_kwh=2.0), BANGKOK, hourly(FRIDAY, 24))
    assert np.all(supply.import_w == 10_000)
    assert np.all(supply.export_w == 2_000)
    assert supply.import_price_per_wh == pytest.approx(np.full(24, 0.004))
    assert supply.export_price_per_wh == pytest.approx(np.full(24, 0.002))


def test_peak_hours_cost_more_on_workdays_only() -> None:
    peak = {"begin": "09:00", "end": "22:00", "days": "workdays", "import_thb_per_kwh": 6.0}
    supply = grid_supply(grid(import_thb_per_kwh=3.0, tariff=[peak]), BANGKOK, hourly(FRIDAY, 48))
    by_hour = supply.import_price_per_wh * 1000
    assert by_hour[8:10] == pytest.approx([3, 6])
    assert by_hour[21:23] == pytest.approx([6, 3])
    assert by_hour[24:] == pytest.approx(np.full(24, 3.0))


def test_a_tariff_past_midnight_belongs_to_the_day_on_which_it_began() -> None:
    night = {"begin": "22:00", "end": "06:00", "days": "workdays", "import_thb_per_kwh": 2.0}
    supply = grid_supply(grid(import_thb_per_kwh=4.0, tariff=[night]), BANGKOK, hourly(FRIDAY, 72))
    by_hour = supply.import_price_per_wh * 1000
    assert by_hour[29] == pytest.approx(2)  # Saturday, 05:00
    assert by_hour[47] == pytest.approx(4)  # Saturday, 23:00
    assert by_hour[0] == pytest.approx(2)


def test_an_announced_outage_takes_its_part_of_each_step() -> None:
    away = {"begin": "2026-12-04 09:00", "end": "2026-12-04 10:15"}
    supply = grid_supply(grid(outages=[away]), BANGKOK, hourly(FRIDAY, 12))
    assert supply.import_w[8:12] == pytest.approx([10_000, 0, 7_500, 10_000])
    assert supply.export_w[9] == 0


def test_outages_that_overlap_count_once() -> None:
    away = [
        {"begin": "2026-12-04 09:00", "end": "2026-12-04 10:00"},
        {"begin": "2026-12-04 09:30", "end": "2026-12-04 10:30"},
    ]
    supply = grid_supply(grid(outages=away), BANGKOK, hourly(FRIDAY, 12))
    assert supply.import_w[9:12] == pytest.approx([0, 5_000, 10_000])


def test_a_grid_that_is_away_now_is_not_counted_on_for_a_while() -> None:
    supply = grid_supply(grid(), BANGKOK, hourly(FRIDAY, 4), away_h=1.5)
    assert supply.import_w == pytest.approx([0, 5_000, 10_000, 10_000])
    assert expected_away_h(60.0) == 1.0
    assert expected_away_h(7200.0) == 2.0


@given(st.lists(st.integers(0, 2000), min_size=2, max_size=12, unique=True).map(sorted), st.floats(0, 60))
def test_whatever_the_steps_limits_and_prices_stay_within_what_is_configured(
    minutes: list[int], away_h: float
) -> None:
    edges = [(FRIDAY + timedelta(minutes=each)).astimezone(UTC) for each in minutes]
    away = {"begin": "2026-12-04 09:00", "end": "2026-12-04 14:00"}
    peak = {"begin": "18:00", "end": "22:00", "import_thb_per_kwh": 6.0}
    supply = grid_supply(
        grid(import_thb_per_kwh=3.0, tariff=[peak], outages=[away]), BANGKOK, edges, away_h=away_h
    )
    assert supply.import_w.shape == (len(edges) - 1,)
    assert np.all((supply.import_w >= 0) & (supply.import_w <= 10_000))
    assert np.all(
        (supply.import_price_per_wh >= 0.003 - 1e-12) & (supply.import_price_per_wh <= 0.006 + 1e-12)
    )
