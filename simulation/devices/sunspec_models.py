"""The SunSpec information models that our inverters show, encoded point by point. Pure.

Source: sunspec/models (json/model_1, 103, 120 to 123, 160). What is not implemented is 0x8000 (signed),
0xFFFF (unsigned) or 0 (accumulators), as the standard wants it.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulation.devices.words import s16, text, u16, u32, u64

NO_S16, NO_U16, NO_U32 = b"\x80\x00", b"\xff\xff", b"\xff\xff\xff\xff"
MARK = b"SunS"
END = NO_U16 + u16(0)
A_SF, V_SF, HZ_SF, TEMPERATURE_SF, LIMIT_SF, PF_SF = -2, -1, -2, -1, -2, -2
"""Exponents of ten of currents, voltages, frequency, temperatures, the power limit, power factors."""
SHORT_MAX_W = 30000.0
"""Inverters beyond it show their power in tens of watts, so that it fits into 16 bits."""


def model(number: int, *points: bytes) -> bytes:
    """A model with its two-register header."""
    body = b"".join(points)
    return u16(number) + u16(len(body) // 2) + body


def scaled(value: float, exponent: int) -> float:
    """The number to store so that number * 10**exponent is the value."""
    return float(value * 10**-exponent)


@dataclass(frozen=True, slots=True)
class InverterState:
    """What model 103 shows; powers are magnitudes."""

    ac_power_w: float
    dc_power_w: float
    energy_wh: float
    voltage_v: float
    frequency_hz: float
    cabinet_temperature_c: float
    operating_state: int
    power_sf: int
    dc_voltage_v: float


def common(serial: str, unit: int) -> bytes:
    """Model 1."""
    return model(
        1,
        text("Tawan Virtual", 16),
        text("PV inverter 3p", 16),
        text("", 8),
        text("1.0", 8),
        text(serial, 16),
        u16(unit),
        u16(0x8000),
    )


def inverter(state: InverterState) -> bytes:
    """Model 103: three-phase, integers with scale factors."""
    volts, watts = state.voltage_v, state.ac_power_w
    phase_a = watts / (3 * volts) if volts > 1 else 0.0
    line_v = volts * 3**0.5
    power = s16(scaled(watts, state.power_sf))
    dc_a = state.dc_power_w / state.dc_voltage_v if state.dc_voltage_v > 1 else 0.0
    return model(
        103,
        u16(scaled(3 * phase_a, A_SF)),
        u16(scaled(phase_a, A_SF)) * 3,
        s16(A_SF),
        u16(scaled(line_v, V_SF)) * 3,
        u16(scaled(volts, V_SF)) * 3,
        s16(V_SF),
        power,
        s16(state.power_sf),
        u16(scaled(state.frequency_hz, HZ_SF)),
        s16(HZ_SF),
        power,  # apparent power: it runs at unity power factor
        s16(state.power_sf),
        s16(0) + s16(state.power_sf),
        s16(scaled(1.0, PF_SF)),
        s16(PF_SF),
        u32(state.energy_wh % 2**32),
        s16(0),
        u16(scaled(dc_a, A_SF)),
        s16(A_SF),
        u16(scaled(state.dc_voltage_v, V_SF)),
        s16(V_SF),
        s16(scaled(state.dc_power_w, state.power_sf)),
        s16(state.power_sf),
        s16(scaled(state.cabinet_temperature_c, TEMPERATURE_SF)),
        NO_S16 * 3,
        s16(TEMPERATURE_SF),
        u16(state.operating_state),
        NO_U16,
        u32(0) * 2,
        NO_U32 * 4,
    )


def nameplate(rated_w: float, power_sf: int) -> bytes:
    """Model 120: a PV device."""
    rating = u16(scaled(rated_w, power_sf)) + s16(power_sf)
    return model(
        120,
        u16(4),
        rating,
        rating,
        s16(0) * 4,
        s16(0),
        u16(scaled(rated_w / (3 * 230), A_SF)),
        s16(A_SF),
        s16(scaled(1.0, PF_SF)) * 4,
        s16(PF_SF),
        NO_U16 + NO_S16,
        NO_U16 + NO_S16,
        NO_U16 + NO_S16,
        NO_U16 + NO_S16,
        u16(0x8000),
    )


def settings(rated_w: float, power_sf: int) -> bytes:
    """Model 121."""
    return model(
        121,
        u16(scaled(rated_w, power_sf)),
        u16(scaled(230, V_SF)),
        s16(0),
        NO_U16 * 2,
        u16(scaled(rated_w, power_sf)),
        NO_S16 * 4,
        NO_U16,
        NO_S16 * 4,
        NO_U16 * 5,
        s16(power_sf),
        s16(V_SF),
        s16(V_SF),
        NO_S16,
        s16(power_sf),
        NO_S16 * 5,
    )


def status(state: InverterState, *, connected: bool, limited: bool) -> bytes:
    """Model 122."""
    return model(
        122,
        u16(0b111 if connected else 0),
        u16(0),
        u16(1 if connected else 0),
        u64(state.energy_wh),
        u64(0) * 5,
        NO_S16 * 2,
        NO_U16 + NO_S16,
        NO_U32,
        u32(1 if limited else 0),
        u32(0) * 2,
        NO_U32,
        u16(0),
        NO_U16 + NO_S16,
    )


def mppt(state: InverterState) -> bytes:
    """Model 160 with one tracker."""
    watts, volts = state.dc_power_w, state.dc_voltage_v
    return model(
        160,
        s16(A_SF),
        s16(V_SF),
        s16(state.power_sf),
        s16(0),
        u32(0),
        u16(1),
        NO_U16,
        u16(1),
        text("String 1", 8),
        u16(scaled(watts / volts if volts > 1 else 0.0, A_SF)),
        u16(scaled(volts, V_SF)),
        u16(scaled(watts, state.power_sf)),
        u32(state.energy_wh % 2**32),
        NO_U32,
        NO_S16,
        u16(state.operating_state),
        u32(0),
    )
