"""A provider of messages on this machine: LINE's push contract, ntfy's, or one that misbehaves.

LINE's plugin of apprise speaks to https://api.line.me and to nobody else. So the provider stands behind a
proxy, as in a company's network: HTTPS_PROXY leads every connection to it, and REQUESTS_CA_BUNDLE names the
authority that vouches for it. Nothing of apprise is replaced.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

PUSH = "/v2/bot/message/push"
TOKEN = "channel+access/token=="  # with the signs that LINE's long-lived tokens have
MONTHLY = {"message": "You have reached your monthly limit."}
INVALID_TOKEN = {
    "message": "Authentication failed. Confirm that the access token in the authorization header is valid."
}
UNKNOWN_USER = {"message": "Failed to send messages"}


@dataclass(slots=True)
class Provider:
    """What arrived, and how it answers."""

    url: str = ""
    arrived: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of accepted messages."""
    attempts: int = 0
    answers: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    """Status and body of the next answers; then it accepts."""
    silent: threading.Event = field(default_factory=threading.Event)
    """While set nobody gets an answer."""
    over: threading.Event = field(default_factory=threading.Event)
    members: Mapping[str, int] = field(default_factory=dict)
    """LINE counts people: how many a group has."""
    month_limit: int = 1_000_000
    used: int = 0

    @property
    def texts(self) -> list[str]:
        """The texts that people saw."""
        return [_text_of(body) for body in self.arrived]


def _text_of(body: Mapping[str, Any]) -> str:
    if "messages" in body:
        return str(body["messages"][0]["text"])
    return f"{body.get('title', '')}\n{body.get('message', '')}"


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_POST(self) -> None:
        provider = self.provider
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        provider.attempts += 1
        if provider.silent.is_set():
            provider.over.wait(10)
            return
        if provider.answers:
            self._answer(*provider.answers.pop(0))
        elif self.path == PUSH:
            self._push(body)
        else:
            provider.arrived.append(body)
            self._answer(200, {"id": "1"})

    def _push(self, body: dict[str, Any]) -> None:
        """As https://developers.line.biz/en/reference/messaging-api/#send-push-message has it."""
        provider = self.provider
        people = provider.members.get(body["to"], 1)
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, INVALID_TOKEN)
        elif not body["to"].startswith(("U", "C", "R")):
            self._answer(400, UNKNOWN_USER)
        elif provider.used + people > provider.month_limit:
            self._answer(429, MONTHLY)
        else:
            assert 1 <= len(body["messages"]) <= 5
            assert all(len(one["text"].encode("utf-16-le")) <= 10_000 for one in body["messages"])
            provider.used += people
            provider.arrived.append(body)
            self._answer(200, {"sentMessages": [{"id": "461230966842064897"}]})

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@contextmanager
def served(context: ssl.SSLContext | None = None) -> Iterator[Provider]:
    """A provider at a free port, over TLS with a context."""
    provider = Provider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    provider.url = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        provider.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def line_behind_a_proxy(folder: Path) -> Iterator[tuple[Provider, Mapping[str, str]]]:
    """LINE, and the environment in which api.line.me leads to it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.line.me").configure_cert(context)
    bundle = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with served(context) as provider, _proxy_to(provider.url) as proxy:
        yield provider, {"HTTPS_PROXY": proxy, "REQUESTS_CA_BUNDLE": str(bundle)}


@contextmanager
def _proxy_to(target: str) -> Iterator[str]:
    """An HTTP proxy that knows CONNECT, and leads every connection to one place."""
    host, port = target.split(":")
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=connect, args=(client,), daemon=True).start()

    def connect(client: socket.socket) -> None:
        with client, socket.create_connection((host, int(port))) as server:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, client), daemon=True)
            back.start()
            pump(client, server)
            back.join()

    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
