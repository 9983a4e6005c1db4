"""What the controller publishes beside image.json, read again only when it was replaced."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
STALE_S = 5.0
"""An image older than this: the controller is not running (docs/architecture.md)."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class PublishedDocument:
    """One file; what cannot be read is as if it were not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._content: Json | None = None

    def read(self) -> Json | None:
        """The newest content; None while there is none."""
        try:
            found = self._path.stat()
            if (stamp := (found.st_mtime_ns, found.st_ino)) != self._stamp:
                content = json.loads(self._path.read_bytes())
                self._content, self._stamp = content if isinstance(content, dict) else None, stamp
        except (OSError, ValueError, RecursionError):
            self._content = self._stamp = None
        return self._content


def is_fresh(image: Json, host_monotonic_s: Callable[[], float] = time.monotonic) -> bool:
    """Whether the controller that wrote an image is alive. Raises KeyError or TypeError for no image."""
    written = image["written"]
    if written["boot_id"] not in (None, _boot_id()):
        return False
    return bool(host_monotonic_s() - written["monotonic_s"] <= STALE_S)


def _boot_id() -> str | None:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
