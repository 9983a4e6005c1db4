"""A weather service on a free port of this machine, that does as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

MIDNIGHT_S = 1_767_225_600
"""2026-01-01 00:00 UTC."""
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Service:
    """What it was asked, and what it answers."""

    answer: Answer
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def weather_service(answer: Answer) -> Iterator[Service]:
    service = Service(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.asked.append(
                {name: told[0] for name, told in parse_qs(urlparse(self.path).query).items()}
            )
            service.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            """Tests are quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away in the middle is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}/v1/forecast"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def says(body: bytes | dict[str, Any], status: int = 200, **headers: str) -> Answer:
    """An answer of one piece."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def hourly(*models: str, hours: int = 96) -> dict[str, Any]:
    """An answer as Open-Meteo gives it: light from 0 to 11 UTC, stamped at the END of its hour."""
    stamps = [MIDNIGHT_S + 3600 * hour for hour in range(hours)]
    variables: dict[str, list[float]] = {
        "shortwave_radiation": [
            100.0 * (hour % 24) if 1 <= hour % 24 <= 11 else 0.0 for hour in range(hours)
        ],
        "temperature_2m": [20.0 + hour % 24 for hour in range(hours)],
        "relative_humidity_2m": [50.0] * hours,
        "cloud_cover": [100.0] * hours,
    }
    suffixes = [f"_{model}" for model in models] if len(models) > 1 else [""]
    named = {f"{name}{suffix}": list(values) for suffix in suffixes for name, values in variables.items()}
    return {"latitude": 11.8, "longitude": 99.6, "hourly": {"time": stamps, **named}}
