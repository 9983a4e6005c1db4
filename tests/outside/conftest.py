"""Servers and villages that the benchmarks use as well are found."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from influx_server import InfluxServer, running
from influx_village import Post

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))


@pytest.fixture
def server() -> Iterator[InfluxServer]:
    with running() as started:
        yield started


@pytest.fixture
def post(tmp_path: Path, server: InfluxServer) -> Iterator[Post]:
    made = Post(tmp_path, server.url)
    yield made
    made.notebook.close()
