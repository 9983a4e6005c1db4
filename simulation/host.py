"""The village without its sockets: devices on buses, faults, and answers to control requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from controller.clock import Clock
from controller.settings import Config
from simulation.control import (
    ClearRequest,
    ControlRefusedError,
    ControlRequest,
    FaultRequest,
    GridRequest,
    LoadRequest,
)
from simulation.devices.catalogue import VirtualDevice, build_device
from simulation.faults import Fault, FaultKind, Faults
from simulation.live import LiveVillage
from simulation.modbus.bus import Bus, Station
from simulation.physics.genset import AUTO, MANUAL, STOP
from simulation.physics.village import Village
from simulation.truth import truth

_PANEL = {"stop": STOP, "auto": AUTO, "manual": MANUAL}


class VillageHost:
    """Everything of the village but its sockets."""

    def __init__(self, config: Config, village: Village, clock: Clock, started_s: float) -> None:
        """`started_s`: the clock's `monotonic` at the village's `start_utc`. Raises UnknownDeviceError."""
        self.config = config
        self.live = LiveVillage(village, clock, started_s)
        self.faults = Faults(lambda: village.now_s, self._fault_changed)
        self.devices: dict[str, VirtualDevice] = {
            device_id: build_device(device_id, config, village, lambda: clock.utc_now().timestamp())
            for device_id in config.devices
        }
        self.buses = {bus_id: self._bus(bus_id) for bus_id in config.buses}

    def handle(self, request: ControlRequest) -> Mapping[str, Any]:
        """Carry out a control request. Raises ControlRefusedError."""
        self.live.advance()
        if request.truth:
            return truth(self.live, self.faults, self.buses.values())
        if request.fault:
            self._inject(request.fault)
        elif request.clear:
            return {"ok": True, "cleared": self._clear(request.clear)}
        elif request.load:
            self._load(request.load)
        elif request.grid:
            self._switch_grid(request.grid)
        elif request.panel is not None:
            self._turn_panel(request.panel)
        elif request.soc is not None:
            self.live.village.set_soc(request.soc)
        self.live.advance()
        return {"ok": True}

    def _inject(self, request: FaultRequest) -> None:
        self._require(request.device, self.devices, "device")
        self._require(request.line, self.buses, "line")
        self._require(request.feeder, self.live.village.feeders, "feeder")
        self._require_fitting(request)
        self.faults.inject(request.fault(self.live.village.now_s))

    def _require_fitting(self, request: FaultRequest) -> None:
        """Some faults exist in one kind of device only."""
        genset = self.config.genset.device if self.config.genset else None
        if request.kind is FaultKind.GENSET_FAILS_TO_START and request.device != genset:
            raise ControlRefusedError(f"{request.device} is not the genset, which is {genset}")
        if request.kind is FaultKind.FROZEN_SOC and self.devices[request.device or ""].soc_gauge is None:
            raise ControlRefusedError(f"{request.device} does not tell a state of charge")

    def _clear(self, request: ClearRequest) -> int:
        return self.faults.clear(request.id, request.kind)

    def _load(self, request: LoadRequest) -> None:
        self._require(request.feeder, self.live.village.feeders, "feeder")
        self.live.village.add_load(request.feeder, request.watts, request.for_s)

    def _switch_grid(self, request: GridRequest) -> None:
        village = self.live.village
        try:
            if request.there:
                village.give_grid_back()
            else:
                village.take_grid_away(request.for_s)
        except LookupError as error:
            raise ControlRefusedError(str(error)) from error

    def _turn_panel(self, mode: str) -> None:
        genset = self.live.village.genset
        if genset is None:
            raise ControlRefusedError("there is no genset whose panel could be turned")
        genset.set_mode(_PANEL[mode])

    @staticmethod
    def _require(name: str | None, known: Mapping[str, object], what: str) -> None:
        if name is not None and name not in known:
            raise ControlRefusedError(f"no {what} {name!r}; there are {', '.join(known)}")

    def _bus(self, bus_id: str) -> Bus:
        stations: dict[int, Station] = {}
        for device_id, device in self.devices.items():
            if self.config.devices[device_id].bus == bus_id:
                stations.update(device.stations)
        return Bus(bus_id, stations, self.faults, freshen=self.live.freshen)

    def _fault_changed(self, fault: Fault, stands: bool) -> None:
        """Faults that sit in a device or in the plant, not on the way to it."""
        village = self.live.village
        if fault.kind is FaultKind.STUCK_CONTACTOR:
            contactor = village.feeders[fault.target].contactor
            contactor.stuck = contactor.closed if stands else None
        elif fault.kind is FaultKind.GENSET_FAILS_TO_START and village.genset is not None:
            village.genset.fails_to_start = stands
        elif fault.kind is FaultKind.FROZEN:
            for registers in self.devices[fault.target].maps:
                registers.freeze() if stands else registers.thaw()
        elif fault.kind is FaultKind.FROZEN_SOC:
            gauge = self.devices[fault.target].soc_gauge
            if gauge is not None:
                gauge.hold() if stands else gauge.release()
