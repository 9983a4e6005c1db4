"""Battery and grid-forming inverters together: they form the bus and take whatever power is left over."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.physics.battery import Battery
from simulation.physics.genset import Genset
from simulation.physics.grid import PublicGrid
from simulation.physics.inverter import Inverter, pv_share
from simulation.physics.loads import Phases
from simulation.physics.pv import PvPlant

STATE_OFF, STATE_FAULT, STATE_BULK, STATE_ABSORPTION, STATE_FLOAT, STATE_INVERTING = 0, 2, 3, 4, 5, 9
"""Victron states of operation."""

_ALARM_RATIO, _WARNING_RATIO = 1.10, 1.00
_CUT_SOC, _RESTART_SOC, _BARE_SOC = 0.02, 0.06, 0.002
_CUT_CELL_V, _CUT_CELL_S = 2.80, 3.0
_SUN_START_WM2 = 200.0
_SUN_START_S, _SUN_START_REST_S = 3600.0, 7200.0
_SUN_START_SPENDS_SOC = 0.003
_FULL_SOC, _NEARLY_FULL_SOC = 0.995, 0.96
_DEAD: Phases = (0.0, 0.0, 0.0)


def throttle(plants: Sequence[PvPlant], room_w: float) -> float:
    """The largest share of their rated powers at which the plants together feed in no more than room_w."""
    if sum(plant.available_w for plant in plants) <= room_w:
        return 1.0
    left_w, rated_w = max(0.0, room_w), sum(plant.ac_rated_w for plant in plants)
    for plant in sorted(plants, key=lambda plant: plant.available_w / plant.ac_rated_w):
        if plant.available_w / plant.ac_rated_w >= left_w / rated_w:
            break
        left_w -= plant.available_w
        rated_w -= plant.ac_rated_w
    return left_w / rated_w


class Storage:
    """AC power is < 0 while feeding the feeders, battery power > 0 while charging."""

    def __init__(self, energy_wh: float, inverter_w: float, soc_frac: float, ambient_c: float) -> None:
        self.battery = Battery(energy_wh, soc_frac, ambient_c)
        self.inverter = Inverter(inverter_w)
        self.alive = True
        """Whether the bus is up."""
        self.ac_power_w = 0.0
        self.phase_power_w = _DEAD
        self.soh_frac = 0.98
        self._drained = False
        self._cut_soc = _CUT_SOC
        self._weak_s = 0.0
        self._sun_start_left_s = 0.0
        self._sun_start_rest_s = 0.0

    @property
    def battery_power_w(self) -> float:
        """At the battery's terminals."""
        return self.battery.power_w

    @property
    def battery_current_a(self) -> float:
        """Charging > 0."""
        return self.battery.current_a

    @property
    def battery_voltage_v(self) -> float:
        """At the battery's terminals."""
        return self.battery.voltage_v

    @property
    def battery_temperature_c(self) -> float:
        """Of the cells."""
        return self.battery.temperature_c

    @property
    def soc_frac(self) -> float:
        """State of charge, 0 to 1."""
        return self.battery.soc_frac

    @property
    def cell_voltage_min_v(self) -> float:
        """Of the weakest cell."""
        return self.battery.cell_voltage_min_v

    @property
    def cell_voltage_max_v(self) -> float:
        """Of the fullest cell."""
        return self.battery.cell_voltage_max_v

    @property
    def output_voltage_v(self) -> float:
        """Of the bus, phase to neutral; 0 while it is dead."""
        return self.inverter.voltage_v

    @property
    def frequency_hz(self) -> float:
        """Of the bus; 0 while it is dead."""
        return self.inverter.frequency_hz

    @property
    def overload_alarm(self) -> int:
        """0 none, 1 warning (above the continuous power), 2 alarm (10 % above, or tripped)."""
        if self.inverter.faulted or self.inverter.load_ratio > _ALARM_RATIO:
            return 2
        return 1 if self.inverter.load_ratio > _WARNING_RATIO else 0

    @property
    def low_battery_alarm(self) -> int:
        """0 none, 1 warning, 2 alarm."""
        soc_frac, cell_v = self.soc_frac, self.cell_voltage_min_v
        if soc_frac < 0.05 or cell_v < 2.90:
            return 2
        return 1 if soc_frac < 0.10 or cell_v < 3.00 else 0

    @property
    def temperature_alarm(self) -> int:
        """0 none, 1 warning, 2 alarm."""
        temperature_c = self.battery_temperature_c
        if temperature_c > 55.0 or temperature_c < 0.0:
            return 2
        return 1 if temperature_c > 47.0 or temperature_c < 3.0 else 0

    @property
    def inverter_state(self) -> int:
        """Victron state of operation."""
        if self.inverter.faulted:
            return STATE_FAULT
        if not self.alive:
            return STATE_OFF
        if self.battery_power_w <= 0.0:
            return STATE_FLOAT if self.soc_frac > _FULL_SOC and self.ac_power_w >= 0.0 else STATE_INVERTING
        if self.soc_frac > _FULL_SOC:
            return STATE_FLOAT
        return STATE_ABSORPTION if self.soc_frac > _NEARLY_FULL_SOC else STATE_BULK

    @property
    def waking(self) -> bool:
        """Whether the bus is about to come back, with the inrush that brings."""
        return not (self.alive or self._drained or self.inverter.faulted)

    @property
    def restart_in_s(self) -> float | None:
        """Seconds until the next try after a trip; None while not tripped."""
        return self.inverter.restart_in_s if self.inverter.faulted else None

    def supervise(self, dt_s: float, sun_wm2: float, fed: bool) -> None:
        """Decide whether the bus is up for the next dt_s: low battery, trips, restarts, black start.

        fed: genset or grid hold it up even with an empty battery.
        """
        soc_frac = self.battery.stored_wh / self.battery.energy_wh
        self._sun_start_left_s = max(0.0, self._sun_start_left_s - dt_s)
        self._sun_start_rest_s = max(0.0, self._sun_start_rest_s - dt_s)
        if self._drained:
            self._try_restart(soc_frac, sun_wm2)
        else:
            starting = self._sun_start_left_s > 0.0
            weak = self.cell_voltage_min_v < _CUT_CELL_V and not starting
            self._weak_s = self._weak_s + dt_s if weak else 0.0
            self._drained = (
                soc_frac <= (self._cut_soc if starting else _CUT_SOC) or self._weak_s > _CUT_CELL_S
            )
        alive = not self.inverter.faulted and (not self._drained or fed)
        if alive and not self.alive:
            self.inverter.wake()
        self.alive = alive

    def balance(
        self, load_w: Phases, plants: Sequence[PvPlant], genset: Genset | None, dt_s: float, ambient_c: float
    ) -> float:
        """Balance a live bus for dt_s: throttle PV, load the genset, take the rest. Returns losses [W]."""
        inverter, battery = self.inverter, self.battery
        total_w = load_w[0] + load_w[1] + load_w[2]
        charge_w = inverter.ac_for_dc_w(battery.charge_limit_w)
        on_load = genset is not None and genset.on_load
        reserved_w = genset.least_load_w if genset is not None and on_load else 0.0
        inverter.steer(throttle(plants, total_w + charge_w - reserved_w), dt_s)
        share = pv_share(inverter.frequency_hz)
        supply_w = 0.0
        for plant in plants:
            plant.produce(share, dt_s, inverter.voltage_v, inverter.frequency_hz, ambient_c)
            supply_w += plant.ac_power_w
        if genset is not None:
            supply_w += genset.deliver(total_w - supply_w, charge_w, dt_s, alone=self._drained)
        third_w = supply_w / 3.0
        self.phase_power_w = phases = (third_w - load_w[0], third_w - load_w[1], third_w - load_w[2])
        self.ac_power_w = supply_w - total_w
        loss_w = inverter.loss_w(self.ac_power_w)
        loss_w += battery.apply(self.ac_power_w - loss_w, dt_s, ambient_c)
        inverter.carry(_DEAD if self._drained else phases, dt_s)
        return loss_w

    def follow(
        self,
        grid: PublicGrid,
        load_w: Phases,
        plants: Sequence[PvPlant],
        genset: Genset | None,
        dt_s: float,
        ambient_c: float,
    ) -> float:
        """Follow a live grid for dt_s: it takes what is left over, the battery fills. Returns losses [W].

        Within the agreed import the battery is charged; beyond it the inverters help. At the grid's frequency
        PV cannot be throttled: what neither load nor battery takes flows out.
        """
        inverter, battery = self.inverter, self.battery
        inverter.frequency_hz = grid.frequency_hz
        supply_w = 0.0
        for plant in plants:
            plant.produce(1.0, dt_s, inverter.voltage_v, inverter.frequency_hz, ambient_c)
            supply_w += plant.ac_power_w
        total_w = load_w[0] + load_w[1] + load_w[2]
        charge_w = inverter.ac_for_dc_w(battery.charge_limit_w)
        if genset is not None:
            supply_w += genset.deliver(total_w - supply_w, charge_w, dt_s, alone=False)
        self.ac_power_w = min(charge_w, grid.import_w - (total_w - supply_w))
        if self._drained:
            self.ac_power_w = max(0.0, self.ac_power_w)
        third_w, own_w = supply_w / 3.0, self.ac_power_w / 3.0
        self.phase_power_w = (third_w - load_w[0], third_w - load_w[1], third_w - load_w[2])
        one, two, three = self.phase_power_w
        grid.take((own_w - one, own_w - two, own_w - three))
        loss_w = inverter.loss_w(self.ac_power_w)
        loss_w += battery.apply(self.ac_power_w - loss_w, dt_s, ambient_c)
        inverter.carry((own_w, own_w, own_w), dt_s)
        inverter.voltage_v = grid.voltage_v
        return loss_w

    def rest(self, plants: Sequence[PvPlant], genset: Genset | None, dt_s: float, ambient_c: float) -> float:
        """Let a dead bus be for dt_s; returns the losses [W]."""
        self.ac_power_w, self.phase_power_w = 0.0, _DEAD
        self.inverter.rest(dt_s)
        for plant in plants:
            plant.produce(0.0, dt_s, 0.0, 0.0, ambient_c)
        if genset is not None:
            genset.deliver(0.0, 0.0, dt_s, alone=False)
        return self.battery.apply(0.0, dt_s, ambient_c)

    def _try_restart(self, soc_frac: float, sun_wm2: float) -> None:
        """After a low-battery cut: start when it has recovered, or by a relay when the sun is up.

        PV inverters need the bus, so an attempt spends a little of the last reserve to let them connect.
        """
        if soc_frac > _RESTART_SOC:
            self._drained = False
        elif sun_wm2 > _SUN_START_WM2 and soc_frac > _BARE_SOC and self._sun_start_rest_s <= 0.0:
            self._drained = False
            self._cut_soc = max(_BARE_SOC, soc_frac - _SUN_START_SPENDS_SOC)
            self._sun_start_left_s = _SUN_START_S
            self._sun_start_rest_s = _SUN_START_REST_S
