"""Several weather models in one request; whatever the service does is bounded and told in a sentence."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from weather_service import MIDNIGHT_S, Service, hourly, says, weather_service

from controller.core.reasons import render
from forecasting.grid import Grid
from forecasting.site import Place
from forecasting.weather.errors import (
    WeatherError,
    WeatherGarbledError,
    WeatherRefusedError,
    told,
)
from forecasting.weather.open_meteo import OpenMeteo, read_answer
from forecasting.weather.request import Limits

VILLAGE = Place(11.8, 99.6, "Asia/Bangkok", altitude_m=60.0)
MODELS = ("ecmwf_ifs025", "gfs_seamless")


def fetch_from(service: Service, limits: Limits | None = None, models: tuple[str, ...] = MODELS) -> OpenMeteo:
    return OpenMeteo(VILLAGE, lambda: MIDNIGHT_S + 600, service.url, models, limits or Limits())


def test_all_models_are_asked_at_once_for_this_place_in_unix_time() -> None:
    with weather_service(says(hourly(*MODELS))) as service:
        runs = fetch_from(service)()
    assert [run.source for run in runs] == list(MODELS)
    assert len(service.asked) == 1
    assert service.asked[0]["models"] == "ecmwf_ifs025,gfs_seamless"
    assert service.asked[0]["timeformat"] == "unixtime"
    assert (service.asked[0]["latitude"], service.asked[0]["elevation"]) == ("11.8000", "60")


def test_irradiance_of_the_preceding_hour_stands_at_the_start_of_that_hour() -> None:
    (run,) = read_answer(json.dumps(hourly("icon_seamless")).encode(), ["icon_seamless"], 7)
    assert run.issued_s == 7
    assert run.grid == Grid(MIDNIGHT_S, 3600, 95)
    assert run.ghi_wm2[:3].tolist() == [100.0, 200.0, 300.0]
    assert run.temp_c[:2].tolist() == [20.5, 21.5]
    assert run.humidity_frac[0] == 0.5
    assert run.cloud_frac[0] == 1.0


def test_a_model_that_knows_nothing_of_the_place_is_left_out_and_null_is_missing() -> None:
    answer = hourly(*MODELS)
    answer["hourly"]["shortwave_radiation_gfs_seamless"] = [None] * 96
    answer["hourly"]["shortwave_radiation_ecmwf_ifs025"][5] = None
    del answer["hourly"]["cloud_cover_ecmwf_ifs025"]
    (run,) = read_answer(json.dumps(answer).encode(), MODELS, 0)
    assert run.source == "ecmwf_ifs025"
    assert np.flatnonzero(np.isnan(run.ghi_wm2)).tolist() == [4]
    assert np.isnan(run.cloud_frac).all()


def test_the_service_s_own_words_are_told_when_it_refuses() -> None:
    no = {"error": True, "reason": "Daily API request limit exceeded. Please try again tomorrow."}
    with weather_service(says(no, 429)) as service, pytest.raises(WeatherRefusedError) as caught:
        fetch_from(service)()
    sentence = render(told(caught.value, "open_meteo")).en
    assert "open_meteo refuses: HTTP 429" in sentence
    assert "Daily API request limit exceeded" in sentence


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [(b"<html>sorry</html>", 503, "HTTP 503"), (b"[1]", 400, "HTTP 400"), (b"", 404, "HTTP 404")],
)
def test_a_refusal_without_reason_tells_its_status(body: bytes, status: int, words: str) -> None:
    with weather_service(says(body, status)) as service, pytest.raises(WeatherRefusedError, match=words):
        fetch_from(service)()


def test_a_redirection_is_not_followed_but_told() -> None:
    with (
        weather_service(says(b"", 301, Location="http://elsewhere.invalid/")) as service,
        pytest.raises(WeatherRefusedError, match=r"301.*elsewhere"),
    ):
        fetch_from(service)()


def test_a_huge_answer_is_cut_off() -> None:
    with (
        weather_service(says(b" " * 300_000)) as service,
        pytest.raises(WeatherGarbledError, match="longer than 100 kB"),
    ):
        fetch_from(service, Limits(size=100_000))()


def test_a_packed_answer_is_never_unpacked() -> None:
    with (
        weather_service(says(b"\x1f\x8b", Content_Encoding="gzip")) as service,
        pytest.raises(WeatherGarbledError, match="packed"),
    ):
        fetch_from(service)()


def test_silence_is_waited_for_no_longer_than_the_limit() -> None:
    with (
        weather_service(lambda handler: time.sleep(1.0)) as service,
        pytest.raises(WeatherError, match="no answer"),
    ):
        fetch_from(service, Limits(read_s=0.1))()


def test_an_answer_that_drips_for_ever_is_given_up() -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.02)

    with weather_service(drip) as service, pytest.raises(WeatherError, match="not complete"):
        fetch_from(service, Limits(total_s=0.1))()


def test_an_answer_that_breaks_off_is_no_weather() -> None:
    def break_off(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(b'{"hourly": {"time": [')

    with weather_service(break_off) as service, pytest.raises(WeatherError):
        fetch_from(service)()


def test_nobody_there_is_no_connection() -> None:
    with weather_service(says(b"")) as service:
        pass
    with pytest.raises(WeatherError, match="no connection"):
        fetch_from(service)()


def with_hourly(**columns: Any) -> bytes:
    answer = hourly("m")
    answer["hourly"] |= columns
    return json.dumps(answer).encode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no hourly"),
        (b'{"hourly": []}', "no hourly"),
        (with_hourly(time=["2026-01-01T00:00"] * 96), "Unix seconds"),
        (with_hourly(time=[10**30 + hour for hour in range(96)]), "Unix seconds"),
        (with_hourly(time=[MIDNIGHT_S] * 96), "hour by hour"),
        (with_hourly(time=[MIDNIGHT_S + 3600 * hour for hour in range(95)]), "does not fit"),
        (with_hourly(shortwave_radiation=["12"] * 96), "no number"),
        (with_hourly(shortwave_radiation=[10**400] * 96), "no number"),
        (with_hourly(shortwave_radiation=[float("nan")] * 96), "no number"),
        (with_hourly(shortwave_radiation=[None] * 96), "no irradiance"),
        (with_hourly(temperature_2m={"a": 1}), "does not fit"),
    ],
)
def test_json_that_is_not_what_was_agreed_is_named(body: bytes, words: str) -> None:
    with pytest.raises(WeatherGarbledError, match=words):
        read_answer(body, ["m"], 0)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(st.sampled_from(["time", "shortwave_radiation", "temperature_2m"]), _JSON)
def test_no_answer_whatever_raises_anything_else(column: str, value: object) -> None:
    answer = hourly("m", hours=4)
    answer["hourly"][column] = value
    try:
        runs = read_answer(json.dumps(answer).encode(), ["m"], 0)
    except WeatherGarbledError:
        return
    assert all(run.grid.count == 3 for run in runs)
