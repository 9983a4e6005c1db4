"""From a measured file to the records that the models take: regular steps, our units, weather runs by day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import numpy as np

from controller.config.faults import Fault
from forecasting.backtest.columns import ColumnMap, Mapped, map_columns
from forecasting.backtest.local_days import date_of, local_moment
from forecasting.backtest.site_file import TrialSite
from forecasting.backtest.table import DataError, Table, read_header, read_table
from forecasting.grid import Bools, Floats, Grid, Ints, local_time
from forecasting.records import LoadRecord, PvRecord, WeatherArchive, WeatherRun, missing

MAX_STEPS = 5_000_000
FORECAST_STEPS_S = (900, 1800, 3600)
"""What forecasts are made in."""
_WEATHER = ("nwp_ghi_wm2", "nwp_temp_c", "nwp_rh_frac", "nwp_cloud_frac")
_OFF_GRID_FRAC = 0.01
"""A logger that restarts writes a row now and then beside the steps; more of them are another step."""
_NEGATIVE_FRAC = 0.02
"""More of a power below zero than this is a wrong sign, less is the idle power of an inverter at night."""


@dataclass(frozen=True, slots=True)
class Measured:
    """All of a file that a trial needs, on one grid."""

    file: str
    grid: Grid
    pv: PvRecord | None
    loads: dict[str, LoadRecord]
    weather: WeatherArchive
    notes: tuple[str, ...]
    """What was read as what: for people to look over."""


def read_measured(path: Path, site: TrialSite, step_s: int | None = None) -> Measured:
    """Read a data file as a site file describes it, in steps of a quarter of an hour to an hour.

    step_s: bring it to that step.

    Raises DataError.
    """
    header = read_header(path)
    zone = site.stamp_timezone or site.place.timezone
    own_step_s = _step_of(read_table(path, (), zone), site)
    columns = map_columns(str(path), header, site, own_step_s)
    table = read_table(path, columns.wanted, zone)
    wanted_s = step_s or _usable_step_s(table, own_step_s)
    rows = _rows(table, own_step_s, stamp_marks_end=site.stamp_marks_end)
    series = _on_grid(table, rows, columns)
    if wanted_s != own_step_s:
        series = series.resampled(wanted_s)
    return Measured(
        table.file,
        series.grid,
        _pv(series),
        _loads(series),
        _weather(series, site),
        table.notes + _notes(rows, columns, wanted_s),
    )


def _usable_step_s(table: Table, own_s: int) -> int:
    """The file's step, or the next longer one that forecasts are made in. Raises DataError."""
    if own_s in FORECAST_STEPS_S:
        return own_s
    fitting = [step_s for step_s in FORECAST_STEPS_S if step_s % own_s == 0]
    if not fitting:
        _refuse(table, None, f"a trial needs steps of an hour or less that fit into an hour, not {own_s} s")
    return fitting[0]


def _notes(rows: _Rows, columns: ColumnMap, step_s: int) -> tuple[str, ...]:
    """What was read as what, and what was left out."""
    mapped = {**columns.quantities, **columns.loads}
    notes = [f"{name} = {of.column} x {of.scale:g}" for name, of in mapped.items()]
    if rows.left_out:
        notes.append(f"{rows.left_out} rows beside the steps of {rows.grid.step_s} s are left out")
    if step_s != rows.grid.step_s:
        notes.append(f"steps of {rows.grid.step_s} s are brought to {step_s} s")
    return tuple(notes)


