"""`python -m controller.planner`: started by the controller, talks over stdin and stdout, ends with it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from controller.planner.forecasts import site_planner
from controller.planner.process import own_stdout, prepare, serve

NICENESS = 10
"""The controller and the page go first."""
_OOM_SCORE = Path("/proc/self/oom_score_adj")


def main() -> None:
    """Serve until the controller closes the pipe."""
    answers = own_stdout()
    prepare()
    os.nice(NICENESS)
    _OOM_SCORE.write_text("500", encoding="ascii")  # where memory ends, the planner goes, and comes back
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C at a terminal is the controller's to handle
    serve(sys.stdin.buffer, answers, site_planner)


if __name__ == "__main__":
    main()
