"""The app over a village that tests shape, and a real server for what needs one."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from web_village import BOOT, put, village

from controller.settings import SiteSettings
from web.app import create_app
from web.server import WebServer

SITE = SiteSettings.model_validate(
    {
        "id": "ban-wang-won",
        "name": {"th": "บ้านวังวน", "en": "Ban Wang Won"},
        "latitude_deg": 12.4,
        "longitude_deg": 99.8,
        "timezone": "Asia/Bangkok",
        "contact": {"name": {"th": "ช่างประจำหมู่บ้าน", "en": "Village technician"}, "phone": "080-000-0000"},
    }
)


@dataclass
class HostTime:
    """The host's monotonic clock, moved by hand."""

    now_s: float = 5000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Powerhouse:
    """What the web process reads, and a client of it."""

    image: Path
    telemetry: Path
    clock: HostTime
    app: FastAPI
    client: httpx.AsyncClient

    def put(self, image: dict) -> None:
        put(self.image, image)

    def put_forecast(self, document: dict) -> None:
        put(self.image.with_name("forecast.json"), document)

    def put_plan(self, document: dict) -> None:
        put(self.image.with_name("plan.json"), document)

    async def page(self, path: str = "/en") -> str:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
async def powerhouse(tmp_path: Path) -> AsyncIterator[Powerhouse]:
    image, telemetry, clock = tmp_path / "image.json", tmp_path / "telemetry.db", HostTime()
    app = create_app(image, telemetry, site=SITE, monotonic=clock, boot_id=lambda: BOOT)
    put(image, village(written_s=clock.now_s))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://village") as client:
        yield Powerhouse(image, telemetry, clock, app, client)


@dataclass
class Served:
    """The app behind a real socket, on the host's real clock."""

    image: Path
    telemetry: Path
    app: FastAPI
    url: str
    port: int


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    image, telemetry = tmp_path / "image.json", tmp_path / "telemetry.db"
    put(image, village())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(image, telemetry, site=SITE, boot_id=lambda: BOOT, max_listeners=120)
    server = WebServer(app, host="127.0.0.1", port=port)
    thread = threading.Thread(target=server.run, name="web server")
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Served(image, telemetry, app, f"http://127.0.0.1:{port}", port)
    server.should_exit = True
    thread.join(timeout=10)
    assert not thread.is_alive(), "the server did not stop with its streams open"
