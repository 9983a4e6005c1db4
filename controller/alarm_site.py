"""From the settings of config.yaml to what the alarm rules know of the place."""

from __future__ import annotations

from controller.core.alarming.facts import AlarmLimits, AlarmSite
from controller.core.model import SwitchPoint
from controller.settings import Config


def alarm_site_from(config: Config) -> AlarmSite:
    """What the alarm rules know of a site, from settings that `load_config` found good."""
    settings = config.alarms
    on_line = {
        bus: tuple(name for name, device in config.devices.items() if device.bus == bus)
        for bus in config.buses
    }
    limits = AlarmLimits(
        fuel_low_frac=settings.fuel_low_frac,
        cut_longest_s=3600 * settings.cut_longest_h,
        backup_days=settings.backup_days,
        contacts_days=settings.contacts_days,
    )
    homes = {} if config.accounts is None else config.accounts.households
    return AlarmSite(
        latitude_deg=config.site.latitude_deg,
        longitude_deg=config.site.longitude_deg,
        roles={name: device.role for name, device in config.devices.items()},
        lines=on_line,
        limits=limits,
        household_meters={home.meter: home.feeder for home in homes.values() if home.meter is not None},
    )


def lamp_from(config: Config) -> SwitchPoint | None:
    """The relay of the alarm lamp; None where there is none."""
    lamp = config.alarms.lamp
    return None if lamp is None else SwitchPoint(lamp.device, lamp.channel, lamp.closed_when == "energised")
