"""One request to a server that takes line protocol, and what its answer means.

influxdb-client speaks to it (synchronously; its batching queue is not used). The answers are those of
InfluxDB's published contract of /api/v2/write, which VictoriaMetrics follows.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS, WriteApi
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from controller.secret import SecretError, read_secret
from controller.settings.influx import InfluxSettings

CONNECT_S, ANSWER_S = 10.0, 20.0
"""So long a request may take to connect, and between two signs of life of its answer."""
MAX_WAIT_S = 3600.0
"""More than that a server cannot ask for: it may have a wrong clock."""
_WORDS = 300
_SECONDS: Any = WritePrecision.S  # a string there, whatever its annotation says
_REFUSED = frozenset({400, 422})
_TOO_LARGE = 413
_BUSY = frozenset({429, 503})


class WriteError(Exception):
    """What was sent did not arrive; the text is the server's own, shortened to one line."""


class RefusedError(WriteError):
    """Something in it is not to the server's liking; the rest may have arrived."""


class TooLargeError(WriteError):
    """It was too much at once."""


class NotAcceptedError(WriteError):
    """Token, bucket, address or certificate are wrong: somebody must see to it."""


class UnreachableError(WriteError):
    """No answer, or one that says that the server cannot now."""

    def __init__(self, words: str, wait_s: float | None = None) -> None:
        super().__init__(words)
        self.wait_s = wait_s
        """So long the server asks us to wait; None when it did not say."""


class Server:
    """The server of config.yaml. Methods block; one thread at a time."""

    def __init__(self, settings: InfluxSettings, utc_now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._utc_now = utc_now
        self._client: InfluxDBClient | None = None
        self._api: WriteApi | None = None

    def write(self, body: bytes) -> None:
        """Have lines of line protocol with stamps in seconds stored. Raises WriteError."""
        try:
            self._writer().write(self._settings.bucket, self._settings.org, body, write_precision=_SECONDS)
        except ApiException as error:
            raise self._meaning(error) from error
        except (HTTPError, OSError) as error:
            raise UnreachableError(_one_line(str(error) or type(error).__name__)) from error
        except ValueError as error:  # an answer that is no text, an address that is none
            raise UnreachableError(_one_line(f"not understood: {error}")) from error

    def close(self) -> None:
        """Give the connection up; the next write makes another, with the token read anew."""
        client, self._client, self._api = self._client, None, None
        if client is not None:
            client.close()  # type: ignore[no-untyped-call]

    def _writer(self) -> WriteApi:
        if self._api is None:
            self._client = self._connected()
            self._api = self._client.write_api(write_options=SYNCHRONOUS)
        return self._api

    def _connected(self) -> InfluxDBClient:
        settings = self._settings
        try:
            token = "" if settings.token is None else read_secret(settings.token)
        except SecretError as error:
            msg = f"the token cannot be had: {error}"
            raise NotAcceptedError(msg) from error
        if settings.ca_file is not None and not settings.ca_file.is_file():
            msg = f"influx.ca_file: there is no file {settings.ca_file}"
            raise NotAcceptedError(msg)
        return InfluxDBClient(
            url=settings.url,
            token=token,
            org=settings.org,
            enable_gzip=True,
            timeout=(int(CONNECT_S * 1000), int(ANSWER_S * 1000)),
            ssl_ca_cert=None if settings.ca_file is None else str(settings.ca_file),
        )

    def _meaning(self, error: ApiException) -> WriteError:
        status, words = int(error.status or 0), _words(error)
        if status in _REFUSED:
            return RefusedError(words)
        if status == _TOO_LARGE:
            return TooLargeError(words)
        if status in _BUSY:
            return UnreachableError(f"{status}: {words}", self._wait_s(error))
        if status >= 500 or status == 408:
            return UnreachableError(f"{status}: {words}", self._wait_s(error))
        # Without a status: the library's way to say that the certificate is not believed.
        return NotAcceptedError(f"{status}: {words}" if status else f"no secure connection: {words}")

    def _wait_s(self, error: ApiException) -> float | None:
        """Retry-After as RFC 9110, section 10.2.3, has it: seconds, or a date."""
        told = error.retry_after
        if not isinstance(told, str):
            return None
        try:
            wait_s = float(told)
        except ValueError:
            try:
                at = parsedate_to_datetime(told)
            except ValueError:
                return None
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            wait_s = (at - self._utc_now()).total_seconds()
        return min(MAX_WAIT_S, max(0.0, wait_s)) if math.isfinite(wait_s) else None


def _words(error: ApiException) -> str:
    told: Any = (error.message if error.status else error.reason) or "no words"
    return _one_line(told.decode(errors="replace") if isinstance(told, bytes) else str(told))


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _WORDS else f"{flat[:_WORDS]}…"


for _noisy in ("influxdb_client", "urllib3"):  # what goes wrong is told once, by the service
    logging.getLogger(_noisy).setLevel(logging.ERROR)
