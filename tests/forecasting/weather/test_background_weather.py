"""Nobody ever waits for the weather: it is fetched behind the scenes, and what is at hand is handed out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from weather_service import MIDNIGHT_S

from forecasting.grid import DAY_S, Grid
from forecasting.records import WeatherRun, missing
from forecasting.weather.background import BackgroundWeather
from forecasting.weather.cache import WeatherCache
from forecasting.weather.errors import WeatherError, WeatherGarbledError, WeatherRefusedError
from forecasting.weather.schedule import Schedule
from forecasting.weather.source import NoWeather, WeatherSource

HOUR_S = 3600.0


@dataclass
class World:
    """A clock and a service that both do as they are told."""

    now_s: float = 0.0
    fault: WeatherError | None = None
    asked: int = 0
    threads: set[str] = field(default_factory=set)

    def monotonic(self) -> float:
        return self.now_s

    def utc_now_s(self) -> int:
        return MIDNIGHT_S + int(self.now_s)

    def fetch(self) -> tuple[WeatherRun, ...]:
        self.asked += 1
        self.threads.add(threading.current_thread().name)
        if self.fault is not None:
            raise self.fault
        grid = Grid(self.utc_now_s() // 3600 * 3600, 3600, 72)
        sun = np.full(72, 100.0 * self.asked)
        return (WeatherRun("model", self.utc_now_s(), grid, sun, sun, missing(grid), missing(grid)),)

    def source(self, cache: WeatherCache | None = None) -> BackgroundWeather:
        return BackgroundWeather(
            "open_meteo",
            self.fetch,
            monotonic=self.monotonic,
            utc_now_s=self.utc_now_s,
            cache=cache,
            schedule=Schedule(random=Random(1)),
        )


def codes(source: WeatherSource) -> list[str]:
    return [reason.code for reason in source.trouble()]


def wait_until(true: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(500):
        if true():
            return
        waiting.wait(0.01)
    pytest.fail("it never came true")


def test_no_weather_is_a_source_without_trouble() -> None:
    source: WeatherSource = NoWeather()
    assert (source.latest(), source.archive().runs, source.trouble()) == ((), (), ())
    source.close()


def test_weather_is_asked_for_every_three_hours_or_so() -> None:
    world = World()
    source = world.source()
    for minute in range(24 * 60):
        world.now_s = 60.0 * minute
        source.refresh_if_due()
    assert 8 <= world.asked <= 9
    assert len(source.archive().runs) == world.asked
    assert source.latest()[0].ghi_wm2[0] == 100.0 * world.asked
    assert codes(source) == []


def test_the_first_failure_is_a_warning_the_others_are_quiet_and_the_return_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    world = World(fault=WeatherError("no connection"))
    source = world.source()
    for minute in range(600):
        world.now_s = 60.0 * minute
        source.refresh_if_due()
    assert world.asked > 8
    assert [(record.levelname, "cannot be reached" in record.message) for record in caplog.records] == [
        ("WARNING", True)
    ]
    assert codes(source) == ["weather_unreachable"]
    world.fault = None
    world.now_s += 2 * HOUR_S
    source.refresh_if_due()
    assert codes(source) == []
    assert caplog.records[-1].message == "weather from open_meteo is back"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (WeatherRefusedError("HTTP 429"), "weather_refused"),
        (WeatherGarbledError("no JSON"), "weather_garbled"),
    ],
)
def test_the_kind_of_failure_is_told(fault: WeatherError, code: str) -> None:
    source = World(fault=fault).source()
    source.refresh_if_due()
    assert codes(source) == [code]


def test_a_service_that_says_no_is_not_pestered() -> None:
    world = World(fault=WeatherRefusedError("HTTP 429"))
    source = world.source()
    for minute in range(24 * 60):
        world.now_s = 60.0 * minute
        source.refresh_if_due()
    assert world.asked <= 16


def test_old_weather_stays_in_use_and_is_called_stale() -> None:
    world = World()
    source = world.source()
    source.refresh_if_due()
    world.fault = WeatherError("no connection")
    world.now_s = 30 * HOUR_S
    source.refresh_if_due()
    assert codes(source) == ["weather_unreachable", "weather_stale"]
    assert source.trouble()[1].params["age_s"] == 30 * HOUR_S
    assert len(source.latest()) == 1


def test_a_service_that_goes_on_telling_of_last_week_is_called_stale() -> None:
    world = World()
    grid = Grid(MIDNIGHT_S - 7 * DAY_S, 3600, 72)
    column = np.ones(72)
    world.fetch = lambda: (WeatherRun("model", world.utc_now_s(), grid, *[column] * 4),)  # type: ignore[method-assign]
    source = world.source()
    source.refresh_if_due()
    assert codes(source) == ["weather_stale"]


def test_runs_older_than_what_is_learned_from_leave_memory() -> None:
    world = World()
    source = world.source()
    source.refresh_if_due()
    world.now_s = 91.0 * DAY_S
    source.refresh_if_due()
    assert [run.issued_s for run in source.archive().runs] == [MIDNIGHT_S + 91 * DAY_S]


def test_a_restart_begins_with_the_weather_on_disk_and_does_not_ask_again_at_once(tmp_path: Path) -> None:
    world = World()
    world.source(WeatherCache(tmp_path)).refresh_if_due()
    world.now_s = HOUR_S
    restarted = world.source(WeatherCache(tmp_path))
    assert len(restarted.latest()) == 1
    restarted.refresh_if_due()
    assert world.asked == 1
    world.now_s = 3.5 * HOUR_S
    restarted.refresh_if_due()
    assert world.asked == 2


def test_damage_on_disk_is_named(tmp_path: Path) -> None:
    (tmp_path / "000000000001.json.gz").write_bytes(b"")
    assert codes(World().source(WeatherCache(tmp_path))) == ["weather_cache_damaged"]


def test_a_full_card_does_not_keep_weather_from_being_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    source = World().source(WeatherCache(tmp_path / "file"))
    source.refresh_if_due()
    assert len(source.latest()) == 1
    assert codes(source) == ["weather_cache_unwritable"]


def test_a_fetch_that_hangs_keeps_nobody_waiting_and_is_told() -> None:
    world, release = World(), threading.Event()
    fetch = world.fetch

    def hang() -> tuple[WeatherRun, ...]:
        release.wait(5)
        return fetch()

    world.fetch = hang  # type: ignore[method-assign]
    source = world.source()
    source.start()
    wait_until(lambda: source._state.asking_since_s is not None)
    assert source.latest() == ()
    assert codes(source) == []
    world.now_s = 600.0
    assert codes(source) == ["weather_unreachable"]
    source.close()
    release.set()
    wait_until(lambda: bool(source.latest()))
    assert codes(source) == []


def test_refreshing_goes_on_in_a_thread_that_does_not_outlive_the_process() -> None:
    world = World()
    source = world.source()
    source.start()
    wait_until(lambda: bool(source.latest()))
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "weather open_meteo")
    assert world.threads == {thread.name}
    assert thread.daemon
    source.close()
    wait_until(lambda: not thread.is_alive())


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_pauses_after_failures_are_jittered_and_bounded(seed: int, failures: int) -> None:
    schedule = Schedule(random=Random(seed))
    for _ in range(failures):
        schedule.failed(0.0)
        assert schedule.floor_s <= schedule.due_s <= schedule.cap_s
    schedule.succeeded(0.0)
    assert schedule.failures == 0
    schedule.failed(0.0)
    assert schedule.due_s <= schedule.first_s
