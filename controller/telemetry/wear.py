"""What the store takes of the disk, and what the controller writes to it: for the status and for alarms."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

_IO = Path("/proc/self/io")
_EVERY_S = 600.0
_LEAST_S = 600.0
_MOST = 145
"""A day and a bit of measurements."""


@dataclass(frozen=True, slots=True)
class StorageStatus:
    """The state of the store; bytes, Unix seconds, None: there is nothing of the kind."""

    used_bytes: int
    budget_bytes: int
    free_disk_bytes: int
    journal_bytes: int
    oldest_fine_s: int | None
    oldest_minute_s: int | None
    oldest_quarter_s: int | None
    unstamped_hours: int
    """Hours of samples that wait for their true stamps, or will never get them."""
    overlapping_periods: int
    """Given up since the start, as there were samples of the same time already."""
    damaged_bytes: int
    """Of the journal, found torn at the start."""
    thinned_hours: int
    """Of 10 s means, forgotten before their time since the start."""
    converting: bool
    """Samples of an older version are still being taken over."""

    @property
    def used_frac(self) -> float:
        """Of the budget."""
        return self.used_bytes / self.budget_bytes


class WriteMeter:
    """How much this process has had written to disks in a day, as the kernel counts it.

    That is everything: journal, database, its WAL; not what other processes write, nor what the file system
    adds for its own journal.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque(maxlen=_MOST)

    def look(self, monotonic_s: float) -> None:
        """Take a measurement, unless the last one is fresh."""
        if self._seen and monotonic_s - self._seen[-1][0] < _EVERY_S:
            return
        written = written_bytes()
        if written is not None:
            self._seen.append((monotonic_s, written))

    @property
    def bytes_per_day(self) -> float | None:
        """Over the last day, or since the start; None in the first minutes."""
        if len(self._seen) < 2 or self._seen[-1][0] - self._seen[0][0] < _LEAST_S:
            return None
        (first_s, first), (last_s, last) = self._seen[0], self._seen[-1]
        return (last - first) / (last_s - first_s) * 86_400


def written_bytes() -> int | None:
    """What the kernel has counted as written by this process; None where it does not tell."""
    try:
        lines = _IO.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = dict(line.split(": ", 1) for line in lines if ": " in line)
    return int(found["write_bytes"]) if "write_bytes" in found else None
