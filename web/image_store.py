"""Reading image.json, and the verdict on whether the controller is running.

The file is small and lies in memory, so it is read on the event loop, and only when it was replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from web.image import Image

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


_FileStamp = tuple[int, int, int]


class ImageStore:
    """Reads image.json when it was replaced and judges its age."""

    def __init__(self, path: Path, monotonic: Callable[[], float], boot_id: str | None) -> None:
        self._path = path
        self._monotonic = monotonic
        self._boot_id = boot_id
        self._stamp: _FileStamp | None = None
        self._image: Image | None = None
        self._fault: ControllerState | None = ControllerState.MISSING
        self._seen: tuple[_FileStamp | None, ControllerState] | None = None
        self._version = 0

    def look(self) -> Snapshot:
        """The present state of affairs; never raises for what is wrong with the file."""
        self._reread()
        state, age_s = self._judge()
        if self._seen != (self._stamp, state):
            self._seen = (self._stamp, state)
            self._version += 1
        return Snapshot(self._image, state, age_s, self._version)

    def _reread(self) -> None:
        try:
            about = self._path.stat()
            stamp = (about.st_ino, about.st_mtime_ns, about.st_size)
            if stamp == self._stamp:
                return
            text = self._path.read_bytes()
        except FileNotFoundError:
            self._stamp, self._image, self._fault = None, None, ControllerState.MISSING
            return
        except OSError:
            self._stamp, self._image, self._fault = None, None, ControllerState.UNREADABLE
            return
        self._stamp = stamp
        try:
            self._image, self._fault = Image.model_validate_json(text), None
        except ValidationError:
            self._image, self._fault = None, ControllerState.UNREADABLE

    def _judge(self) -> tuple[ControllerState, float | None]:
        if self._image is None:
            return self._fault or ControllerState.MISSING, None
        written = self._image.written
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
