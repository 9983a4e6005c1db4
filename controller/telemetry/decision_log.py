"""The decision log's entries and the hash chain that holds them together. Pure.

An entry's hash is the SHA-256 of its canonical JSON: the entry's columns but `hash` itself, `params` as an
object, `previous_hash` being the hash of the entry before. Canonical: keys sorted, no white space, UTF-8,
nothing escaped that JSON allows as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

GENESIS_HASH = "0" * 64
"""What the first entry is linked to."""

_NO_PARAMS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One change of state and why."""

    at_utc: datetime
    """Aware; a label only."""
    boot_id: str
    """The host's boot, which `monotonic_s` counts within."""
    monotonic_s: float
    subject: str
    """A feeder id, a device id, or `site`."""
    action: str
    code: str
    """The reason's stable code."""
    params: Mapping[str, Any] = field(default_factory=lambda: _NO_PARAMS)
    """What the reason's sentence needs; JSON values only."""

    def __post_init__(self) -> None:
        if self.at_utc.tzinfo is None:
            raise ValueError("at_utc must be aware")


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """A decision as the log holds it."""

    seq: int
    """1 for the first; no gaps."""
    record: DecisionRecord
    hash: str


class LogRow(NamedTuple):
    """A row of the table `decision`, as stored."""

    seq: int
    at_utc: str
    boot_id: str
    monotonic_s: float
    subject: str
    action: str
    code: str
    params: str
    previous_hash: str
    hash: str


def canonical_json(value: object) -> str:
    """The one way to write a JSON value. Raises TypeError or ValueError for what JSON has no word for."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def parse_params(text: str) -> dict[str, Any]:
    """The parameters of a stored entry. Raises ValueError or TypeError when it is no JSON object."""
    try:
        params = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(params, dict):
        raise TypeError("not a JSON object")
    return params


def entry_hash(row: LogRow) -> str:
    """The hash that a row ought to have [hex]. Raises ValueError or TypeError for a damaged row."""
    entry = row._asdict()
    del entry["hash"]
    entry["params"] = parse_params(row.params)
    return hashlib.sha256(canonical_json(entry).encode()).hexdigest()


def seal(record: DecisionRecord, seq: int, previous_hash: str) -> LogRow:
    """The row that stores a record, linked to the entry before.

    Raises TypeError or ValueError when the parameters are not JSON values.
    """
    # Through JSON and back: keys that were not strings sort differently once they are.
    params = json.loads(canonical_json(dict(record.params)))
    row = LogRow(
        seq=seq,
        at_utc=record.at_utc.astimezone(UTC).isoformat(timespec="microseconds"),
        boot_id=record.boot_id,
        monotonic_s=float(record.monotonic_s),
        subject=str(record.subject),
        action=str(record.action),
        code=str(record.code),
        params=canonical_json(params),
        previous_hash=previous_hash,
        hash="",
    )
    return row._replace(hash=entry_hash(row))


def logged(row: LogRow) -> LoggedDecision:
    """The decision of a row, its hash not checked. Raises ValueError or TypeError for a damaged row."""
    record = DecisionRecord(
        at_utc=datetime.fromisoformat(row.at_utc),
        boot_id=row.boot_id,
        monotonic_s=row.monotonic_s,
        subject=row.subject,
        action=row.action,
        code=row.code,
        params=parse_params(row.params),
    )
    return LoggedDecision(row.seq, record, row.hash)
