"""Seven days without a network, then a server: how fast does history follow, and does all of it arrive?

A store is filled with a week of 10 s means, the outside process is started as the controller starts it, and a
real victoria-metrics takes what it sends, while new periods go on being measured. In the end every value that
the server holds is compared with the store.
Run: python benchmarks/influx.py [--days 7] [--points 300] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from victoria_server import Victoria, running

from controller.config_file import load_config
from controller.runtime.child_process import resident_bytes
from controller.runtime.outside_keeper import OutsideProcess
from controller.settings import Config, InfluxSettings
from controller.settings.outside import OUTSIDE_FILE_NAME
from controller.telemetry.averaging import Period
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import HOUR_S, PERIOD_S, SeriesKey
from controller.telemetry.stocking import stock_periods

FloatArray = NDArray[np.float64]
COMMAND = (sys.executable, "-m", "controller.outside")
CONFIG = Path(__file__).parents[1] / "config.yaml"
LOOK_EVERY_S = 1.0
LAST_S = 15.0
"""Within that the last period has arrived."""
COMPARED_AT_ONCE_S = 2 * 86_400


@dataclass
class Seen:
    """What was seen while history followed."""

    lags_s: list[float] = field(default_factory=list)
    """Age of the newest sample on the server, asked of the server."""
    resident_bytes: list[int] = field(default_factory=list)
    took_s: float = math.nan


def site_at(folder: Path, url: str) -> Config:
    """The default village with a server."""
    config = load_config(CONFIG)
    storage = config.storage.model_copy(
        update={"image": folder / "image.json", "telemetry": folder / "telemetry.db"}
    )
    return config.model_copy(
        update={"storage": storage, "influx": InfluxSettings(url=url, org="tambon", bucket="village")}
    )


def keys_of(config: Config, points: int) -> list[SeriesKey]:
    """So many series of the site's own subjects."""
    subjects = ["site", *config.feeders, *config.devices]
    return [(subjects[n % len(subjects)], f"value_{n // len(subjects):02d}_w") for n in range(points)]


