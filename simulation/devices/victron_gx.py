"""Victron GX: one Modbus TCP server, a unit id for each service behind it.

Source: attributes.csv of victronenergy/dbus_modbustcp; exceptions as its backend.cpp gives them. The services
here are com.victronenergy.system, vebus and battery. PV, genset and feeders are all on the AC output of the
inverters; at AC input 1 is the public grid, where the village has one.
"""

from __future__ import annotations

from collections.abc import Callable

from simulation.devices.register_map import Block, RegisterMap
from simulation.devices.words import s16, s32, text, u16, u32, u64
from simulation.modbus.protocol import Space
from simulation.physics.grid import PublicGrid
from simulation.physics.ledger import Ledger
from simulation.physics.storage import Storage
from simulation.physics.village import Village

TURNAROUND_S = 0.0
_DISCONNECTED = 240
_INPUT_1, _SOURCE_GRID = 0, 1
_ALARM = 2
_IDLE_W = 50.0
"""Below it the GX calls the battery idle."""
_BMS_RUNNING = 9
_NO_LIMIT = 0
"""What registers that count tens or hundreds of watts show for -1, 'no limit'."""
_PHASES = 3


class SocGauge:
    """The state of charge as the GX tells it: true, or held by a fault."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._held: float | None = None

    def hold(self) -> None:
        """From now on tell the value of now."""
        self._held = self._storage.soc_frac

    def release(self) -> None:
        """Tell the truth again."""
        self._held = None

    @property
    def frac(self) -> float:
        """What is told, 0 to 1."""
        return self._storage.soc_frac if self._held is None else self._held


class VictronService(RegisterMap):
    """One service of the GX; a GX makes no difference between FC 3 and 4."""

    functions = frozenset({3, 4, 6, 16})

    def __init__(self, *blocks: tuple[int, int, Callable[[], bytes]]) -> None:
        """`blocks`: start, count, contents."""
        super().__init__(
            Block(space, start, count, encode)
            for space in (Space.HOLDING, Space.INPUT)
            for start, count, encode in blocks
        )


def _unknown(start: int, count: int) -> tuple[int, int, Callable[[], bytes]]:
    """Registers that a GX serves without knowing their value: it answers 0."""
    return start, count, lambda: u16(0) * count


def _ac_input(grid: PublicGrid | None) -> bytes:
    """3 to 14: voltages, currents, frequencies and powers of the three phases at AC input 1."""
    if grid is None or not grid.there:
        return u16(0) * 12
    amps = [watts / grid.voltage_v for watts in grid.phase_power_w]
    return b"".join(
        (
            u16(grid.voltage_v * 10) * _PHASES,
            *(s16(each * 10) for each in amps),
            s16(grid.frequency_hz * 100) * _PHASES,
            *(s16(each / 10) for each in grid.phase_power_w),
        )
    )


def vebus_service(storage: Storage, soc: SocGauge, grid: PublicGrid | None = None) -> VictronService:
    """The grid-forming inverters; their output power is positive while they feed the feeders."""

    def output() -> bytes:
        volts, watts = storage.output_voltage_v, [-each for each in storage.phase_power_w]
        amps = [each / volts if volts > 1 else 0.0 for each in watts]
        return b"".join(
            (
                _ac_input(grid),
                u16(volts * 10) * 3,
                *(s16(each * 10) for each in amps),
                s16(storage.frequency_hz * 100),
                s16(0),  # input current limit
                *(s16(each / 10) for each in watts),
                u16(storage.battery_voltage_v * 100),
                s16(storage.battery_current_a * 10),
                u16(3),  # phases
                u16(_DISCONNECTED if grid is None or not grid.connected else _INPUT_1),
                u16(soc.frac * 1000),
                u16(storage.inverter_state),
                u16(0),  # VE.Bus error
                u16(3),  # switched on
                u16(storage.temperature_alarm),
                u16(storage.low_battery_alarm),
                u16(storage.overload_alarm),
            )
        )

    def phase_alarms() -> bytes:
        each = (storage.temperature_alarm, storage.low_battery_alarm, storage.overload_alarm, 0)
        return b"".join(u16(alarm) for alarm in (0, 0, *each * 3))  # 42, 43: sensors

    def charge_state() -> bytes:
        phases = {3: 1, 4: 2, 5: 3}  # bulk, absorption, float
        return u16(phases.get(storage.inverter_state, 9))

    return VictronService(
        (3, 34, output),
        _unknown(37, 5),  # ESS setpoints: none; charge and feed-in are not disabled
        (42, 14, phase_alarms),
        _unknown(56, 1),
        (57, 4, lambda: u16(1) * 3 + u16(0)),  # the BMS allows charge and discharge, is expected, no error
        (61, 1, lambda: s16(storage.battery_temperature_c * 10)),
        _unknown(62, 2),  # phase rotation
        (64, 1, lambda: u16(0 if grid is None or grid.there else _ALARM)),  # grid lost
        _unknown(65, 9),  # what ESS tells the inverters
        _unknown(74, 20),  # energy counters: the inverters have just started
        (94, 2, lambda: u16(0) + charge_state()),  # no BMS pre-alarm
        (130, 8, lambda: u32(storage.inverter.rated_w) + u32(storage.inverter.rated_w / _PHASES) * _PHASES),
    )


def battery_service(storage: Storage, soc: SocGauge, ledger: Ledger, *, capacity_ah: float) -> VictronService:
    """The battery's own monitor: charging is positive."""

    def measured() -> bytes:
        watts = storage.battery_power_w
        return b"".join(
            (
                s32(watts),
                s16(watts),
                u16(storage.battery_voltage_v * 100),
                u16(0),
                s16(storage.battery_current_a * 10),
                s16(storage.battery_temperature_c * 10),
                u16(0) * 2,
                u16((1 - soc.frac) * capacity_ah * 10),
                u16(soc.frac * 1000),
            )
        )

    def alarms() -> bytes:
        low, hot = storage.low_battery_alarm, storage.temperature_alarm
        standing = 2 if 2 in (low, hot) else 0
        return b"".join(u16(each) for each in (standing, low, 0, 0, 0, low, 0, hot, 0, 0, 0, 0, 0))

    def limits() -> bytes:
        soh = storage.soh_frac * 1000
        drawn_a = max(1.0, -storage.battery_current_a)
        left_s = soc.frac * capacity_ah / drawn_a * 3600
        return b"".join(u16(each) for each in (left_s / 100, soh, 576, 460, 6000, 6000, capacity_ah * 10))

    def cells() -> bytes:
        return u16(storage.cell_voltage_min_v * 100) + u16(storage.cell_voltage_max_v * 100)

    return VictronService(
        (256, 11, measured),
        (267, 13, alarms),
        _unknown(280, 21),  # history of a new battery
        (301, 2, lambda: u16(ledger.battery_out / 100) + u16(ledger.battery_in / 100)),
        (303, 7, limits),
        _unknown(310, 8),
        (318, 2, lambda: s16(storage.battery_temperature_c * 10) * 2),
        _unknown(320, 10),  # further alarms
        (1282, 2, lambda: u16(_BMS_RUNNING) + u16(0)),
        _unknown(1284, 6),
        (1290, 2, cells),
        _unknown(1292, 5),
        (1297, 2, lambda: u16(1) * 2),  # the BMS allows charge and discharge
        (1302, 4, lambda: b"".join(u16(each) for each in (0, 1, 0, 0))),
    )


