"""Eastron SDM630 three-phase meter: IEEE 754 singles, high word first; import is positive.

Source: Eastron's "SDM630 Modbus protocol" as reproduced by plebann/eastron_SDM_HA_integration
(docs/registers-sdm630.md) and ilseh/Oppleo; its meter code is the one that owners report. Settings are
under a password: they are read-only here.
"""

from __future__ import annotations

import math

from simulation.devices.register_map import Block, RegisterMap, constant
from simulation.devices.words import floats, u16, u32
from simulation.household import MeteredLine
from simulation.modbus.protocol import Space

TURNAROUND_S = 0.005
_PARAMETERS = 54
"""Of the first block, 0x00 to 0x6A; reserved places in between answer 0."""
_MAX_PARAMETERS_A_READ = 40
_SERIAL_ADDRESS = 0xFC00
_METER_CODE, _VERSION = 0x0070, 0x0118
_THD_PERCENT = 2.0
_WH_PER_KWH = 1000.0


class SdmMeter(RegisterMap):
    """The meter of a feeder or a household."""

    max_read = 2 * _MAX_PARAMETERS_A_READ

    def __init__(self, feeder: MeteredLine, *, unit: int, serial: int) -> None:
        self._feeder = feeder
        self._peak_w = 0.0
        self._peak_a: tuple[float, ...] = (0.0, 0.0, 0.0)
        super().__init__(
            [
                Block(Space.INPUT, 0x0000, 2 * _PARAMETERS, self._basic, 2),
                Block(Space.INPUT, 0x00C8, 8, self._line_voltages, 2),
                Block(Space.INPUT, 0x00E0, 2, lambda: floats([self._neutral_a()]), 2),
                constant(Space.INPUT, 0x00EA, floats([_THD_PERCENT] * 6)),
                constant(Space.INPUT, 0x00F8, floats([_THD_PERCENT] * 2)),  # the means of the phases
                Block(Space.INPUT, 0x0102, 12, self._current_demands, 2),
                Block(Space.INPUT, 0x0156, 40, self._energies, 2),
                constant(Space.HOLDING, 0x02, floats([0.0])),  # demand period: none, demand is the power
                constant(Space.HOLDING, 0x0A, floats([3.0])),  # three phases, four wires
                constant(Space.HOLDING, 0x0C, floats([100.0])),  # pulse width [ms]
                constant(Space.HOLDING, 0x12, floats([0.0, unit])),  # parity none, address
                constant(Space.HOLDING, 0x1C, floats([3.0])),  # 19200 baud
                constant(Space.HOLDING, _SERIAL_ADDRESS, u32(serial) + u16(_METER_CODE) + u16(_VERSION)),
            ]
        )

    def _basic(self) -> bytes:
        feeder = self._feeder
        watts, amps = tuple(feeder.phase_power_w), tuple(feeder.phase_current_a)
        volts = (feeder.voltage_v,) * 3
        va = [max(abs(w), v * a) for w, v, a in zip(watts, volts, amps, strict=True)]
        var = [math.sqrt(max(0.0, s * s - w * w)) for s, w in zip(va, watts, strict=True)]
        total_w, total_va, total_var = sum(watts), sum(va), sum(var)
        kwh = feeder.energy_wh / _WH_PER_KWH
        self._peak_w = max(self._peak_w, total_w)
        values = [0.0] * _PARAMETERS
        values[0:3] = volts
        values[3:6] = amps
        values[6:9] = watts
        values[9:12] = va
        values[12:15] = var
        values[15:18] = [_power_factor(w, s) for w, s in zip(watts, va, strict=True)]
        values[18:21] = [_angle_deg(w, s) for w, s in zip(watts, va, strict=True)]
        values[21] = feeder.voltage_v
        values[23:25] = [sum(amps) / 3, sum(amps)]
        values[26] = total_w
        values[28] = total_va
        values[30:32] = [total_var, _power_factor(total_w, total_va)]
        values[33] = _angle_deg(total_w, total_va)
        values[35:38] = [feeder.frequency_hz, kwh, 0.0]
        values[42:44] = [total_w, self._peak_w]
        values[52] = self._neutral_a()
        return floats(values)

    def _line_voltages(self) -> bytes:
        return floats([self._feeder.voltage_v * math.sqrt(3)] * 4)

    def _energies(self) -> bytes:
        """Totals, then per phase: import, export, total [kWh], then the reactive ones [kvarh]."""
        kwh = self._feeder.energy_wh / _WH_PER_KWH
        thirds = [kwh / 3] * 3
        return floats([kwh, 0.0, *thirds, *([0.0] * 3), *thirds, *([0.0] * 9)])

    def _current_demands(self) -> bytes:
        """By phase: the current, as the demand period is none, then its highest so far [A]."""
        amps = tuple(self._feeder.phase_current_a)
        self._peak_a = tuple(max(pair) for pair in zip(self._peak_a, amps, strict=True))
        return floats([*amps, *self._peak_a])

    def _neutral_a(self) -> float:
        """The current of three phasors that should cancel out [A]."""
        a, b, c = self._feeder.phase_current_a
        return math.sqrt(max(0.0, a * a + b * b + c * c - a * b - b * c - c * a))


def _power_factor(watts: float, va: float) -> float:
    return watts / va if va > 0 else 1.0


def _angle_deg(watts: float, va: float) -> float:
    return math.degrees(math.acos(min(1.0, max(-1.0, _power_factor(watts, va)))))
