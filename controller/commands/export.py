"""`tawan export`: what was measured, as a file for other programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.commands.configuration import load_or_explain
from controller.export.csv_file import csv_rows
from controller.export.parquet_file import write_parquet
from controller.export.tables import ExportError, Table, choose
from controller.settings import Config
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import StorageError


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What the command line asks for."""

    config: Path
    first: date
    last: date
    """Local days, both included."""
    series: Sequence[str]
    step_s: int
    out: Path


def export_history(options: ExportOptions) -> int:
    """Write the file; returns the exit status. A file that could not be finished is not left behind."""
    config = load_or_explain(options.config, with_profiles=False)
    zone = ZoneInfo(config.site.timezone)
    reader = TelemetryReader(config.storage.telemetry)
    draft = options.out.with_name(options.out.name + ".part")
    try:
        table = _table(options, config, reader, zone)
        rows = _write(draft, options.out.suffix, table, reader, config.site.id, zone)
        draft.replace(options.out)
    except (ExportError, StorageError) as error:
        draft.unlink(missing_ok=True)
        print(f"tawan export: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        draft.unlink(missing_ok=True)
        print(f"tawan export: {options.out} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    print(
        f"{options.out}: {rows} rows, {len(table.columns)} series, {options.out.stat().st_size / 1e6:.1f} MB"
    )
    return 0


def _table(options: ExportOptions, config: Config, reader: TelemetryReader, zone: ZoneInfo) -> Table:
    """What to export. Raises ExportError and StorageError."""
    telemetry = config.storage.telemetry
    if not telemetry.exists():
        msg = f"{telemetry}: nothing has been measured yet (storage.telemetry in {options.config})"
        raise ExportError(msg)
    return Table(choose(options.series, reader.series()), *_window(options, zone), options.step_s)


def _window(options: ExportOptions, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Local midnights around the days."""
    first = datetime.combine(options.first, time(), zone)
    return first, datetime.combine(options.last + timedelta(days=1), time(), zone)


def _write(draft: Path, suffix: str, table: Table, reader: TelemetryReader, site: str, zone: ZoneInfo) -> int:
    """Write the draft; the number of rows. Raises ExportError, StorageError and OSError."""
    if suffix == ".parquet":
        rows = write_parquet(draft, table, reader, site)
    elif suffix == ".csv":
        rows = -1  # the head
        with draft.open("w", encoding="utf-8", newline="") as out:
            for text in csv_rows(table, reader, zone):
                rows += text.count("\n")
                out.write(text)
    else:
        msg = f"files end in .csv or .parquet, not in {suffix or 'nothing'}"
        raise ExportError(msg)
    if rows == 0:
        raise ExportError("nothing was measured in that period")
    return rows
