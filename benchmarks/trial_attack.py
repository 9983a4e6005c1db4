"""Hostile visitors of the page: floods, garbage, slow clients, sockets that are opened and left half-way."""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

_PATHS = (
    "/", "/en", "/api/status", "/api/forecast", "/api/../../etc/passwd", "/%00", "/" + "a" * 4000,
    "/api/status?" + "x=1&" * 500,
)  # fmt: skip
_HALF_OPEN = 60
_PAUSE_S = 0.01


class Attack:
    """Threads that hammer one address until told to stop."""

    def __init__(self, port: int, seed: int = 1) -> None:
        self._port, self._seed = port, seed
        self._stop = threading.Event()
        self.seen: Counter[str] = Counter()
        """What came of the requests: by status, or by the error."""

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Hammer while the body runs."""
        jobs: tuple[Callable[[random.Random], None], ...] = (
            self._flood, self._flood, self._garbage, self._slow, self._half_open,
        )  # fmt: skip
        threads = [
            threading.Thread(target=self._repeat, args=(job, random.Random(self._seed + number)), daemon=True)
            for number, job in enumerate(jobs)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(timeout=10)

    def _repeat(self, job: Callable[[random.Random], None], chance: random.Random) -> None:
        while not self._stop.is_set():
            try:
                job(chance)
            except (OSError, http.client.HTTPException) as error:
                self.seen[type(error).__name__] += 1
            time.sleep(_PAUSE_S)

    def _flood(self, chance: random.Random) -> None:
        """Ask as fast as it answers, with methods that it does not know."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            for _ in range(20):
                connection.request(chance.choice(("GET", "GET", "POST", "DELETE")), chance.choice(_PATHS))
                answer = connection.getresponse()
                answer.read()
                self.seen[f"{answer.status // 100}xx"] += 1
                self._stop.wait(_PAUSE_S)
        finally:
            connection.close()

    def _garbage(self, chance: random.Random) -> None:
        """Bytes that are no HTTP."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=5) as line:
            line.sendall(chance.randbytes(chance.randint(1, 20_000)))
            line.recv(1000)
            self.seen["garbage answered"] += 1

    def _slow(self, chance: random.Random) -> None:
        """A request that comes a byte at a time and never ends."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=5) as line:
            for byte in b"GET / HTTP/1.1\r\nHost: village\r\nX-Slow: " + chance.randbytes(20).hex().encode():
                if self._stop.wait(0.1):
                    return
                line.sendall(bytes([byte]))
        self.seen["slow request given up"] += 1

    def _half_open(self, chance: random.Random) -> None:
        """Many sockets that say half a word and stay."""
        with contextlib.ExitStack() as lines:
            for _ in range(_HALF_OPEN):
                line = lines.enter_context(socket.create_connection(("127.0.0.1", self._port), timeout=5))
                line.sendall(b"GET /api/sta"[: chance.randint(1, 12)])
            self.seen["half open"] += _HALF_OPEN
            self._stop.wait(3.0)
