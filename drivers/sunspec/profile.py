"""From a walked SunSpec device to the profile of the role that it plays. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from controller.core.model import Role
from controller.core.points import REQUIRED
from drivers.errors import ProfileError
from drivers.model import Derived, Pace, Profile, ReadPoint, WritePoint
from drivers.sunspec.ac import DER_AC, INVERTERS, METERS, der_points, inverter_points, meter_points
from drivers.sunspec.chain import SunSpecMap
from drivers.sunspec.controls import (
    DER_COMMANDS,
    DER_CONTROLS,
    DER_READS,
    IMMEDIATE,
    IMMEDIATE_READS,
    STORAGE_DER_READS,
    battery_controls,
    der_commands,
    der_controls,
    der_setpoint,
    immediate_controls,
    shows_connection,
    shows_limit,
    storage_controls,
)
from drivers.sunspec.dc import CHARGING, DER_DC, DISCHARGING, MPPT, Inputs, mppt_inputs, port_inputs
from drivers.sunspec.describe import identity
from drivers.sunspec.storage import BATTERY, STATES_OF_CHARGE, STORAGE_CONTROLS, STORAGE_POINTS
from drivers.sunspec.wanted import ENERGY_WH, POWER_W, SOURCES, Labelled, Wanted, fast, slow

_NAMEPLATE = 120
_STATUS = 122
_DER_CAPACITY = 702
_IRRADIANCE_SENSORS = (308, 307, 303, 302)

_NAMEPLATE_POINTS = (slow("rated_power_w", "WRtg", POWER_W),)
_CAPACITY_POINTS = (slow("rated_power_w", "WMaxRtg", POWER_W),)
_STATUS_POINTS = (
    slow("energy_wh", "ActWh", ENERGY_WH),
    slow("insulation_ohm", "Ris", (0, 1e9)),
    slow("status_word_1", "PVConn"),
    slow("status_word_2", "StorConn"),
    slow("status_word_3", "ECPConn"),
    slow("status_word_4", "StActCtl"),
)
_IRRADIANCE_POINTS = (
    fast("irradiance_wm2", "GHI|POAI[1]|GHI[1]", (-50, 2000)),
    slow("cell_temperature_c", "TmpBOM|TmpBOM[1]", (-60, 150)),
    slow("ambient_temperature_c", "TmpAmb", (-60, 80)),
    slow("wind_speed_ms", "WndSpd", (0, 100)),
)


@dataclass(slots=True)
class _Draft:
    """A profile in the making; of several models that have a point, the first one named gives it."""

    found: SunSpecMap
    reads: dict[str, ReadPoint] = field(default_factory=dict)
    writes: dict[str, WritePoint] = field(default_factory=dict)
    derived: dict[str, Derived] = field(default_factory=dict)

    def model(self, *ids: int, awake: bool = False) -> Labelled | None:
        """The device's first model among these, the first id preferred; for `awake` see `Labelled`."""
        models = (self.found.find(id_) for id_ in ids)
        return next((Labelled(model, awake) for model in models if model is not None), None)

    def read(self, model: Labelled | None, wanted: Iterable[Wanted]) -> None:
        if model is not None:
            for point in model.reads(wanted):
                if point.name not in self.derived:
                    self.reads.setdefault(point.name, point)

    def write(self, points: Iterable[WritePoint]) -> None:
        for point in points:
            self.writes.setdefault(point.name, point)

    def sum(self, name: str, parts: tuple[str, ...], signs: tuple[int, ...]) -> None:
        """A point that is the sum of others, unless a register holds it or a part is not there."""
        if parts and name not in self.reads and all(part in self.reads for part in parts):
            self.derived[name] = Derived(parts, signs)


def profile_from(found: SunSpecMap, role: Role = Role.PV_INVERTER) -> Profile:
    """The profile of a walked device in a role. Raises ProfileError: its models do not fill the role."""
    draft = _Draft(found)
    build = _BUILDERS.get(role)
    if build is not None:
        build(draft)
    lacking = REQUIRED[role] - draft.reads.keys() - draft.derived.keys()
    ids = ", ".join(str(model.id) for model in found.models) or "none"
    if build is None or lacking:
        names = ", ".join(sorted(lacking))
        message = f"models {ids}: no {role.replace('_', ' ')} ({names} not told); check role and unit id"
        raise ProfileError("; ".join((message, *found.faults)))
    who = identity(found)
    return Profile(
        model="sunspec",
        role=role,
        source=f"SunSpec models {ids} at {found.base}, as the device describes itself",
        verified="walked" if found.complete else "walked in part",
        provisional=not found.complete,
        pace=Pace(max_block=120),
        reads=MappingProxyType(draft.reads),
        writes=MappingProxyType(draft.writes),
        derived=MappingProxyType(draft.derived),
        title=" ".join(part for part in (who.manufacturer, who.model) if part),
        sources=SOURCES,
    )


