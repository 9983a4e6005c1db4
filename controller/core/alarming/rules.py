"""Which alarms hold at a moment, beyond those that the voices of the core raise themselves. Pure.

A rule only looks; `book` counts for how long. Where a limit has a hysteresis the rule asks what stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from controller.core.alarming.book import Found
from controller.core.alarming.facts import AlarmSite, HostFacts
from controller.core.alarming.record import Severity
from controller.core.model import Decision, Plan, ProcessImage, Reason, Site


@dataclass(frozen=True, slots=True)
class Watch:
    """One look at everything."""

    image: ProcessImage
    decision: Decision
    site: Site
    plan: Plan | None
    place: AlarmSite
    facts: HostFacts
    stands: Callable[[str, str], bool]
    """Whether an alarm, by code and subject, stands already."""


Rule = Callable[[Watch], Iterator[Found]]

_FUEL_HYSTERESIS_FRAC = 0.05
_FUEL_CRITICAL_PART = 0.4
_FREE_LOW_FRAC, _FREE_LOW_BYTES = 0.10, 500e6
_FREE_CRITICAL_FRAC, _FREE_CRITICAL_BYTES = 0.02, 100e6
_FREE_HYSTERESIS = 1.2
_BUDGET_NEAR_FRAC, _BUDGET_HYSTERESIS_FRAC = 0.9, 0.05
_MB = 1e6
_DAY_S = 86_400.0
_MOST_STARTS = 4


def genset_fuel(watch: Watch) -> Iterator[Found]:
    """A tank that should be filled."""
    spec, limit_frac = watch.site.genset, watch.place.limits.fuel_low_frac
    if spec is None:
        return
    fuel_frac = watch.image.value(spec.id, "fuel_frac")
    stands = watch.stands("genset_fuel_low", spec.id)
    if fuel_frac is None or fuel_frac >= limit_frac + (_FUEL_HYSTERESIS_FRAC if stands else 0.0):
        return
    name = {"th": spec.name.th, "en": spec.name.en}
    severity = Severity.CRITICAL if fuel_frac < _FUEL_CRITICAL_PART * limit_frac else None
    yield Found(spec.id, Reason("genset_fuel_low", {"genset": name, "fuel_frac": fuel_frac}), severity)


def disk(watch: Watch) -> Iterator[Found]:
    """A memory card that is full, or that nothing can be written to."""
    seen = watch.facts.disk
    if seen is None:
        return
    if seen.read_only:
        yield Found("site", Reason("disk_read_only"))
        return
    slack = _FREE_HYSTERESIS if watch.stands("disk_space_low", "site") else 1.0
    free_frac = seen.free_bytes / seen.size_bytes
    params = {"free_frac": free_frac, "free_mb": int(seen.free_bytes / _MB)}
    reason = Reason("disk_space_low", params)
    if seen.free_bytes < min(_FREE_CRITICAL_FRAC * seen.size_bytes, _FREE_CRITICAL_BYTES):
        yield Found("site", reason, Severity.CRITICAL)
    elif seen.free_bytes < slack * min(_FREE_LOW_FRAC * seen.size_bytes, _FREE_LOW_BYTES):
        yield Found("site", reason)


def wear(watch: Watch) -> Iterator[Found]:
    """A store that nears its budget, or writes more than a memory card should take."""
    seen = watch.facts.wear
    if seen is None:
        return
    slack_frac = _BUDGET_HYSTERESIS_FRAC if watch.stands("store_budget", "site") else 0.0
    if seen.used_frac is not None and seen.used_frac >= _BUDGET_NEAR_FRAC - slack_frac:
        severity = Severity.WARNING if seen.used_frac >= 1.0 else None
        yield Found("site", Reason("store_budget", {"used_frac": seen.used_frac}), severity)
    written = seen.written_bytes_per_day
    if written is not None and written > seen.limit_bytes_per_day:
        params = {"written_mb": int(written / _MB), "limit_mb": int(seen.limit_bytes_per_day / _MB)}
        yield Found("site", Reason("card_wear", params))


def clock(watch: Watch) -> Iterator[Found]:
    """A clock that nobody has set."""
    if watch.facts.clock_unset_s > 0:
        yield Found("site", Reason("clock_unset", {"unset_s": watch.facts.clock_unset_s}))


def upkeep(watch: Watch) -> Iterator[Found]:
    """What people must see to now and then: backups, and the contacts of the technicians."""
    limits, facts = watch.place.limits, watch.facts
    if limits.backup_days is not None:
        if not facts.backed_up and facts.lived_s > limits.backup_days * _DAY_S:
            yield Found("site", Reason("backup_never"))
        days = int((facts.backup_age_s or 0.0) / _DAY_S)
        if days >= limits.backup_days:
            yield Found("site", Reason("backup_overdue", {"days": days}))
    if facts.contacts_age_s is not None and facts.contacts_age_s >= limits.contacts_days * _DAY_S:
        days = int(facts.contacts_age_s / _DAY_S)
        yield Found("site", Reason("contacts_unconfirmed", {"days": days}))


def controller(watch: Watch) -> Iterator[Found]:
    """A controller that keeps starting."""
    if watch.facts.starts_in_hour >= _MOST_STARTS:
        yield Found("site", Reason("controller_restarting", {"count": watch.facts.starts_in_hour}))


def accounts(watch: Watch) -> Iterator[Found]:
    """Prepaid accounts that are nearly used up: how many, and never whose."""
    if watch.facts.low_accounts:
        yield Found("site", Reason("accounts_low", {"count": watch.facts.low_accounts}))


HOST_RULES: tuple[Rule, ...] = (genset_fuel, disk, wear, clock, upkeep, controller, accounts)
