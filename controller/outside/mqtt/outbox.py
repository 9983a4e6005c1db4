"""What is to be told: the newest value of each topic, and nothing older.

It is bounded by the number of topics. While the broker is away, or slow, a newer value takes the place of the
one that waits: whoever comes late hears how things are, not how they were.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """A value of a topic; all are retained."""

    payload: str
    """Empty: the topic is taken back."""
    qos: int
    """1 for what must arrive by itself; 0 for what is soon told anew, and told again with each connection."""


class Outbox:
    """Used within one event loop."""

    def __init__(self) -> None:
        self._wanted: dict[str, Told] = {}
        self._due: dict[str, None] = {}
        """Topics to be sent, in the order in which they changed."""
        self._some = asyncio.Event()

    def __len__(self) -> int:
        return len(self._due)

    @property
    def topics(self) -> int:
        """How many topics there are."""
        return len(self._wanted)

    def tell(self, topic: str, payload: str, *, qos: int = 0) -> None:
        """A topic's value from now on; sent if it is new."""
        if (told := Told(payload, qos)) != self._wanted.get(topic):
            self._wanted[topic] = told
            self._make_due(topic)

    def take_back(self, topic: str) -> None:
        """A topic that is no more."""
        self.tell(topic, "", qos=1)

    def again(self, topic: str) -> None:
        """Send a topic once more, if it is one of ours."""
        if topic in self._wanted:
            self._make_due(topic)

    def everything_again(self, *, last: str) -> None:
        """Send all, one topic last: the broker may have forgotten, or somebody new listens."""
        self._due = dict.fromkeys(sorted(self._wanted, key=last.__eq__))
        if self._due:
            self._some.set()

    def value(self, topic: str) -> str | None:
        """What a topic is to say; None of one that is not ours."""
        told = self._wanted.get(topic)
        return None if told is None else told.payload

    def is_due(self, topic: str) -> bool:
        """Whether the broker has not got a topic's newest value."""
        return topic in self._due

    async def due(self) -> tuple[str, Told]:
        """The topic that has waited for longest; it stays due until `sent`."""
        while not self._due:
            self._some.clear()
            await self._some.wait()
        topic = next(iter(self._due))
        return topic, self._wanted[topic]

    def sent(self, topic: str, told: Told) -> None:
        """The broker has it; a value that is newer by now stays due, behind the others."""
        self._due.pop(topic, None)
        if self._wanted.get(topic) != told:
            self._make_due(topic)
        elif not told.payload:
            del self._wanted[topic]

    def _make_due(self, topic: str) -> None:
        self._due[topic] = None
        self._some.set()