def _pv_inverter(draft: _Draft) -> None:
    _ac_side(draft, "power_w")
    inputs = _dc_side(draft)
    if inputs is None or not inputs.mixed:
        for whole in (draft.model(*INVERTERS), draft.model(DER_DC)):
            # Some inverters tell the power of each string and not of all (SMA).
            if whole is not None and (whole.number("DCW") is not None or inputs is None or not inputs.told):
                draft.read(whole, (fast("pv_power_w", "DCW", POWER_W, scale=-1.0),))
    _panels(draft, inputs)
    _power_limit(draft)


def _hybrid_inverter(draft: _Draft) -> None:
    _ac_side(draft, "ac_power_w")
    _storage(draft)
    _panels(draft, _dc_side(draft))
    draft.sum("battery_power_w", (CHARGING, DISCHARGING), (1, -1))
    _power_limit(draft)
    _storage_setpoint(draft)


def _battery_inverter(draft: _Draft) -> None:
    _ac_side(draft, "ac_power_w")
    _storage(draft)
    _dc_side(draft)
    # All that its DC side has is the battery: delivered from there is discharged.
    draft.read(draft.model(*INVERTERS), (fast("battery_power_w", "DCW", POWER_W, scale=-1.0),))
    _storage_setpoint(draft)


def _battery(draft: _Draft) -> None:
    _storage(draft)
    battery = draft.model(BATTERY)
    if battery is not None:
        draft.write(battery_controls(battery))


def _meter(draft: _Draft) -> None:
    meter = draft.model(*METERS)
    if meter is not None:
        meter = Labelled(meter.model, awake=bool(meter.number("W")))
        draft.read(meter, meter_points(meter, identity(draft.found).manufacturer))


def _irradiance_sensor(draft: _Draft) -> None:
    for model in _IRRADIANCE_SENSORS:
        draft.read(draft.model(model), _IRRADIANCE_POINTS)


_BUILDERS: Mapping[Role, Callable[[_Draft], None]] = MappingProxyType(
    {
        Role.PV_INVERTER: _pv_inverter,
        Role.HYBRID_INVERTER: _hybrid_inverter,
        Role.BATTERY_INVERTER: _battery_inverter,
        Role.BATTERY: _battery,
        Role.METER: _meter,
        Role.IRRADIANCE_SENSOR: _irradiance_sensor,
    }
)
ROLES = frozenset(_BUILDERS)
"""The roles that a SunSpec device can be asked in."""


def _ac_side(draft: _Draft, power: str) -> None:
    """Measurements and ratings of an inverter; `power` is what its role calls the AC power."""
    measured = draft.model(*INVERTERS, DER_AC)
    awake = measured is not None and bool(measured.number("W"))
    inverter, der = draft.model(*INVERTERS, awake=awake), draft.model(DER_AC, awake=awake)
    if inverter is not None:
        draft.read(inverter, inverter_points(inverter, power))
    elif der is not None:
        draft.read(der, der_points(der, power))
    draft.read(draft.model(_STATUS, awake=awake), _STATUS_POINTS)
    draft.read(draft.model(_NAMEPLATE, awake=awake), _NAMEPLATE_POINTS)
    draft.read(draft.model(_DER_CAPACITY, awake=awake), _CAPACITY_POINTS)


def _dc_side(draft: _Draft) -> Inputs | None:
    model = draft.found.find(MPPT, DER_DC)
    if model is None:
        return None
    inputs = mppt_inputs(Labelled(model)) if model.id == MPPT else port_inputs(Labelled(model))
    draft.read(Labelled(model, awake=inputs.producing), inputs.panels)
    draft.read(Labelled(model), inputs.others)
    return inputs


def _panels(draft: _Draft, inputs: Inputs | None) -> None:
    """The power of all panels, where no register holds it."""
    if inputs is not None:
        parts = tuple(f"pv{number}_power_w" for number in range(1, inputs.strings + 1))
        draft.sum("pv_power_w", parts, (1,) * len(parts))


def _storage(draft: _Draft) -> None:
    for id_, wanted in STORAGE_POINTS.items():
        model = draft.model(id_)
        if model is not None:
            awake = any(model.number(label) is not None for label in STATES_OF_CHARGE)
            draft.read(Labelled(model.model, awake), wanted)
    controls = draft.model(STORAGE_CONTROLS)
    if controls is not None:
        draft.write(storage_controls(controls))


def _power_limit(draft: _Draft) -> None:
    immediate, der, commands = draft.model(IMMEDIATE), draft.model(DER_CONTROLS), draft.model(DER_COMMANDS)
    if immediate is not None:
        hidden = set() if shows_limit(immediate) else {"limit_frac"}
        hidden |= set() if shows_connection(immediate) else {"enabled"}
        draft.read(immediate, (each for each in IMMEDIATE_READS if each.name not in hidden))
        draft.write(immediate_controls(immediate))
    elif der is not None:
        shown = shows_limit(der)
        draft.read(der, (each for each in DER_READS if shown or each.name != "limit_frac"))
        draft.write(der_controls(der))
    if commands is not None:
        draft.write(der_commands(commands))


def _storage_setpoint(draft: _Draft) -> None:
    controls, capacity = draft.model(DER_CONTROLS), draft.model(_DER_CAPACITY)
    if controls is not None and capacity is not None:
        draft.read(controls, STORAGE_DER_READS)
        draft.write(der_setpoint(controls, capacity.number("WMaxRtg")))
