"""From a walked SunSpec device to the profile of a PV inverter. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from controller.core.model import Role
from drivers.errors import ProfileError
from drivers.model import Pace, PollClass, Profile, ReadPoint, Table, WritePoint
from drivers.sunspec.chain import Model, SunSpecMap
from drivers.sunspec.layout import Field, Layout, read_point
from drivers.sunspec.models import CONTROLS, INVERTERS, LAYOUTS

REVERT_S = 60
"""After so long without a refresh the inverter lifts a limit by itself."""
_NOT_IMPLEMENTED = 0xFFFF
_PERCENT = 0.01
_LIMIT = "limit_frac"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A point of the inverter models and what the house calls it."""

    name: str
    field: str
    value_range: tuple[float, float]
    poll: PollClass = PollClass.FAST
    scale: float = 1.0
    phase: int = 1
    """An inverter with fewer phases does not have it."""


_WANTED = (
    _Wanted("power_w", "W", (-1e6, 1e6), scale=-1.0),  # delivered is negative in the house
    _Wanted("voltage_l1_v", "PhVphA", (0, 1000)),
    _Wanted("voltage_l2_v", "PhVphB", (0, 1000), phase=2),
    _Wanted("voltage_l3_v", "PhVphC", (0, 1000), phase=3),
    _Wanted("current_l1_a", "AphA", (0, 5000)),
    _Wanted("current_l2_a", "AphB", (0, 5000), phase=2),
    _Wanted("current_l3_a", "AphC", (0, 5000), phase=3),
    _Wanted("frequency_hz", "Hz", (30, 80)),
    _Wanted("dc_power_w", "DCW", (-1e4, 1e6)),
    _Wanted("operating_state", "St", (1, 8)),
    _Wanted("apparent_power_va", "VA", (-1e6, 1e6), PollClass.SLOW),
    _Wanted("reactive_power_var", "VAr", (-1e6, 1e6), PollClass.SLOW),
    _Wanted("power_factor", "PF", (-1, 1), PollClass.SLOW),
    _Wanted("energy_wh", "WH", (0, 1e13), PollClass.SLOW),
    _Wanted("cabinet_temperature_c", "TmpCab", (-50, 150), PollClass.SLOW),
)


def profile_from(found: SunSpecMap) -> Profile:
    """The profile of a walked PV inverter. Raises ProfileError: it has no readable inverter model."""
    inverter = found.find(*INVERTERS)
    ids = ", ".join(str(model.id) for model in found.models) or "none"
    if inverter is None:
        message = f"models {ids}: no PV inverter (101 to 103, 111 to 113) among them; check role and unit id"
        raise ProfileError("; ".join((message, *found.faults)))
    reads = {point.name: point for point in _inverter_points(inverter)}
    writes: dict[str, WritePoint] = {}
    controls = found.find(CONTROLS)
    if controls is not None and controls.length >= LAYOUTS[CONTROLS].fixed_words:
        shown = _shows_limit(controls)
        reads |= {point.name: point for point in _limit_reads(controls) if shown or point.name != _LIMIT}
        writes[_LIMIT] = _limit_control(controls, shown=shown)
    return Profile(
        model="sunspec",
        role=Role.PV_INVERTER,
        source=f"SunSpec models {ids} at {found.base}, as the device describes itself",
        verified="walked",
        pace=Pace(max_block=120),
        reads=MappingProxyType(reads),
        writes=MappingProxyType(writes),
    )


def _inverter_points(model: Model) -> Iterator[ReadPoint]:
    layout = LAYOUTS[model.id]
    for wanted in _WANTED:
        field = layout.fields[wanted.field]
        if wanted.phase > INVERTERS[model.id] or not _fits(layout, field, model):
            continue
        yield read_point(
            layout,
            field,
            model.body,
            name=wanted.name,
            poll=wanted.poll,
            scale=wanted.scale,
            value_range=wanted.value_range,
        )


def _fits(layout: Layout, field: Field, model: Model) -> bool:
    """Whether the device's model, which may be shorter than the standard's, has the field and its scale."""
    needed = [field] if field.scale_factor is None else [field, layout.fields[field.scale_factor]]
    return all(part.offset + part.words <= model.length for part in needed)


def _limit_reads(model: Model) -> Iterator[ReadPoint]:
    layout = LAYOUTS[CONTROLS]
    limit, enable = layout.fields["WMaxLimPct"], layout.fields["WMaxLim_Ena"]
    yield read_point(
        layout,
        limit,
        model.body,
        name=_LIMIT,
        poll=PollClass.FAST,
        scale=_PERCENT,
        value_range=(0, 1),
    )
    yield read_point(
        layout, enable, model.body, name="limit_enabled", poll=PollClass.FAST, value_range=(0, 1)
    )


def _shows_limit(model: Model) -> bool:
    """Whether the limit can be read back.

    Some inverters take it and show 0 or 'not implemented' for ever (SMA); a true limit of 0 at the time of
    the walk is much rarer, and without read-back it works just as well.
    """
    limit = LAYOUTS[CONTROLS].fields["WMaxLimPct"]
    return model.words is not None and model.words[limit.offset] not in (0, _NOT_IMPLEMENTED)


def _limit_control(model: Model, *, shown: bool) -> WritePoint:
    """The power limit: revert time first, then the limit, then its enable flag.

    An inverter without a revert time gets no expiry: its limit is lifted on a clean stop only.
    """
    fields = LAYOUTS[CONTROLS].fields
    limit, revert, enable = fields["WMaxLimPct"], fields["WMaxLimPct_RvrtTms"], fields["WMaxLim_Ena"]
    reverts = model.words is not None and model.words[revert.offset] != _NOT_IMPLEMENTED
    return WritePoint(
        name=_LIMIT,
        table=Table.HOLDING,
        address=model.body + limit.offset,
        type=limit.coding[0],
        range=(0.0, 1.0),
        scale=_PERCENT,
        scale_address=model.body + fields["WMaxLimPct_SF"].offset,
        readback=_LIMIT if shown else None,
        expires_s=float(REVERT_S) if reverts else None,
        eeprom=False,
        release=1.0,
        before=((model.body + revert.offset, REVERT_S),) if reverts else (),
        after=((model.body + enable.offset, 1),),
    )
