"""Takes orders to the box of requests, and keeps what is to be answered until the broker has it.

An answer is written down before it is sent and struck out once the broker has acknowledged it, so a power cut
between makes it come twice, never not at all. "Taken" is said only of what the box has on the disk.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.clock import Clock
from controller.core.model import Reason
from controller.core.reasons import CATALOGUE, render
from controller.outside.mqtt.orders import (
    Door,
    OrderRefusedError,
    order_id_of,
    request_of,
    request_of_word,
)
from controller.outside.notebook import Notebook
from controller.requests.box import BoxFullError, RequestBox
from controller.requests.outcomes import Outcome, last_number, read_outcome, read_outcomes_after
from controller.telemetry.decision_log import canonical_json

MAX_UNSENT = 1000
"""Answers that wait. Beyond, orders are left lying: unanswered, they are made again."""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS mqtt_answer(number INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL)"
)
_CURSOR = "mqtt_outcomes"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """A message that wants something done."""

    part: str | None
    """Of the topic for orders of one word; None: it is JSON."""
    payload: bytes
    retained: bool
    """Whether the broker had kept it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be sent."""

    number: int
    payload: str
    """JSON."""


class AnswerDesk:
    """One for each life of the process; `open` comes first. Methods may block, and raise StorageError."""

    def __init__(self, notebook: Notebook, box: RequestBox, telemetry: Path, clock: Clock) -> None:
        self._notebook = notebook
        self._box = box
        self._telemetry = telemetry
        self._clock = clock

    def open(self) -> None:
        """Make ready for orders: what the controller decides from now on is answered."""
        self._notebook.ensure(_TABLE)
        if not isinstance(self._notebook.note(_CURSOR), int):
            self._notebook.keep(_CURSOR, last_number(self._telemetry))

    def take(self, orders: Sequence[Order], door: Door) -> None:
        """Put orders into the box, or say why not; what was taken is answered, whatever stops the rest."""
        answers: list[Json] = []
        try:
            for order in orders[: max(0, MAX_UNSENT - self._waiting())]:
                answers += self._taken(order, door)
        finally:
            self._keep(answers)

    def note_outcomes(self) -> None:
        """Write down what the controller has decided since."""
        outcomes = read_outcomes_after(self._telemetry, self._notebook.note(_CURSOR))
        if outcomes:
            ours = [answer for outcome in outcomes if (answer := _told(outcome)) is not None]
            self._keep(ours, cursor=outcomes[-1].number)

    def unsent(self, limit: int = 50) -> list[Answer]:
        """Answers that the broker has not got, oldest first."""
        with self._notebook.reading() as connection:
            rows = connection.execute(
                "SELECT number, payload FROM mqtt_answer ORDER BY number LIMIT ?", (limit,)
            ).fetchall()
        return [Answer(number, payload) for number, payload in rows]

    def sent(self, number: int) -> None:
        """The broker has acknowledged all answers up to one."""
        with self._notebook.writing() as connection:
            connection.execute("DELETE FROM mqtt_answer WHERE number <= ?", (number,))

    def _taken(self, order: Order, door: Door) -> list[Json]:
        """Put an order into the box; what is to be answered."""
        now_utc = self._clock.utc_now()
        try:
            if order.part is None:
                right = self._clock.synchronised()
                request = request_of(order.payload, door, now_utc, clock_right=right, retained=order.retained)
            else:
                request = request_of_word(
                    order.part, order.payload, uuid.uuid4().hex, now_utc, retained=order.retained
                )
        except OrderRefusedError as refusal:
            return [_verdict(refusal.order_id, refusal.reason, taken=False)]
        order_id = order_id_of(request.id)
        try:
            self._box.put(request)
        except BoxFullError:
            return [_verdict(order_id, Reason("mqtt_orders_full"), taken=False)]
        known = read_outcome(self._telemetry, request.id)  # of an order that is made again
        told = None if known is None else _told(known)
        taken = _verdict(order_id, Reason("mqtt_order_taken"), taken=True)
        return [taken] if told is None else [taken, told]

    def _keep(self, answers: Sequence[Json], cursor: int | None = None) -> None:
        """Write answers down, and how far the outcomes are told, in one go."""
        if not answers and cursor is None:
            return
        with self._notebook.writing() as connection:
            if cursor is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO note(key, value) VALUES (?, ?)", (_CURSOR, canonical_json(cursor))
                )
            connection.executemany(
                "INSERT INTO mqtt_answer(payload) VALUES (?)", [(canonical_json(each),) for each in answers]
            )

    def _waiting(self) -> int:
        with self._notebook.reading() as connection:
            count: int = connection.execute("SELECT count(*) FROM mqtt_answer").fetchone()[0]
        return count


def _verdict(order_id: str | None, reason: Reason, *, taken: bool) -> Json:
    return {"id": order_id, "taken": taken, "why": _said(reason)}


def _told(outcome: Outcome) -> Json | None:
    """An outcome as an answer; None of a request that came through another door."""
    order_id = order_id_of(outcome.id)
    if order_id is None:
        return None
    return {
        "id": order_id,
        "outcome": outcome.outcome,
        "decided_utc": outcome.decided_utc.isoformat(timespec="seconds"),
        "why": _said(outcome.reason),
    }


def _said(reason: Reason) -> Json:
    """Code and sentences; the code alone where another version's controller gave it."""
    if reason.code not in CATALOGUE:
        return {"code": reason.code, "th": "", "en": ""}
    text = render(reason)
    return {"code": reason.code, "th": text.th, "en": text.en}
