"""From the settings of config.yaml to the village as the core sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from controller.core.model import (
    Battery,
    ClassRules,
    Feeder,
    GensetSpec,
    GridBreaker,
    GridConnection,
    Outage,
    ProtectionLimits,
    PvInverter,
    Role,
    SharingRules,
    Site,
    SwitchPoint,
    Text,
)
from controller.settings import (
    Config,
    FeederSettings,
    GensetSettings,
    GridSettings,
    NameSettings,
    PvSettings,
    SharingSettings,
    SwitchSettings,
)


def site_from(config: Config) -> Site:
    """The core's site, from settings that `load_config` found good."""
    battery, limits = config.battery, config.protection
    return Site(
        id=config.site.id,
        name=_text(config.site.name),
        feeders=tuple(_feeder(name, feeder) for name, feeder in config.feeders.items()),
        pv=tuple(_array(name, pv, config.devices[name].role) for name, pv in config.pv.items()),
        battery=Battery(
            battery.device,
            battery.energy_wh,
            battery.inverter_w,
            battery.reserve_soc_frac,
            battery.bms,
            battery.role,
        ),
        genset=None if config.genset is None else _genset(config.genset),
        irradiance_sensor=config.irradiance_sensor,
        sharing=_sharing(config.sharing),
        protection=ProtectionLimits(**limits.model_dump()),
        grid=None if config.grid is None else _grid(config.grid, config),
    )


def _text(name: NameSettings) -> Text:
    return Text(th=name.th, en=name.en)


def _array(name: str, pv: PvSettings, role: Role) -> PvInverter:
    if role is Role.PV_INVERTER:
        return PvInverter(name, _text(pv.name), pv.ac_w)
    return PvInverter(name, _text(pv.name), pv.ac_w, power_point="pv_power_w", limitable=False)


def _feeder(name: str, feeder: FeederSettings) -> Feeder:
    switch = feeder.switch
    return Feeder(
        id=name,
        name=_text(feeder.name),
        priority=feeder.priority,
        households=feeder.households,
        switch=_switch(switch),
        meter=feeder.meter,
        rated_w=feeder.rated_w,
        phase=feeder.phase,
    )


def _genset(genset: GensetSettings) -> GensetSpec:
    return GensetSpec(
        id=genset.device,
        name=_text(genset.name),
        rated_w=genset.rated_w,
        start_below_soc_frac=genset.start_below_soc_frac,
        stop_above_soc_frac=genset.stop_above_soc_frac,
        min_run_s=genset.min_run_s,
        min_rest_s=genset.min_rest_s,
        warm_up_s=genset.warm_up_s,
        cool_down_s=genset.cool_down_s,
        max_start_attempts=genset.max_start_attempts,
        start_timeout_s=genset.start_timeout_s,
        synchronises=genset.synchronises,
    )


def _switch(switch: SwitchSettings) -> SwitchPoint:
    return SwitchPoint(switch.device, switch.channel, switch.closed_when == "energised")


def _grid(grid: GridSettings, config: Config) -> GridConnection:
    breaker = None
    if grid.breaker is not None:
        check = grid.breaker.sync_check
        point = "sync_permitted" if check.input is None else f"input_{check.input}"
        breaker = GridBreaker(_switch(grid.breaker.switch), check.device, point)
    return GridConnection(
        device=grid.device,
        import_w=grid.import_w,
        export_w=grid.export_w,
        stable_s=grid.stable_s,
        prefix="" if config.devices[grid.device].role is Role.METER else "grid_",
        breaker=breaker,
        outages=outages(grid, ZoneInfo(config.site.timezone)),
        parallel_genset=grid.parallel_genset,
    )


def outages(grid: GridSettings, zone: ZoneInfo) -> tuple[Outage, ...]:
    """What the utility has announced, in order of time."""

    def moment(local: str) -> datetime:
        return datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)

    told = (Outage(moment(each.begin), moment(each.end)) for each in grid.outages or ())
    return tuple(sorted(told, key=lambda outage: outage.begin))


def _sharing(sharing: SharingSettings) -> SharingRules:
    classes = {
        rank: ClassRules(rules.ration_below_soc_frac, rules.off_below_soc_frac)
        for rank, rules in sharing.classes.items()
    }
    return SharingRules(
        classes=MappingProxyType(classes),
        hysteresis_soc_frac=sharing.hysteresis_soc_frac,
        turn_s=sharing.turn_s,
        min_on_s=sharing.min_on_s,
        min_off_s=sharing.min_off_s,
        stagger_s=sharing.stagger_s,
        most_switchings_per_day=sharing.most_switchings_per_day,
    )
