"""Weather on an SD card: whole or not there, bounded, and never a reason to stop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from weather_service import MIDNIGHT_S

from forecasting.grid import DAY_S, Grid
from forecasting.records import WeatherRun
from forecasting.site import Place
from forecasting.weather.cache import WeatherCache


def run(issued_s: int = MIDNIGHT_S, source: str = "model") -> WeatherRun:
    random = np.random.default_rng(issued_s)
    grid = Grid(issued_s // 3600 * 3600, 3600, 95)
    ghi_wm2 = np.where(random.random(95) < 0.1, np.nan, np.round(random.uniform(0, 1000, 95), 1))
    temp_c, humidity, cloud = (np.round(random.uniform(0, 1, 95), 2) for _ in range(3))
    return WeatherRun(source, issued_s, grid, ghi_wm2, 20 + temp_c, humidity, cloud)


def assert_same(one: WeatherRun, other: WeatherRun) -> None:
    assert (one.source, one.issued_s, one.grid) == (other.source, other.issued_s, other.grid)
    for name in ("ghi_wm2", "temp_c", "humidity_frac", "cloud_frac"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-3)


def test_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    runs = (run(source="one"), run(source="two"))
    WeatherCache(tmp_path / "weather").store(runs)
    loaded = WeatherCache(tmp_path / "weather").load()
    for kept, stored in zip(loaded.archive.runs, runs, strict=True):
        assert_same(kept, stored)
    assert loaded.damaged == ()


def test_a_folder_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert WeatherCache(tmp_path / "none").load().archive.runs == ()


def test_power_that_fails_at_any_byte_costs_no_more_than_that_file(tmp_path: Path) -> None:
    cache = WeatherCache(tmp_path)
    cache.store((run(MIDNIGHT_S),))
    cache.store((run(MIDNIGHT_S + 3600),))
    torn = max(tmp_path.iterdir())
    whole = torn.read_bytes()
    for length in {0, 1, 9, 10, 11, len(whole) // 2, len(whole) - 8, len(whole) - 1}:
        torn.write_bytes(whole[:length])
        loaded = cache.load()
        assert loaded.damaged == (torn.name,)
        assert_same(loaded.archive.runs[0], run(MIDNIGHT_S))
    torn.write_bytes(bytes(len(whole)))
    assert cache.load().damaged == (torn.name,)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    WeatherCache(tmp_path).store((run(),))
    (path,) = tmp_path.iterdir()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)
    assert WeatherCache(tmp_path).load().damaged == (path.name,)


def test_a_draft_that_was_never_finished_is_no_weather_and_in_nobody_s_way(tmp_path: Path) -> None:
    (tmp_path / "weather.new").write_bytes(b"half")
    cache = WeatherCache(tmp_path)
    assert cache.load().archive.runs == ()
    cache.store((run(),))
    assert len(cache.load().archive.runs) == 1
    assert not (tmp_path / "weather.new").exists()


def test_old_runs_are_dropped(tmp_path: Path) -> None:
    cache = WeatherCache(tmp_path, keep_s=2 * DAY_S)
    for day in range(6):
        cache.store((run(MIDNIGHT_S + day * DAY_S),))
    assert [kept.issued_s for kept in cache.load().archive.runs] == [
        MIDNIGHT_S + day * DAY_S for day in (3, 4, 5)
    ]


def test_the_folder_never_grows_beyond_its_size(tmp_path: Path) -> None:
    cache = WeatherCache(tmp_path, keep_bytes=6_000)
    for hour in range(12):
        cache.store((run(MIDNIGHT_S + 3600 * hour),))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 6_000
    assert cache.load().archive.runs[-1].issued_s == MIDNIGHT_S + 11 * 3600


def test_a_season_of_runs_takes_a_few_megabytes(tmp_path: Path) -> None:
    cache = WeatherCache(tmp_path)
    cache.store(tuple(run(MIDNIGHT_S, source) for source in ("one", "two", "three")))
    (path,) = tmp_path.iterdir()
    assert 90 * 8 * path.stat().st_size < 5_000_000


def test_a_later_version_s_file_is_skipped(tmp_path: Path) -> None:
    import gzip

    (tmp_path / "000000000001.json.gz").write_bytes(gzip.compress(b'{"format": 99, "runs": []}'))
    assert WeatherCache(tmp_path).load().damaged == ("000000000001.json.gz",)


def test_a_place_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        WeatherCache(tmp_path / "file").store((run(),))


def test_the_weather_of_another_place_is_not_used(tmp_path: Path) -> None:
    here, there = Place(11.8, 99.6, "Asia/Bangkok"), Place(21.8, 99.6, "Asia/Bangkok")
    WeatherCache.of_place(tmp_path, here).store((run(),))
    assert len(WeatherCache.of_place(tmp_path, here).load().archive.runs) == 1
    assert WeatherCache.of_place(tmp_path, there).load().archive.runs == ()


def test_runs_of_one_fetch_need_not_be_issued_together(tmp_path: Path) -> None:
    cache = WeatherCache(tmp_path)
    cache.store((run(MIDNIGHT_S + 60, "late"), replace(run(), source="early")))
    assert [kept.source for kept in cache.load().archive.runs] == ["early", "late"]
