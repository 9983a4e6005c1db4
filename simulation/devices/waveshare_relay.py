"""Waveshare Modbus RTU Relay 16CH: sixteen relays as coils 0 to 15.

Source: Waveshare's wiki page "Modbus RTU Relay 16CH". FC 5 takes 0xFF00 on, 0x0000 off, 0x5500 toggle;
address 0x00FF switches all relays. Holding 0x4000 is the device's address, 0x8000 its version times 100.
The board hangs on the battery, so it answers during a blackout too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from typing_extensions import override

from simulation.devices.register_map import RegisterMap, constant
from simulation.devices.words import u16
from simulation.modbus.protocol import ExceptionCode, ModbusRefusal, Space
from simulation.physics.contactor import Contactor

TURNAROUND_S = 0.005
CHANNELS = 16
_ALL = 0x00FF
_ON, _OFF, _TOGGLE = 0xFF00, 0x0000, 0x5500
_VERSION = 200


class RelayBoard(RegisterMap):
    """The board that moves the feeders' contactors."""

    functions = frozenset({1, 3, 5, 15})

    def __init__(self, contactors: Mapping[int, Contactor], *, unit: int) -> None:
        """`contactors`: what hangs on which channel, counted from 0."""
        self._contactors = contactors
        self._relays = [
            channel in contactors and contactors[channel].energised for channel in range(CHANNELS)
        ]
        self._told: list[bool] | None = None
        super().__init__(
            [constant(Space.HOLDING, 0x4000, u16(unit)), constant(Space.HOLDING, 0x8000, u16(_VERSION))]
        )

    @override
    def freeze(self) -> None:
        """Keep telling the relays' states of now, though they still move."""
        super().freeze()
        self._told = list(self._relays)

    @override
    def thaw(self) -> None:
        """Tell the truth again."""
        super().thaw()
        self._told = None

    @override
    def read_bits(self, space: Space, address: int, count: int) -> Sequence[bool]:
        """Which relays are energised."""
        if address + count > CHANNELS:
            raise ModbusRefusal(ExceptionCode.ADDRESS)
        return (self._told or self._relays)[address : address + count]

    @override
    def write_coil(self, address: int, value: int) -> None:
        """Switch one relay, or all of them."""
        if address >= CHANNELS and address != _ALL:
            raise ModbusRefusal(ExceptionCode.ADDRESS)
        if value not in (_ON, _OFF, _TOGGLE):
            raise ModbusRefusal(ExceptionCode.VALUE)
        for channel in range(CHANNELS) if address == _ALL else (address,):
            self._switch(channel, on=not self._relays[channel] if value == _TOGGLE else value == _ON)

    @override
    def write_coils(self, address: int, values: Sequence[bool]) -> None:
        """Switch several relays."""
        if address + len(values) > CHANNELS:
            raise ModbusRefusal(ExceptionCode.ADDRESS)
        for channel, on in enumerate(values, start=address):
            self._switch(channel, on=on)

    def _switch(self, channel: int, *, on: bool) -> None:
        self._relays[channel] = on
        contactor = self._contactors.get(channel)
        if contactor is not None:
            contactor.energise(on)