class SystemService(VictronService):
    """The overview that the GX makes of everything."""

    def __init__(self, village: Village, soc: SocGauge, *, serial: str, unix_s: Callable[[], float]) -> None:
        """`unix_s`: the date and time that the GX tells."""
        self._village = village
        self._storage = village.storage
        self._grid = village.grid
        self._soc = soc
        self._unix_s = unix_s
        super().__init__(
            (800, 6, lambda: text(serial, 6)),
            (806, 28, self._ac),
            (840, 5, self._battery),
            _unknown(834, 6),
            _unknown(845, 21),  # no DC-coupled PV, no DC loads
            (866, 1, lambda: s16(self._storage.battery_power_w)),
            (868, 22, self._in_32_bits),
            (2700, 9, self._settings),
            _unknown(2709, 9),  # peak shaving, and 2716: no other setpoint is asked for
            (2900, 4, lambda: b"".join(u16(each) for each in (10, 100, 1, 100))),  # ESS: minimum SoC 10 %
        )

    @staticmethod
    def _settings() -> bytes:
        """2700 on: grid setpoint 50 W, 100 % twice, the setpoint again; no limits; surplus is kept back."""
        return b"".join(
            (s16(50), u16(100) * 2, s16(0), s16(_NO_LIMIT), s16(-1), s16(_NO_LIMIT), u16(0), u16(1))
        )

    def _pv_w(self) -> list[float]:
        """Of each phase, a magnitude."""
        return [sum(plant.ac_power_w for plant in self._village.pv.values()) / 3] * 3

    def _load_w(self) -> list[float]:
        """Of each phase."""
        feeders = self._village.feeders.values()
        return [sum(watts) for watts in zip(*(each.phase_power_w for each in feeders), strict=True)]

    def _grid_w(self) -> tuple[float, float, float]:
        """Of each phase; drawn > 0."""
        return (0.0, 0.0, 0.0) if self._grid is None else self._grid.phase_power_w

    def _ac(self) -> bytes:
        genset_w = self._village.genset.power_w / 3 if self._village.genset else 0.0
        return b"".join(
            (
                u16(0) * 2,  # 806, 807: the GX's own relays
                *(u16(each) for each in self._pv_w()),
                u16(0) * 6,  # no PV on grid or genset
                *(u16(each) for each in self._load_w()),
                *(s16(each) for each in self._grid_w()),
                s16(genset_w) * 3,
                s16(_SOURCE_GRID if self._grid is not None and self._grid.connected else _DISCONNECTED),
                u16(0) * 3,
                u64(self._unix_s()),
            )
        )

    def _battery(self) -> bytes:
        watts = self._storage.battery_power_w
        state = 0 if abs(watts) < _IDLE_W else 1 if watts > 0 else 2
        return b"".join(
            (
                u16(self._storage.battery_voltage_v * 10),
                s16(self._storage.battery_current_a * 10),
                s16(watts),
                u16(self._soc.frac * 100),
                u16(state),
            )
        )

    def _in_32_bits(self) -> bytes:
        """868 on: the same powers again, for plants beyond 32 kW."""
        return b"".join(
            (
                s32(self._storage.battery_current_a * 10),
                s32(self._storage.battery_power_w),
                *(s32(each) for each in self._grid_w()),
                *(s32(each) for each in self._load_w()),
                *(u32(each) for each in self._pv_w()),
            )
        )
