"""Why something is as it is, and what a technician should know of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Params = Mapping[str, Any]
_NO_PARAMS: Params = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a stable code and its parameters, rendered by `core.reasons`."""

    code: str
    params: Params = field(default_factory=lambda: _NO_PARAMS)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a technician should know of, for as long as it lasts."""

    subject: str
    """A feeder id, a device id, or `site`."""
    reason: Reason

    @property
    def key(self) -> str:
        """What makes two alarms the same one, whatever their figures."""
        return f"{self.reason.code}:{self.subject}"
