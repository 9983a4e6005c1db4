"""What writing a control point means: words on the wire, how long it holds, what gives it back. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.commands.point_state import number
from controller.core.points import meaning
from drivers.budget import DAILY_WRITES
from drivers.codec import encode, text_of
from drivers.model import Profile, Table, WriteFunction, WritePoint

_WORDS_FOR = {"on": 1.0, "true": 1.0, "yes": 1.0, "off": 0.0, "false": 0.0, "no": 0.0}


class ValueFault(Exception):  # noqa: N818 - a person's slip, not an error of ours
    """What was asked for is no value of the point; the message says what would be."""


@dataclass(frozen=True, slots=True)
class Request:
    """One write request."""

    function: str
    address: int
    words: tuple[int, ...]


def value_of(text: str, point: WritePoint) -> float:
    """The value that a person wrote: a number, on and off, or a word of the point's codes.

    Raises ValueFault.
    """
    wanted = text.strip().lower()
    for code, word in point.codes.items():
        if word.lower() == wanted:
            return float(code)
    if wanted in _WORDS_FOR and point.range[0] >= 0 and point.range[1] <= 1:
        return _WORDS_FOR[wanted]
    try:
        return float(wanted)
    except ValueError:
        raise ValueFault(f"{text!r} is no value of {point.name}: {allowed(point)}") from None


def allowed(point: WritePoint) -> str:
    """Which values it takes."""
    if point.codes:
        return "it takes " + ", ".join(f"{code} ({word})" for code, word in sorted(point.codes.items()))
    if point.words:
        return "it takes " + ", ".join(str(value) for value in sorted(point.words))
    low, high = point.range
    return f"it takes {number(low)} to {number(high)}"


def requests(point: WritePoint, value: float, exponent: int | None) -> tuple[Request, ...]:
    """What goes over the wire, in order. Raises WriteRefusedError: the value is not allowed."""
    words = encode(value, point, exponent)
    before = (_request(point, address, tuple(more)) for address, *more in point.before)
    after = (_request(point, address, tuple(more)) for address, *more in point.after)
    return (*before, _request(point, point.address, words), *after)


def _request(point: WritePoint, address: int, words: tuple[int, ...]) -> Request:
    if point.table is Table.COIL:
        function = "05 write coil"
    elif point.function is WriteFunction.SINGLE:
        function = "06 write register"
    else:
        function = "16 write registers"
    return Request(function, address, words)


def wire_text(request: Request) -> str:
    """A request for people."""
    words = " ".join(f"0x{word:04X}" for word in request.words)
    return f"function {request.function}, address {request.address} (0x{request.address:04X}): {words}"


def holding(point: WritePoint) -> Iterator[str]:
    """How long a value holds, and what gives the device its freedom back."""
    if point.expires_s is not None:
        yield (
            f"holds for {number(point.expires_s)} s after the last write; then the device falls back by "
            "itself. The controller repeats it in time"
        )
    elif point.eeprom:
        limit = DAILY_WRITES if point.daily_writes is None else point.daily_writes
        yield (
            "holds for ever: it is stored in the device's flash (or nobody says that it is not), which wears "
            f"out: at most {limit} writes a day"
        )
    else:
        yield "holds until the device restarts: it is kept in memory, which does not wear out"
    if point.release is not None:
        yield f"given back by writing {shown(point, point.release)}; the controller does so when it stops"
    elif point.expires_s is None:
        yield "nothing gives it back but writing the former value"
    if point.readback is None:
        yield "write-only: what the device made of it cannot be read"


def shown(point: WritePoint, value: float) -> str:
    """A value with its meaning."""
    text = text_of(value, point)
    return number(value) if text is None else f"{number(value)} ({text})"


def unknown(profile: Profile, name: str) -> str:
    """What to say of a control point that there is not."""
    if not profile.writes:
        return f"the profile {profile.model} offers no control points"
    known = ", ".join(sorted(profile.writes))
    return f"the profile {profile.model} has no control point {name!r}; it has {known}"


def starts_engine(point: WritePoint, value: float) -> bool:
    """Whether writing the value may set an engine in motion."""
    return point.name == "run" and value != 0


def describe_point(point: WritePoint) -> str:
    """What a control point is for."""
    return f"{point.name}: {meaning(point.name) or 'a control point'}; {allowed(point)}"
