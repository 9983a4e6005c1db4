"""What messages must remember over a restart, in the notebook of the outside process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from controller.outside.messages.durable import Durable
from controller.outside.messages.following import followed_on
from controller.outside.messages.model import (
    AlarmKey,
    ChannelState,
    Followed,
    Kind,
    Outgoing,
    QuotaState,
    Refusal,
    Told,
)
from controller.outside.messages.stored import (
    alarm_json,
    alarm_of,
    moment,
    moment_or_none,
    text,
    text_or_none,
)
from controller.outside.messages.tables import TABLES
from controller.outside.notebook import Notebook
from controller.telemetry.alarm_log import AlarmRecord, Severity
from controller.telemetry.decision_log import canonical_json

MOST_FOLLOWED = 500
"""Beyond, the oldest that are over are let go: they stand in the log of alarms all the same."""
MOST_REFUSALS = 20
BELIEFS_KEPT = timedelta(days=7)
"""What people know of an alarm that is over and no longer followed."""

_CURSOR = "alarm_change"
_MONTH = "month"


class MessageMemory:
    """The tables of messages. Every method blocks and may raise StorageError; any thread may call it."""

    def __init__(self, notebook: Notebook) -> None:
        self._tables = Durable(notebook, *TABLES)

    @property
    def defect(self) -> str | None:
        """What is wrong with the disk, one English sentence; None when nothing is."""
        return self._tables.defect

    def cursor(self) -> int | None:
        """The last change of an alarm that was taken in; None before the first."""
        value = self._note(_CURSOR)
        return None if value is None else int(value)

    def take_in(self, records: Sequence[AlarmRecord], cursor: int, now: datetime) -> None:
        """Follow alarms that changed, in the order of their changes, and remember how far that came."""

        def work(connection: sqlite3.Connection) -> None:
            for record in records:
                _follow(connection, record, now)
            _keep_note(connection, _CURSOR, str(cursor))
            connection.execute(
                "DELETE FROM message_alarm WHERE (code, subject) IN (SELECT code, subject FROM message_alarm"
                " ORDER BY json_extract(record, '$.cleared_utc') IS NULL DESC, waiting_since DESC"
                " LIMIT -1 OFFSET ?)",
                (MOST_FOLLOWED,),
            )

        self._tables.do(work)

    def begin_anew(self) -> None:
        """The log of alarms is another one, with numbers of its own: nothing that is known fits it."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM message_alarm")
            connection.execute("DELETE FROM message_told")
            connection.execute("DELETE FROM message_note WHERE key = ?", (_CURSOR,))

        self._tables.do(work)

    def followed(self) -> list[Followed]:
        """All alarms that somebody may have to be told of."""
        with self._tables.reading() as connection:
            rows = connection.execute("SELECT record, waiting_since, times FROM message_alarm").fetchall()
        return [_followed(row) for row in rows]

    def told(self) -> dict[tuple[str, AlarmKey], Told]:
        """What people believe, by person and alarm."""
        with self._tables.reading() as connection:
            rows = connection.execute(
                "SELECT person, code, subject, alarm_id, severity, raised_told, cleared_told"
                " FROM message_told"
            ).fetchall()
        return {
            (person, (code, subject)): Told(
                person, (code, subject), number, Severity(severity), moment(raised), moment_or_none(cleared)
            )
            for person, code, subject, number, severity, raised, cleared in rows
        }

    def last_messages(self) -> dict[str, datetime]:
        """When each person was last sent a message."""
        with self._tables.reading() as connection:
            rows = connection.execute("SELECT person, at_utc FROM message_last").fetchall()
        return {person: moment(at) for person, at in rows}

    def month(self) -> str | None:
        """The month that messages were last counted for while the clock was right."""
        return self._note(_MONTH)

    def begin_month(self, month: str) -> None:
        """Count for this month from now on."""
        self._tables.do(lambda connection: _keep_note(connection, _MONTH, month))

    def quota_states(self, month: str) -> dict[str, QuotaState]:
        """How much of each quota is used in a month."""
        with self._tables.reading() as connection:
            rows = connection.execute(
                "SELECT quota, spent, refused_until FROM message_quota WHERE month = ?", (month,)
            ).fetchall()
        return {quota: QuotaState(spent, moment_or_none(until)) for quota, spent, until in rows}

    def spend(self, quota: str, month: str, cost: int) -> None:
        """Count a message, before it is sent: whatever happens next, never too little is counted."""
        self._write(
            "INSERT INTO message_quota(quota, month, spent) VALUES (?, ?, ?)"
            " ON CONFLICT(quota, month) DO UPDATE SET spent = spent + excluded.spent",
            (quota, month, cost),
        )

    def give_back(self, quota: str, month: str, cost: int) -> None:
        """A message that was counted was surely not delivered."""
        self._write(
            "UPDATE message_quota SET spent = max(0, spent - ?) WHERE quota = ? AND month = ?",
            (cost, quota, month),
        )

    def refuse_until(self, quota: str, month: str, until: datetime) -> None:
        """The provider says that a quota is used up: ask again then."""
        self._write(
            "INSERT INTO message_quota(quota, month, spent, refused_until) VALUES (?, ?, 0, ?)"
            " ON CONFLICT(quota, month) DO UPDATE SET refused_until = excluded.refused_until",
            (quota, month, text(until)),
        )

    def channel_states(self) -> dict[str, ChannelState]:
        """How the channels do that do not work."""
        with self._tables.reading() as connection:
            rows = connection.execute(
                "SELECT channel, failures, failing_since, next_try, said, refuses FROM message_channel"
            ).fetchall()
        return {
            channel: ChannelState(
                failures, moment_or_none(since), moment_or_none(next_try), said, bool(refuses)
            )
            for channel, failures, since, next_try, said, refuses in rows
        }

    def set_channel(self, channel: str, state: ChannelState) -> None:
        """Remember how a channel does that does not work."""
        since, next_try = text_or_none(state.failing_since), text_or_none(state.next_try)
        self._write(
            "INSERT OR REPLACE INTO message_channel(channel, failures, failing_since, next_try, said,"
            " refuses) VALUES (?, ?, ?, ?, ?, ?)",
            (channel, state.failures, since, next_try, state.said, int(state.refuses)),
        )

    def forget_rests(self) -> None:
        """Try everything anew: somebody may have put right what refused."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE message_channel SET next_try = NULL")
            connection.execute("UPDATE message_quota SET refused_until = NULL")

        self._tables.do(work)

    def sent(self, message: Outgoing, now: datetime) -> None:
        """A message went out: its person believes what it says, and its channel works."""

        def work(connection: sqlite3.Connection) -> None:
            for item in message.items:
                _believe(connection, message.person, item.kind, item.alarm.record, now)
            last = (message.person, text(now))
            connection.execute("INSERT OR REPLACE INTO message_last(person, at_utc) VALUES (?, ?)", last)
            connection.execute("DELETE FROM message_channel WHERE channel = ?", (message.channel,))

        self._tables.do(work)

    def refused(self, refusal: Refusal) -> None:
        """Keep what a provider said, the newest few."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO message_refusal(at_utc, channel, said) VALUES (?, ?, ?)",
                (text(refusal.at), refusal.channel, refusal.said),
            )
            connection.execute(
                "DELETE FROM message_refusal WHERE number <= (SELECT max(number) FROM message_refusal) - ?",
                (MOST_REFUSALS,),
            )

        self._tables.do(work)

    def refusals(self) -> list[Refusal]:
        """What providers said lately, newest first."""
        with self._tables.reading() as connection:
            rows = connection.execute(
                "SELECT at_utc, channel, said FROM message_refusal ORDER BY number DESC"
            ).fetchall()
        return [Refusal(moment(at), channel, said) for at, channel, said in rows]

    def finish(self, keys: Iterable[AlarmKey], now: datetime) -> None:
        """Follow these no longer, and forget what people knew long ago of others that are not followed."""

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM message_alarm WHERE code = ? AND subject = ?", list(keys))
            connection.execute(
                "DELETE FROM message_told WHERE raised_told < ? AND NOT EXISTS (SELECT 1 FROM message_alarm"
                " AS a WHERE a.code = message_told.code AND a.subject = message_told.subject)",
                (text(now - BELIEFS_KEPT),),
            )

        self._tables.do(work)

    def _note(self, key: str) -> str | None:
        with self._tables.reading() as connection:
            row = connection.execute("SELECT value FROM message_note WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(statement, values)

        self._tables.do(work)


def _keep_note(connection: sqlite3.Connection, key: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO message_note(key, value) VALUES (?, ?)", (key, value))


def _followed(row: tuple[str, str, int]) -> Followed:
    record, since, times = row
    return Followed(alarm_of(json.loads(record)), moment(since), times)


def _follow(connection: sqlite3.Connection, record: AlarmRecord, now: datetime) -> None:
    key = (record.code, record.subject)
    row = connection.execute(
        "SELECT record, waiting_since, times FROM message_alarm WHERE code = ? AND subject = ?", key
    ).fetchone()
    last_told = connection.execute(
        "SELECT max(max(raised_told, coalesce(cleared_told, ''))) FROM message_told"
        " WHERE code = ? AND subject = ?",
        key,
    ).fetchone()[0]
    after = followed_on(None if row is None else _followed(row), moment_or_none(last_told), record, now)
    connection.execute(
        "INSERT OR REPLACE INTO message_alarm(code, subject, record, waiting_since, times)"
        " VALUES (?, ?, ?, ?, ?)",
        (*key, canonical_json(alarm_json(after.record)), text(after.waiting_since), after.times),
    )


def _believe(
    connection: sqlite3.Connection, person: str, kind: Kind, record: AlarmRecord, now: datetime
) -> None:
    key, at = (person, record.code, record.subject), text(now)
    if kind is Kind.CLEARED:
        connection.execute(
            "UPDATE message_told SET cleared_told = ?, alarm_id = ?"
            " WHERE person = ? AND code = ? AND subject = ?",
            (at, record.id, *key),
        )
        return
    connection.execute(
        "INSERT OR REPLACE INTO message_told(person, code, subject, alarm_id, severity, raised_told,"
        " cleared_told) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*key, record.id, record.severity.value, at, at if kind is Kind.OVER else None),
    )
