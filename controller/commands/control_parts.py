"""Builds the parts that `tawan run` puts together, each from config.yaml and what it needs of the others."""

from __future__ import annotations

import sys
import time
from functools import partial
from zoneinfo import ZoneInfo

from controller.alarm_site import lamp_from
from controller.clock import Clock, ScaledClock
from controller.core.diagnosis import Diagnostician, facts_of
from controller.core.model import BatteryRole, Site
from controller.requests.box import FILE_NAME as REQUESTS_NAME
from controller.requests.box import RequestBox
from controller.requests.outcomes import last_number
from controller.runtime.actuators import Actuators
from controller.runtime.diagnosing import Diagnosing
from controller.runtime.field import Field
from controller.runtime.forecast_document import FILE_NAME
from controller.runtime.image_document import ImageDocument, StaticFacts
from controller.runtime.outside_keeper import OutsideKeeper
from controller.runtime.plan_document import FILE_NAME as PLAN_FILE_NAME
from controller.runtime.plan_keeper import PlanKeeper
from controller.runtime.planner_service import PlannerService
from controller.runtime.published import PublishedFile
from controller.runtime.request_desk import AlarmDesk, RequestDesk
from controller.runtime.storage_document import storage_document
from controller.settings import Config
from controller.settings.outside import OUTSIDE_FILE_NAME, services_wanted
from controller.telemetry.schema import StorageError
from controller.telemetry.store import TelemetryStore

PLANNER = (sys.executable, "-m", "controller.planner")
"""By its name: the planner's libraries must never be loaded here."""
OUTSIDE = (sys.executable, "-m", "controller.outside")
"""Likewise."""
_PLANNER_CACHE = "planner"
"""Beside telemetry.db; all in it may be deleted."""


def build_desk(config: Config, site: Site, clock: Clock, alarms: AlarmDesk) -> RequestDesk:
    """Who looks at requests."""
    box = RequestBox(config.storage.telemetry.with_name(REQUESTS_NAME))
    return RequestDesk(box, site, clock, alarms, answered_until=_answered_until(config))


def _answered_until(config: Config) -> int:
    """Up to where an earlier run has answered requests; 0 without a store.

    Nothing is lost by that: what is too old is refused, and what is done twice has one effect.
    """
    try:
        return last_number(config.storage.telemetry)
    except StorageError:
        return 0


def build_plans(
    config: Config, site: Site, clock: Clock, store: TelemetryStore, boot_id: str
) -> PlanKeeper | None:
    """Who holds the plan; None where the rules are to decide alone."""
    file = PublishedFile(config.storage.image.with_name(PLAN_FILE_NAME), boot_id, time.monotonic)
    if not config.planning.enabled:
        file.remove()
        return None
    keeper = PlanKeeper(site, clock, file, store, store.load_announced())
    keeper.resume()
    return keeper


def build_planner(
    config: Config,
    clock_spec: str | None,
    clock: Clock,
    store: TelemetryStore,
    boot_id: str,
    plans: PlanKeeper | None,
) -> PlannerService:
    """Who keeps the planner process."""
    telemetry = config.storage.telemetry
    setup = {
        "config": config.model_dump_json(),
        "telemetry": str(telemetry),
        "cache": str(telemetry.parent / _PLANNER_CACHE),
        "clock": clock_spec,
    }
    file = PublishedFile(config.storage.image.with_name(FILE_NAME), boot_id, time.monotonic)
    zone = ZoneInfo(config.site.timezone)
    return PlannerService(PLANNER, setup, clock, zone, file, store, plans=plans)


def build_outside(config: Config, clock_spec: str | None, boot_id: str) -> OutsideKeeper:
    """Who keeps the process for the world outside."""
    setup = {"config": config.model_dump_json(), "clock": clock_spec}
    file = PublishedFile(config.storage.image.with_name(OUTSIDE_FILE_NAME), boot_id, time.monotonic)
    return OutsideKeeper(OUTSIDE, setup, services_wanted(config), file)


def build_actuators(config: Config, site: Site, field: Field, speed: float) -> Actuators:
    """Who carries decisions out."""
    roles = field.commanded
    genset = None if site.genset is None else roles.gensets[site.genset.id]
    follows_grid = site.battery.role is BatteryRole.GRID_FOLLOWING
    battery = roles.batteries[site.battery.id] if follows_grid else None
    return Actuators(site, roles.switches, roles.pv, genset, battery, lamp=lamp_from(config), speed=speed)


def build_diagnosing(config: Config, site: Site, field: Field) -> Diagnosing:
    """Who looks for what does not fit together."""
    where = config.site
    facts = facts_of(site, field.roles, where.latitude_deg, where.longitude_deg)
    return Diagnosing(Diagnostician(facts), tuple(field.devices.values()))


def build_document(
    config: Config, site: Site, field: Field, clock: Clock, boot_id: str, store: TelemetryStore
) -> ImageDocument:
    """What becomes image.json."""
    facts = StaticFacts(
        site={
            "id": config.site.id,
            "name": config.site.name.model_dump(),
            "timezone": config.site.timezone,
            "households": sum(
                feeder.households for feeder in config.feeders.values() if feeder.kind == "houses"
            ),
            "contact": config.site.contact.model_dump(),
        },
        devices={
            name: {
                "id": name,
                "role": device.role.value,
                "profile": device.profile,
                "bus": device.bus,
                "unit": device.unit,
            }
            for name, device in config.devices.items()
        },
        demo=isinstance(clock, ScaledClock),
        boot_id=boot_id,
    )
    devices, buses = tuple(field.devices.values()), tuple(field.buses.values())
    document = ImageDocument(facts, site, devices, buses, clock, time.monotonic)
    document.storage = partial(storage_document, store)
    return document
