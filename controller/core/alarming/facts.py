"""What alarm rules are told besides the field: by the host, the planner, and whoever looks outside. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from controller.core.model import Role


@dataclass(frozen=True, slots=True)
class AlarmLimits:
    """From where on something is an alarm."""

    fuel_low_frac: float = 0.2
    cut_longest_s: float = 21_600.0
    """So long protection may keep a feeder off."""
    backup_days: int | None = 14
    """None: nobody is reminded."""
    contacts_days: int = 90


@dataclass(frozen=True, slots=True)
class AlarmSite:
    """What the rules know of the place."""

    latitude_deg: float
    longitude_deg: float
    roles: Mapping[str, Role]
    """Of every device."""
    lines: Mapping[str, tuple[str, ...]]
    """Bus id -> the devices on it."""
    limits: AlarmLimits = AlarmLimits()
    household_meters: Mapping[str, str] = field(default_factory=dict)
    """Meters of single households -> the feeder that each hangs on."""


@dataclass(frozen=True, slots=True)
class NightOutlook:
    """What the forecast says of the coming night, of which it was made lately."""

    sunrise_utc: datetime
    lasting_prob: float
    """That the battery stays above its reserve until then, 0 to 1."""
    reserve_utc: datetime | None
    """When it is probably down to it (median); None: not within the forecast."""


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system of telemetry.db."""

    free_bytes: int
    size_bytes: int
    """> 0."""
    read_only: bool


@dataclass(frozen=True, slots=True)
class Wear:
    """What the store takes of the memory card; None: not known yet."""

    used_frac: float | None = None
    """Of its budget."""
    written_bytes_per_day: float | None = None
    limit_bytes_per_day: float = 60e6


@dataclass(frozen=True, slots=True)
class HostFacts:
    """All that changes slowly; None: not known, and then nothing is said of it."""

    local_offset_s: float = 0.0
    """Of local time from UTC [s], > 0 in the east."""
    night: NightOutlook | None = None
    disk: Disk | None = None
    wear: Wear | None = None
    clock_unset_s: float = 0.0
    """For how long the time of day has not been known; 0 while it is."""
    backed_up: bool = True
    """False: there has never been a backup."""
    backup_age_s: float | None = None
    """Of the last backup."""
    lived_s: float = 0.0
    """For how long controllers have run here altogether."""
    contacts_age_s: float | None = None
    """Since the contacts were confirmed, or the controller first ran here."""
    starts_in_hour: int = 1
    """Of the controller, this one included."""
    low_accounts: int | None = None
    """How many prepaid accounts run low."""
