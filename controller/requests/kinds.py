"""The kinds of requests, and what each must say. Docs: docs/requests.md. Pure.

Everything that comes from outside is checked here, whichever door it came through.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from controller.core.model import GENSET, Ask, Reason, Site
from controller.requests.box import Request, Waiting

KINDS = ("feeder", "genset", "acknowledge", "confirm_contacts")
FEEDER_STATES: Mapping[str, bool | None] = {"closed": True, "open": False, "auto": None}
GENSET_STATES: Mapping[str, bool | None] = {"run": True, "rest": False, "auto": None}
DEFAULT_FOR_S = 3600.0
LONGEST_FOR_S = 86_400.0
"""An override is given anew after a day, or it was forgotten."""
SHORTEST_FOR_S = 10.0
GOOD_FOR = timedelta(minutes=5)
"""An override that does not say when it expires is carried out within that time, or not at all."""
TIMED_KINDS = frozenset({"feeder", "genset"})
"""Orders: they hold for a time, and must not be carried out late."""
_LONGEST_WHO = 80


class RefusedError(Exception):
    """A request that is not carried out; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Somebody has seen an alarm and sees to it."""

    alarm: int
    """`AlarmRecord.id`."""
    who: str


@dataclass(frozen=True, slots=True)
class ConfirmContacts:
    """Somebody has checked that the technicians' names and numbers are right."""

    who: str


Asked = Ask | Acknowledge | ConfirmContacts


def understood(waiting: Waiting, site: Site, now_utc: datetime | None) -> Asked:
    """What a request asks for. Raises RefusedError.

    now_utc: aware; None while the clock cannot be trusted.
    """
    request = waiting.request
    _in_time(request, now_utc)
    who = request.who.strip()[:_LONGEST_WHO]
    if not who:
        raise _wrong("who")
    match request.kind:
        case "feeder":
            subject = _text(request.params, "feeder")
            if subject not in {feeder.id for feeder in site.feeders}:
                raise RefusedError(Reason("request_unknown_subject", {"subject": subject[:_LONGEST_WHO]}))
            return _override(waiting, subject, FEEDER_STATES, who)
        case "genset":
            if site.genset is None:
                raise RefusedError(Reason("request_unknown_subject", {"subject": GENSET}))
            return _override(waiting, GENSET, GENSET_STATES, who)
        case "acknowledge":
            return Acknowledge(_alarm(request.params), who)
        case "confirm_contacts":
            return ConfirmContacts(who)
        case _:
            kind = request.kind[:_LONGEST_WHO]
            raise RefusedError(Reason("request_unknown_kind", {"kind": kind}))


def _in_time(request: Request, now_utc: datetime | None) -> None:
    expires = request.expires_utc
    if expires is None:
        if request.kind not in TIMED_KINDS:
            return
        expires = request.made_utc + GOOD_FOR
    if now_utc is None:
        raise RefusedError(Reason("request_clock_unknown"))
    if now_utc >= expires:
        raise RefusedError(Reason("request_too_late"))


def _override(waiting: Waiting, subject: str, states: Mapping[str, bool | None], who: str) -> Ask:
    params = waiting.request.params
    state = _text(params, "state")
    if state not in states:
        raise _wrong("state")
    for_s = params.get("for_s", DEFAULT_FOR_S)
    if isinstance(for_s, bool) or not isinstance(for_s, int | float):
        raise _wrong("for_s")
    if not math.isfinite(for_s) or not SHORTEST_FOR_S <= for_s <= LONGEST_FOR_S:
        raise _wrong("for_s")
    return Ask(waiting.number, waiting.request.id, subject, states[state], float(for_s), who)


def _alarm(params: Mapping[str, Any]) -> int:
    alarm = params.get("alarm")
    if isinstance(alarm, bool) or not isinstance(alarm, int):
        raise _wrong("alarm")
    return alarm


def _text(params: Mapping[str, Any], key: str) -> str:
    value = params.get(key)
    if not isinstance(value, str):
        raise _wrong(key)
    return value


def _wrong(key: str) -> RefusedError:
    return RefusedError(Reason("request_not_understood", {"key": key}))
