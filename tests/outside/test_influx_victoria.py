"""The whole outside process as the controller starts it, against a real victoria-metrics."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from influx_village import START_S, village

from controller.core.alarming import Severity
from controller.runtime.outside_keeper import OutsideProcess
from controller.settings import Config
from controller.telemetry.alarm_log import AlarmRecord
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.decision_log import DecisionRecord
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.stocking import stock_periods

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import victoria_server

pytestmark = pytest.mark.skipif(
    not victoria_server.installed(),
    reason="victoria-metrics is not installed (Debian package victoria-metrics)",
)
COMMAND = (sys.executable, "-m", "controller.outside")
KEYS = (("site", "pv_w"), ("clinic", "power_w"), ("meter_clinic", "energy_import_wh"))
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("victoria")


@pytest.fixture
def server(folder: Path) -> Iterator[victoria_server.Victoria]:
    with victoria_server.running(folder) as started:
        yield started


def site(url: str, folder: Path, **influx) -> Config:
    config = village(url, folder, token=None, **influx)
    storage = config.storage.model_copy(
        update={"image": folder / "image.json", "telemetry": folder / "telemetry.db"}
    )
    return config.model_copy(update={"storage": storage})


def measure(config: Config, start_s: int, count: int) -> None:
    columns = {key: np.arange(count) * 0.1 + place for place, key in enumerate(KEYS)}
    columns = {key: np.round(values, 0 if key[1].endswith("_wh") else 1) for key, values in columns.items()}
    stock_periods(config.storage.telemetry, columns, start_s)


def told(config: Config) -> dict:
    try:
        return json.loads(config.storage.image.with_name("outside.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


async def until(config: Config, reached: Callable[[dict], bool]) -> dict:
    """What the process tells of the service once that has come."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        status = told(config).get("services", {}).get("influx", {})
        if status and reached(status):
            return status
        await asyncio.sleep(0.05)
    raise AssertionError(told(config))


def stored(config: Config) -> dict[tuple[str, str, int], float]:
    return {
        (*key, period.at_s): value
        for period in TelemetryReader(config.storage.telemetry).periods(0, 10_000)
        for key, value in period.values.items()
    }


def held(server: victoria_server.Victoria, match: str) -> dict[tuple[str, str, int], float]:
    server.flush()
    return {
        (labels["id"], labels["__name__"].partition("_")[2], at_s): value
        for series, values in server.export(match, START_S - 86_400, START_S + 86_400).items()
        for labels in [dict(series)]
        for at_s, value in values.items()
    }


async def test_history_arrives_as_it_was_measured_through_an_outage(tmp_path: Path) -> None:
    port = victoria_server.free_port()
    config = site(f"http://127.0.0.1:{port}", tmp_path, tags={"tambon": "หนองตาแต้ม"})
    measure(config, START_S, 1500)
    child = await OutsideProcess.start(COMMAND, {"config": config.model_dump_json(), "clock": None})
    try:
        status = await until(config, lambda status: not status["ok"])
        assert "refused" in status["detail"]
        with victoria_server.running(tmp_path / "victoria", port) as server:
            await until(config, lambda status: status.get("sent_values", 0) == 4500)
            assert held(server, '{tambon="หนองตาแต้ม",site="ban-wang-won"}') == stored(config)
            assert server.count() == 4500
    finally:
        await child.leave()
    assert told(config) == {}


async def test_decisions_and_alarms_come_along(server: victoria_server.Victoria, tmp_path: Path) -> None:
    config = site(server.url, tmp_path, decisions=True, tags={"year": "annotated"})
    measure(config, START_S, 10)
    at_utc = datetime.fromtimestamp(START_S, UTC)
    database = TelemetryDatabase(config.storage.telemetry)
    database.open("boot", at_utc)
    cut = DecisionRecord(at_utc, "boot", 5.0, "houses_a", "open", "controller_started")
    unset_clock = DecisionRecord(datetime(1970, 1, 1, 0, 5, tzinfo=UTC), "boot", 5.0, "site", "x", "unknown")
    database.append_decisions([unset_clock, cut], "{}")
    over_utc = datetime.fromtimestamp(START_S + 60, UTC)
    alarm = AlarmRecord(1, "storage_failed", "site", Severity.WARNING, {"error": "x"}, at_utc, over_utc)
    database.keep_alarms([alarm])
    database.close()
    child = await OutsideProcess.start(COMMAND, {"config": config.model_dump_json(), "clock": None})
    try:
        await until(config, lambda status: status.get("sent_values", 0) >= 30 + 3)
    finally:
        await child.leave()
    found = held(server, '{year="annotated",__name__=~".+_seq|.+_standing"}')
    assert found == {
        ("houses_a", "seq", START_S): 2.0,
        ("site", "standing", START_S): 1.0,
        ("site", "standing", START_S + 60): 0.0,
    }
