"""One controller a site: two would each undo what the other commands."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_NAME = "controller.lock"
"""Beside image.json; it may be left over: what counts is whether a living process holds it."""


class AlreadyRunningError(Exception):
    """Another controller holds the lock; the text tells its process id."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder. It ends with the process, however that ends.

    Raises AlreadyRunningError, or OSError where no lock can be made.
    """
    with (folder / LOCK_NAME).open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            msg = f"another controller runs already (process {file.read().strip()})"
            raise AlreadyRunningError(msg) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def none_running(folder: Path) -> Iterator[None]:
    """Keep controllers away for a piece of work.

    No lock is made where there is none: one made by root would shut the controller's own user out. Raises
    AlreadyRunningError, or OSError where the lock cannot be read.
    """
    if not (folder / LOCK_NAME).exists():
        yield
        return
    with only_one(folder):
        yield
