"""Child processes that are started again when they die, as systemd does in the power house."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

RESTART_AFTER_S = 1.0
STOP_TIMEOUT_S = 10.0
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process, its log file, and how often it had to be started again."""

    name: str
    command: Sequence[str]
    log: Path
    restarts: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _died_s: float | None = None

    def start(self) -> None:
        """Start it; its output goes to the log file."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603 - our own commands
                self.command,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - single-threaded here
            )
        self._died_s = None

    @property
    def pid(self) -> int | None:
        """Its process id while it is alive."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def exit_status(self) -> int | None:
        """How it ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    def keep_alive(self) -> None:
        """Start it again RESTART_AFTER_S after it died; call often."""
        if self.pid is not None:
            return
        now_s = time.monotonic()
        if self._died_s is None:
            self._died_s = now_s
        elif now_s - self._died_s >= RESTART_AFTER_S:
            self.restarts += 1
            self.start()

    def stop(self) -> None:
        """Ask it to stop and wait; kill it if it does not."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def rss_mb(self) -> float | None:
        """Resident memory [MB] now; None when it is not running."""
        if self.pid is None:
            return None
        try:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        except OSError:
            return None
        for line in status.splitlines():
            if line.startswith("VmRSS:"):
                return round(int(line.split()[1]) / 1000 * 1.024, 1)
        return None

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
