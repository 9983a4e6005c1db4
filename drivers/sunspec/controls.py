"""Control points of SunSpec devices. Pure.

Values are written first and enabled last, as the standard asks; where the device can revert by itself, its
timer is set before. What the device did not show when it was walked is not read back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from drivers.model import PollClass, Table, WritePoint
from drivers.sunspec.coding import data_type
from drivers.sunspec.wanted import FRACTION, PERCENT, SOURCES, Labelled, Wanted

IMMEDIATE = 123
DER_CONTROLS = 704
DER_COMMANDS = 715
REVERT_S = 60
"""After so long without a refresh the device takes its freedom back."""
_ENABLED, _DISABLED = 1, 0
_WATTS = 1
"""Mode of model 704: the active power setpoint is told in watts."""
_FREE = 100.0
"""A rate of model 124 [%] that limits nothing."""
_ONLY_1 = (1.0, 1.0)
_BOTH_LIMITS = 0b11
_CHARGE_BIT, _DISCHARGE_BIT = 0, 1

IMMEDIATE_READS = (
    Wanted("limit_frac", ("WMaxLimPct",), FRACTION, PERCENT),
    Wanted("limit_enabled", ("WMaxLim_Ena",), FRACTION),
    Wanted("enabled", ("Conn",), FRACTION),
)
DER_READS = (
    Wanted("limit_frac", ("WMaxLimPct",), FRACTION, PERCENT),
    Wanted("limit_enabled", ("WMaxLimPctEna",), FRACTION),
)
STORAGE_DER_READS = (
    Wanted("ac_setpoint_w", ("WSet",), None, -1.0, poll=PollClass.SLOW),
    Wanted("remote_control_enabled", ("WSetEna",), FRACTION, poll=PollClass.SLOW),
)


def immediate_controls(controls: Labelled) -> Iterator[WritePoint]:
    """Model 123: the power limit, and connecting to the grid."""
    if _has(controls, "WMaxLimPct", "WMaxLim_Ena"):
        yield _limit(controls, "WMaxLimPct_RvrtTms", "WMaxLim_Ena")
    if _has(controls, "Conn"):
        reverts = controls.number("Conn_RvrtTms") is not None
        yield replace(
            _point(controls, "Conn", "enabled", FRACTION),
            codes={0: "disconnected", 1: "connected"},
            readback="enabled" if shows_connection(controls) else None,
            before=controls.preset("Conn_RvrtTms", REVERT_S) if reverts else (),
            expires_s=float(REVERT_S) if reverts else None,
            eeprom=False,
            release=1.0,
        )


def der_controls(controls: Labelled) -> Iterator[WritePoint]:
    """Model 704: the power limit; when its time runs out there is none."""
    if _has(controls, "WMaxLimPct", "WMaxLimPctEna"):
        yield _limit(controls, "WMaxLimPctRvrtTms", "WMaxLimPctEna", "WMaxLimPctEnaRvrt")


def der_setpoint(controls: Labelled, most_w: float | None) -> Iterator[WritePoint]:
    """Model 704: the AC power of an inverter with storage, up to its rating [W].

    Offered only where the device gives its rating and the setpoint expires: there is no other release.
    """
    labels = ("WSet", "WSetEna", "WSetMod", "WSetEnaRvrt", "WSetRvrtTms")
    if not most_w or not _has(controls, *labels) or controls.number("WSetRvrtTms") is None:
        return
    mode = controls.preset("WSetMod", _WATTS)
    revert = (*controls.preset("WSetEnaRvrt", _DISABLED), *controls.preset("WSetRvrtTms", REVERT_S))
    yield replace(
        _point(controls, "WSet", "ac_setpoint_w", (-most_w, most_w), scale=-1.0),
        readback="ac_setpoint_w",
        before=(*mode, *revert),
        after=controls.preset("WSetEna", _ENABLED),
        expires_s=float(REVERT_S),
        eeprom=False,
    )


def der_commands(commands: Labelled) -> Iterator[WritePoint]:
    """Model 715: start and stop, the controller's heartbeat, and acknowledging alarms."""
    if _has(commands, "OpCtl"):
        start = _point(commands, "OpCtl", "enabled", FRACTION)
        yield replace(start, codes={0: "stop", 1: "start"}, release=1.0)
    if _has(commands, "ControllerHb"):
        yield replace(_point(commands, "ControllerHb", "heartbeat", (0, 0xFFFF_FFFE)), eeprom=False)
    if _has(commands, "AlarmReset"):
        yield replace(_point(commands, "AlarmReset", "alarm_reset", _ONLY_1), eeprom=False)


