"""What a feeder wanted and what it went without, over the last 30 days. Durations only, never instants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Tally(NamedTuple):
    """Sums over some time; a plain row of numbers, as a month of them for each feeder is written to disk."""

    wanted_wh: float = 0.0
    """What it drew, and what it would have drawn while it was off."""
    turns_wh: float = 0.0
    """Of that, what it went without by turns of sharing."""
    protection_wh: float = 0.0
    """Likewise, by protection or a blackout."""
    turns_s: float = 0.0
    """Time without power by turns."""
    protection_s: float = 0.0

    @property
    def without_wh(self) -> float:
        """What it went without, for whatever cause."""
        return self.turns_wh + self.protection_wh

    @property
    def without_s(self) -> float:
        """Time without power, for whatever cause."""
        return self.turns_s + self.protection_s

    @property
    def served_frac(self) -> float | None:
        """The part of what it wanted that it got; None where it wanted nothing."""
        return None if self.wanted_wh <= 0 else max(0.0, 1.0 - self.without_wh / self.wanted_wh)


NOTHING = Tally()


@dataclass(frozen=True, slots=True)
class FeederLedger:
    """A feeder's account: whole days, oldest first, and the day that runs."""

    days: tuple[Tally, ...] = ()
    today: Tally = NOTHING
    closed: Tally = NOTHING
    """The sum of `days`, made when a day is closed: nothing at a tick walks through them."""

    @property
    def window(self) -> Tally:
        """The sum of all that is remembered."""
        return Tally(*(before + now for before, now in zip(self.closed, self.today, strict=True)))
