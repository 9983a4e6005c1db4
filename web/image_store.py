"""Reading image.json, and the verdict on whether the controller is running."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from web.image import Image
from web.watched_file import FileFault, FileStamp, WatchedFile

OLD_AFTER_S = 5.0
"""An image older than this on the host's monotonic clock means that the controller is not running."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class ControllerState(StrEnum):
    """What can be said of the controller."""

    RUNNING = "running"
    MISSING = "missing"
    """No image: it has not run since the host started."""
    UNREADABLE = "unreadable"
    """The image cannot be read or is not understood."""
    OLD = "old"
    """The image has not been replaced for more than OLD_AFTER_S."""
    REBOOTED = "rebooted"
    """The image is of another boot of the host."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the web process knows at one moment."""

    image: Image | None
    state: ControllerState
    age_s: float | None
    """Age of the image on the host's monotonic clock; None without one or of another boot."""
    version: int
    """Grows whenever the image or the verdict changes: equal versions look the same."""

    @property
    def running(self) -> bool:
        """Whether the figures are of now."""
        return self.state is ControllerState.RUNNING

    @property
    def written_s(self) -> float | None:
        """When the image was written, on the host's monotonic clock."""
        return None if self.image is None else self.image.written.monotonic_s

    @property
    def at(self) -> datetime | None:
        """The controller's time of the figures, aware UTC."""
        return None if self.image is None else self.image.clock.utc


_FAULTS = {FileFault.MISSING: ControllerState.MISSING, FileFault.UNREADABLE: ControllerState.UNREADABLE}


class ImageStore:
    """Reads image.json when it was replaced and judges its age."""

    def __init__(self, path: Path, monotonic: Callable[[], float], boot_id: str | None) -> None:
        self._file = WatchedFile(path, Image)
        self._monotonic = monotonic
        self._boot_id = boot_id
        self._seen: tuple[FileStamp | None, ControllerState] | None = None
        self._version = 0

    def look(self) -> Snapshot:
        """The present state of affairs; never raises for what is wrong with the file."""
        self._file.reread()
        state, age_s = self._judge()
        if self._seen != (self._file.stamp, state):
            self._seen = (self._file.stamp, state)
            self._version += 1
        return Snapshot(self._file.content, state, age_s, self._version)

    def _judge(self) -> tuple[ControllerState, float | None]:
        image, fault = self._file.content, self._file.fault
        if image is None:
            return _FAULTS[fault or FileFault.MISSING], None
        written = image.written
        if None not in (self._boot_id, written.boot_id) and self._boot_id != written.boot_id:
            return ControllerState.REBOOTED, None
        age_s = max(0.0, self._monotonic() - written.monotonic_s)
        return (ControllerState.OLD if age_s > OLD_AFTER_S else ControllerState.RUNNING), age_s


def host_boot_id() -> str | None:
    """The identity of this boot of the host, None where the system has none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
