"""`python -m controller.outside`: started by the controller, told its setup over stdin, ends with it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from controller.outside.notebook import Notebook
from controller.outside.process import Setup, run
from controller.outside.services import services_of
from controller.runtime.child_wire import HEADER_BYTES, body_length, unpacked

NICENESS = 5
"""The controller goes first."""
_OOM_SCORE = Path("/proc/self/oom_score_adj")


def main() -> None:
    """Serve until the controller closes the pipe."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.captureWarnings(capture=True)
    os.dup2(2, 1)  # nobody reads stdout: what a library prints goes to the log
    os.nice(NICENESS)
    _OOM_SCORE.write_text("400", encoding="ascii")  # where memory ends, it goes before the controller does
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C at a terminal is the controller's to handle
    stdin = sys.stdin.buffer
    setup = Setup.from_json(unpacked(stdin.read(body_length(stdin.read(HEADER_BYTES)))))
    notebook = Notebook(setup.notebook)
    try:
        asyncio.run(run(setup, services_of(setup, notebook), notebook))
    finally:
        notebook.close()


if __name__ == "__main__":
    main()
