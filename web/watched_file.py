"""A JSON file in memory that another process replaces: read on the event loop, only when it was replaced."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

Content = TypeVar("Content", bound=BaseModel)

FileStamp = tuple[int, int, int]


class FileFault(StrEnum):
    """Why there is no content."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    """It cannot be read or is not understood."""


class WatchedFile(Generic[Content]):
    """The latest content of a file; nothing that is wrong with the file raises."""

    def __init__(self, path: Path, schema: type[Content]) -> None:
        self._path = path
        self._schema = schema
        self.stamp: FileStamp | None = None
        """Differs whenever the file was replaced; None without a file."""
        self.content: Content | None = None
        """What stands in it; None with a `fault`."""
        self.fault: FileFault | None = FileFault.MISSING

    def reread(self) -> None:
        """Take the file as it is now."""
        try:
            about = self._path.stat()
            stamp = (about.st_ino, about.st_mtime_ns, about.st_size)
            if stamp == self.stamp:
                return
            text = self._path.read_bytes()
        except FileNotFoundError:
            self.stamp, self.content, self.fault = None, None, FileFault.MISSING
            return
        except OSError:
            self.stamp, self.content, self.fault = None, None, FileFault.UNREADABLE
            return
        self.stamp = stamp
        try:
            self.content, self.fault = self._schema.model_validate_json(text), None
        except ValidationError:
            self.content, self.fault = None, FileFault.UNREADABLE
