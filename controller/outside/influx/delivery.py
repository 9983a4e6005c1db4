"""Brings lines to the server, and finds the series that it refuses among those that it takes.

A refused batch is halved until the value at fault stands alone. What the server refuses is mostly a series:
a field that has another type there. So the whole series goes in requests of its own from then on, until one
is taken, and holds up nothing else. Nothing is believed to be at fault while the server takes nothing at all.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from controller.outside.influx.lines import Line, body
from controller.outside.influx.server import NotAcceptedError, RefusedError, TooLargeError

MAX_FOUND = 16
"""Series found to be refused in one batch; where there are more, it is brought again."""
MAX_TRIED = 40
"""Suspected series tried in one batch; of others the values are set aside without asking."""
MOST_IN_VAIN = 4
"""Parts of a series refused in a row: then all of it is."""
MOST_PARTS = 40
"""Of a series tried by themselves."""
_PROOFS = 12
_BEYOND_RETENTION = "beyond retention"

Suspect = tuple[str, str]
"""Measurement with tags, and field."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that the server does not take."""

    line: Line
    """With one field."""
    words: str
    """The server's."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of some lines, all of which are settled."""

    values: int
    """Taken."""
    refused: tuple[Refused, ...]
    split: bool
    """They went in parts, as they were too much at once."""


class Delivery:
    """Remembers what has been refused, for this run."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        """`write` is a Server's."""
        self._server_write = write
        self._suspects: dict[Suspect, str] = {}
        """With the server's words; those tried longest ago come first."""
        self._taken = self._split = False

    def deliver(self, lines: Sequence[Line]) -> Delivered:
        """Bring lines to the server. Raises WriteError when they may not have arrived: bring them again."""
        self._taken = self._split = False
        remaining = self._trusted(lines)
        for _ in range(MAX_FOUND):
            found = self._bring(remaining)
            if found is None:
                break
            remaining = self._trusted(remaining)
        else:
            raise NotAcceptedError(
                f"more and more values are refused, as: {next(reversed(self._suspects.values()))}"
            )
        refused = self._bring_suspected(lines)
        if refused and not self._taken:
            raise NotAcceptedError(f"nothing is taken: {refused[0].words}")
        values = sum(len(line.fields) for line in lines) - len(refused)
        return Delivered(values, tuple(refused), self._split)

    def _trusted(self, lines: Sequence[Line]) -> list[Line]:
        """Lines without their suspected fields."""
        if not self._suspects:
            return list(lines)
        kept = (
            (line, tuple(each for each in line.fields if not self._suspected(line, each[0])))
            for line in lines
        )
        return [Line(line.head, line.at_s, fields) for line, fields in kept if fields]

    def _suspected(self, line: Line, name: str) -> bool:
        return (line.head, name) in self._suspects

    def _bring(self, lines: Sequence[Line]) -> Suspect | None:
        """Write lines; a series that is refused among them, now a suspect. Raises WriteError."""
        try:
            self._write(lines)
        except RefusedError as error:
            at_fault = self._found(lines, str(error))
        else:
            return None
        if at_fault is None:  # each part was taken by itself
            return None
        suspect = (at_fault.line.head, at_fault.line.fields[0][0])
        self._suspects[suspect] = at_fault.words
        return suspect

    def _found(self, lines: Sequence[Line], words: str) -> Refused | None:
        """A value at fault in refused lines; None when all their parts are taken. Raises WriteError."""
        siblings: list[Sequence[Line]] = []
        every = lines
        while not _alone(lines):
            first, second = _halves(lines)
            try:
                self._write(first)
            except RefusedError as error:
                words = str(error)
                siblings.append(second)
                lines = first
            else:
                lines = second
        try:
            self._write(lines)
        except RefusedError as error:
            words = str(error)
        else:
            for sibling in siblings:
                self._write(sibling)
            return None
        if not self._taken and not self._takes_any(every):
            raise NotAcceptedError(f"nothing is taken: {words}")
        return Refused(lines[0], words)

    def _takes_any(self, lines: Sequence[Line]) -> bool:
        """Whether the server takes a value of one of some series, whichever chance names."""
        series = {(each.head, each.fields[0][0]): each for line in lines for each in line.split()}
        for line in random.sample(list(series.values()), min(_PROOFS, len(series))):
            try:
                self._write([line])
            except RefusedError:
                continue
            return True
        return False

    def _bring_suspected(self, lines: Sequence[Line]) -> list[Refused]:
        """Write what is suspected, each series by itself; what is refused of it. Raises WriteError."""
        if not self._suspects:
            return []
        series: dict[Suspect, list[Line]] = {suspect: [] for suspect in self._suspects}
        for line in lines:
            for single in line.split():
                key = (line.head, single.fields[0][0])
                if key in series:
                    series[key].append(single)
        refused: list[Refused] = []
        present = [suspect for suspect in series if series[suspect]]
        for number, suspect in enumerate(present):
            words = self._suspects[suspect]
            if number >= MAX_TRIED:
                refused += [Refused(line, words) for line in series[suspect]]
                continue
            del self._suspects[suspect]
            refused_here = self._refused_of(series[suspect])
            if refused_here:
                self._suspects[suspect] = refused_here[-1].words
            refused += refused_here
        return refused

    def _refused_of(self, lines: Sequence[Line]) -> list[Refused]:
        """What is refused of one series' lines, as far as that is worth finding out. Raises WriteError."""
        refused: list[Refused] = []
        parts = deque([lines])
        in_vain, tried = 0, 0
        words = ""
        while parts:
            part = parts.popleft()
            if in_vain >= MOST_IN_VAIN or tried >= MOST_PARTS:
                refused += [Refused(line, words) for line in part]
                continue
            tried += 1
            try:
                self._write(part)
            except RefusedError as error:
                in_vain, words = in_vain + 1, str(error)
            else:
                in_vain = 0
                continue
            if len(part) == 1:
                refused.append(Refused(part[0], words))
            else:
                parts.extend(_halves(part))
        return refused

    def _write(self, lines: Sequence[Line]) -> None:
        """One request, or several where it is too much at once. Raises WriteError."""
        if not lines:
            return
        try:
            self._server_write(body(lines))
        except TooLargeError as error:
            if _alone(lines):
                raise NotAcceptedError(f"not even one value is taken: {error}") from error
            self._split = True
            for half in _halves(lines):
                self._write(half)
        except RefusedError as error:
            if _BEYOND_RETENTION not in str(error):
                raise
            # The server took what is not older than it keeps, and never wants the rest.
        self._taken = True


def _alone(lines: Sequence[Line]) -> bool:
    return len(lines) == 1 and len(lines[0].fields) == 1


def _halves(lines: Sequence[Line]) -> tuple[Sequence[Line], Sequence[Line]]:
    """Lines in two parts; one line by its fields."""
    if len(lines) == 1:
        lines = lines[0].split()
    middle = len(lines) // 2
    return lines[:middle], lines[middle:]
