"""What config.yaml must agree with in the profiles: the bridge between drivers and configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from typing_extensions import override

from controller.config_file import ProfileFacts
from controller.core.model import Role
from drivers.model import Profile
from drivers.profile import SUNSPEC, ProfileLibrary
from drivers.sunspec import ROLES


class LibraryFacts(Mapping[str, ProfileFacts]):
    """Facts of every profile of a library; each file is read when it is first asked for.

    So a half-written profile that no device uses keeps nothing from starting. Raises ProfileError.
    """

    def __init__(self, library: ProfileLibrary) -> None:
        self._library = library
        self._names = library.names()

    @override
    def __getitem__(self, name: str) -> ProfileFacts:
        if name not in self._names:
            raise KeyError(name)
        if name == SUNSPEC:
            return ProfileFacts(Role.PV_INVERTER, more_roles=ROLES)
        return _facts(self._library.load(name))

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    @override
    def __len__(self) -> int:
        return len(self._names)


def _facts(profile: Profile) -> ProfileFacts:
    channels = [int(match[1]) for name in profile.reads if (match := re.fullmatch(r"channel_(\d+)", name))]
    return ProfileFacts(
        role=profile.role, channels=max(channels, default=None), unit_names=unit_names(profile)
    )


def unit_names(profile: Profile) -> frozenset[str]:
    """The names of a device's further unit ids, which `units` in config.yaml must give."""
    names = {point.unit_name for point in profile.reads.values()}
    names |= {point.unit_name for point in profile.writes.values()}
    return frozenset(name for name in names if name is not None)
