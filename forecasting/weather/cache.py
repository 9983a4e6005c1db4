"""Weather runs on disk: there after a power cut and without the internet, and to learn from.

One small packed file for each time the weather was fetched: with three models some 4 kB, eight a day, so
that 90 days take 3 MB and a day writes 40 kB and eight fsyncs, which an SD card does not notice. A file
appears under its name only when it is whole and on the card; should a card lie about that, the checksum of
the packing shows it, and the file is skipped.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forecasting.grid import DAY_S, Floats, Grid
from forecasting.records import WeatherArchive, WeatherRun
from forecasting.site import Place

_FORMAT = 1
_SUFFIX = ".json.gz"
_DRAFT = ".new"
_LARGEST = 4_000_000
_COLUMNS = ("ghi_wm2", "temp_c", "humidity_frac", "cloud_frac")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a cache holds."""

    archive: WeatherArchive
    damaged: tuple[str, ...]
    """Names of the files that cannot be read."""


@dataclass(frozen=True, slots=True)
class WeatherCache:
    """A folder of weather runs, bounded in age and size; nothing else may be kept in it."""

    folder: Path
    keep_s: int = 90 * DAY_S
    keep_bytes: int = 16_000_000

    @classmethod
    def of_place(cls, root: Path, place: Place) -> WeatherCache:
        """The cache of a place: once its coordinates are corrected, weather of elsewhere is not used."""
        return cls(root / f"weather_{place.latitude_deg:.2f}_{place.longitude_deg:.2f}")

    def load(self) -> Loaded:
        """All runs in the order of their issue. Raises OSError when the folder itself cannot be read."""
        runs: list[WeatherRun] = []
        damaged: list[str] = []
        for path in self._files():
            try:
                runs += _unpacked(path)
            except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError):
                damaged.append(path.name)
        return Loaded(WeatherArchive(tuple(sorted(runs, key=lambda run: run.issued_s))), tuple(damaged))

    def store(self, runs: tuple[WeatherRun, ...]) -> None:
        """Keep runs that were fetched together, and drop what is too old or too much. Raises OSError."""
        if not runs:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        issued_s = max(run.issued_s for run in runs)
        draft = self.folder / f"weather{_DRAFT}"
        with draft.open("wb") as file:
            file.write(_packed(runs))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / f"{issued_s:012d}{_SUFFIX}")
        self._prune(issued_s)

    def _files(self) -> list[Path]:
        """Oldest first: their names are Unix seconds."""
        return sorted(self.folder.glob(f"*{_SUFFIX}")) if self.folder.exists() else []

    def _prune(self, now_s: int) -> None:
        kept = 0
        for path in reversed(self._files()):
            kept += path.stat().st_size
            name = path.name.removesuffix(_SUFFIX)
            if kept > self.keep_bytes or not name.isdecimal() or int(name) < now_s - self.keep_s:
                path.unlink()


def _packed(runs: tuple[WeatherRun, ...]) -> bytes:
    document = {"format": _FORMAT, "runs": [_document(run) for run in runs]}
    return gzip.compress(json.dumps(document, separators=(",", ":"), allow_nan=False).encode(), mtime=0)


def _unpacked(path: Path) -> list[WeatherRun]:
    """Raises OSError, EOFError, zlib.error, ValueError, TypeError or KeyError for a file that is damaged."""
    with gzip.open(path) as file:
        text = file.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        raise ValueError("too large")
    document = json.loads(text)
    if document["format"] != _FORMAT:
        raise ValueError("of another format")
    return [_run(entry) for entry in document["runs"]]


def _document(run: WeatherRun) -> dict[str, Any]:
    return {
        "source": run.source,
        "issued_s": run.issued_s,
        "start_s": run.grid.start_s,
        "step_s": run.grid.step_s,
        **{name: _listed(getattr(run, name)) for name in _COLUMNS},
    }


def _run(entry: Mapping[str, Any]) -> WeatherRun:
    columns = {name: np.array(entry[name], dtype=np.float64) for name in _COLUMNS}
    grid = Grid(int(entry["start_s"]), int(entry["step_s"]), len(columns["ghi_wm2"]))
    return WeatherRun(str(entry["source"]), int(entry["issued_s"]), grid, **columns)


def _listed(values: Floats) -> list[float | None]:
    """Rounded to what any weather model knows; null where missing."""
    return [round(float(value), 3) if np.isfinite(value) else None for value in values]
