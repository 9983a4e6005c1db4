"""The village without Modbus: process images straight from the physics, decisions straight back to them.

For benchmarks and trials that would take days over field buses. What `decide` sees has the points, signs and
health that the drivers would give, unrounded; a device that is silent grows stale and is lost as on a bus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from controller.core.model import LOST, Decision, Health, ProcessImage, Reading, Role, Site
from controller.settings import Config
from controller.site import site_from
from simulation.direct_points import Points, points_of
from simulation.faults import Fault, FaultKind, Faults
from simulation.physics.village import Village

_STALE_S, _LOST_S = 3.0, 30.0
"""As the drivers judge a value that should be new every second."""
_REVERT_S = 300.0
"""A PV limit that is not renewed for so long lapses in the inverter."""
_KINDS = frozenset(
    {
        FaultKind.SILENT,
        FaultKind.LOST_LINE,
        FaultKind.FROZEN,
        FaultKind.FROZEN_SOC,
        FaultKind.STUCK_CONTACTOR,
        FaultKind.GENSET_FAILS_TO_START,
    }
)
"""Faults that mean something where there are no frames to delay or to garble."""


class DirectVillage:
    """A village that is looked at and told what to do without a bus in between.

    A tick is: `advance` to its moment, `image`, decide, `apply`.
    """

    def __init__(
        self, config: Config, village: Village, *, start_utc: datetime, started_s: float = 1000.0
    ) -> None:
        """`started_s`: what the monotonic clock shows at the village's `start_utc`."""
        self.config = config
        self.site: Site = site_from(config)
        self.village = village
        self.faults = Faults(lambda: village.now_s, self._fault_changed)
        self._start_utc = start_utc
        self._started_s = started_s
        self._points = {
            id_: points_of(device.role, id_, config, village) for id_, device in config.devices.items()
        }
        self._told: dict[str, tuple[float, Points]] = {}
        """Device -> when it last answered, and what."""
        self._held: dict[str, Points] = {}
        """Device with a fault -> points that it keeps telling."""

    @property
    def monotonic_s(self) -> float:
        """The present on the clock that images carry."""
        return self._started_s + self.village.now_s

    @property
    def utc(self) -> datetime:
        """The present, as aware UTC."""
        return self._start_utc + timedelta(seconds=self.village.now_s)

    def advance(self, duration_s: float) -> None:
        """Let the physics go on."""
        self.village.advance(self.village.now_s + duration_s)
        self.faults.expire()

    def image(self, tick: int) -> ProcessImage:
        """What the controller sees now."""
        self.faults.expire()
        return ProcessImage(
            tick=tick,
            monotonic_s=self.monotonic_s,
            at=self.utc,
            clock_synchronised=True,
            devices={device: self._readings(device) for device in self._points},
        )

    def apply(self, decision: Decision) -> None:
        """Carry out what was decided, openings before closings; a silent device does nothing."""
        self.faults.expire()
        wanted = [
            (each.closed, feeder) for feeder, each in decision.feeders.items() if each.closed is not None
        ]
        for closed, feeder_id in sorted(wanted):
            switch = self.config.feeders[feeder_id].switch
            if self._hears(switch.device):
                energised = closed == (switch.closed_when == "energised")
                self.village.feeders[feeder_id].contactor.energise(energised)
        for device, frac in decision.pv_limit_frac.items():
            if self._hears(device):
                self.village.pv[device].set_limit(frac, enabled=frac < 1.0, revert_s=_REVERT_S)
        genset = self.village.genset
        if genset is None or self.config.genset is None or decision.genset_run is None:
            return
        if self._hears(self.config.genset.device):
            genset.telemetry_start(decision.genset_run)

    def inject(self, fault: Fault) -> None:
        """Break something. Raises ValueError where the fault or its target makes no sense here."""
        match fault.kind:
            case FaultKind.LOST_LINE:
                known = frozenset(self.config.buses)
            case FaultKind.STUCK_CONTACTOR:
                known = frozenset(self.config.feeders)
            case _:
                known = frozenset(self.config.devices)
        if fault.kind not in _KINDS or fault.target not in known:
            raise ValueError(f"{fault.kind} of {fault.target!r} means nothing to a village without buses")
        self.faults.inject(fault)

    def _hears(self, device: str) -> bool:
        """Whether a device answers and obeys."""
        silent = self.faults.find(FaultKind.SILENT, device)
        lost = self.faults.find(FaultKind.LOST_LINE, self.config.devices[device].bus)
        meter = self.config.devices[device].role is Role.METER
        # Meters sit before the contactors and live on the voltage of the bus.
        return silent is None and lost is None and (self.village.storage.alive or not meter)

    def _readings(self, device: str) -> Mapping[str, Reading]:
        now_s = self.village.now_s
        if self._hears(device):
            told = {**self._points[device](), **self._held.get(device, {})}
            self._told[device] = (now_s, told)
        at_s, points = self._told.get(device, (now_s, {}))
        age_s = now_s - at_s
        if age_s > _LOST_S:
            return dict.fromkeys(points, Reading(None, age_s, Health.LOST))
        health = Health.GOOD if age_s <= _STALE_S else Health.STALE
        return {
            name: LOST if value is None else Reading(value, age_s, health) for name, value in points.items()
        }

    def _fault_changed(self, fault: Fault, stands: bool) -> None:
        """Faults that sit in a device or in the plant, not on the way to it."""
        village, target = self.village, fault.target
        match fault.kind:
            case FaultKind.STUCK_CONTACTOR:
                contactor = village.feeders[target].contactor
                contactor.stuck = contactor.closed if stands else None
            case FaultKind.GENSET_FAILS_TO_START:
                if village.genset is not None:
                    village.genset.fails_to_start = stands
            case FaultKind.FROZEN:
                self._hold(target, lambda _: True, stands=stands)
            case FaultKind.FROZEN_SOC:
                self._hold(target, lambda point: point == "battery_soc_frac", stands=stands)

    def _hold(self, device: str, which: Callable[[str], bool], *, stands: bool) -> None:
        if not stands:
            self._held.pop(device, None)
            return
        self._held[device] = {name: value for name, value in self._points[device]().items() if which(name)}
