"""The public grid at the village's edge: it comes and goes, and inverters follow it or let go.

While it is there the inverters of a grid-tied village follow its voltage and frequency, pass its power on
and charge from it within the agreed import. When it fails they carry the village within 20 ms, shorter than a
step of the physics: nobody notices but those whom they cannot carry. When it is back they look at it for a
while before they join it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NOMINAL_V, NOMINAL_HZ = 231.0, 50.0
_CHECKS_S = 60.0


@dataclass(frozen=True, slots=True)
class Away:
    """A stretch of the village's seconds in which the grid is off."""

    from_s: float
    to_s: float


class PublicGrid:
    """State of the grid and of the village's connection to it."""

    def __init__(self, import_w: float, away: Sequence[Away] = ()) -> None:
        """away: outages known from the start, in order of time."""
        self.import_w = import_w
        self.there = True
        """Whether it has voltage."""
        self.connected = True
        """Whether the inverters follow it."""
        self.power_w = 0.0
        """Into the village."""
        self.phase_power_w = (0.0, 0.0, 0.0)
        self._away = tuple(away)
        self._off_until_s: float | None = 0.0
        self._sound_s = _CHECKS_S
        self.losses = 0
        """How often it went away."""

    @property
    def voltage_v(self) -> float:
        """Phase to neutral."""
        return NOMINAL_V if self.there else 0.0

    @property
    def frequency_hz(self) -> float:
        """0 while it is away."""
        return NOMINAL_HZ if self.there else 0.0

    def take_away(self, until_s: float | None) -> None:
        """Switch it off until a moment of the village's clock; None: until it is given back."""
        self._off_until_s = until_s

    def give_back(self) -> None:
        """Switch it on again, announced outages aside."""
        self._off_until_s = 0.0

    def advance(self, now_s: float, dt_s: float, *, inverters_well: bool) -> None:
        """Let dt_s pass from now_s on: come or go, and join or let go."""
        off = self._off_until_s is None or now_s < self._off_until_s
        there = not off and not any(each.from_s <= now_s < each.to_s for each in self._away)
        self.losses += self.there and not there
        self.there = there
        self._sound_s = self._sound_s + dt_s if there else 0.0
        self.connected = there and inverters_well and (self.connected or self._sound_s >= _CHECKS_S)
        if not self.connected:
            self.power_w, self.phase_power_w = 0.0, (0.0, 0.0, 0.0)

    def take(self, phase_power_w: tuple[float, float, float]) -> None:
        """What flows into the village over each phase for the next step; < 0 flows out."""
        self.phase_power_w = phase_power_w
        self.power_w = sum(phase_power_w)