def value_at(at_s: FloatArray, number: int) -> FloatArray:
    """What is measured of a series, in steps of 0.1 W; changes with every period."""
    wave = 4000.0 + 3000.0 * np.sin(at_s / 3000.0 + number)
    return np.round(wave + (at_s // PERIOD_S + number) % 17, 1)


def fill(path: Path, keys: list[SeriesKey], start_s: int, end_s: int) -> None:
    """A week of periods, a day at a time."""
    for day_s in range(start_s, end_s, 86_400):
        at_s = np.arange(day_s, min(day_s + 86_400, end_s), PERIOD_S, dtype=np.float64)
        stock_periods(path, {key: value_at(at_s, number) for number, key in enumerate(keys)}, day_s)


async def measure_on(database: TelemetryDatabase, keys: list[SeriesKey]) -> None:
    """A new period every 10 s, as the controller writes them."""
    while True:
        now_s = time.time()
        at_s = int(now_s // PERIOD_S) * PERIOD_S - PERIOD_S
        period = Period(at_s, synchronised=True)
        moment = np.array([float(at_s)])
        period.add({key: float(value_at(moment, number)[0]) for number, key in enumerate(keys)})
        database.write_samples([period])
        await asyncio.sleep(PERIOD_S - time.time() % PERIOD_S + 0.05)


async def follow(
    config: Config, server: Victoria, keys: list[SeriesKey], database: TelemetryDatabase
) -> Seen:
    """Watch the outside process until nothing waits, and for half a minute more, while measuring goes on."""
    seen = Seen()
    child = await OutsideProcess.start(COMMAND, {"config": config.model_dump_json(), "clock": None})
    measuring = asyncio.create_task(measure_on(database, keys))
    began_s = time.monotonic()
    quiet_s: float | None = None
    try:
        while quiet_s is None or time.monotonic() - quiet_s < 30.0:
            await asyncio.sleep(LOOK_EVERY_S)
            seen.resident_bytes.append(resident_bytes(child.pid) or 0)
            newest_s = await asyncio.to_thread(_newest_on, server, keys[0])
            if newest_s is not None:
                seen.lags_s.append(time.time() - newest_s - PERIOD_S)
            told = _told(config)
            if quiet_s is None and told.get("sent_values") and told["waiting_periods"] == 0:
                quiet_s = time.monotonic()
                seen.took_s = quiet_s - began_s
        measuring.cancel()
        with suppress(asyncio.CancelledError):
            await measuring  # a defect of it would make all figures worthless
        await asyncio.sleep(LAST_S)
    finally:
        await child.leave()
    return seen


def _told(config: Config) -> dict:
    try:
        document = json.loads(config.storage.image.with_name(OUTSIDE_FILE_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return document["services"]["influx"]


def _newest_on(server: Victoria, key: SeriesKey) -> int | None:
    now_s = int(time.time())
    server.flush()
    found = server.export(f'{{__name__=~".+_{key[1]}",id="{key[0]}"}}', now_s - 600, now_s)
    return max((max(series) for series in found.values()), default=None)


def compared(config: Config, server: Victoria, keys: list[SeriesKey], start_s: int) -> tuple[int, int, int]:
    """Values in the store, those of them that the server holds just so, and those that it holds otherwise."""
    reader, end_s = TelemetryReader(config.storage.telemetry), int(time.time())
    server.flush()
    stored = equal = extra = 0
    for from_s, to_s in _spans(start_s, end_s):
        window = (datetime.fromtimestamp(from_s, UTC), datetime.fromtimestamp(to_s, UTC))
        for key in keys:
            match = f'{{__name__=~".+_{key[1]}",id="{key[0]}",site="{config.site.id}"}}'
            (there,) = server.export(match, from_s, to_s - 1).values() or ({},)
            means = reader.history([key], *window, PERIOD_S)[key]
            here = {from_s + PERIOD_S * n: mean for n, mean in enumerate(means) if mean is not None}
            same = sum(there.get(at_s) == mean for at_s, mean in here.items())
            stored, equal, extra = stored + len(here), equal + same, extra + len(there) - same
    return stored, equal, extra


def _spans(start_s: int, end_s: int) -> Iterator[tuple[int, int]]:
    for from_s in range(start_s, end_s, COMPARED_AT_ONCE_S):
        yield from_s, min(end_s // PERIOD_S * PERIOD_S, from_s + COMPARED_AT_ONCE_S)


async def outage(folder: Path, days: float, points: int) -> dict[str, object]:
    """The whole story; figures by name."""
    with running(folder / "victoria") as server:
        config = site_at(folder, server.url)
        keys = keys_of(config, points)
        now_s = int(time.time()) // PERIOD_S * PERIOD_S
        start_s = int(now_s - days * 86_400) // HOUR_S * HOUR_S + HOUR_S
        fill(config.storage.telemetry, keys, start_s, now_s)
        database = TelemetryDatabase(config.storage.telemetry)
        database.open("benchmark", datetime.now(UTC))
        seen = await follow(config, server, keys, database)
        stored, equal, otherwise = await asyncio.to_thread(compared, config, server, keys, start_s)
        written = server.count()
        database.close()
    rss_mb = np.array(seen.resident_bytes) / 1e6
    quarter = max(1, len(rss_mb) // 4)
    return {
        "points": points,
        "outage [days]": round((now_s - start_s) / 86_400, 2),
        "back-fill [s]": round(seen.took_s, 1),
        "back-fill [x real time]": round((now_s - start_s) / seen.took_s),
        "values a second": round(stored / seen.took_s),
        "live lag, most [s]": round(max(seen.lags_s), 1),
        "live lag, median [s]": round(float(np.median(seen.lags_s)), 1),
        "memory at first [MB]": round(float(rss_mb[quarter]), 1),
        "memory, most [MB]": round(float(rss_mb.max()), 1),
        "memory at the end [MB]": round(float(rss_mb[-1]), 1),
        "values in the store": stored,
        "values equal on the server": equal,
        "values otherwise there": otherwise,
        "values written to the server": written,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--points", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(outage(Path(folder), asked.days, asked.points))
    if asked.json:
        print(json.dumps(figures))
        return
    print(f"{platform.machine()}, Python {platform.python_version()}, victoria-metrics on the same machine")
    for name, figure in figures.items():
        print(f"{name:32} {figure}")


if __name__ == "__main__":
    main()
