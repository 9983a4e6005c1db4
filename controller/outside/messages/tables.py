"""What the notebook holds of messages: alarms followed, what people know, what was counted, channels."""

from __future__ import annotations

TABLES = (
    """CREATE TABLE IF NOT EXISTS message_alarm(
        code TEXT NOT NULL, subject TEXT NOT NULL, record TEXT NOT NULL, waiting_since TEXT NOT NULL,
        times INTEGER NOT NULL, PRIMARY KEY(code, subject)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS message_told(
        person TEXT NOT NULL, code TEXT NOT NULL, subject TEXT NOT NULL, alarm_id INTEGER NOT NULL,
        severity TEXT NOT NULL, raised_told TEXT NOT NULL, cleared_told TEXT,
        PRIMARY KEY(person, code, subject)) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS message_last(person TEXT PRIMARY KEY, at_utc TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS message_quota(
        quota TEXT NOT NULL, month TEXT NOT NULL, spent INTEGER NOT NULL, refused_until TEXT,
        PRIMARY KEY(quota, month)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS message_channel(
        channel TEXT PRIMARY KEY, failures INTEGER NOT NULL, failing_since TEXT, next_try TEXT,
        said TEXT, refuses INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS message_refusal(
        number INTEGER PRIMARY KEY, at_utc TEXT NOT NULL, channel TEXT NOT NULL, said TEXT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS message_note(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)
"""Moments are UTC as ISO 8601 writes them, with microseconds; `record` is JSON (`stored`)."""
