"""A table as CSV: UTF-8, comma, a point in decimals; times in UTC and in the site's own zone."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from zoneinfo import ZoneInfo

from controller.export.tables import History, Table


def csv_rows(table: Table, history: History, zone: ZoneInfo) -> Iterator[str]:
    """The file's text piece by piece: the head, then a day at a time. Raises StorageError."""
    yield _text([["time_utc", "time_local", *table.names]])
    for part in table.slices(history):
        rows = zip(part.starts_utc, *part.values, strict=True)
        yield _text(
            [
                [
                    start.isoformat(timespec="seconds").replace("+00:00", "Z"),
                    start.astimezone(zone).isoformat(timespec="seconds"),
                    *("" if value is None else _number(value) for value in values),
                ]
                for start, *values in rows
            ]
        )


def _number(value: float) -> str:
    """Nine digits: finer than anything that was measured, counters in Wh included."""
    return f"{value:.9g}"


def _text(rows: list[list[str]]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