def battery_controls(battery: Labelled) -> Iterator[WritePoint]:
    """Model 802: connecting, reserve, the controller's heartbeat, and acknowledging alarms."""
    if _has(battery, "SetOp"):
        yield replace(
            # 1 connects, 2 disconnects
            _point(battery, "SetOp", "enabled", FRACTION, scale=-1.0, offset=2.0),
            codes={0: "disconnect", 1: "connect"},
            note="opens or closes the contactors of the battery",
        )
    yield from _setting(battery, "SoCRsvMin", "reserve_soc_frac", PERCENT)
    yield from _setting(battery, "SocRsvMax", "soc_max_frac", PERCENT)
    if _has(battery, "CtrlHb"):
        yield replace(_point(battery, "CtrlHb", "heartbeat", (0, 0xFFFE)), eeprom=False)
    if _has(battery, "AlmRst"):
        yield replace(_point(battery, "AlmRst", "alarm_reset", _ONLY_1), eeprom=False)


def storage_controls(storage: Labelled) -> Iterator[WritePoint]:
    """Model 124: limits of charge and discharge, reserve, and charging from the grid.

    One register enables both limits. A limit is offered only where enabling both does not put an old value
    of the other one into force.
    """
    if _harmless(storage, "OutWRte", _DISCHARGE_BIT):
        yield from _rate(storage, "InWRte", "charge_limit_frac")
    if _harmless(storage, "InWRte", _CHARGE_BIT):
        yield from _rate(storage, "OutWRte", "discharge_limit_frac")
    yield from _setting(storage, "MinRsvPct", "reserve_soc_frac", PERCENT)
    for point in _setting(storage, "ChaGriSet", "grid_charge_enabled"):
        yield replace(point, codes={0: "from the panels only", 1: "from the grid too"})


def shows_limit(controls: Labelled) -> bool:
    """Whether the limit can be read back.

    Some inverters take it and show 0 or 'not implemented' for ever (SMA); a true limit of 0 at the time of
    the walk is much rarer, and without read-back it works just as well.
    """
    return bool(controls.number("WMaxLimPct"))


def shows_connection(controls: Labelled) -> bool:
    """Whether it can be read back that the inverter is connected; some show 'disconnected' for ever (SMA)."""
    return controls.number("Conn") == 1


def _limit(controls: Labelled, timer: str, enable: str, enable_later: str | None = None) -> WritePoint:
    """The power limit; without a timer in the device it has no expiry and is lifted on a clean stop only."""
    reverts = controls.number(timer) is not None
    before: tuple[tuple[int, ...], ...] = ()
    if reverts:
        before = () if enable_later is None else controls.preset(enable_later, _DISABLED)
        before += controls.preset(timer, REVERT_S)
    return replace(
        _point(controls, "WMaxLimPct", "limit_frac", FRACTION, scale=PERCENT),
        readback="limit_frac" if shows_limit(controls) else None,
        before=before,
        after=controls.preset(enable, _ENABLED),
        expires_s=float(REVERT_S) if reverts else None,
        eeprom=False,
        release=1.0,
    )


def _harmless(storage: Labelled, other: str, bit: int) -> bool:
    """Whether enabling both limits of model 124 leaves the other one as free as it is."""
    rate, enabled = storage.number(other), storage.number("StorCtl_Mod")
    return rate is not None and (rate >= _FREE or bool(int(enabled or 0) >> bit & 1))


def _rate(storage: Labelled, label: str, name: str) -> Iterator[WritePoint]:
    if storage.number(label) is None or not _has(storage, "StorCtl_Mod"):
        return
    reverts = storage.number("InOutWRte_RvrtTms") is not None
    yield replace(
        _point(storage, label, name, FRACTION, scale=PERCENT),
        readback=name,
        before=storage.preset("InOutWRte_RvrtTms", REVERT_S) if reverts else (),
        after=storage.preset("StorCtl_Mod", _BOTH_LIMITS),
        expires_s=float(REVERT_S) if reverts else None,
        eeprom=not reverts,
        release=1.0,
    )


def _setting(model: Labelled, label: str, name: str, scale: float = 1.0) -> Iterator[WritePoint]:
    """A fraction that the device keeps; offered where it shows one."""
    if model.number(label) is not None:
        yield replace(_point(model, label, name, FRACTION, scale=scale), readback=name)


def _has(model: Labelled, *labels: str) -> bool:
    return all(model.address(label) is not None for label in labels)


def _point(
    model: Labelled,
    label: str,
    name: str,
    bounds: tuple[float, float],
    *,
    scale: float = 1.0,
    offset: float = 0.0,
) -> WritePoint:
    """A control point without conditions; stored in flash unless the caller knows better."""
    placed = model.points[label]
    return WritePoint(
        name=name,
        table=Table.HOLDING,
        address=model.model.body + placed.offset,
        type=data_type(placed.point.kind)[0],
        range=bounds,
        scale=scale,
        offset=offset,
        scale_address=model.scale_address(label),
        source=tuple(SOURCES),
    )
