"""What a line has to read next. No I/O; all times on the clock's monotonic scale."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from drivers.device import Device, Poll
from drivers.model import PERIOD_S, PollClass

ReadyAt: TypeAlias = Callable[[int], float]
"""From when on a unit id may be asked, on the clock."""

_GOLDEN = 0.618033988749895
"""Steps of this part of a circle never bunch up."""
_ASK_AGAIN_S = 900.0
"""A device that did not tell everything of itself, in the dark say, is asked again after this."""


@dataclass(order=True, slots=True)
class Turn:
    """A read of a block, or the preparation of a device, when its time has come."""

    due_s: float
    order: int
    device: Device = field(compare=False)
    poll: Poll | None = field(compare=False)
    """None: the device is to be asked what it is."""
    enrolment: int = field(compare=False)
    served: bool = field(compare=False, default=False)
    refused: bool = field(compare=False, default=False)
    """Whether it was refused after it had been served."""

    @property
    def unit(self) -> int:
        """The unit id that is asked."""
        return self.device.unit if self.poll is None else self.poll.unit


class Agenda:
    """Turns in the order in which they fall due; whoever is late keeps the place in the queue."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []
        self._order = count()
        self._enrolments: dict[str, int] = {}
        self._phase = 0.0

    def enrol(self, device: Device, due_s: float) -> None:
        """Put all that a device needs on the agenda; what stood there of it is void."""
        self._enrolments[device.id] = self._enrolments.get(device.id, 0) + 1
        if device.profile is None:
            self.add(device, None, due_s)
        elif device.profile.provisional:
            self.add(device, None, due_s + _ASK_AGAIN_S)
        for poll in device.polls():
            self.add(device, poll, due_s + poll.wait_s)

    def add(self, device: Device, poll: Poll | None, due_s: float) -> None:
        """Put one turn of an enrolled device on the agenda."""
        self._push(Turn(due_s, next(self._order), device, poll, self._enrolments[device.id]))

    def take(self, now_s: float, ready_s: ReadyAt) -> Turn | None:
        """The turn that has been due for longest, if any is due whose unit may be asked now."""
        waiting: list[Turn] = []
        taken: Turn | None = None
        while taken is None and self._turns and self._turns[0].due_s <= now_s:
            turn = heapq.heappop(self._turns)
            if self._is_void(turn):
                continue
            if ready_s(turn.unit) > now_s:
                waiting.append(turn)  # it keeps its place in the queue
            else:
                taken = turn
        for turn in waiting:
            self._push(turn)
        return taken

    def next_s(self, ready_s: ReadyAt) -> float | None:
        """When there will next be something to take; None: nothing is on the agenda."""
        times = (max(turn.due_s, ready_s(turn.unit)) for turn in self._turns if not self._is_void(turn))
        return min(times, default=None)

    def again(self, turn: Turn, due_s: float) -> None:
        """Put a turn that was taken back."""
        turn.due_s, turn.order = due_s, next(self._order)
        self._push(turn)

    def served(self, turn: Turn, poll: PollClass, now_s: float) -> None:
        """Put a turn back that was read, for its next period."""
        period_s = PERIOD_S[poll]
        if poll is PollClass.SLOW and not turn.served:
            # The first poll reads everything at once; from then on slow reads are spread over their period.
            self._phase = (self._phase + _GOLDEN) % 1.0
            self.again(turn, now_s + period_s * self._phase)
        else:
            self.again(turn, max(turn.due_s + period_s, now_s))
        turn.served = True

    def all_due(self, now_s: float) -> None:
        """Bring every turn forward to now."""
        for turn in self._turns:
            turn.due_s = min(turn.due_s, now_s)
        heapq.heapify(self._turns)

    def _is_void(self, turn: Turn) -> bool:
        return turn.enrolment != self._enrolments[turn.device.id]

    def _push(self, turn: Turn) -> None:
        heapq.heappush(self._turns, turn)
