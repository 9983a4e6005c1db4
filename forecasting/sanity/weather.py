"""Guards of what weather services say: the impossible is named, put right only where certain. Pure.

Sources in the wild deliver kW for W, local time for UTC, zeros for missing and the last value for ever
(batpred#3247, #3291, #3804). A forecast that believes them is worse than one without weather.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from controller.core.model import Reason
from forecasting.grid import HOUR_S, Bools, Grid
from forecasting.records import WeatherArchive, WeatherRun
from forecasting.sanity.series import finite, lasted_s, lowest_near, moved, repeating, steps
from forecasting.sanity.sky import Sky, ceiling_wm2, check_same_grid, day, part_of
from forecasting.sanity.thermometer import believed_c
from forecasting.sanity.time_shift import Light, proven_shift_h
from forecasting.sanity.units import celsius, fraction, sunlight_in_wm2

NOTHING_KNOWN: Mapping[str, int] = MappingProxyType({})

_LOW_SUN_WM2 = 300.0
_CLOUD_EDGE, _DUSK_WM2 = 1.3, 10.0
"""With a low sun there is at most 1.3 times the clear sky and a little."""
_DAWN_WM2, _THICKEST_CLOUD = 20.0, 0.03
"""Once the sun is up, some light comes through the thickest cloud."""
_DARK_WM2 = 1.0
_LIT_WM2 = 40.0
"""Zero is not believed where a clear sky gives this."""
_STUCK_S = 3 * HOUR_S
_STUCK_STEPS = 4
_ENOUGH = 0.5
"""Part of the daylight that must be left for a run's sunlight to be used."""


def inspect_weather(run: WeatherRun, sky: Sky) -> tuple[WeatherRun | None, tuple[Reason, ...]]:
    """A run as far as it can be believed, NaN where not, and what was wrong with it.

    None when neither sunlight nor temperature is left. `sky` is on the run's grid (ValueError if not).
    """
    kept, reasons = _inspect([(run, sky)])
    return (kept[0] if kept else None), reasons


def source_shifts_h(archive: WeatherArchive, sky_on: Callable[[Grid], Sky]) -> dict[str, int]:
    """By how many whole hours the runs of each source are late; 0 where no shift is proven.

    Reckoned from all runs at hand each night and handed to `inspect_archive` by day: a few runs prove now and
    then a shift that many do not, and a source must not be moved on some days only.
    """
    return {
        source: proven_shift_h([_light(_units(run, sky, []), sky) for run, sky in pairs]) or 0
        for source, pairs in _by_source(archive, sky_on).items()
    }


def inspect_archive(
    archive: WeatherArchive, sky_on: Callable[[Grid], Sky], known_late_h: Mapping[str, int] = NOTHING_KNOWN
) -> tuple[WeatherArchive, tuple[Reason, ...]]:
    """All runs as `inspect_weather` leaves them; each finding is told once, with its latest figures.

    The runs of one source are judged together as to time, so that a shift of an hour is found in short
    runs, and put right in all or none; known_late_h: sources of which the shift is known already, from
    `source_shifts_h`. `sky_on` is asked once for each step in use, for all the time of the runs.
    """
    kept: list[WeatherRun] = []
    told: dict[tuple[str, str], Reason] = {}
    for source, pairs in _by_source(archive, sky_on).items():
        good, reasons = _inspect(pairs, known_late_h.get(source))
        kept += good
        told |= {(source, reason.code): reason for reason in reasons}
    return WeatherArchive(tuple(sorted(kept, key=lambda run: run.issued_s))), tuple(told.values())


def _by_source(
    archive: WeatherArchive, sky_on: Callable[[Grid], Sky]
) -> dict[str, list[tuple[WeatherRun, Sky]]]:
    """Runs of each source with the sky over each."""
    skies = _skies(archive.runs, sky_on)
    return {
        source: [
            (run, part_of(skies[run.grid.step_s], run.grid)) for run in archive.runs if run.source == source
        ]
        for source in archive.sources
    }


def _inspect(
    pairs: Sequence[tuple[WeatherRun, Sky]], known_late_h: int | None = None
) -> tuple[list[WeatherRun], tuple[Reason, ...]]:
    """Runs of one source with the sky over each."""
    reasons: list[Reason] = []
    in_units = [(_units(run, sky, reasons), sky) for run, sky in pairs]
    late_h = known_late_h
    if late_h is None:
        late_h = proven_shift_h([_light(run, sky) for run, sky in in_units])
    if late_h:
        reasons.append(_shift_told(pairs[0][0].source, late_h))
        in_units = [(_put_right(run, late_h), sky) for run, sky in in_units]
    believed = [_believed(run, sky, reasons) for run, sky in in_units]
    return [run for run in believed if run is not None], tuple(reasons)


