"""Weather that somebody drops as a CSV file, or as several in a folder.

Columns: `time` (ISO 8601 with Z or an offset; the START of the step) and `ghi_wm2`; any of `temp_c`,
`humidity_pct`, `cloud_pct`; `source`, the model's name, where there are several; `issued`, as `time`, when
the forecast could be had: the file's own time of writing where there is no such column. Comma or semicolon.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from forecasting.grid import DAY_S, Floats
from forecasting.records import WeatherRun
from forecasting.sanity import regular, usual_step_s
from forecasting.weather.errors import WeatherError, WeatherGarbledError

_LARGEST = 20_000_000
_NEEDED = ("time", "ghi_wm2")
_VALUES = ("ghi_wm2", "temp_c", "humidity_pct", "cloud_pct")
_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class CsvWeather:
    """A fetch from a file or a folder of *.csv files. Raises WeatherError."""

    path: Path

    def __call__(self) -> tuple[WeatherRun, ...]:
        """All runs found, oldest issued first; of two the same, that of the file last by name."""
        try:
            paths = sorted(self.path.glob("*.csv")) if self.path.is_dir() else [self.path]
            runs = {(run.source, run.issued_s): run for path in paths for run in _read(path)}
        except OSError as err:
            msg = f"{self.path.name}: {err.strerror or type(err).__name__}"
            raise WeatherError(msg) from err
        return tuple(sorted(runs.values(), key=lambda run: run.issued_s))


def _read(path: Path) -> list[WeatherRun]:
    stat = path.stat()
    if stat.st_size > _LARGEST:
        msg = f"{path.name} is larger than {_LARGEST // 1_000_000} MB"
        raise WeatherGarbledError(msg)
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _runs(text, path.stem, int(stat.st_mtime))
    except (ValueError, csv.Error) as err:
        msg = f"{path.name}: {err}"
        raise WeatherGarbledError(msg) from err


def _runs(text: str, source: str, written_s: int) -> list[WeatherRun]:
    """Raises ValueError or csv.Error naming the line."""
    stamps: defaultdict[_Key, list[int]] = defaultdict(list)
    values: defaultdict[_Key, list[list[float]]] = defaultdict(list)
    for line, row in _rows(text):
        try:
            issued_s = _seconds(row["issued"]) if row.get("issued") else written_s
            key = (row.get("source") or source, issued_s)
            stamps[key].append(_seconds(row["time"]))
            values[key].append([_number(row.get(name)) for name in _VALUES])
        except ValueError as err:
            msg = f"line {line}: {err}"
            raise ValueError(msg) from err
    return [_run(key, stamps[key], np.array(values[key])) for key in stamps]


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",", skipinitialspace=True)
    lacking = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if lacking:
        msg = f"line 1: there is no column {' and no '.join(lacking)}"
        raise ValueError(msg)
    for row in reader:
        yield reader.line_num, row


def _run(key: _Key, stamps: list[int], values: Floats) -> WeatherRun:
    at_s = np.array(stamps, dtype=np.int64)
    step_s = usual_step_s(at_s)
    if DAY_S % step_s:
        msg = f"the rows follow each other every {step_s} s, which does not divide a day"
        raise ValueError(msg)
    rows = regular(at_s, values, step_s)
    ghi_wm2, temp_c, humidity_pct, cloud_pct = rows.values.T
    return WeatherRun(key[0], key[1], rows.grid, ghi_wm2, temp_c, humidity_pct / 100.0, cloud_pct / 100.0)


def _seconds(told: str | None) -> int:
    """Unix seconds. Raises ValueError for a time without its offset from UTC."""
    moment = datetime.fromisoformat((told or "").strip())
    if moment.tzinfo is None:
        msg = f"{told} lacks its offset from UTC: write Z or +07:00 after it"
        raise ValueError(msg)
    return int(moment.timestamp())


def _number(told: str | None) -> float:
    """NaN for an empty cell. Raises ValueError for text."""
    return float(told) if told and told.strip() else np.nan
