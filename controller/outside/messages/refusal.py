"""What became of a message: from what apprise said to what follows from it. Pure.

apprise tells success or failure only; the status and the provider's words stand in its log.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_STATUS = re.compile(r"\berror=(\d{3})\b")
_SMTP_STATUS = re.compile(r"\((\d{3}), b")
_BODY = re.compile(r"^Response Details:\s*(b['\"].*)$", re.DOTALL)
_MAYBE = re.compile(r"read timed out|readtimeout", re.IGNORECASE)
_NO_NETWORK = re.compile(
    r"failed to resolve|name resolution|name or service|connection refused|unreachable|max retries|"
    r"connecttimeout|connection aborted|connection reset|no route",
    re.IGNORECASE,
)
_MONTHLY = re.compile(r"monthly limit|quota", re.IGNORECASE)
_CERTIFICATE = re.compile(r"certificate", re.IGNORECASE)
_LONGEST = 300


class Outcome(StrEnum):
    """What became of a message."""

    SENT = "sent"
    UNREACHABLE = "unreachable"
    """It did not leave: there is no network, or nobody at the other end."""
    UNCERTAIN = "uncertain"
    """It may have arrived: nobody answered in time."""
    BUSY = "busy"
    """The provider asks to come back later."""
    QUOTA = "quota"
    """The provider says that the month's quota is used up."""
    REFUSED = "refused"
    """It will be refused again: a token, an address, a URL is wrong."""

    @property
    def surely_not_delivered(self) -> bool:
        """Whether it need not be counted."""
        return self not in {Outcome.SENT, Outcome.UNCERTAIN}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message, and what was said."""

    outcome: Outcome
    said: str = ""
    """In the provider's or apprise's own words, one line; nothing where it was sent."""


def answer_of(*, sent: bool, log: Sequence[tuple[str, str]]) -> Answer:
    """What apprise's verdict and its log, level and message of each line, come to."""
    if sent:
        return Answer(Outcome.SENT)
    lines = [message for _, message in log]
    text = "\n".join(lines)
    body = _provider_said(lines)
    status = _status(text)
    complaints = [message for level, message in log if level in {"WARNING", "ERROR", "CRITICAL"}]
    said = body or (complaints[-1] if complaints else "no reason was given")
    if status is not None:
        return Answer(_by_status(status, body), _short(f"{status}: {said}"))
    if _MAYBE.search(text):
        return Answer(Outcome.UNCERTAIN, "it did not answer in time")
    if _CERTIFICATE.search(text):
        return Answer(Outcome.REFUSED, _short(said))
    if _NO_NETWORK.search(text):
        return Answer(Outcome.UNREACHABLE, "it cannot be reached")
    return Answer(Outcome.BUSY, _short(said))


def _by_status(status: int, body: str) -> Outcome:
    if status == 429:
        return Outcome.QUOTA if _MONTHLY.search(body) else Outcome.BUSY
    if status in {408, 421, 425} or 500 <= status < 530:
        return Outcome.BUSY
    return Outcome.REFUSED if status >= 400 else Outcome.BUSY


def _status(text: str) -> int | None:
    """HTTP's or SMTP's status; SMTP's 4xx mean "later" as HTTP's 5xx do, and the other way round."""
    found = _STATUS.search(text)
    if found:
        return int(found[1])
    found = _SMTP_STATUS.search(text)
    if not found:
        return None
    status = int(found[1])
    return 503 if 400 <= status < 500 else max(status, 530)


def _provider_said(lines: Sequence[str]) -> str:
    """The body of the refusal: its `message` where it is JSON that has one."""
    for line in lines:
        found = _BODY.match(line)
        if not found:
            continue
        try:
            body = ast.literal_eval(found[1])
        except (SyntaxError, ValueError):  # cut short by apprise
            return found[1]
        text = bytes(body).decode("utf-8", errors="replace").strip()
        return _message_in(text) or text
    return ""


def _message_in(text: str) -> str:
    try:
        told = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    words = [told[key] for key in ("message", "error", "detail") if isinstance(told.get(key), str)]
    return words[0] if words else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
