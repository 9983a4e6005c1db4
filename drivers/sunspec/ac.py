"""AC measurements of SunSpec inverters and meters, and how each calls them. Pure data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from drivers.sunspec.wanted import (
    CURRENT_A,
    ENERGY_WH,
    FREQUENCY_HZ,
    PERCENT,
    POWER_W,
    TEMPERATURE_C,
    UNITY,
    VOLTAGE_V,
    Labelled,
    Wanted,
    fast,
    slow,
)

INVERTERS: Mapping[int, int] = MappingProxyType({101: 1, 102: 2, 103: 3, 111: 1, 112: 2, 113: 3})
"""Inverter model -> its phases; 111 to 113 are the same in floats."""
DER_AC = 701
METERS: Mapping[int, int] = MappingProxyType({201: 1, 202: 2, 203: 3, 204: 3, 211: 1, 212: 2, 213: 3, 214: 3})
"""Meter model -> its phases; 211 to 214 are the same in floats."""

_OPERATING_STATE_701 = 1
"""Model 701 counts the states of an inverter from 0, the models before it and the house from 1."""
_WIRING_PHASES: Mapping[float, int] = {0: 1, 1: 2, 2: 3}
_EXPORT_POSITIVE = ("SolarEdge",)
"""Makers whose meters call export positive, against the standard (evcc, solaredge-hybrid)."""
_PHASES = "ABC"
_CERTAINLY_PERCENT = 1.05
"""A power factor beyond it is no fraction, however its last digit was rounded."""


def inverter_points(inverter: Labelled, power: str) -> Iterator[Wanted]:
    """The points of models 101 to 113; `power` names the AC power, delivered is negative in the house."""
    phases = INVERTERS[inverter.model.id]
    factor = power_factor_scale(inverter.number("PF"))
    yield fast(power, "W", POWER_W, scale=-1.0)
    yield fast("current_a", "A", CURRENT_A)
    yield fast("frequency_hz", "Hz", FREQUENCY_HZ)
    for number, phase in enumerate(_PHASES[:phases], start=1):
        yield fast(f"voltage_l{number}_v", f"PhVph{phase}", VOLTAGE_V)
        yield fast(f"current_l{number}_a", f"Aph{phase}", CURRENT_A)
    for pair, (label, _, _) in _pairs(phases):
        yield slow(f"voltage_l{pair}_v", f"PPVph{label}", VOLTAGE_V)
    yield fast("operating_state", "St", (1, 8))
    yield slow("inverter_state", "StVnd")
    yield slow("apparent_power_va", "VA", POWER_W)
    yield slow("reactive_power_var", "VAr", POWER_W)
    yield slow("power_factor", "PF", UNITY, scale=factor)
    yield slow("energy_wh", "WH", ENERGY_WH)
    yield slow("cabinet_temperature_c", "TmpCab", TEMPERATURE_C)
    yield slow("heatsink_temperature_c", "TmpSnk", TEMPERATURE_C)
    yield slow("transformer_temperature_c", "TmpTrns", TEMPERATURE_C)
    yield fast("alarm_word_1", "Evt1")
    yield slow("alarm_word_2", "Evt2")
    for number in range(1, 5):
        yield slow(f"alarm_word_{2 + number}", f"EvtVnd{number}")


def der_points(der: Labelled, power: str) -> Iterator[Wanted]:
    """The points of model 701, which says 'injected' for delivered."""
    wiring = der.number("ACType")
    phases = 3 if wiring is None else _WIRING_PHASES.get(wiring, 3)
    yield fast(power, "W", POWER_W, scale=-1.0)
    yield fast("current_a", "A", CURRENT_A)
    yield fast("frequency_hz", "Hz", FREQUENCY_HZ)
    for number in range(1, phases + 1):
        if phases > 1:
            yield fast(f"power_l{number}_w", f"WL{number}", POWER_W, scale=-1.0)
        yield fast(f"voltage_l{number}_v", f"VL{number}" + ("|LNV" if phases == 1 else ""), VOLTAGE_V)
        yield fast(f"current_l{number}_a", f"AL{number}", CURRENT_A)
    for pair, (_, first, second) in _pairs(phases):
        yield slow(f"voltage_l{pair}_v", f"VL{first}L{second}", VOLTAGE_V)
    yield fast("operating_state", "InvSt", (1, 8), offset=_OPERATING_STATE_701)
    yield slow("grid_state", "ConnSt")
    yield slow("apparent_power_va", "VA", POWER_W)
    yield slow("reactive_power_var", "Var", POWER_W)
    yield slow("power_factor", "PF", UNITY, scale=power_factor_scale(der.number("PF")))
    yield slow("energy_wh", "TotWhInj", ENERGY_WH)
    yield slow("energy_import_wh", "TotWhAbs", ENERGY_WH)
    yield slow("ambient_temperature_c", "TmpAmb", TEMPERATURE_C)
    yield slow("cabinet_temperature_c", "TmpCab", TEMPERATURE_C)
    yield slow("heatsink_temperature_c", "TmpSnk", TEMPERATURE_C)
    yield slow("transformer_temperature_c", "TmpTrns", TEMPERATURE_C)
    yield fast("alarm_word_1", "Alrm")
    yield slow("status_word_1", "DERMode")
    yield slow("status_word_2", "ThrotSrc")


def meter_points(meter: Labelled, manufacturer: str | None) -> Iterator[Wanted]:
    """The points of models 201 to 214: import is positive."""
    phases = METERS[meter.model.id]
    sign = -1.0 if manufacturer in _EXPORT_POSITIVE else 1.0
    factor = power_factor_scale(meter.number("PF"))
    yield fast("power_w", "W", POWER_W, scale=sign)
    yield fast("voltage_v", "PhV", VOLTAGE_V)
    yield fast("current_a", "A", CURRENT_A)
    yield fast("frequency_hz", "Hz", FREQUENCY_HZ)
    yield slow("apparent_power_va", "VA", POWER_W)
    yield slow("reactive_power_var", "VAR", POWER_W, scale=sign)
    yield slow("power_factor", "PF", UNITY, scale=factor)
    yield slow("energy_import_wh", "TotWhImp", ENERGY_WH)
    yield slow("energy_export_wh", "TotWhExp", ENERGY_WH)
    for number, phase in enumerate(_PHASES[:phases], start=1):
        yield fast(f"power_l{number}_w", f"Wph{phase}", POWER_W, scale=sign)
        yield fast(f"voltage_l{number}_v", f"PhVph{phase}", VOLTAGE_V)
        yield fast(f"current_l{number}_a", f"Aph{phase}", CURRENT_A)
        yield slow(f"apparent_power_l{number}_va", f"VAph{phase}", POWER_W)
        yield slow(f"reactive_power_l{number}_var", f"VARph{phase}", POWER_W, scale=sign)
        yield slow(f"power_factor_l{number}", f"PFph{phase}", UNITY, scale=factor)
        yield slow(f"energy_import_l{number}_wh", f"TotWhImpPh{phase}", ENERGY_WH)
        yield slow(f"energy_export_l{number}_wh", f"TotWhExpPh{phase}", ENERGY_WH)
    for pair, (label, _, _) in _pairs(phases):
        yield slow(f"voltage_l{pair}_v", f"PPVph{label}|PhVph{label}", VOLTAGE_V)
    yield slow("alarm_word_1", "Evt")


def power_factor_scale(walked: float | None) -> float:
    """Turns a power factor into -1 to 1: the standard says percent, most devices give a fraction."""
    return PERCENT if walked is not None and abs(walked) > _CERTAINLY_PERCENT else 1.0


def _pairs(phases: int) -> tuple[tuple[str, tuple[str, int, int]], ...]:
    """Between which phases there is a voltage: the house's name, SunSpec's letters and numbers."""
    pairs = (("12", ("AB", 1, 2)), ("23", ("BC", 2, 3)), ("31", ("CA", 3, 1)))
    return pairs[: 3 if phases == 3 else phases - 1]
