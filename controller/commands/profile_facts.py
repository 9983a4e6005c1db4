"""What config.yaml must agree with in the profiles: the bridge between drivers and configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping

from controller.config_file import ProfileFacts
from controller.core.model import Role
from drivers.model import Profile
from drivers.profile import SUNSPEC, available_profiles, load_profile


def profile_facts() -> Mapping[str, ProfileFacts]:
    """Facts of every profile there is. Raises ProfileError."""
    facts = {name: _facts(load_profile(name)) for name in available_profiles() if name != SUNSPEC}
    return {**facts, SUNSPEC: ProfileFacts(Role.PV_INVERTER)}


def _facts(profile: Profile) -> ProfileFacts:
    channels = [int(match[1]) for name in profile.reads if (match := re.fullmatch(r"channel_(\d+)", name))]
    names = {point.unit_name for point in profile.reads.values()}
    names |= {point.unit_name for point in profile.writes.values()}
    return ProfileFacts(
        role=profile.role,
        channels=max(channels, default=None),
        unit_names=frozenset(name for name in names if name is not None),
    )
