"""A feeder's contactor: a coil, contacts that follow it after some milliseconds, and a way to fail."""

from __future__ import annotations


class Contactor:
    """Contacts moved by a coil; `stuck` holds them closed (True) or open (False) whatever the coil does."""

    def __init__(self, *, closed_when_energised: bool, operating_s: float) -> None:
        self.energised = False
        """Whether the coil has current."""
        self.stuck: bool | None = None
        self._closed_when_energised = closed_when_energised
        self._operating_s = operating_s
        self._contacts_closed = not closed_when_energised
        self._moves_in_s: float | None = None

    @property
    def closed(self) -> bool:
        """Whether current can flow."""
        return self._contacts_closed if self.stuck is None else self.stuck

    @property
    def moves_in_s(self) -> float | None:
        """Seconds until the contacts move; None while they rest."""
        return self._moves_in_s

    def energise(self, on: bool) -> None:
        """Switch the coil; the contacts follow after the operating time."""
        if on == self.energised:
            return
        self.energised = on
        wanted = on == self._closed_when_energised
        self._moves_in_s = self._operating_s if wanted != self._contacts_closed else None

    def advance(self, dt_s: float) -> None:
        """Let dt_s seconds pass."""
        if self._moves_in_s is None:
            return
        self._moves_in_s -= dt_s
        if self._moves_in_s <= 1e-9:
            self._moves_in_s = None
            self._contacts_closed = self.energised == self._closed_when_energised
