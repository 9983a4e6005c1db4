"""What telemetry.db holds of sun and load, as records of quarter-hour means: signs become magnitudes.

Where less was measured than the sun offered or people wanted is known by signals of its own: the limit that
was commanded, a full battery, a raised frequency, an open feeder, a dark bus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from controller.core.model import PvInverter, Site
from controller.telemetry.quarters import first_quarter_s, read_quarters
from controller.telemetry.schema import SeriesKey
from forecasting.grid import DAY_S, QUARTER_S, Bools, Floats, Grid
from forecasting.records import LoadRecord, PvRecord

MEMORY_S = 400 * DAY_S
"""A year and some weeks: the same season a year ago is known."""
_FREE_FRAC = 0.995
"""A quarter of an hour with a lower mean limit was limited for some of the time."""
_FULL_FRAC = 0.005
"""So little below the highest SoC, chargers without a limit of ours begin to hold back."""
_RAISED_HZ = 50.15
"""Grid-forming inverters raise the frequency, 50.2 Hz and more, to make PV inverters hold back."""
_CONNECTED_FRAC = 0.99

_BLACKOUT: SeriesKey = ("site", "blackout")
_LOAD: SeriesKey = ("site", "load_w")
_SOC: SeriesKey = ("site", "soc_frac")


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The past of a site on one grid."""

    pv: PvRecord
    """All arrays together."""
    arrays: Mapping[str, PvRecord]
    """By the id of the inverter."""
    load: LoadRecord
    """All feeders together."""
    feeders: Mapping[str, LoadRecord]
    """By the feeder's id; one without a meter has nothing but NaN."""

    @property
    def days(self) -> int:
        """Days on which anything of sun or load was measured."""
        seen = np.isfinite(self.pv.power_w) | np.isfinite(self.load.power_w)
        return int(np.unique(self.pv.grid.starts_s[seen] // DAY_S).size)


class SiteHistory:
    """Reads the past of a site."""

    def __init__(self, site: Site, telemetry: Path) -> None:
        self._site = site
        self._telemetry = telemetry

    def read(self, now_s: float, reach_s: int = MEMORY_S) -> History:
        """What was measured in the quarters of an hour that ended by now_s, at most reach_s back.

        Raises StorageError when the store cannot be read.
        """
        end_s = int(now_s) // QUARTER_S * QUARTER_S
        keys = self._keys()
        first_s = first_quarter_s(self._telemetry, keys)
        known_s = end_s - DAY_S if first_s is None else min(first_s, end_s - DAY_S)
        start_s = max(known_s, end_s - reach_s // QUARTER_S * QUARTER_S)
        grid = Grid(start_s, QUARTER_S, (end_s - start_s) // QUARTER_S)
        columns = read_quarters(self._telemetry, keys, start_s, grid.count)
        return _history(self._site, grid, _Columns(columns, grid))

    def unknown(self, now_s: float) -> History:
        """A day before now_s of which nothing is known: what stands in for a store that cannot be read."""
        end_s = int(now_s) // QUARTER_S * QUARTER_S
        grid = Grid(end_s - DAY_S, QUARTER_S, DAY_S // QUARTER_S)
        return _history(self._site, grid, _Columns({}, grid))

    def _keys(self) -> list[SeriesKey]:
        site, sensor = self._site, self._site.irradiance_sensor
        return [
            _BLACKOUT,
            _LOAD,
            _SOC,
            (site.battery.id, "frequency_hz"),
            *((pv.id, pv.power_point) for pv in site.pv),
            *((pv.id, "limit_frac") for pv in site.pv),
            *((feeder.id, point) for feeder in site.feeders for point in ("power_w", "closed")),
            *(((sensor, point) for point in _SENSOR_POINTS) if sensor else ()),
        ]


_SENSOR_POINTS = ("irradiance_wm2", "ambient_temperature_c")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Means by series; a series that was never sampled is missing throughout."""

    values: Mapping[SeriesKey, Floats]
    grid: Grid

    def of(self, subject: str | None, point: str) -> Floats:
        if subject is None or (subject, point) not in self.values:
            return np.full(self.grid.count, np.nan)
        return self.values[subject, point]


def _history(site: Site, grid: Grid, columns: _Columns) -> History:
    sensor = site.irradiance_sensor
    ghi_wm2 = columns.of(sensor, "irradiance_wm2")
    temp_c = columns.of(sensor, "ambient_temperature_c")
    full = columns.of(*_SOC) >= site.protection.soc_max_frac - _FULL_FRAC
    raised = columns.of(site.battery.id, "frequency_hz") >= _RAISED_HZ
    arrays = {
        pv.id: PvRecord(grid, _magnitude(-columns.of(pv.id, pv.power_point)), held_back, ghi_wm2, temp_c)
        for pv in site.pv
        for held_back in (_held_back(pv, columns, full=full, raised=raised),)
    }
    dark = columns.of(*_BLACKOUT) > 0
    feeders = {
        feeder.id: LoadRecord(
            grid,
            _magnitude(columns.of(feeder.id, "power_w")),
            dark | (columns.of(feeder.id, "closed") < _CONNECTED_FRAC),
            temp_c,
        )
        for feeder in site.feeders
    }
    unserved = _any([record.unserved for record in feeders.values()], grid)
    pv = PvRecord(
        grid,
        np.sum([record.power_w for record in arrays.values()], axis=0) if arrays else np.zeros(grid.count),
        _any([record.held_back for record in arrays.values()], grid),
        ghi_wm2,
        temp_c,
    )
    return History(pv, arrays, LoadRecord(grid, _magnitude(columns.of(*_LOAD)), unserved, temp_c), feeders)


def _held_back(pv: PvInverter, columns: _Columns, *, full: Bools, raised: Bools) -> Bools:
    """Where an array was told to give less; one that takes no limit looks after a full battery itself."""
    limited: Bools = (columns.of(pv.id, "limit_frac") < _FREE_FRAC) if pv.limitable else full
    return limited | raised


def _magnitude(power_w: Floats) -> Floats:
    """Without the little that flows the other way at night; missing stays missing."""
    return np.maximum(power_w, 0.0)


def _any(masks: list[Bools], grid: Grid) -> Bools:
    return np.any(masks, axis=0) if masks else np.zeros(grid.count, dtype=bool)
