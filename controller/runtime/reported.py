"""What devices and buses tell of themselves besides their readings, for image.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from controller.core.model import Reading


class ReportedDevice(Protocol):
    """What is told of a device besides its readings."""

    @property
    def id(self) -> str:
        """The device id of config.yaml."""
        ...

    @property
    def last_error(self) -> str | None:
        """Why the last exchange failed; None after a good one."""
        ...

    @property
    def writes(self) -> int:
        """Registers written to it since the start."""
        ...

    def texts(self, readings: Mapping[str, Reading]) -> Mapping[str, str]:
        """What its states and flags say, in English."""
        ...


class ReportedBus(Protocol):
    """What is told of a bus."""

    @property
    def name(self) -> str:
        """The bus id of config.yaml."""
        ...

    @property
    def ok(self) -> int:
        """Requests answered."""
        ...

    @property
    def failed(self) -> int:
        """Requests not answered, or not usably."""
        ...

    @property
    def connected(self) -> bool:
        """Whether the line is open."""
        ...
