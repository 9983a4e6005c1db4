"""From telemetry.db to records: magnitudes, and where less was measured than could have been."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from core_world import make_site
from planner_store import START_S, store_quarters

from controller.core.model import Battery, PvInverter, Text
from controller.planner.history import History, SiteHistory
from forecasting.grid import DAY_S, QUARTER_S

COUNT = 8
SITE = make_site()
END_S = START_S + COUNT * QUARTER_S


def column(value: float, **at: float) -> np.ndarray:
    """The same value throughout, but for some steps given as n3=..."""
    values = np.full(COUNT, value)
    for name, other in at.items():
        values[int(name[1:])] = other
    return values


ORDINARY = {
    ("pv_south", "power_w"): column(-4000.0),
    ("pv_east", "power_w"): column(-2000.0),
    ("pv_south", "limit_frac"): column(1.0),
    ("pv_east", "limit_frac"): column(1.0),
    ("site", "load_w"): column(3000.0),
    ("site", "soc_frac"): column(0.6),
    ("site", "blackout"): column(0.0),
    ("battery", "frequency_hz"): column(50.0),
    ("clinic", "power_w"): column(300.0),
    ("clinic", "closed"): column(1.0),
    ("sun", "irradiance_wm2"): column(500.0),
    ("sun", "ambient_temperature_c"): column(31.0),
}


def history(tmp_path: Path, site=SITE, now_s: float = END_S, **kwargs) -> History:
    return SiteHistory(site, tmp_path / "telemetry.db").read(now_s, **kwargs)


def stored(tmp_path: Path, changed: dict | None = None, site=SITE) -> History:
    """The newest steps of a history, those that were stored."""
    store_quarters(tmp_path / "telemetry.db", ORDINARY | (changed or {}))
    return history(tmp_path, site)


def tail(values: np.ndarray) -> list:
    return values[-COUNT:].tolist()


def test_powers_are_magnitudes_and_the_sensor_is_everybodys(tmp_path: Path) -> None:
    past = stored(tmp_path)
    assert tail(past.arrays["pv_south"].power_w) == [4000.0] * COUNT
    assert tail(past.pv.power_w) == [6000.0] * COUNT
    assert tail(past.load.power_w) == [3000.0] * COUNT
    assert tail(past.feeders["clinic"].power_w) == [300.0] * COUNT
    assert tail(past.arrays["pv_east"].ghi_wm2) == [500.0] * COUNT
    assert tail(past.load.temp_c) == [31.0] * COUNT
    assert not past.pv.held_back.any()
    assert not past.load.unserved.any()
    assert past.days == 1


def test_what_flows_the_other_way_at_night_is_no_power(tmp_path: Path) -> None:
    past = stored(tmp_path, {("pv_south", "power_w"): column(12.0), ("clinic", "power_w"): column(-1.0)})
    assert tail(past.arrays["pv_south"].power_w) == [0.0] * COUNT
    assert tail(past.feeders["clinic"].power_w) == [0.0] * COUNT


def test_the_record_ends_with_the_last_whole_quarter(tmp_path: Path) -> None:
    stored(tmp_path)
    past = history(tmp_path, now_s=END_S + 899)
    assert past.pv.grid.end_s == END_S
    assert past.pv.grid.start_s == END_S - DAY_S


def test_a_sum_without_a_part_is_missing(tmp_path: Path) -> None:
    past = stored(tmp_path, {("pv_east", "power_w"): column(-2000.0, n3=np.nan)})
    assert np.isnan(past.pv.power_w[-COUNT + 3])
    assert np.isfinite(past.pv.power_w[-COUNT:]).sum() == COUNT - 1


def test_a_limit_in_force_even_for_a_minute_is_no_sun(tmp_path: Path) -> None:
    past = stored(tmp_path, {("pv_south", "limit_frac"): column(1.0, n2=0.98)})
    assert tail(past.arrays["pv_south"].held_back) == [step == 2 for step in range(COUNT)]
    assert not past.arrays["pv_east"].held_back.any()
    assert tail(past.pv.held_back) == tail(past.arrays["pv_south"].held_back)


def test_a_raised_frequency_holds_every_array_back(tmp_path: Path) -> None:
    past = stored(tmp_path, {("battery", "frequency_hz"): column(50.0, n5=50.6)})
    for record in past.arrays.values():
        assert tail(record.held_back) == [step == 5 for step in range(COUNT)]


def test_a_charger_that_takes_no_limit_holds_back_when_the_battery_is_full(tmp_path: Path) -> None:
    roof = PvInverter("pv_south", Text("แผง", "Roof"), 5000, power_point="pv_power_w", limitable=False)
    site = replace(SITE, pv=(roof, SITE.pv[1]))
    full = {("pv_south", "pv_power_w"): column(-900.0), ("site", "soc_frac"): column(0.9, n1=0.97)}
    past = stored(tmp_path, full, site)
    assert tail(past.arrays["pv_south"].power_w) == [900.0] * COUNT
    assert tail(past.arrays["pv_south"].held_back) == [step == 1 for step in range(COUNT)]
    assert not past.arrays["pv_east"].held_back.any()


def test_who_was_switched_off_or_in_the_dark_was_not_served(tmp_path: Path) -> None:
    past = stored(
        tmp_path,
        {
            ("clinic", "closed"): column(1.0, n1=0.4),
            ("school", "closed"): column(1.0),
            ("site", "blackout"): column(0.0, n6=0.1),
        },
    )
    assert tail(past.feeders["clinic"].unserved) == [step in (1, 6) for step in range(COUNT)]
    assert tail(past.feeders["school"].unserved) == [step == 6 for step in range(COUNT)]
    assert tail(past.load.unserved) == tail(past.feeders["clinic"].unserved)


def test_a_feeder_that_was_never_metered_is_missing(tmp_path: Path) -> None:
    assert np.isnan(stored(tmp_path).feeders["pump"].power_w).all()


def test_a_new_site_has_a_day_of_nothing(tmp_path: Path) -> None:
    past = history(tmp_path)
    assert past.pv.grid.count == DAY_S // QUARTER_S
    assert np.isnan(past.pv.power_w).all()
    assert np.isnan(past.load.power_w).all()
    assert past.days == 0


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    stored(tmp_path)
    past = history(tmp_path, now_s=END_S + 40 * DAY_S, reach_s=7 * DAY_S)
    assert past.pv.grid.start_s == END_S + 33 * DAY_S
    assert past.days == 0


def test_a_site_without_arrays_gives_nothing(tmp_path: Path) -> None:
    past = stored(tmp_path, site=replace(SITE, pv=(), battery=Battery("battery", 1.0, 1.0, 0.2)))
    assert past.arrays == {}
    assert past.pv.power_w == pytest.approx(0.0)
