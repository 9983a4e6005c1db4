"""Puts together what `tawan run` needs for alarms."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.alarm_site import alarm_site_from
from controller.clock import Clock
from controller.commands.low_accounts import low_accounts
from controller.core.alarming.facts import NightOutlook
from controller.core.model import Memory, Plan, Reason, Site
from controller.runtime.alarm_keeper import CONTACTS_CONFIRMED, AlarmKeeper, AlarmSources
from controller.runtime.diagnosing import Diagnosing
from controller.runtime.host_watch import HostSources, HostWatch
from controller.runtime.planner_service import PlannerService
from controller.settings import Config
from controller.telemetry.backup import last_backup
from controller.telemetry.notes import read_note
from controller.telemetry.schema import StorageError
from controller.telemetry.store import TelemetryStore

_log = logging.getLogger(__name__)

_OUTLOOK_STANDS_S = 2 * 3600.0
"""A forecast is made every quarter of an hour; older ones say little of the night."""
_STARTS = "starts"
"""Key in the store's `state`: {"lived_s": […]}, how long controllers had lived at each of the last starts."""
_STARTS_KEPT = 10


@dataclass(frozen=True, slots=True)
class Around:
    """The parts that alarms come from and go to."""

    own_alarms: Callable[[], Sequence[Reason]]
    diagnosing: Diagnosing
    planner: PlannerService
    plan: Callable[[], Plan | None]
    lived_s: Callable[[], float]
    """For how long controllers have lived here altogether."""
    light: Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class Alarms:
    """What runs for alarms."""

    keeper: AlarmKeeper
    host: HostWatch


def build_alarms(
    config: Config, site: Site, clock: Clock, store: TelemetryStore, memory: Memory, around: Around
) -> Alarms:
    """The keeper of alarms with what stood before, and the watch over the host. The store is open."""
    telemetry = config.storage.telemetry
    sources = HostSources(
        night=lambda: _night(around.planner, clock),
        wear=store.wear,
        lived_s=around.lived_s,
        contacts_utc=lambda: keeper.contacts_confirmed_utc,
        low_accounts=partial(low_accounts, config),
    )
    starts = _starts(telemetry, memory.lived_s)
    in_hour = sum(memory.lived_s - 3600 < lived_s for lived_s in starts)
    host = HostWatch(
        telemetry, ZoneInfo(config.site.timezone), clock, _last_backup, sources, starts_in_hour=in_hour
    )
    keeper = AlarmKeeper(
        site,
        alarm_site_from(config),
        store,
        AlarmSources(around.own_alarms, lambda: around.diagnosing.current, host.facts, around.plan),
        around.light,
    )
    standing, newest_id = store.load_alarms()
    keeper.restore(standing, newest_id, memory.alarms, clock.monotonic())
    keeper.contacts_confirmed_utc = _confirmed(telemetry)
    keeper.note(_STARTS, {"lived_s": starts})
    return Alarms(keeper, host)


def _night(planner: PlannerService, clock: Clock) -> NightOutlook | None:
    latest = planner.latest
    if latest is None or clock.utc_now().timestamp() - latest.issued_s > _OUTLOOK_STANDS_S:
        return None
    return latest.night


def _last_backup(telemetry: Path) -> datetime | None:
    found = last_backup(telemetry)
    return None if found is None else found.made_utc


def _starts(telemetry: Path, lived_s: float) -> list[float]:
    """The last starts, this one included, on the clock that counts while controllers live."""
    noted = _noted(telemetry, _STARTS).get("lived_s", [])
    known = (
        [float(each) for each in noted if isinstance(each, int | float)] if isinstance(noted, list) else []
    )
    return [*(each for each in known if each <= lived_s), lived_s][-_STARTS_KEPT:]


def _confirmed(telemetry: Path) -> datetime | None:
    """When somebody last confirmed the technicians' contacts."""
    try:
        confirmed = datetime.fromisoformat(str(_noted(telemetry, CONTACTS_CONFIRMED).get("utc")))
    except ValueError:
        return None
    return confirmed if confirmed.tzinfo is not None else None


def _noted(telemetry: Path, key: str) -> dict[str, object]:
    try:
        return dict(read_note(telemetry, key) or {})
    except StorageError as error:
        _log.warning("what was noted as %s cannot be read: %s", key, error)
        return {}
