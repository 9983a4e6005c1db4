"""The last gate: what must never be joined is not joined, whoever wishes it and for whatever reason.

It looks at the finished commands and at what the image shows (`coupling`). Nothing passes it but what is
known to be safe; of two dangers the smaller is chosen. It can only take a command back, never add a risk:
after it a breaker is open rather than closed, an engine stopped rather than started, PV less and not more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from controller.core.coupling import Coupling, breaker_closed, look
from controller.core.model import GridConnection, ProcessImage, Reason, Site

_EXPORT_SLACK_W, _EXPORT_SLACK_FRAC = 50.0, 0.01
"""Meters and inverters take a moment: so much may flow out where nothing should [W, of the import limit]."""


@dataclass(frozen=True, slots=True)
class Commands:
    """What is about to be asked of everything that forms or feeds the bus."""

    genset_run: bool | None = None
    """None: it is not ours to command."""
    grid_closed: bool | None = None
    """The breaker to the grid; None: left as it is."""
    pv_limit_frac: Mapping[str, float] = field(default_factory=dict)
    """PV inverter -> fraction of its rated power."""
    battery_w: float | None = None
    """Setpoint of grid-following inverters, charging > 0; None: none."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of the commands, and what was refused."""

    commands: Commands
    refusals: tuple[Reason, ...] = ()


def check(commands: Commands, image: ProcessImage, site: Site, grid_sound_s: float) -> Checked:
    """The commands that may be carried out.

    grid_sound_s: for how long the grid has been sound [s]. For everything it returns:

    - the genset is asked to run only where it does not meet the grid (unless `parallel_genset`), and, if it
      cannot be synchronised, only while the bus is dead or it already feeds it;
    - the breaker is told to close only onto a sound grid, with the sync check's permission, and never while
      the genset feeds or turns (unless `parallel_genset`);
    - while more flows into the grid than may, PV is told less than it gives;
    - a battery is not discharged into a grid that may take no more, or that nobody sees.
    """
    seen = look(image, site)
    refusals: list[Reason] = []
    genset = refuse_genset(seen, site) if commands.genset_run else None
    if genset is not None:
        commands = replace(commands, genset_run=False)
        refusals.append(genset)
    if site.grid is None or site.grid.breaker is None:
        commands = replace(commands, grid_closed=None)
    breaker = _refuse_breaker(commands, seen, image, site.grid, grid_sound_s)
    if breaker is not None:
        commands = replace(commands, grid_closed=False)
        refusals.append(breaker)
    ceiling_w = _pv_ceiling_w(seen, image, site)
    if ceiling_w is not None:
        capped = dict(_capped(commands.pv_limit_frac, site, ceiling_w))
        if capped != commands.pv_limit_frac:
            commands = replace(commands, pv_limit_frac=capped)
            export_w = max(0.0, -(seen.grid_power_w or 0.0))
            limit_w = 0.0 if site.grid is None else site.grid.export_w
            refusals.append(Reason("interlock_export", {"power_w": export_w, "limit_w": limit_w}))
    least_w = _least_battery_w(seen, image, site)
    if commands.battery_w is not None and least_w is not None and commands.battery_w < least_w:
        commands = replace(commands, battery_w=least_w)
        refusals.append(Reason("interlock_battery_export"))
    return Checked(commands, tuple(refusals))


def refuse_genset(seen: Coupling, site: Site) -> Reason | None:
    """Why the genset may not be asked to run now; None: it may."""
    spec, grid = site.genset, site.grid
    if spec is None:
        return None
    if not spec.synchronises and seen.bus_live is not False and seen.genset_on_load is not True:
        return Reason("interlock_genset_live_bus")
    if grid is None or grid.parallel_genset:
        return None
    # Inverters join a sound grid by themselves: the genset must be off before they do.
    joins_alone = grid.breaker is None and seen.grid_sound is True
    if seen.tied or joins_alone or (seen.may_be_tied and seen.genset_on_load is not True):
        return Reason("interlock_genset_grid" if seen.connected is not None else "interlock_genset_unsure")
    return None


def _refuse_breaker(
    commands: Commands, seen: Coupling, image: ProcessImage, grid: GridConnection | None, sound_s: float
) -> Reason | None:
    """Why the breaker may not be closed, or not stay so; None: it may."""
    if grid is None or grid.breaker is None or commands.grid_closed is None:
        return None
    if not commands.grid_closed:
        return None
    alone = grid.parallel_genset or (seen.genset_on_load is False and seen.genset_turning is False)
    if breaker_closed(image, grid.breaker.switch) is True:
        meets = seen.genset_on_load is True and not grid.parallel_genset
        return Reason("interlock_breaker_genset") if meets else None
    if not alone or (commands.genset_run and not grid.parallel_genset):
        return Reason("interlock_breaker_genset")
    if not seen.grid_surely_sound or sound_s < grid.stable_s:
        return Reason("interlock_breaker_unsteady", {"wait_s": max(0.0, grid.stable_s - sound_s)})
    return None if seen.sync_permitted else Reason("interlock_breaker_sync")


def export_slack_w(grid: GridConnection) -> float:
    """What may flow out above the limit for a moment [W]."""
    return max(_EXPORT_SLACK_W, _EXPORT_SLACK_FRAC * grid.import_w)


def _pv_ceiling_w(seen: Coupling, image: ProcessImage, site: Site) -> float | None:
    """The most that all PV may give now [W]; None: as much as it wants."""
    grid = site.grid
    if grid is None or not seen.tied:
        return None
    pv_w = [image.value(pv.id, pv.power_point) for pv in site.pv if pv.limitable]
    known_w = [-power_w for power_w in pv_w if power_w is not None]
    power_w = image.fresh(grid.device, f"{grid.prefix}power_w")
    if power_w is None:
        return grid.export_w  # nobody sees what flows out
    excess_w = -power_w - grid.export_w
    if excess_w <= export_slack_w(grid):
        return None
    return max(0.0, sum(known_w) - excess_w) if len(known_w) == len(pv_w) else 0.0


def _least_battery_w(seen: Coupling, image: ProcessImage, site: Site) -> float | None:
    """The most discharge that the export limit leaves [W], <= 0; None: it leaves all."""
    grid = site.grid
    if grid is None or not seen.may_be_tied:
        return None
    drawn_w = image.fresh(grid.device, f"{grid.prefix}power_w")
    now_w = image.fresh(site.battery.id, "ac_power_w")
    if drawn_w is None or now_w is None:
        return 0.0
    return min(0.0, now_w - drawn_w - grid.export_w)


def _capped(limits: Mapping[str, float], site: Site, ceiling_w: float) -> Iterator[tuple[str, float]]:
    rated_w = sum(pv.ac_w for pv in site.pv if pv.limitable)
    most = min(1.0, ceiling_w / rated_w) if rated_w > 0.0 else 1.0
    for device, frac in limits.items():
        yield device, min(frac, most)
