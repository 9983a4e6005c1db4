"""Deep Sea genset controller speaking GenComm: pages of 256 holding registers, FC 3 and 16.

Source: "GenComm standard for use with generating set control equipment" 2.38 as used by
victronenergy/dbus-modbus-client (dse.py) and the DSE7310 map of star.ke.st. Values that this model does not
have are the sentinels at the top of their type's range; pages that it does not have are refused. Of page 5
there is the engine's state alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from typing_extensions import override

from simulation.devices.register_map import Block, RegisterMap, constant
from simulation.devices.words import s16, s32, u16, u32
from simulation.modbus.protocol import ExceptionCode, ModbusRefusal, Space
from simulation.physics.genset import Genset, GensetState

TURNAROUND_S = 0.010
_NO_U16, _NO_S16 = b"\xff\xff", b"\x7f\xff"
_NO_U32, _NO_S32 = b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"
_MANUFACTURER, _MODEL = 1, 32840  # Deep Sea Electronics, DSE7310 MkII
_KEY_ADDRESS = 4104
_KEY_BASE = 35700
_STOP, _AUTO, _MANUAL, _TELEMETRY_START, _TELEMETRY_CANCEL = 35700, 35701, 35702, 35732, 35733
_RESET_ALARMS = 35734
_SUPPORTED = (_STOP, _AUTO, _MANUAL, _TELEMETRY_START, _TELEMETRY_CANCEL, _RESET_ALARMS)
_MODES = {_STOP: 0, _AUTO: 1, _MANUAL: 2}
_ENGINE_STATES = {
    GensetState.STOPPED: 0,
    GensetState.CRANKING: 1,
    GensetState.RESTING: 1,
    GensetState.WARMING_UP: 2,
    GensetState.ON_LOAD: 3,
    GensetState.COOLING_DOWN: 4,
    GensetState.FAILED: 5,
}
_COMPLEMENT = 0xFFFF
_NAMED_ALARMS = 80
_FAIL_TO_START, _LOW_FUEL, _OVERLOAD = 13, 22, 30
"""Places in the list of named alarms."""
_NOT_ACTIVE, _WARNING, _SHUTDOWN = 1, 2, 3
_LOW_FUEL_FRAC = 0.10
_OIL_OVER_COOLANT_C = 8.0
"""At rated speed."""
_WH_PER_TENTH_KWH = 100.0
_TENTHS = 10.0
_RATED_RPM = 1500.0


class GencommController(RegisterMap):
    """The controller on the genset; it has its own starter battery and answers during a blackout."""

    functions = frozenset({3, 16})

    def __init__(
        self, genset: Genset, *, rated_w: float, serial: int, energy_wh: Callable[[], float]
    ) -> None:
        """`energy_wh`: what it has generated so far."""
        self._genset = genset
        self._energy_wh = energy_wh
        self._rated_w = rated_w
        super().__init__(
            [
                Block(Space.HOLDING, 768, 7, lambda: self._status(serial)),
                Block(Space.HOLDING, 1024, 60, self._instruments),
                Block(Space.HOLDING, 1408, 1, lambda: u16(_ENGINE_STATES[genset.state])),
                Block(Space.HOLDING, 1536, 24, self._derived),
                Block(Space.HOLDING, 1792, 18, self._accumulated),
                constant(Space.HOLDING, 4096, _support_bits()),
                Block(Space.HOLDING, 39424, 1 + _NAMED_ALARMS // 4, self._alarms),
            ]
        )

    @override
    def write_registers(self, address: int, words: Sequence[int]) -> None:
        """A control key with its complement, both in one request."""
        if address != _KEY_ADDRESS:
            raise ModbusRefusal(ExceptionCode.ADDRESS)
        if len(words) != 2 or words[0] + words[1] != _COMPLEMENT or words[0] not in _SUPPORTED:
            raise ModbusRefusal(ExceptionCode.VALUE)
        key = words[0]
        if key in _MODES:
            self._genset.set_mode(_MODES[key])
        elif key == _RESET_ALARMS:
            self._genset.reset_alarms()
        else:
            self._genset.telemetry_start(key == _TELEMETRY_START)

    def _status(self, serial: int) -> bytes:
        """Page 3: who it is, its mode, its alarms (none)."""
        return b"".join(
            (u16(_MANUFACTURER), u16(_MODEL), u32(serial), u16(self._genset.control_mode), u16(0), u16(0))
        )

    def _instruments(self) -> bytes:
        """Page 4; the mains side is not fitted."""
        genset = self._genset
        volts = genset.voltage_v
        phase_w = genset.power_w / 3
        phase_a = phase_w / (volts * 0.8) if volts > 1 else 0.0
        line_v = volts * 3**0.5
        return b"".join(
            (
                u16(genset.oil_pressure_kpa),
                s16(genset.coolant_temperature_c),
                s16(self._oil_temperature_c()),
                u16(genset.fuel_frac * 100),
                u16(
                    genset.starter_battery_v * _TENTHS if genset.engine_speed_rpm else 0
                ),  # charge alternator
                u16(genset.starter_battery_v * _TENTHS),
                u16(genset.engine_speed_rpm),
                u16(genset.frequency_hz * _TENTHS),
                u32(volts * _TENTHS) * 3,
                u32(line_v * _TENTHS) * 3,
                u32(phase_a * _TENTHS) * 3,
                _NO_U32,  # earth current
                s32(phase_w) * 3,
                _NO_S16,  # current lag or lead
                _NO_U16,  # mains frequency
                _NO_U32 * 12,  # mains voltages, currents
            )
        )

    def _oil_temperature_c(self) -> float:
        """Working oil is a little hotter than the coolant."""
        speed_frac = self._genset.engine_speed_rpm / _RATED_RPM
        return self._genset.coolant_temperature_c + _OIL_OVER_COOLANT_C * speed_frac

    def _alarms(self) -> bytes:
        """Page 154: how many named alarms there are, then four in a register, the first on top."""
        genset = self._genset
        conditions = [_NOT_ACTIVE] * _NAMED_ALARMS
        if genset.state is GensetState.FAILED:
            cranked_in_vain = genset.fails_to_start or genset.fuel_frac <= 0.0
            conditions[_FAIL_TO_START if cranked_in_vain else _OVERLOAD] = _SHUTDOWN
        if genset.fuel_frac < _LOW_FUEL_FRAC:
            conditions[_LOW_FUEL] = _WARNING
        fours = zip(*(conditions[place::4] for place in range(4)), strict=True)
        return u16(_NAMED_ALARMS) + b"".join(u16(a << 12 | b << 8 | c << 4 | d) for a, b, c, d in fours)

    def _derived(self) -> bytes:
        """Page 6: sums of the phases; power factor is 0.8 as the alternator's plate says."""
        watts = self._genset.power_w
        va = watts / 0.8
        var = va * 0.6
        factor = s16(0.8 * 100 if watts > 0 else 100)
        return b"".join(
            (
                s32(watts),
                u32(va / 3) * 3,
                u32(va),
                s32(var / 3) * 3,
                s32(var),
                factor * 4,
                s16(watts / self._rated_w * 100 * _TENTHS),
                _NO_S16,  # percentage of full var
            )
        )

    def _accumulated(self) -> bytes:
        """Page 7; there is no clock and no maintenance plan in it."""
        genset = self._genset
        energy = u32(self._energy_wh() / _WH_PER_TENTH_KWH)
        return b"".join(
            (
                _NO_U32,
                _NO_S32,
                _NO_U32,
                u32(genset.run_s),
                energy,
                u32(0),
                _NO_U32,
                _NO_U32,
                u32(genset.starts),
            )
        )


def _support_bits() -> bytes:
    """Page 16: a bit for each control key, the first key at the highest bit."""
    words = [0] * 8
    for key in _SUPPORTED:
        index = key - _KEY_BASE
        words[index // 16] |= 1 << 15 - index % 16
    return b"".join(u16(word) for word in words)
