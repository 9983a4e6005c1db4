"""Is weather, or a power, told in the agreed unit? A known factor is put right, else it is left out. Pure.

Candidates are judged by the brightest part of a run against the clear sky's. A run in the right unit has
something between heavy overcast and a little more than clear sky there. A candidate for repair must land in
a range narrower than the step from one unit to the next, so that no two of hourly data can be confused.
"""

from __future__ import annotations

import numpy as np

from controller.core.model import Reason
from forecasting.grid import DAY_S, Bools, Floats, Grid
from forecasting.records import WeatherRun
from forecasting.sanity.series import finite
from forecasting.sanity.sky import Sky

_RIGHT = (0.02, 1.35)
_REPAIRED = (0.35, 1.25)
_BRIGHTEST = 0.95
_LEAST_CLEAR_WM2 = 50.0
"""A clear sky below this (polar night, a run of a few hours at night) tells nothing of units."""
_NEAR_NOON = 0.8
"""Where the evening alone is known, stamps off by an hour change the ratio as much as a unit does."""
_ANOTHER_UNIT = 100.0
"""Days differ by less, and kW from W by more."""
_LOW_QUARTER = 0.25
"""Idle hours keep this part of a day low when a pump runs, but not when the unit is another."""
_LEAST_VALUES = 3
_KELVIN = 273.15
_HOTTEST_C = 50.0
"""No place has a median above this over a run: 50 °F is 10 °C, and 25 °C is 77 °F or 298 K."""
_HOTTEST_F = 130.0


def sunlight_in_wm2(run: WeatherRun, sky: Sky) -> tuple[Floats | None, Reason | None]:
    """Irradiance [W/m2], shape (n,), put right where the unit is certain; None when it is in no known one."""
    seen = run.ghi_wm2[np.isfinite(run.ghi_wm2) & (run.ghi_wm2 > 0)]
    clear = sky.ghi_wm2[np.isfinite(run.ghi_wm2) & (sky.ghi_wm2 > 0)]
    least_wm2 = max(_LEAST_CLEAR_WM2, _NEAR_NOON * float(sky.ghi_wm2.max()))
    if seen.size == 0 or clear.size == 0 or clear.max() < least_wm2:
        return run.ghi_wm2, None
    ratio = float(np.quantile(seen, _BRIGHTEST) / np.quantile(clear, _BRIGHTEST))
    if _RIGHT[0] <= ratio <= _RIGHT[1]:
        return run.ghi_wm2, None
    step_s = run.grid.step_s
    units = {"kW/m²": 1e3, "MJ/m²": 1e6 / step_s, "kJ/m²": 1e3 / step_s, "J/m²": 1 / step_s, "mW/m²": 1e-3}
    fitting = [unit for unit, factor in units.items() if _REPAIRED[0] <= ratio * factor <= _REPAIRED[1]]
    if len(fitting) != 1:
        return None, Reason("weather_unit_unknown", {"source": run.source, "ratio": ratio})
    unit = fitting[0]
    return run.ghi_wm2 * units[unit], Reason("weather_wrong_unit", {"source": run.source, "unit": unit})


def far_too_great(power_w: Floats, grid: Grid) -> Bools:
    """Where a power is told in a unit so much smaller that whole days dwarf most others, shape (n,).

    A high quantile of the whole series cannot tell: a week of mW, or of W read as kW, is a part of it.
    """
    bounds = np.flatnonzero(np.diff(grid.starts_s // DAY_S)) + 1
    usual_w = np.array([_low_quarter(part) for part in np.split(np.abs(power_w), bounds)])
    known = np.isfinite(usual_w)
    nowhere = np.zeros(grid.count, dtype=np.bool_)
    far = usual_w > _ANOTHER_UNIT * np.median(usual_w[known]) if known.any() else np.zeros_like(known)
    if not far.any():
        return nowhere
    whole_days = np.repeat(far, np.diff(bounds, prepend=0, append=grid.count))
    found: Bools = whole_days | (np.abs(power_w) > usual_w[far].min())
    return found & np.isfinite(power_w)


def _low_quarter(day_w: Floats) -> float:
    """A low but usual power of a day, NaN where there are hardly any values but zero."""
    there = day_w[np.isfinite(day_w) & (day_w > 0)]
    return float(np.quantile(there, _LOW_QUARTER)) if there.size >= _LEAST_VALUES else float("nan")


def celsius(run: WeatherRun) -> tuple[Floats, Reason | None]:
    """Temperature [°C], shape (n,), put right when it can only be Kelvin or Fahrenheit."""
    there = run.temp_c[np.isfinite(run.temp_c)]
    middle = float(np.median(there)) if there.size else 0.0
    if middle <= _HOTTEST_C:
        return run.temp_c, None
    if middle <= _HOTTEST_F:
        return (run.temp_c - 32.0) / 1.8, _temperature_told(run, "°F")
    return run.temp_c - _KELVIN, _temperature_told(run, "K")


def fraction(values: Floats) -> Floats:
    """Humidity or cloud as a fraction, shape (n,), also when it came in percent; NaN where it is none."""
    known = finite(values)
    if np.nanmax(known, initial=0.0) > 1.5:
        known = known / 100.0
    return np.where((known < 0.0) | (known > 1.1), np.nan, np.minimum(known, 1.0))


def _temperature_told(run: WeatherRun, unit: str) -> Reason:
    return Reason("weather_wrong_temperature_unit", {"source": run.source, "unit": unit})
