"""What a bus remembers of one unit: its pace, its speed of answering, and which answers may still come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from drivers.frames import READ_FUNCTION, answer_header, is_read
from drivers.model import Pace

_PATIENCE = 4.0
"""A reply may take so many times the turnaround seen so far."""
_FORGETTING = 0.1
"""A quick answer shortens the remembered turnaround by this part only; a slow one counts at once."""
_FULL_PATIENCE_EVERY = 4
"""Of so many requests in a row without an answer, one is given all the time that the profile allows."""
_LITTLE_PATIENCE = 1 / 3
"""Of what the profile allows: for a unit that was never heard."""
_PAUSE = 0.2
"""After such a part of that time alone, a unit has worked off what it was asked before."""
_BIT_FUNCTIONS = (1, 2)
_CHANGES = (-2, 2, -4, 4, -6, 6, -8, 8, -1, 1, -3, 3)
_MOST = 125
_LAST_ADDRESS = 0xFFFF


@dataclass(slots=True)
class Station:
    """One unit on a line. Times are the host's seconds."""

    pace: Pace = field(default_factory=Pace)
    turnaround_s: float | None = None
    """Time it takes to answer, without the time on the wire; None: not known."""
    unanswered: int = 0
    """Requests in a row."""
    asked_s: float = float("-inf")
    freed_s: float = float("-inf")
    """When the latest exchange with it ended."""
    doubts: dict[bytes, float] = field(default_factory=dict)
    """Answer headers of the requests whose answer did not come and could still come (RTU), and when asked."""

    def ready_s(self, speed: float) -> float:
        """From when on it may be asked again."""
        return self.freed_s + self.pace.min_gap_s / speed

    def timeout_s(
        self, header: bytes, wire_s: float, floor_s: float, speed: float, relay_s: float = 0.0
    ) -> float:
        """How long the answer with this header may take; never less than the wire needs.

        A write always gets all that the profile allows, and so does the first request after one without an
        answer: the unit may have become slow. Beyond that it is more likely dead, and costs its neighbours
        little while it is.
        """
        least_s = wire_s + relay_s + floor_s
        cap_s = max(least_s, self.pace.timeout_s / speed + relay_s)
        in_full = self.unanswered % _FULL_PATIENCE_EVERY == 1 or not is_read(header)
        if in_full or (self.turnaround_s is None and not self.unanswered):
            return cap_s
        if self.turnaround_s is None:
            patience_s = self.pace.timeout_s / speed * _LITTLE_PATIENCE
        else:
            patience_s = _PATIENCE * self.turnaround_s
        return min(cap_s, wire_s + relay_s + max(floor_s, patience_s))

    def answered(self, header: bytes, turnaround_s: float) -> None:
        """Learn from an answer. Writes say nothing of reads: flash is slow."""
        known_s, self.unanswered = self.turnaround_s, 0
        if not is_read(header):
            return
        if known_s is None or turnaround_s >= known_s:
            self.turnaround_s = turnaround_s
        else:
            self.turnaround_s = known_s + _FORGETTING * (turnaround_s - known_s)

    def abandon(self, header: bytes | None) -> None:
        """Nothing came; header: which answer may still come late, None where no late one can be mistaken."""
        self.unanswered += 1
        if header is not None:
            self.doubt(header)

    def doubt(self, header: bytes) -> None:
        """Expect that a second answer to the latest request may come."""
        self.doubts[header] = self.asked_s

    def conclusive(self, header: bytes, *, refused: bool) -> bool:
        """Whether an answer can only belong to the request with this answer header.

        A slave answers in order, so after a conclusive answer no older one can follow.
        """
        if refused:
            return all(doubt[0] != header[0] for doubt in self.doubts)
        return header not in self.doubts

    def probe(self, function: int, address: int, count: int) -> tuple[int, int, int] | None:
        """A read (function, address, count) near a request whose answer cannot be one that is late."""
        for code, start, number in probes(function, address, count):
            pdu = bytes((code,)) + start.to_bytes(2, "big") + number.to_bytes(2, "big")
            if answer_header(pdu) not in self.doubts:
                return code, start, number
        return None

    def settle(self, now_s: float, settle_s: float) -> None:
        """Stop expecting answers that are very late, once it has been left alone for a while."""
        if now_s - self.asked_s >= settle_s * _PAUSE:
            self.doubts = {header: at_s for header, at_s in self.doubts.items() if now_s - at_s < settle_s}


def probes(function: int, address: int, count: int) -> Iterator[tuple[int, int, int]]:
    """Reads (function, address, count) near a request whose answers are told from its own, likeliest first.

    Even steps come first: some meters refuse to split a pair of registers.
    """
    step = 8 if function in _BIT_FUNCTIONS else 1
    if function in READ_FUNCTION.values():
        for change in _CHANGES:
            near = count + change * step
            if 1 <= near <= _MOST and address + near <= _LAST_ADDRESS + 1:
                yield function, address, near
    for other in READ_FUNCTION.values():
        if other != function:
            yield other, address, 1
