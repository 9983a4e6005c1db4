"""A server of /api/v2/write as InfluxDB 2 publishes it, which can be told to misbehave.

It keeps what it takes, checks the token, the bucket and the encoding, and refuses fields whose type is
another than the first time it saw them, as InfluxDB does: it takes the rest and says how many it dropped.
"""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from line_protocol import Parsed, parse

TOKEN = "village-token"
Series = tuple[str, tuple[tuple[str, str], ...], str]
"""Measurement, tags, field."""
Mood = Callable[["Handler", list[Parsed]], bool]
"""Answers a request and returns True, or leaves it to the server."""


class InfluxServer(ThreadingHTTPServer):
    """Its memory and its moods."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.points: dict[tuple[Series, int], float | int | str] = {}
        self.writes = 0
        """Times that a point was written, repeats included."""
        self.requests: list[list[Parsed]] = []
        self.moods: list[Mood] = []
        """Each for one request, before the server is itself again."""
        self.always: Mood | None = None
        self.rejects: Callable[[str, float | int | str], str | None] = lambda name, value: None
        """Why a field is not to its liking."""
        self.most_bytes = 10_000_000
        self.bucket = "village"
        self.connections: set[socket.socket] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def values(self, field: str) -> dict[int, float | int | str]:
        """Stamp -> value of one field, whatever it belongs to."""
        return {at: value for ((_, _, name), at), value in self.points.items() if name == field}

    def handle_error(self, request, client_address) -> None:
        """A client that hangs up is no news."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: InfluxServer

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def log_message(self, *args) -> None:
        pass

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        where = urlsplit(self.path)
        asked = parse_qs(where.query)
        if len(raw) > self.server.most_bytes:
            return self.says(413, "request too large", "cannot read data: points batch is too large")
        assert self.headers["Content-Encoding"] == "gzip"
        lines = [parse(line) for line in gzip.decompress(raw).decode().split("\n")]
        self.server.requests.append(lines)
        mood = self.server.moods.pop(0) if self.server.moods else self.server.always
        if mood is not None and mood(self, lines):
            return None
        if where.path != "/api/v2/write" or asked["precision"] != ["s"]:
            return self.says(404, "not found", "path not found")
        if self.headers["Authorization"] != f"Token {TOKEN}":
            return self.says(401, "unauthorized", "unauthorized access")
        if asked["bucket"] != [self.server.bucket]:
            return self.says(404, "not found", f'bucket "{asked["bucket"][0]}" not found')
        dropped, why = self.take(lines)
        if dropped:
            words = f"failure writing points to database: partial write: {why} dropped={dropped}"
            return self.says(422, "unprocessable entity", words)
        self.send_response(204)
        self.end_headers()
        return None

    def take(self, lines: list[Parsed]) -> tuple[int, str]:
        dropped, why = 0, ""
        for line in lines:
            reasons = [
                reason for name, value in line.fields.items() if (reason := self.server.rejects(name, value))
            ]
            if reasons:  # InfluxDB drops the whole point
                dropped, why = dropped + 1, reasons[0]
                continue
            for name, value in line.fields.items():
                self.server.points[(line.measurement, line.tags, name), line.at] = value
                self.server.writes += 1
        return dropped, why

    def says(self, status: int, code: str, message: str, **headers: str) -> None:
        body = json.dumps({"code": code, "message": message}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def answers(status: int, message: str = "no", **headers: str) -> Mood:
    def mood(handler: Handler, lines: list[Parsed]) -> bool:
        handler.says(status, "an error code", message, **headers)
        return True

    return mood


def takes_it_but_hangs_up(handler: Handler, lines: list[Parsed]) -> bool:
    handler.take(lines)
    handler.close_connection = True
    handler.connection.close()
    return True


def babbles(handler: Handler, lines: list[Parsed]) -> bool:
    handler.wfile.write(b"\xff\xfe SSH-2.0\r\n\r\n")
    handler.close_connection = True
    return True


def is_a_login_page(handler: Handler, lines: list[Parsed]) -> bool:
    body = b"<html>\xff pay for the network</html>"
    handler.send_response(200 if not lines else 511)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
    return True


def sleeps(duration_s: float) -> Mood:
    def mood(handler: Handler, lines: list[Parsed]) -> bool:
        time.sleep(duration_s)
        return False

    return mood


@contextmanager
def running() -> Iterator[InfluxServer]:
    server = InfluxServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        for connection in server.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        thread.join()
