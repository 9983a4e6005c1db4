"""A measured file as columns of numbers: CSV or CSV.gz, with every fault named by line and column."""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import numpy as np

from controller.config import hints
from controller.config.faults import Fault
from forecasting.backtest.stamp_order import stamp_order
from forecasting.grid import Floats, Ints

MAX_FAULTS = 10
MAX_ROWS = 5_000_000
UTC_COLUMNS = ("time", "time_utc")
LOCAL_COLUMN = "time_local"
_MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})


class DataError(Exception):
    """The data file cannot be used; `faults` says all that is wrong with it, as far as it was read."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(fault.block() for fault in faults))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of a file in the order of time, one for each stamp; missing cells are NaN."""

    file: str
    at_s: Ints
    """The stamps as they stand there, Unix seconds, shape (rows,)."""
    line: Ints
    """The line of each row, counted from 1."""
    columns: dict[str, Floats]
    """Each of shape (rows,)."""
    notes: tuple[str, ...]
    """What was done with rows out of order."""

    def fault(
        self, message: str, *, row: int | None = None, column: str = "", found: str | None = None
    ) -> Fault:
        """A fault in a row or a column of this file."""
        line = None if row is None else int(self.line[row])
        return Fault(self.file, column, line, found, message)


def read_header(path: Path) -> tuple[str, ...]:
    """The names of the columns. Raises DataError."""
    with _text_of(path) as stream:
        return _header(path, csv.reader(stream, delimiter=_delimiter(path)))


def read_table(path: Path, wanted: Iterable[str], timezone: str) -> Table:
    """Read the stamps and the wanted columns.

    Args:
        path: CSV or CSV.gz with one line of names; UTF-8.
        wanted: the names of columns with numbers.
        timezone: where the clock that wrote `time_local` hangs.

    Raises DataError, which holds up to ten faults.
    """
    with _text_of(path) as stream:
        reader = csv.reader(stream, delimiter=_delimiter(path))
        header = _header(path, reader)
        rows = _Rows(str(path), header, tuple(dict.fromkeys(wanted)), _stamp_reader(path, header, timezone))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.add(cells, reader.line_num)
    return rows.table()


def _opened(path: Path) -> IO[str]:
    """The file as text. Raises DataError."""
    try:
        with path.open("rb") as probe:
            zipped = probe.read(2) == b"\x1f\x8b"
        if zipped:
            return TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig", newline="")
        return path.open(encoding="utf-8-sig", newline="")
    except FileNotFoundError as err:
        raise _whole_file(path, f"no such file; looked for {path.absolute()}") from err
    except OSError as err:
        raise _whole_file(path, f"cannot be read: {err.strerror or err}") from err


@contextmanager
def _text_of(path: Path) -> Iterator[IO[str]]:
    """The file as text while it is read. Raises DataError, also where it breaks off in the middle."""
    try:
        with _opened(path) as stream:
            yield stream
    except (EOFError, zlib.error) as err:
        raise _whole_file(path, "the packed file breaks off or is damaged: copy it again") from err
    except (UnicodeDecodeError, gzip.BadGzipFile, csv.Error) as err:
        raise _whole_file(path, "this is no CSV file in UTF-8: save it again as such") from err


def _whole_file(path: Path, message: str) -> DataError:
    return DataError((Fault(str(path), "", None, None, message),))


def _delimiter(path: Path) -> str:
    """A comma, or what stands in its place in the line of names."""
    with _text_of(path) as stream:
        first = stream.readline()
    return max(",;\t", key=first.count)


def _header(path: Path, reader: Iterator[list[str]]) -> tuple[str, ...]:
    names = _names(next(reader, []))
    if not names:
        raise _whole_file(path, "the file is empty: expected is a line with the names of the columns")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            (Fault(str(path), twice[0], 1, f"{twice[0]} a second time", "give each column its own name"),)
        )
    return names


def _names(cells: list[str]) -> tuple[str, ...]:
    """Names of columns; each file that was put below another may begin with the mark of UTF-8."""
    return tuple(cell.strip().lstrip("\ufeff") for cell in cells)


