"""IMT Solar Si-RS485 reference cell with temperature sensors: input registers, FC 4 only.

Source: "MODBUS Specification for Irradiance Sensors Si-RS485 Series" (March 2017), confirmed by the
register table that the Hukseflux SR05-D1A3-PV manual gives for its compatible output.
"""

from __future__ import annotations

from simulation.devices.register_map import Block, RegisterMap
from simulation.devices.words import s16, u16
from simulation.modbus.protocol import Space
from simulation.physics.sky import Sky

TURNAROUND_S = 0.005
_TENTHS = 10.0
_MAX_IRRADIANCE_WM2 = 1500.0
_WIND_MS = 1.0


class ReferenceCell(RegisterMap):
    """The sensor beside the panels, in the light wind that their temperature supposes."""

    functions = frozenset({4})

    def __init__(self, sky: Sky) -> None:
        self._sky = sky
        super().__init__([Block(Space.INPUT, 0, 9, self._values)])

    def _values(self) -> bytes:
        sky = self._sky
        irradiance = min(_MAX_IRRADIANCE_WM2, sky.irradiance_wm2)
        cell_c, air_c = sky.cell_temperature_c, sky.ambient_temperature_c
        return b"".join(
            (
                u16(irradiance * _TENTHS),
                u16((cell_c + 25) * _TENTHS),  # 1 and 2: the old unsigned coding, from -25 C
                u16((air_c + 25) * _TENTHS),
                u16(_WIND_MS * _TENTHS),
                u16(0),
                u16((cell_c + 100) * _TENTHS),  # 5 and 6: a middle-aged one, from -100 C
                u16((air_c + 100) * _TENTHS),
                s16(cell_c * _TENTHS),
                s16(air_c * _TENTHS),
            )
        )
