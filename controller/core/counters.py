"""Energy counters that begin anew: a total that only ever grows, through whatever the device does. Pure.

A counter passes its largest number and goes on from 0, forgets what it counted when its supply fails, or is
another one after a repair; and now and then a reading is nonsense. What a counter shows, plus an offset that
changes with each such break, is its total.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

CONFIRMATIONS = 3
"""So many readings in a row must agree before a break is believed; until then they count as missing."""
_RESET_S = 900.0
"""A counter that forgot is believed to have counted from 0 for so long at most; more is another counter."""
_ROLLOVER_S = 86_400.0
"""After a longer silence, or one of unknown length, a small number is no sign of a rollover."""
_DECIMAL_DIGITS = range(8, 13)
"""Of watt-hours: displays of meters end at 99 999.9 kWh or later."""
_SAME_S = 1e-3


class BreakKind(StrEnum):
    """Why a counter does not go on from where it was."""

    ROLLOVER = "rollover"
    """It passed its largest number: nothing is lost."""
    RESET = "reset"
    """It forgot and counts from 0: what passed between the last reading and that moment is lost."""
    REPLACEMENT = "replacement"
    """It is another one, or was set: what passed between the two readings is lost."""
    RETURN = "return"
    """It goes on from where it was before the last break: nothing is lost."""

    @property
    def loses_energy(self) -> bool:
        """Whether it is not known what passed between the readings before and after."""
        return self in (BreakKind.RESET, BreakKind.REPLACEMENT)


@dataclass(frozen=True, slots=True)
class CounterSpec:
    """What is known of a counter beforehand."""

    max_w: float
    """Nothing it could count is faster than this [W], > 0; generous, for a rise beyond it is not believed."""
    resolution_wh: float = 10.0
    """Its smallest step [Wh]."""
    moduli_wh: tuple[float, ...] = ()
    """Where it may begin anew from 0 [Wh]."""

    def most_wh(self, duration_s: float) -> float:
        """The most that it may rise in a time [Wh]."""
        return self.max_w * duration_s / 3600.0 + 2.0 * self.resolution_wh


@dataclass(frozen=True, slots=True)
class CounterReading:
    """What a counter showed."""

    raw_wh: float
    """>= 0 [Wh]."""
    read_s: float
    """When, on the monotonic clock."""


@dataclass(frozen=True, slots=True)
class CounterBreak:
    """A place where a counter does not go on from where it was."""

    kind: BreakKind
    read_s: float
    """When the first reading behind it was taken, on the monotonic clock."""
    before_wh: float
    """The last reading before it [Wh]."""
    after_wh: float
    """The first one behind it [Wh]."""
    offset_wh: float
    """From here on total = reading + offset [Wh]."""

    @property
    def offset_before_wh(self) -> float:
        """The offset that it ended [Wh], for the kinds after which a counter may return to it."""
        if self.kind is BreakKind.REPLACEMENT:
            return self.offset_wh - self.before_wh + self.after_wh
        return self.offset_wh - self.before_wh


@dataclass(frozen=True, slots=True)
class Observed:
    """What a reading is worth."""

    raw_wh: float | None
    """The counter as believed [Wh]: it never falls but at a break. None: not believed, or not yet."""
    broken: CounterBreak | None = None
    """A break that this reading confirmed; it lies at or before this reading."""


def moduli_of(step_wh: float, bits: int | None) -> tuple[float, ...]:
    """Where a counter of `bits` bits (None: a floating-point number) and a step [Wh] may begin anew [Wh].

    At the end of its register, of a signed one, and where the decimal display of a meter ends: 999 999.9 kWh
    is followed by 0.
    """
    decimal = tuple(10.0**digits for digits in _DECIMAL_DIGITS)
    if bits is None:
        return decimal
    return (*decimal, *(2.0**power * step_wh for power in (bits, bits - 1)))


class CounterWatch:
    """Judges the readings of one counter, one after the other. No clock: time comes with the readings."""

    def __init__(
        self, spec: CounterSpec, last: CounterReading | None = None, latest: CounterBreak | None = None
    ) -> None:
        """last: the newest believed reading from before a restart; latest: the newest break."""
        self._spec = spec
        self._last = last
        self._latest = latest
        self._offset_wh = 0.0 if latest is None else latest.offset_wh
        self._doubted: list[CounterReading] = []
        self._seen_s = -math.inf
        self._verdict = Observed(None)

    @property
    def total_wh(self) -> float | None:
        """All that the counter has counted [Wh]; never falls. None before the first reading."""
        return None if self._last is None else self._last.raw_wh + self._offset_wh

    def observe(self, raw_wh: float | None, read_s: float) -> Observed:
        """Take a reading [Wh] and when it was taken; the same one may be handed in again and again."""
        if raw_wh is None or not math.isfinite(raw_wh) or raw_wh < 0:
            return Observed(None)
        if read_s > self._seen_s + _SAME_S:
            self._seen_s = read_s
            self._verdict = self._judge(CounterReading(raw_wh, read_s))
            return self._verdict
        return Observed(self._verdict.raw_wh)

    def _judge(self, reading: CounterReading) -> Observed:
        if self._last is None or self._follows(self._last, reading):
            self._doubted.clear()
            return Observed(self._believe(reading))
        if self._doubted and not self._follows(self._doubted[-1], reading):
            self._doubted.clear()
        self._doubted.append(reading)
        if len(self._doubted) < CONFIRMATIONS:
            return Observed(None)
        broken = self._break(self._last, self._doubted[0])
        self._latest, self._offset_wh = broken, broken.offset_wh
        self._last, *later = self._doubted
        self._doubted = []
        raw_wh = broken.after_wh
        for each in later:
            raw_wh = self._believe(each)
        return Observed(raw_wh, broken)

    def _believe(self, reading: CounterReading) -> float:
        """A step back within the counter's rounding is none: then it stays where it was."""
        raw_wh = reading.raw_wh if self._last is None else max(self._last.raw_wh, reading.raw_wh)
        self._last = CounterReading(raw_wh, reading.read_s)
        return raw_wh

    def _follows(self, before: CounterReading, after: CounterReading) -> bool:
        """Whether one counter can have shown the two."""
        rise_wh = after.raw_wh - before.raw_wh
        most_wh = self._spec.most_wh(max(0.0, after.read_s - before.read_s))
        return -2.0 * self._spec.resolution_wh <= rise_wh <= most_wh

    def _break(self, last: CounterReading, first: CounterReading) -> CounterBreak:
        """What happened between two readings that no one counter can have shown."""
        for kind, offset_wh in self._explanations(last, first):
            return CounterBreak(kind, first.read_s, last.raw_wh, first.raw_wh, offset_wh)
        offset_wh = self._offset_wh + last.raw_wh - first.raw_wh
        return CounterBreak(BreakKind.REPLACEMENT, first.read_s, last.raw_wh, first.raw_wh, offset_wh)

    def _explanations(self, last: CounterReading, first: CounterReading) -> Iterator[tuple[BreakKind, float]]:
        """What explains the two, the likeliest first, and the offset behind it [Wh]."""
        latest = self._latest
        if latest is not None and latest.kind.loses_energy:
            earlier = CounterReading(latest.before_wh, latest.read_s)
            grows = first.raw_wh + latest.offset_before_wh >= last.raw_wh + self._offset_wh
            if grows and self._follows(earlier, first):
                yield BreakKind.RETURN, latest.offset_before_wh
        if first.raw_wh >= last.raw_wh:
            return
        silent_s = max(0.0, first.read_s - last.read_s)
        for modulus_wh in self._spec.moduli_wh:
            rise_wh = first.raw_wh + modulus_wh - last.raw_wh
            if last.raw_wh <= modulus_wh and rise_wh <= self._spec.most_wh(min(_ROLLOVER_S, silent_s)):
                yield BreakKind.ROLLOVER, self._offset_wh + max(modulus_wh, last.raw_wh - first.raw_wh)
        if first.raw_wh <= self._spec.most_wh(min(_RESET_S, silent_s)):
            yield BreakKind.RESET, self._offset_wh + last.raw_wh