def _step_of(table: Table, site: TrialSite) -> int:
    """The step of a file: told, or the one that most rows keep."""
    steps, counts = np.unique(np.diff(table.at_s), return_counts=True)
    return site.step_s or int(steps[np.argmax(counts)])


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The rows of a table that keep the step, and where they stand on the grid."""

    grid: Grid
    kept: Ints
    """Rows, shape (n,)."""
    where: Ints
    """The step of each, shape (n,)."""
    left_out: int


def _rows(table: Table, step_s: int, *, stamp_marks_end: bool) -> _Rows:
    """The regular steps from the first to the last row. Raises DataError where they are not regular."""
    phases, counts = np.unique(table.at_s % step_s, return_counts=True)
    phase = int(phases[np.argmax(counts)])
    off = np.flatnonzero(table.at_s % step_s != phase)
    row = int(off[0]) if off.size else 0
    if off.size > _OFF_GRID_FRAC * table.at_s.size:
        _refuse(
            table,
            row,
            f"the steps are {step_s} s long, and {off.size} of {table.at_s.size} rows do not keep them, as "
            "this one: give means of one step, or that step as step_s in the site file",
        )
    if phase:
        _refuse(
            table,
            0,
            f"steps of {step_s} s begin at multiples of {step_s} s in UTC, and these do not: give means of a "
            "step that fits (half-hourly ones where the zone has half an hour)",
        )
    kept = np.flatnonzero(table.at_s % step_s == phase)
    starts_s = table.at_s[kept] - (step_s if stamp_marks_end else 0)
    count = int(starts_s[-1] - starts_s[0]) // step_s + 1
    if count > MAX_STEPS:
        _refuse(table, None, f"{count} steps lie between the first and the last stamp: is one of them wrong?")
    grid = Grid(int(starts_s[0]), step_s, count)
    return _Rows(grid, kept, (starts_s - grid.start_s) // step_s, off.size)


def _refuse(table: Table, row: int | None, message: str) -> NoReturn:
    raise DataError((table.fault(message, row=row, column="time"),))


@dataclass(frozen=True, slots=True)
class _Series:
    """Quantities of a file on a grid in our units, NaN where a row or a cell is missing."""

    file: str
    grid: Grid
    quantities: dict[str, Floats]
    loads: dict[str, Floats]

    def of(self, name: str) -> Floats:
        """A quantity; all missing where the file has none."""
        return self.quantities.get(name, missing(self.grid))

    def resampled(self, step_s: int) -> _Series:
        """The same in other steps."""
        return _Series(
            self.file,
            resampled_grid(self.grid, step_s),
            {name: resample(self.grid, values, step_s) for name, values in self.quantities.items()},
            {name: resample(self.grid, values, step_s) for name, values in self.loads.items()},
        )


def _on_grid(table: Table, rows: _Rows, columns: ColumnMap) -> _Series:
    """Rows put into their steps and scaled."""

    def spread(mapped: Mapped) -> Floats:
        values = missing(rows.grid)
        values[rows.where] = table.columns[mapped.column][rows.kept] * mapped.scale
        return values

    return _Series(
        table.file,
        rows.grid,
        {name: spread(mapped) for name, mapped in columns.quantities.items()},
        {name: spread(mapped) for name, mapped in columns.loads.items()},
    )


def resampled_grid(grid: Grid, step_s: int) -> Grid:
    """The whole steps of another length within a grid. Raises ValueError where there is none."""
    start_s = -(-grid.start_s // step_s) * step_s
    return Grid(start_s, step_s, (grid.end_s - start_s) // step_s)


def resample(grid: Grid, values: Floats, step_s: int) -> Floats:
    """Means over other steps, energy kept; NaN where less than half of a step is known.

    Values of shape (grid.count,), the result that of `resampled_grid`.
    """
    coarse = resampled_grid(grid, step_s)
    part_s = math.gcd(grid.step_s, step_s, coarse.start_s - grid.start_s)
    fine = np.repeat(values, grid.step_s // part_s)[(coarse.start_s - grid.start_s) // part_s :]
    parts = fine[: coarse.count * (step_s // part_s)].reshape(coarse.count, -1)
    known = np.isfinite(parts)
    total, count = np.where(known, parts, 0.0).sum(axis=1), known.sum(axis=1)
    return np.where(2 * count >= parts.shape[1], total / np.maximum(count, 1), np.nan)


def _power(series: _Series, values: Floats, name: str) -> Floats:
    """Magnitudes [W]: what an idle inverter takes at night is 0. Raises DataError for a wrong sign."""
    below = -np.nansum(np.minimum(values, 0.0))
    above = np.nansum(np.maximum(values, 0.0))
    if below > _NEGATIVE_FRAC * above:
        message = (
            "powers are magnitudes here, and much of it is below zero: give it a scale of -1 in the site file"
        )
        raise DataError((Fault(series.file, name, None, "negative powers", message),))
    return np.maximum(values, 0.0)


def _pv(series: _Series) -> PvRecord | None:
    if "pv_w" not in series.quantities:
        return None
    limited: Bools = np.nan_to_num(series.of("limited")) > 0
    power_w = _power(series, series.of("pv_w"), "pv_w")
    return PvRecord(series.grid, power_w, limited, series.of("ghi_wm2"), series.of("temp_c"))


def _loads(series: _Series) -> dict[str, LoadRecord]:
    unserved: Bools = np.nan_to_num(series.of("served"), nan=1.0) < 1
    return {
        name: LoadRecord(series.grid, _power(series, values, name), unserved, series.of("temp_c"))
        for name, values in series.loads.items()
    }


def _weather(series: _Series, site: TrialSite) -> WeatherArchive:
    """One run for each local day, known from its hour of the day before."""
    if not any(name in series.quantities for name in _WEATHER):
        return WeatherArchive()
    grid, zone = series.grid, site.place.timezone
    days = local_time(grid.starts_s, zone).day
    firsts = np.flatnonzero(np.diff(days, prepend=days[0] - 1))
    runs = []
    for first, end in pairwise((*firsts.tolist(), grid.count)):
        part = slice(first, end)
        columns = [series.of(name)[part] for name in _WEATHER]
        if not any(np.isfinite(column).any() for column in columns):
            continue
        known_s = local_moment(date_of(int(days[first])) - timedelta(days=1), site.weather_known_from, zone)
        run_grid = Grid(grid.start_s + first * grid.step_s, grid.step_s, end - first)
        runs.append(WeatherRun("nwp", known_s, run_grid, *columns))
    return WeatherArchive(tuple(runs))
