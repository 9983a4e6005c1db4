"""A config file that may still have faults, as the cross checks see it.

What the schema refuses, and what is missing, reads as None or is left out; so a check speaks only of
what is known, and one bad value never hides another fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.config.faults import Fault, Keys
from controller.config.source import Source
from controller.core.model import Role


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """What the configuration must agree with in a device's profile."""

    role: Role
    more_roles: frozenset[Role] = frozenset()
    """What else such a device can be (SunSpec: a meter, a battery)."""
    channels: int | None = None
    """How many channels a switch has; None for other roles."""
    unit_names: frozenset[str] = frozenset()
    """The names that `units` of such a device must give."""

    @property
    def roles(self) -> frozenset[Role]:
        """All that such a device can be."""
        return self.more_roles | {self.role}


@dataclass(frozen=True, slots=True)
class Draft:
    """The good parts of a config file."""

    source: Source
    bad: frozenset[Keys]
    """Places that the schema refused."""
    profiles: Mapping[str, ProfileFacts] | None = None
    """The known device profiles by name; None where nobody could tell."""
    _prefixes: frozenset[Keys] = field(init=False)

    def __post_init__(self) -> None:
        prefixes = {keys[:depth] for keys in self.bad for depth in range(len(keys) + 1)}
        object.__setattr__(self, "_prefixes", frozenset(prefixes))

    def number(self, *keys: str) -> float | None:
        """The number there, if it is a good one."""
        value = self._value(keys)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def text(self, *keys: str) -> str | None:
        """The text there, if it is good."""
        value = self._value(keys)
        return value if isinstance(value, str) else None

    def names(self, *keys: str) -> tuple[str, ...]:
        """The keys of the section there, in the order of the file."""
        value = self.source.value(keys)
        return tuple(value) if isinstance(value, dict) else ()

    def sound(self, *keys: str) -> bool:
        """Whether the schema found nothing wrong with a place, around it or below it."""
        return keys not in self._prefixes and self._known(keys)

    def role(self, device: str) -> str | None:
        """A device's role, if it is known."""
        return self.text("devices", device, "role")

    def devices_of(self, *roles: Role) -> tuple[str, ...]:
        """The devices that say they have one of the roles."""
        return tuple(device for device in self.names("devices") if self.role(device) in roles)

    def facts(self, device: str) -> ProfileFacts | None:
        """What a device's profile says, None if it is not known."""
        profile = self.text("devices", device, "profile")
        return None if profile is None or self.profiles is None else self.profiles.get(profile)

    def fault(self, keys: Keys, message: str, found: str | None = None) -> Fault:
        """A fault at a place of the file; found defaults to what stands there."""
        return self.source.fault(keys, message, found)

    def _known(self, keys: Keys) -> bool:
        return not any(keys[:depth] in self.bad for depth in range(len(keys) + 1))

    def _value(self, keys: Keys) -> object:
        return self.source.value(keys) if self._known(keys) else None
