"""Whatever stands in weather and records, the guards end with values that can be, or with none."""

from __future__ import annotations

import numpy as np
from cloudy_year import PLANT_W, sky, year
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting.records import LoadRecord, PvRecord, WeatherRun
from forecasting.sanity import inspect_load, inspect_pv, inspect_weather

GRID = year(3600, days=3)
_ANY = st.floats(width=32) | st.sampled_from([0.0, 1.0, 300.0, 1e9, -1.0, np.nan, np.inf, -np.inf])
COLUMN = arrays(np.float64, GRID.count, elements=_ANY, fill=_ANY)
MASK = arrays(np.bool_, GRID.count)


@given(COLUMN, COLUMN, COLUMN)
def test_weather(ghi_wm2, temp_c, fraction) -> None:
    run = WeatherRun("any", GRID.start_s, GRID, ghi_wm2, temp_c, fraction, fraction)
    kept, _ = inspect_weather(run, sky(GRID))
    if kept is not None:
        believed = kept.ghi_wm2[np.isfinite(kept.ghi_wm2)]
        assert ((believed >= 0) & (believed < 1600)).all()
        assert not np.isinf(kept.ghi_wm2).any()
        assert (np.abs(kept.temp_c[~np.isnan(kept.temp_c)]) <= 60).all()
        assert not (kept.humidity_frac > 1.5).any()


@given(COLUMN, COLUMN, COLUMN, MASK, st.none() | st.just(PLANT_W))
def test_pv(power_w, ghi_wm2, temp_c, held_back, ceiling_w) -> None:
    kept, _ = inspect_pv(PvRecord(GRID, power_w, held_back, ghi_wm2, temp_c), sky(GRID), ceiling_w)
    assert not np.isinf(kept.power_w).any()
    assert not (kept.power_w < 0).any()
    assert not ((kept.ghi_wm2 < 0) | (kept.ghi_wm2 > 2000)).any()


@given(COLUMN, COLUMN, MASK)
def test_load(power_w, temp_c, unserved) -> None:
    kept, _ = inspect_load(LoadRecord(GRID, power_w, unserved, temp_c))
    assert not np.isinf(kept.power_w).any()
    assert not (kept.power_w < 0).any()
