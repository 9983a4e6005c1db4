"""Documents beside image.json: the controller replaces them whole, and stamps them with the host's clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from controller.runtime.child_wire import Json
from controller.runtime.image_document import write_atomically


class PublishedFile:
    """The one writer of such a file."""

    def __init__(self, path: Path, boot_id: str, host_monotonic_s: Callable[[], float]) -> None:
        self._path = path
        self._boot_id = boot_id
        self._host_monotonic_s = host_monotonic_s

    def write(self, document: Json) -> None:
        """Replace the file. Raises OSError, and ValueError for what JSON has no word for."""
        written = {"monotonic_s": self._host_monotonic_s(), "boot_id": self._boot_id}
        text = json.dumps({**document, "written": written}, ensure_ascii=False, allow_nan=False)
        write_atomically(self._path, text.encode())

    def read(self) -> Json | None:
        """What was written last, by whichever run; None when nothing was, or it cannot be read."""
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) else None

    def remove(self) -> None:
        """There is no such document any more."""
        self._path.unlink(missing_ok=True)
