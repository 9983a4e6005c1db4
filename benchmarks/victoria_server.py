"""Debian's victoria-metrics on a free port, in a folder of its own: for benchmarks and tests."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

PROGRAM = "victoria-metrics"
STARTS_WITHIN_S = 20.0

Labels = frozenset[tuple[str, str]]


def installed() -> bool:
    """Whether the Debian package is there."""
    return shutil.which(PROGRAM) is not None


@dataclass(frozen=True, slots=True)
class Victoria:
    """A server that runs."""

    url: str
    pid: int

    def flush(self) -> None:
        """Make all that was written visible."""
        self._get("/internal/force_flush").close()

    def export(self, match: str, start_s: int, end_s: int) -> dict[Labels, dict[int, float]]:
        """Raw samples of some series: stamp [Unix s] -> value. Raises ValueError for stamps told twice."""
        found: dict[Labels, dict[int, float]] = {}
        with self._get("/api/v1/export", {"match[]": match, "start": start_s, "end": end_s}) as lines:
            for line in lines:
                told = json.loads(line)
                stamps = [stamp // 1000 for stamp in told["timestamps"]]
                if len(set(stamps)) != len(stamps):
                    msg = f"{told['metric']} holds stamps twice"
                    raise ValueError(msg)
                series = found.setdefault(frozenset(told["metric"].items()), {})
                series.update(zip(stamps, told["values"], strict=True))
        return found

    def count(self) -> int:
        """Samples that are stored, repeats included."""
        with self._get("/api/v1/status/tsdb") as answer:
            json.load(answer)
        with self._get("/metrics") as lines:
            rows = [
                line.decode().split() for line in lines if line.startswith(b"vm_rows_added_to_storage_total")
            ]
        return int(float(rows[0][1]))

    def _get(self, path: str, asked: dict[str, object] | None = None):  # noqa: ANN202 - urllib's answer
        query = f"?{urlencode(asked)}" if asked else ""
        return urlopen(f"{self.url}{path}{query}", timeout=120.0)  # our own server


@contextmanager
def running(folder: Path, port: int | None = None) -> Iterator[Victoria]:
    """Run one until the block ends; with a port of old it comes back where it was."""
    port = free_port() if port is None else port
    command = [
        PROGRAM,
        f"-storageDataPath={folder}",
        f"-httpListenAddr=127.0.0.1:{port}",
        "-retentionPeriod=100y",
        "-memory.allowedBytes=256MB",
        "-loggerLevel=ERROR",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url, process)
        yield Victoria(url, process.pid)
    finally:
        process.terminate()
        process.wait(30.0)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    until_s = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until_s:
        with suppress(OSError), urlopen(f"{url}/health", timeout=1.0):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    msg = f"{PROGRAM} does not start (exit status {process.poll()})"
    raise RuntimeError(msg)
