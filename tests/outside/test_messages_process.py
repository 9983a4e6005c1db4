"""The outside process itself, with apprise and LINE's contract: killed, and started again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from message_provider import TOKEN, line_behind_a_proxy
from message_village import CONFIG, new_store

from controller.clock import ScaledClock
from controller.runtime.child_wire import packed
from controller.settings import Config
from controller.settings.messages import MessagesSettings
from controller.telemetry.alarm_log import AlarmRecord, Severity, keep_alarms
from controller.telemetry.transactions import committed

SPEED = 20.0
SETTINGS = {
    "people": {"team": {"channels": ["group"]}},
    "channels": {
        "group": {
            "url": "line://{secret}/Cgroup0001",
            "secret": {"env": "LINE_TOKEN"},
            "quota": "line",
            "recipients": 6,
        }
    },
    "quotas": {"line": {"messages_per_month": 300}},
    "digest": {"gather_s": 5.0},
}
BLACKOUT = AlarmRecord(1, "blackout", "site", Severity.CRITICAL, {}, datetime.now(UTC))


def config_in(folder: Path) -> Config:
    storage = CONFIG.storage.model_copy(
        update={"image": folder / "image.json", "telemetry": folder / "telemetry.db"}
    )
    messages = MessagesSettings.model_validate(SETTINGS)
    return CONFIG.model_copy(update={"storage": storage, "messages": messages})


@contextmanager
def outside(config: Config, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """One life of the process, killed at the end of the block."""
    clock = ScaledClock.starting(datetime.now(UTC), SPEED)
    process = subprocess.Popen(
        [sys.executable, "-m", "controller.outside"],
        stdin=subprocess.PIPE,
        env={**os.environ, **environment, "LINE_TOKEN": TOKEN},
    )
    try:
        assert process.stdin is not None
        process.stdin.write(packed({"config": config.model_dump_json(), "clock": clock.spec()}))
        process.stdin.flush()
        yield process
    finally:
        process.kill()
        process.communicate()


def until(holds: Callable[[], bool], patience_s: float = 20.0) -> None:
    give_up_s = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < give_up_s
        time.sleep(0.02)


def test_an_alarm_reaches_line_once_whatever_kills_the_process(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    store = new_store(config.storage.telemetry)
    with line_behind_a_proxy(tmp_path) as (line, environment):
        line.members = {"Cgroup0001": 6}
        with outside(config, environment):
            with committed(store):
                keep_alarms(store, [BLACKOUT])
            until(lambda: len(line.arrived) == 1)
        with outside(config, environment):
            cleared = replace(BLACKOUT, cleared_utc=datetime.now(UTC))
            with committed(store):
                keep_alarms(store, [cleared, replace(BLACKOUT, id=2, code="battery_empty")])
            until(lambda: any("แบตเตอรี่เกือบหมด" in text for text in line.texts))
    store.close()
    about_the_blackout = [text for text in line.texts if "ด่วน: ไฟดับทั้งหมู่บ้าน" in text]
    assert 1 <= len(about_the_blackout) <= 2  # killed as it arrived: at most one more
    assert line.used == 6 * len(line.arrived)