@dataclass(frozen=True, slots=True)
class _StampReader:
    """Turns the text of a stamp into Unix seconds."""

    column: int
    zone: ZoneInfo | None
    """Of a local clock; None: the text tells its offset."""

    def read(self, text: str, previous_s: int | None) -> int:
        """Unix seconds. Raises ValueError with the remedy."""
        try:
            stamp = datetime.fromisoformat(text.strip())
        except ValueError:
            raise ValueError("no time: write the year first, as in 2026-11-22 14:30:00") from None
        if self.zone is None:
            if stamp.tzinfo is None:
                raise ValueError(
                    "which offset from UTC? Write 2026-11-22T14:30:00Z, or name the column time_local"
                )
            return int(stamp.timestamp())
        if stamp.tzinfo is not None:
            raise ValueError("a stamp with an offset belongs into a column named time")
        return self._local(stamp.replace(tzinfo=self.zone), previous_s)

    def _local(self, stamp: datetime, previous_s: int | None) -> int:
        at_s = int(stamp.timestamp())
        if previous_s is not None and at_s <= previous_s:
            # The hour that a clock shows twice in autumn.
            at_s = int(stamp.replace(fold=1).timestamp())
        shown = datetime.fromtimestamp(at_s, UTC).astimezone(stamp.tzinfo)
        if shown.replace(tzinfo=None) - stamp.replace(tzinfo=None) != timedelta(0):
            raise ValueError(
                "this clock was put forward over that hour: if the file keeps standard time, say so with "
                "stamp_timezone in the site file, such as Etc/GMT-10 for UTC+10"
            )
        return at_s


def _stamp_reader(path: Path, header: tuple[str, ...], timezone: str) -> _StampReader:
    for name in UTC_COLUMNS:
        if name in header:
            return _StampReader(header.index(name), None)
    if LOCAL_COLUMN in header:
        return _StampReader(header.index(LOCAL_COLUMN), ZoneInfo(timezone))
    raise DataError(
        (
            Fault(
                str(path),
                "time",
                1,
                f"the columns {', '.join(header)}",
                "a column of stamps is missing: name it time (with offset or Z) or time_local",
            ),
        )
    )


class _Rows:
    """Collects rows and what is wrong with them."""

    def __init__(
        self, file: str, header: tuple[str, ...], wanted: tuple[str, ...], stamps: _StampReader
    ) -> None:
        self._file = file
        self._places = {name: header.index(name) for name in wanted}
        self._stamps = stamps
        self._at_s: list[int] = []
        self._lines: list[int] = []
        self._values: dict[str, list[float]] = {name: [] for name in wanted}
        self._faults: list[Fault] = []
        self._header = header
        self._width = len(header)

    def add(self, cells: list[str], line: int) -> None:
        """Take a row in; raises DataError when there are too many faults or rows."""
        if _names(cells) == self._header:
            return  # of a file put below another
        if len(cells) != self._width:
            message = f"a row has {self._width} cells here: is a comma missing, or one too many?"
            self._fault("", line, f"{len(cells)} cells", message)
            return
        text = cells[self._stamps.column]
        try:
            at_s = self._stamps.read(text, self._at_s[-1] if self._at_s else None)
        except ValueError as err:
            self._fault("time", line, text or "nothing", str(err))
            return
        if len(self._at_s) == MAX_ROWS:
            self._fault("", line, f"more than {MAX_ROWS} rows", "give a shorter file, or one of longer steps")
            raise DataError(tuple(self._faults))
        self._at_s.append(at_s)
        self._lines.append(line)
        for name, place in self._places.items():
            self._values[name].append(self._number(name, cells[place], line))

    def table(self) -> Table:
        """All rows. Raises DataError."""
        at_s, line = np.array(self._at_s, dtype=np.int64), np.array(self._lines, dtype=np.int64)
        order = stamp_order(at_s)
        if not self._faults and order.used.size < 2:
            self._fault("", 1, f"{order.used.size} rows", "a trial needs weeks of measurements")
        if self._faults:
            raise DataError(tuple(self._faults))
        columns = {
            name: np.array(values, dtype=np.float64)[order.used] for name, values in self._values.items()
        }
        return Table(self._file, at_s[order.used], line[order.used], columns, order.notes(line))

    def _number(self, name: str, text: str, line: int) -> float:
        stripped = text.strip()
        if stripped.lower() in _MISSING:
            return math.nan
        try:
            value = float(stripped)
        except ValueError:
            value = math.inf
        if not math.isfinite(value):
            hint = hints.for_number(name, stripped, quoted=False)
            self._fault(
                name,
                line,
                stripped,
                hint or "here belongs a number; leave the cell empty where none is known",
            )
            return math.nan
        return value

    def _fault(self, column: str, line: int, found: str, message: str) -> None:
        self._faults.append(Fault(self._file, column, line, found, message))
        if len(self._faults) >= MAX_FAULTS:
            raise DataError(tuple(self._faults))
