"""What the tests of messages share: people, a log of alarms, phones that ring, a clock moved by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from controller.config_file import load_config
from controller.outside.messages.memory import MessageMemory
from controller.outside.messages.refusal import Answer, Outcome
from controller.outside.messages.sender import Letter
from controller.outside.messages.service import Messages
from controller.outside.notebook import Notebook
from controller.settings.messages import MessagesSettings
from controller.telemetry.alarm_log import AlarmRecord, Severity, keep_alarms
from controller.telemetry.schema import SCHEMA_VERSION, TABLES
from controller.telemetry.transactions import committed

EVENING = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # 19:00 in Thailand, a Saturday
CONFIG = load_config(Path(__file__).parents[2] / "config.yaml")
SOMCHAI = {"lang": "th", "channels": ["somchai_line"]}
USUAL: dict[str, Any] = {
    "people": {"somchai": SOMCHAI},
    "channels": {"somchai_line": {"url": "json://127.0.0.1:9/somchai"}},
    "quiet_hours": {"begin": "22:00", "end": "06:00"},
}
SENT = Answer(Outcome.SENT)
NO_NETWORK = Answer(Outcome.UNREACHABLE, "it cannot be reached")
WRONG_TOKEN = Answer(Outcome.REFUSED, "401: Authentication failed")
QUOTA_SPENT = Answer(Outcome.QUOTA, "429: You have reached your monthly limit.")


class KilledError(BaseException):
    """The power is gone: nothing after it is carried out."""


class TimeIsUpError(Exception):
    """The test has seen enough."""


@dataclass(slots=True)
class Clock:
    """Stands still until told."""

    at: datetime = EVENING
    right: bool = True
    speed: float = 1.0
    until: datetime | None = None
    """Then whoever sleeps is woken for good."""

    def monotonic(self) -> float:
        return (self.at - EVENING).total_seconds()

    def utc_now(self) -> datetime:
        return self.at

    def synchronised(self) -> bool:
        return self.right

    async def sleep(self, duration_s: float) -> None:
        self.at += timedelta(seconds=duration_s)
        if self.until is not None and self.at >= self.until:
            raise TimeIsUpError

    async def sleep_until(self, monotonic_s: float) -> None:
        await self.sleep(monotonic_s - self.monotonic())


class Phones:
    """Takes letters as providers do; what is at the end of a URL's path is the phone."""

    def __init__(self) -> None:
        self.rang: list[tuple[str, str]] = []
        """Phone and text of each message that arrived."""
        self.answers: dict[str, Answer] = {}
        """Phone -> what its provider says instead of taking messages."""
        self.killed_after: int | None = None
        """So many letters later the sender's parent is killed."""

    async def send(self, letters: Sequence[Letter]) -> AsyncGenerator[tuple[int, Answer], None]:
        for number, letter in enumerate(letters):
            phone = letter.channel.url.rsplit("/", 1)[-1]
            answer = self.answers.get(phone, SENT)
            if answer.outcome in {Outcome.SENT, Outcome.UNCERTAIN}:
                self.rang.append((phone, f"{letter.title}\n{letter.body}".strip()))
            if self.killed_after is not None:
                self.killed_after -= 1
                if self.killed_after <= 0:
                    raise KilledError
            yield number, answer

    def texts(self, phone: str = "somchai") -> list[str]:
        return [text for rang, text in self.rang if rang == phone]


class Village:
    """A log of alarms, and the service that tells people of them."""

    def __init__(self, folder: Path, settings: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.settings = MessagesSettings.model_validate(settings or USUAL)
        self.clock = Clock()
        self.phones = Phones()
        self.telemetry = folder / "telemetry.db"
        self.store = new_store(self.telemetry)
        self.alarms: dict[int, AlarmRecord] = {}
        self.begin()

    def begin(self) -> None:
        """A new life of the outside process, with the notebook that the last one left."""
        self.notebook = Notebook(self.folder / "outside.db")
        self.service = Messages(
            CONFIG.model_copy(update={"messages": self.settings}),
            self.settings,
            self.telemetry,
            MessageMemory(self.notebook),
            self.phones,
            self.clock,
        )

    def restart(self) -> None:
        self.notebook.close()
        self.phones.killed_after = None
        self.begin()

    def close(self) -> None:
        self.notebook.close()
        self.store.close()

    def raised(
        self, code: str = "blackout", subject: str = "site", severity: str = "critical", **params: Any
    ) -> AlarmRecord:
        record = AlarmRecord(
            len(self.alarms) + 1, code, subject, Severity(severity), params, self.clock.utc_now()
        )
        return self._keep(record)

    def cleared(self, record: AlarmRecord) -> AlarmRecord:
        return self._keep(replace(self.alarms[record.id], cleared_utc=self.clock.utc_now()))

    def acknowledged(self, record: AlarmRecord, who: str = "somchai") -> AlarmRecord:
        now = self.clock.utc_now()
        return self._keep(replace(self.alarms[record.id], acknowledged_utc=now, acknowledged_by=who))

    def worsened(self, record: AlarmRecord) -> AlarmRecord:
        return self._keep(replace(self.alarms[record.id], severity=Severity.CRITICAL))

    def _keep(self, record: AlarmRecord) -> AlarmRecord:
        with committed(self.store):
            keep_alarms(self.store, [record])
        self.alarms[record.id] = record
        return record

    async def passes(self, seconds: float, every_s: float = 60.0) -> None:
        """Time goes by, and the service looks now and then."""
        until = self.clock.at + timedelta(seconds=seconds)
        while self.clock.at < until:
            self.clock.at = min(until, self.clock.at + timedelta(seconds=every_s))
            await self.service.look()

    async def serves(self, seconds: float) -> None:
        """The service runs by itself for so long."""
        self.clock.until = self.clock.at + timedelta(seconds=seconds)
        with suppress(TimeIsUpError):
            await self.service.run()
        self.clock.until = None

    def waiting(self) -> list[tuple[str, str, str]]:
        """Person, code and why of what waits."""
        return [(one["person"], one["code"], one["why"]["code"]) for one in self.service.status()["waiting"]]


def minutes(count: float) -> float:
    return count * 60


def hours(count: float) -> float:
    return count * 3600


def new_store(path: Path) -> sqlite3.Connection:
    """A telemetry.db with nothing in it, open for writing."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    for table in TABLES:
        connection.execute(table)
    connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(SCHEMA_VERSION),))
    return connection
