"""A table as Parquet: `time` in UTC, a float64 column for each series, units in the columns' metadata."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from controller.export.tables import History, Table, units_of

_TIME = pa.timestamp("s", tz="UTC")


def write_parquet(path: Path, table: Table, history: History, site: str) -> int:
    """Write the file, a row group for each day; the number of rows. Raises StorageError and OSError."""
    schema = _schema(table, site)
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for part in table.slices(history):
            columns = [pa.array(part.starts_utc, _TIME)]
            columns += [pa.array(values, pa.float64()) for values in part.values]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            rows += len(part.starts_utc)
    return rows


def _schema(table: Table, site: str) -> pa.Schema:
    units = units_of(table.columns)
    fields = [pa.field("time", _TIME, nullable=False)]
    fields += [pa.field(name, pa.float64(), metadata={"unit": units[name]}) for name in table.names]
    about = {"site": site, "step_s": table.step_s, "signs": "power into a component is positive"}
    return pa.schema(fields, metadata={"tawan": json.dumps(about)})
