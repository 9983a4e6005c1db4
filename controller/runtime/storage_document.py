"""The part of image.json about what the store takes of the disk."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Protocol

from controller.telemetry.wear import StorageStatus

Json = dict[str, Any]

_OLDEST = ("oldest_fine_s", "oldest_minute_s", "oldest_quarter_s")


class Store(Protocol):
    """What is asked of the telemetry store (controller.telemetry.store)."""

    @property
    def status(self) -> StorageStatus | None:
        """How it stands; None while that is not known."""
        ...

    @property
    def written_bytes_per_day(self) -> float | None:
        """What the controller has had written to disks in a day; None while that is not known."""
        ...

    @property
    def dropped_samples(self) -> int:
        """Means given up since the start because the disk refused for too long."""
        ...

    @property
    def sample_error(self) -> str | None:
        """Why samples could not be stored; None when they could."""
        ...


def storage_document(store: Store) -> Json:
    """Its `storage`; figures of the store are at most ten minutes old, and null before the first look."""
    status, written = store.status, store.written_bytes_per_day
    figures = {} if status is None else asdict(status)
    oldest = {name.split("_")[1]: _utc(figures.pop(name, None)) for name in _OLDEST}
    return {
        **dict.fromkeys(_FIGURES),
        **figures,
        "used_frac": None if status is None else round(status.used_frac, 4),
        "oldest_utc": oldest,
        "written_bytes_per_day": None if written is None else round(written),
        "dropped_samples": store.dropped_samples,
        "error": store.sample_error,
    }


_FIGURES = tuple(name for name in StorageStatus.__dataclass_fields__ if name not in _OLDEST)


def _utc(at_s: int | None) -> str | None:
    return None if at_s is None else datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds")
