"""Proof that nobody rewrote the decision log: the chain is recomputed, the first broken entry named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from controller.telemetry.chain import LOST, SALVAGED, UNDER_WAY
from controller.telemetry.decision_log import GENESIS_HASH, LogRow, canonical_json, entry_hash, parse_params
from controller.telemetry.schema import StorageError, reading


class Fault(StrEnum):
    """What can be wrong with the chain."""

    MISSING = "missing"
    """Entries were taken out: the numbers have a gap."""
    UNREADABLE = "unreadable"
    """The entry's parameters are not JSON."""
    ALTERED = "altered"
    """The entry is not what was hashed."""
    RELINKED = "relinked"
    """The entry is whole but follows another than the one before it: that one was replaced."""
    HEAD_UNKNOWN = "head_unknown"
    """No entry has the hash that was noted earlier: the end was cut off, or everything was written anew."""


@dataclass(frozen=True, slots=True)
class Break:
    """The first fault of a chain."""

    fault: Fault
    seq: int | None
    """Number of the broken entry, or of the first missing one; None when only the noted head is not found."""
    detail: str
    """One sentence in English."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Entries that are missing, and that a later entry says were lost with a damaged file."""

    first: int
    last: int
    told_by: int
    """Number of the entry that says so."""
    told_utc: str
    """Its stamp, ISO 8601."""
    file: str
    """Name of the damaged file, which was set aside."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found."""

    count: int
    """Entries in the log."""
    first_utc: str | None
    """Stamp of the first entry, ISO 8601; None while the log is empty."""
    last_utc: str | None
    head_hash: str
    """Hash of the last entry; to be noted on paper, for a later audit to be held against."""
    broken: Break | None
    """None: the chain is whole, but for `losses`."""
    losses: tuple[Loss, ...] = ()
    """What the log itself says was lost. Nobody can prove what stood there."""

    @property
    def ok(self) -> bool:
        """Whether the chain is whole, but for losses that it tells of."""
        return self.broken is None


def verify(path: Path, expected_head: str | None = None) -> AuditReport:
    """Recompute the chain of a store, read-only; the controller may go on writing meanwhile.

    The chain alone cannot show that its newest entries were cut off, nor that all entries from some point
    on were written anew with fresh hashes. Whoever notes `head_hash` and hands it in later as
    `expected_head` sees both: the log may have grown since, but an entry with that hash must be in it.
    Raises StorageError when there is nothing to read.
    """
    with reading(path) as connection:
        if connection is None:
            msg = f"{path}: there is no decision log"
            raise StorageError(msg)
        connection.text_factory = _text
        rows = connection.execute(
            "SELECT seq, at_utc, boot_id, monotonic_s, subject, action, code, params, previous_hash, hash"
            " FROM decision ORDER BY seq"
        )
        report = _verify_rows((LogRow._make(row) for row in rows), expected_head)
        salvaging = connection.execute("SELECT 1 FROM meta WHERE key = ?", (UNDER_WAY,)).fetchone()
    if report.broken is None or salvaging is None:
        return report
    detail = f"{report.broken.detail}; a damaged file is being salvaged: ask again in an hour"
    return replace(report, broken=replace(report.broken, detail=detail))


def _text(raw: bytes) -> str:
    """Keep what is not UTF-8: its hash will not fit, and the audit goes on."""
    return raw.decode("utf-8", "surrogateescape")


def _verify_rows(rows: Iterable[LogRow], expected_head: str | None) -> AuditReport:
    count = 0
    first: LogRow | None = None
    last: LogRow | None = None
    broken: Break | None = None
    head_seen = expected_head is None or expected_head == GENESIS_HASH
    missing: list[tuple[int, int]] = []
    told: list[Loss] = []
    for row in rows:
        count += 1
        first = first or row
        due_seq = last.seq + 1 if last else 1
        if row.seq != due_seq:
            missing.append((due_seq, row.seq - 1))
        fault = _fault_of(row, last, behind_gap=row.seq != due_seq)
        broken = broken or fault
        if row.code == SALVAGED and fault is None:
            told += _told_losses(row)
        head_seen = head_seen or row.hash == expected_head
        last = row
    losses, unexplained = _explained(missing, told)
    broken = _earlier(broken, unexplained)
    if broken is None and not head_seen:
        detail = (
            f"no entry has the hash {expected_head}: the log was cut short or written anew since it was noted"
        )
        broken = Break(Fault.HEAD_UNKNOWN, None, detail)
    return AuditReport(
        count=count,
        first_utc=first.at_utc if first else None,
        last_utc=last.at_utc if last else None,
        head_hash=last.hash if last else GENESIS_HASH,
        broken=broken,
        losses=losses,
    )


def _told_losses(row: LogRow) -> list[Loss]:
    """What a sound entry of the salvage says was lost."""
    params = parse_params(row.params)
    return [
        Loss(first, last, row.seq, row.at_utc, str(params.get("file")))
        for first, last in params.get(LOST, ())
    ]


def _explained(
    missing: Iterable[tuple[int, int]], told: Iterable[Loss]
) -> tuple[tuple[Loss, ...], Break | None]:
    """Gaps that an entry tells of, and the first that none does."""
    by_gap = {(loss.first, loss.last): loss for loss in told}
    losses: list[Loss] = []
    for first, last in missing:
        if (first, last) not in by_gap:
            which = f"entry {first} is" if first == last else f"entries {first} to {last} are"
            return tuple(losses), Break(Fault.MISSING, first, f"{which} missing")
        losses.append(by_gap[first, last])
    return tuple(losses), None


def _earlier(one: Break | None, other: Break | None) -> Break | None:
    found = [each for each in (one, other) if each is not None]
    return min(found, key=lambda each: each.seq or 0, default=None)


def _fault_of(row: LogRow, previous: LogRow | None, *, behind_gap: bool) -> Break | None:
    """What is wrong with an entry; behind a gap nobody knows what it ought to follow."""
    try:
        params = parse_params(row.params)
    except (TypeError, ValueError) as err:
        return Break(Fault.UNREADABLE, row.seq, f"the parameters of entry {row.seq} cannot be read: {err}")
    try:
        whole = entry_hash(row) == row.hash and canonical_json(params) == row.params
    except (TypeError, ValueError):
        whole = False
    if not whole:
        return Break(
            Fault.ALTERED, row.seq, f"entry {row.seq} was altered: its content does not fit its hash"
        )
    if not behind_gap and row.previous_hash != (previous.hash if previous else GENESIS_HASH):
        detail = f"entry {row.seq} does not follow the entry before it: that one was replaced"
        return Break(Fault.RELINKED, row.seq, detail)
    return None
