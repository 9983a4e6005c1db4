"""A three-phase SunSpec inverter with power limit: `SunS` at 40000, then models 1, 103, 120 to 123, 160.

Only the power limit of model 123 can be written. As the standard has it, a limit takes
effect when WMaxLim_Ena is written 1, and ends RvrtTms seconds later (0: never) unless it is written again.
"""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import override

from simulation.devices import sunspec_models as models
from simulation.devices.register_map import Block, RegisterMap, constant
from simulation.devices.words import s16, u16
from simulation.modbus.protocol import ExceptionCode, ModbusRefusal, Space
from simulation.physics.pv import PvPlant

TURNAROUND_S = 0.0
BASE = 40000
_MPP_VOLTAGE_V = 620.0
_OFF = 1
# Offsets in model 123, its header included.
_LIMIT, _WINDOW, _REVERT, _RAMP, _ENABLE = 5, 6, 7, 8, 9
_WRITABLE = (_LIMIT, _WINDOW, _REVERT, _RAMP, _ENABLE)
_FULL = 10000
"""100 % in units of LIMIT_SF."""


class SunSpecInverter(RegisterMap):
    """The inverter of a PV plant."""

    functions = frozenset({3, 6, 16})

    def __init__(self, plant: PvPlant, *, unit: int, serial: str) -> None:
        self._plant = plant
        self._power_sf = 0 if plant.ac_rated_w <= models.SHORT_MAX_W else 1
        self._stored = {_LIMIT: _FULL, _WINDOW: 0, _REVERT: 0, _RAMP: 0, _ENABLE: 0}
        rated = plant.ac_rated_w
        blocks: list[Block] = []

        def add(block: Block) -> int:
            blocks.append(block)
            return block.end

        at = add(constant(Space.HOLDING, BASE, models.MARK + models.common(serial, unit)))
        at = add(Block(Space.HOLDING, at, 52, lambda: models.inverter(self._state())))
        at = add(constant(Space.HOLDING, at, models.nameplate(rated, self._power_sf)))
        at = add(constant(Space.HOLDING, at, models.settings(rated, self._power_sf)))
        at = add(Block(Space.HOLDING, at, 46, self._status))
        self._controls = at
        at = add(Block(Space.HOLDING, at, 26, self._immediate_controls))
        at = add(Block(Space.HOLDING, at, 30, lambda: models.mppt(self._state())))
        add(constant(Space.HOLDING, at, models.END))
        super().__init__(blocks)

    @override
    def write_registers(self, address: int, words: Sequence[int]) -> None:
        """Set the power limit; all or nothing."""
        offsets = range(address - self._controls, address - self._controls + len(words))
        written = dict(zip(offsets, words, strict=True))
        if any(offset not in _WRITABLE for offset in written):
            raise ModbusRefusal(ExceptionCode.ADDRESS)
        if written.get(_LIMIT, 0) > _FULL or written.get(_ENABLE, 0) > 1:
            raise ModbusRefusal(ExceptionCode.VALUE)
        self._stored.update(written)
        if _ENABLE in written:
            self._plant.set_limit(
                self._stored[_LIMIT] / _FULL, bool(written[_ENABLE]), float(self._stored[_REVERT])
            )

    def _state(self) -> models.InverterState:
        plant = self._plant
        return models.InverterState(
            ac_power_w=plant.ac_power_w,
            dc_power_w=plant.dc_power_w,
            energy_wh=plant.energy_wh,
            voltage_v=plant.voltage_v,
            frequency_hz=plant.frequency_hz,
            cabinet_temperature_c=plant.cabinet_temperature_c,
            operating_state=plant.operating_state,
            power_sf=self._power_sf,
            dc_voltage_v=_MPP_VOLTAGE_V if plant.dc_power_w > 0 else 0.0,
        )

    def _status(self) -> bytes:
        plant = self._plant
        return models.status(
            self._state(), connected=plant.operating_state > _OFF, limited=plant.limit_enabled
        )

    def _immediate_controls(self) -> bytes:
        """Model 123; the limit's flag falls by itself when the limit has reverted."""
        stored = self._stored
        return models.model(
            123,
            u16(0) * 2,
            u16(1),
            u16(stored[_LIMIT]),
            u16(stored[_WINDOW]),
            u16(stored[_REVERT]),
            u16(stored[_RAMP]),
            u16(1 if self._plant.limit_enabled else 0),
            s16(100),
            u16(0) * 3,
            u16(0),
            models.NO_S16 * 3,
            models.NO_U16 * 4,
            u16(0),
            s16(models.LIMIT_SF),
            s16(models.PF_SF),
            models.NO_S16,
        )