def _units(run: WeatherRun, sky: Sky, reasons: list[Reason]) -> WeatherRun:
    """The run in W/m2, degrees Celsius and fractions."""
    check_same_grid(run.grid, sky)
    run = replace(run, ghi_wm2=finite(run.ghi_wm2), temp_c=finite(run.temp_c))
    ghi_wm2, sunlight = sunlight_in_wm2(run, sky)
    temp_c, temperature = celsius(run)
    reasons += [reason for reason in (sunlight, temperature) if reason is not None]
    return replace(
        run,
        ghi_wm2=np.full(run.grid.count, np.nan) if ghi_wm2 is None else ghi_wm2,
        temp_c=temp_c,
        humidity_frac=fraction(run.humidity_frac),
        cloud_frac=fraction(run.cloud_frac),
    )


def _light(run: WeatherRun, sky: Sky) -> Light:
    clear = sky.ghi_wm2
    return Light(
        run.grid,
        seen=run.ghi_wm2,
        most=np.where(clear < _LOW_SUN_WM2, _CLOUD_EDGE * clear + _DUSK_WM2, np.inf),
        least=np.where(clear > _DAWN_WM2, _THICKEST_CLOUD * clear, -np.inf),
        clear=clear,
    )


def _shift_told(source: str, late_h: int) -> Reason:
    params = {"source": source, "shift_s": abs(late_h) * HOUR_S}
    return Reason("weather_late", params) if late_h > 0 else Reason("weather_early", params)


def _put_right(run: WeatherRun, late_h: int) -> WeatherRun:
    by = late_h * HOUR_S // run.grid.step_s
    return replace(
        run,
        ghi_wm2=moved(run.ghi_wm2, by, fill=np.nan),
        temp_c=moved(run.temp_c, by, fill=np.nan),
        humidity_frac=moved(run.humidity_frac, by, fill=np.nan),
        cloud_frac=moved(run.cloud_frac, by, fill=np.nan),
    )


def _believed(run: WeatherRun, sky: Sky, reasons: list[Reason]) -> WeatherRun | None:
    """The run without what cannot be; None when nothing worth having is left."""
    stuck, zeros, beyond = _unbelievable(run, sky)
    told = (
        (stuck, Reason("weather_stuck", _lasting_params(run, stuck))),
        (zeros, Reason("weather_zeros", _lasting_params(run, zeros))),
        (beyond, Reason("weather_impossible", _lasting_params(run, beyond))),
    )
    reasons += [reason for mask, reason in told if mask.any()]
    ghi_wm2 = np.where(stuck | zeros | beyond, np.nan, np.maximum(run.ghi_wm2, 0.0))
    lit = day(sky, _LIT_WM2)
    left = float(np.mean(np.isfinite(ghi_wm2[lit]))) if lit.any() else 1.0
    if left < _ENOUGH and np.isfinite(run.ghi_wm2[lit]).any():
        reasons.append(Reason("weather_unusable", {"source": run.source, "left_frac": left}))
        ghi_wm2 = np.full(run.grid.count, np.nan)
    temp_c = believed_c(run.temp_c, run.grid)
    if not (np.isfinite(ghi_wm2).any() or np.isfinite(temp_c).any()):
        return None
    return replace(run, ghi_wm2=ghi_wm2, temp_c=temp_c)


def _unbelievable(run: WeatherRun, sky: Sky) -> tuple[Bools, Bools, Bools]:
    """Sunlight that is stuck; zero in broad daylight; or more than there can be, or less than none."""
    ghi_wm2, hour = run.ghi_wm2, steps(run.grid, HOUR_S)
    stuck = repeating(ghi_wm2, max(_STUCK_STEPS, steps(run.grid, _STUCK_S)))
    broad_day = lowest_near(sky.ghi_wm2, hour) >= _LIT_WM2
    zeros = (np.abs(ghi_wm2) < _DARK_WM2) & broad_day
    beyond = (ghi_wm2 > ceiling_wm2(sky)) | (ghi_wm2 <= -_DARK_WM2)
    return stuck, zeros & ~stuck, beyond & ~stuck


def _lasting_params(run: WeatherRun, mask: Bools) -> dict[str, object]:
    return {"source": run.source, "lasted_s": lasted_s(mask, run.grid)}


def _skies(runs: Sequence[WeatherRun], sky_on: Callable[[Grid], Sky]) -> dict[int, Sky]:
    """One sky for each step in use, as long as all runs of it."""
    skies: dict[int, Sky] = {}
    for step_s in sorted({run.grid.step_s for run in runs}):
        grids = [run.grid for run in runs if run.grid.step_s == step_s]
        start_s = min(grid.start_s for grid in grids)
        end_s = max(grid.end_s for grid in grids)
        skies[step_s] = sky_on(Grid(start_s, step_s, (end_s - start_s) // step_s))
    return skies
