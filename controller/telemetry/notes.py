"""Small documents in the store's table `state`: what people and parts have noted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from controller.telemetry.schema import reading


def read_note(path: Path, key: str) -> Mapping[str, Any] | None:
    """What was noted last under a key; None when nothing was, or it makes no sense. Raises StorageError."""
    with reading(path) as connection:
        if connection is None:
            return None
        row = connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    try:
        found = None if row is None else json.loads(row[0])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
