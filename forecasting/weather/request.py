"""One small text over HTTP: bounded in time and size, and every failure told in a few words."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

from forecasting.weather.errors import WeatherError, WeatherGarbledError, WeatherRefusedError

_CHUNK = 65_536
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much is waited for."""

    connect_s: float = 5.0
    read_s: float = 20.0
    """Between two pieces of the answer."""
    total_s: float = 60.0
    size: int = 2_000_000
    """Bytes; three models for four days take some 10 000."""


def get(url: str, params: Mapping[str, str], limits: Limits) -> bytes:
    """The body of the answer.

    Nothing is unpacked (a plain answer is asked for) and no redirection is followed: so neither can exceed
    the limits. Raises WeatherError.
    """
    headers = {"Accept-Encoding": "identity", "User-Agent": "tawan (solar microgrid controller)"}
    ends_s = time.monotonic() + limits.total_s
    try:
        with requests.get(
            url,
            params=dict(params),
            headers=headers,
            timeout=(limits.connect_s, limits.read_s),
            stream=True,
            allow_redirects=False,
        ) as response:
            body = _body(response, limits, ends_s)
    except (requests.RequestException, HTTPError, OSError) as err:
        raise WeatherError(_in_words(err, limits)) from err
    if response.status_code >= 300:
        raise WeatherRefusedError(_refusal(response, body))
    return body


def _body(response: requests.Response, limits: Limits, ends_s: float) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise WeatherGarbledError("the answer is packed, though plain text was asked for")
    parts: list[bytes] = []
    size = 0
    while part := response.raw.read1(_CHUNK):
        size += len(part)
        parts.append(part)
        if size > limits.size:
            msg = f"the answer is longer than {limits.size // 1000} kB"
            raise WeatherGarbledError(msg)
        if time.monotonic() > ends_s:
            msg = f"the answer was not complete after {limits.total_s:.0f} s"
            raise WeatherError(msg)
    return b"".join(parts)


def _refusal(response: requests.Response, body: bytes) -> str:
    """The service's own reason if it gives one, as Open-Meteo does: {"error": true, "reason": "..."}."""
    status = f"HTTP {response.status_code} {response.reason or ''}".strip()
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    told = answer.get("reason") if isinstance(answer, dict) else response.headers.get("Location")
    return f"{status}: {told[:_LONGEST_REASON]}" if isinstance(told, str) else status


def _in_words(err: Exception, limits: Limits) -> str:
    if isinstance(err, requests.ConnectTimeout):
        return f"no connection within {limits.connect_s:.0f} s"
    if isinstance(err, requests.exceptions.SSLError):
        return "its certificate is not accepted; is the clock right?"
    if isinstance(err, requests.Timeout | TimeoutError) or "timed out" in str(err).lower():
        return f"no answer within {limits.read_s:.0f} s"
    if isinstance(err, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return "the address is not one"
    return "no connection" if isinstance(err, requests.ConnectionError) else "the connection broke"
