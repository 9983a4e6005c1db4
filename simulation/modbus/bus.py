"""One bus of the village: which device answers at which unit id, and what faults make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulation.faults import Fault, FaultKind, Faults
from simulation.modbus.protocol import WRITES, Registers, answer, exception_reply


@dataclass(frozen=True, slots=True)
class Station:
    """A device at a unit id."""

    device_id: str
    registers: Registers
    turnaround_s: float
    """From the end of a request to the start of the answer, on the village's clock."""
    powered: Callable[[], bool] = lambda: True
    """Whether it has the supply it needs to answer at all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes back for one request."""

    pdu: bytes | None
    """None: nothing."""
    turnaround_s: float = 0.0
    late_s: float = 0.0
    """How much later than it should, on the village's clock."""
    noise: float = 0.0
    """Probability that the answer is spoilt on its way."""


NOTHING = Outcome(None)


class Bus:
    """Serves requests for the stations of one line or one TCP address."""

    def __init__(
        self, bus_id: str, stations: Mapping[int, Station], faults: Faults, *, freshen: Callable[[bool], None]
    ) -> None:
        """`freshen(writing)` brings the physics up to date before registers are read or written."""
        self.bus_id = bus_id
        self.stations = stations
        self.requests = 0
        """How many were served, answered or not."""
        self._faults = faults
        self._freshen = freshen

    @property
    def lost(self) -> bool:
        """Whether the line carries nothing at the moment."""
        return self._faults.find(FaultKind.LOST_LINE, self.bus_id) is not None

    def knows(self, unit: int) -> bool:
        """Whether a device has this unit id."""
        return unit in self.stations

    def serve(self, unit: int, pdu: bytes) -> Outcome:
        """What the device at `unit` says to a request; nothing where there is none or it is silent."""
        station = self.stations.get(unit)
        self.requests += 1
        if station is None or self.lost:
            return NOTHING
        self._freshen(pdu[0] in WRITES)
        if not station.powered() or self._fault(FaultKind.SILENT, station):
            return NOTHING
        refusal = self._fault(FaultKind.EXCEPTION, station)
        reply = exception_reply(pdu[0], refusal.code) if refusal else answer(station.registers, pdu)
        if pdu[0] in WRITES:
            self._freshen(True)
        late, noise = self._fault(FaultKind.LATE, station), self._fault(FaultKind.NOISE, station)
        return Outcome(
            reply,
            station.turnaround_s,
            late_s=late.delay_s if late else 0.0,
            noise=noise.probability if noise else 0.0,
        )

    def broadcast(self, pdu: bytes) -> None:
        """A request to unit 0 of a serial line: all obey writes, nobody answers."""
        if pdu[0] in WRITES:
            for unit in self.stations:
                self.serve(unit, pdu)

    def _fault(self, kind: FaultKind, station: Station) -> Fault | None:
        return self._faults.find(kind, station.device_id, self.bus_id)
