"""Energies since the start: where every watt-hour came from and went."""

from __future__ import annotations

from collections.abc import Iterable

from controller.core.model import PriorityClass


class Ledger:
    """Energies [Wh], magnitudes; `stored_change` is signed."""

    def __init__(self, classes: Iterable[PriorityClass]) -> None:
        self.pv = 0.0
        """AC energy of the PV inverters."""
        self.battery_in = 0.0
        """Into the battery's terminals."""
        self.battery_out = 0.0
        self.genset = 0.0
        self.grid_in = 0.0
        """Drawn from the public grid."""
        self.grid_out = 0.0
        self.load_by_class: dict[PriorityClass, float] = dict.fromkeys(classes, 0.0)
        self.unserved_by_class: dict[PriorityClass, float] = dict.fromkeys(self.load_by_class, 0.0)
        """Demand of feeders that were disconnected or dark."""
        self.losses = 0.0
        """In the battery and its inverters."""
        self.stored_change = 0.0
        """What the battery holds more than at the start."""
        self.blackouts = 0

    @property
    def load(self) -> float:
        """Energy that reached the feeders."""
        return sum(self.load_by_class.values())

    @property
    def balance_error_wh(self) -> float:
        """Sources less sinks: 0 but for rounding."""
        grid_wh = self.grid_in - self.grid_out
        return self.pv + self.genset + grid_wh - self.load - self.losses - self.stored_change

    def balance_error_pct(self) -> float:
        """The error against all energy that passed the bus."""
        passed_wh = self.pv + self.genset + self.grid_in + self.battery_out
        return 100.0 * abs(self.balance_error_wh) / passed_wh if passed_wh else 0.0
