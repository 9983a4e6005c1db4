"""A village for tests of the core: a site, a builder of process images, and a little physics behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from controller.core.decide import decide
from controller.core.model import (
    Ask,
    Battery,
    ClassRules,
    Decision,
    Event,
    Feeder,
    GensetSpec,
    Health,
    Memory,
    Plan,
    PriorityClass,
    ProcessImage,
    ProtectionLimits,
    PvInverter,
    Reading,
    SharingRules,
    Site,
    SwitchPoint,
    Text,
)
from controller.core.reasons import render

NOON = datetime(2026, 4, 1, 5, 0, tzinfo=UTC)
CRITICAL, ESSENTIAL, HOUSEHOLD, FLEXIBLE = PriorityClass
HOUSES = ("houses_a", "houses_b", "houses_c", "houses_d")


def feeder(feeder_id: str, priority: PriorityClass, channel: int, households: int, rated_w: float) -> Feeder:
    """A feeder behind a normally-closed contactor, with a meter."""
    switch = SwitchPoint("relays", channel, closed_when_energised=False)
    name = Text(f"สาย {channel}", feeder_id.replace("_", " ").title())
    return Feeder(feeder_id, name, priority, households, switch, f"meter_{feeder_id}", rated_w)


FEEDERS = (
    feeder("clinic", CRITICAL, 1, 1, 3000),
    feeder("school", ESSENTIAL, 2, 1, 5000),
    feeder("street", ESSENTIAL, 3, 1, 1500),
    feeder("pump", FLEXIBLE, 4, 1, 5000),
    feeder("houses_a", HOUSEHOLD, 5, 16, 8000),
    feeder("houses_b", HOUSEHOLD, 6, 15, 8000),
    feeder("houses_c", HOUSEHOLD, 7, 15, 8000),
    feeder("houses_d", HOUSEHOLD, 8, 14, 8000),
)


def make_site(feeders: tuple[Feeder, ...] = FEEDERS) -> Site:
    """Ban Wang Won, as in config.yaml."""
    return Site(
        id="ban-wang-won",
        name=Text("บ้านวังวน", "Ban Wang Won"),
        feeders=feeders,
        pv=tuple(PvInverter(id_, Text("แผง", "Array"), 18000) for id_ in ("pv_south", "pv_east")),
        battery=Battery("battery", 120000, 24000, 0.20),
        genset=GensetSpec(
            id="genset",
            name=Text("เครื่องปั่นไฟ", "Genset"),
            rated_w=24000,
            start_below_soc_frac=0.22,
            stop_above_soc_frac=0.40,
            min_run_s=1800,
            min_rest_s=900,
            warm_up_s=120,
            cool_down_s=180,
            max_start_attempts=3,
            start_timeout_s=60,
        ),
        irradiance_sensor="sun",
        sharing=SharingRules(
            classes=MappingProxyType(
                {
                    FLEXIBLE: ClassRules(0.55, 0.45),
                    HOUSEHOLD: ClassRules(0.42, 0.20),
                    ESSENTIAL: ClassRules(0.20, 0.12),
                    CRITICAL: ClassRules(0.06, 0.06),
                }
            ),
            hysteresis_soc_frac=0.04,
            turn_s=3600,
            min_on_s=900,
            min_off_s=600,
            stagger_s=5,
        ),
        protection=ProtectionLimits(0.05, 0.97, 2.90, 3.50, 0, 50, 48.5, 24000),
    )


@dataclass
class World:
    """The plant behind the process image; contactors and genset follow what is decided.

    Powers are magnitudes here; the image has the house's signs.
    """

    site: Site = field(default_factory=make_site)
    soc: float = 0.7
    sun_w: float = 0.0
    """What the arrays could give together."""
    loads_w: dict[str, float] = field(default_factory=lambda: {f.id: 0.1 * f.rated_w for f in FEEDERS})
    closed: dict[str, bool] = field(default_factory=lambda: {f.id: True for f in FEEDERS})
    stuck: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    """Devices that do not answer."""
    extra: dict[str, float | None] = field(default_factory=dict)
    """Points of the battery inverter beside its powers and SoC."""
    genset_w: float = 0.0
    rpm: float = 0.0
    genset_mode: float = 1.0
    genset_starts: bool = True
    soc_moves: bool = False
    soc_frozen: bool = False
    """The gauge tells its value to the last digit."""
    plan: Plan | None = None
    asked: list[Ask] = field(default_factory=list)
    """What technicians ask for at the next tick."""
    clock_synchronised: bool = True
    memory: Memory = field(default_factory=Memory)
    decision: Decision | None = None
    log: list[tuple[float, Event]] = field(default_factory=list)
    now_s: float = 1000.0
    tick: int = 0
    pv_limit: float = 1.0

    # ------------------------------------------------------------ physics
    @property
    def pv_w(self) -> float:
        """What the arrays give under the limit in force."""
        return min(self.sun_w, self.pv_limit * sum(pv.ac_w for pv in self.site.pv))

    @property
    def load_w(self) -> float:
        """What the connected feeders draw."""
        return sum(self.loads_w[f.id] for f in self.site.feeders if self.closed[f.id])

    @property
    def battery_w(self) -> float:
        """Into the battery."""
        dead = self.extra.get("inverter_state") in (0, 2)
        return 0.0 if dead else self.pv_w + self.genset_w - self.load_w

    def _told_soc(self) -> float | None:
        """A gauge wavers in its last digit: one that a story holds still is not to be taken for broken."""
        return self.soc if self.soc is None or self.soc_frozen else self.soc + 1e-9 * (self.tick % 2)

    def image(self) -> ProcessImage:
        """What the controller sees."""
        devices: dict[str, dict[str, float | None]] = {
            "battery": {
                "ac_power_w": self.battery_w,
                "battery_power_w": self.battery_w,
                "battery_soc_frac": self._told_soc(),
                "inverter_state": 9.0,
                "overload_alarm": 0.0,
                "frequency_hz": 50.0,
                "cell_voltage_min_v": 3.25,
                "cell_voltage_max_v": 3.35,
                "battery_temperature_c": 31.0,
                **self.extra,
            },
            "genset": {
                "power_w": -self.genset_w,
                "engine_speed_rpm": self.rpm,
                "control_mode": self.genset_mode,
            },
            "sun": {"irradiance_wm2": self.sun_w / 40.0},
            "relays": {f.switch.point: 0.0 if self.closed[f.id] else 1.0 for f in self.site.feeders},
        }
        for pv in self.site.pv:
            devices[pv.id] = {"power_w": -self.pv_w / len(self.site.pv)}
        for f in self.site.feeders:
            if f.meter is not None:
                devices[f.meter] = {"power_w": self.loads_w[f.id] if self.closed[f.id] else 0.0}
        readings = {
            device: {} if device in self.lost else {name: read(value) for name, value in points.items()}
            for device, points in devices.items()
        }
        at = NOON + timedelta(seconds=self.now_s)
        return ProcessImage(self.tick, self.now_s, at, self.clock_synchronised, readings)

    def step(self, dt_s: float = 1.0) -> Decision:
        """Let dt_s pass, look, decide, and let the plant follow."""
        if self.soc_moves:
            energy_wh = self.site.battery.energy_wh
            self.soc = min(1.0, max(0.0, self.soc + self.battery_w * dt_s / 3600 / energy_wh))
        self.now_s += dt_s
        self.tick += 1
        decision = decide(self.image(), self.site, self.memory, self.plan, tuple(self.asked))
        self.asked.clear()
        self.memory, self.decision = decision.memory, decision
        self.log.extend((self.now_s, event) for event in decision.events)
        for feeder_id, wanted in decision.feeders.items():
            if wanted.closed is not None and feeder_id not in self.stuck and "relays" not in self.lost:
                self.closed[feeder_id] = wanted.closed
        self._follow_genset(decision.genset_run)
        self.pv_limit = next(iter(decision.pv_limit_frac.values()), 1.0)
        return decision

    def _follow_genset(self, run: bool | None) -> None:
        if run is not None:
            self.rpm = 1500.0 if run and self.genset_starts else 0.0
        self.genset_w = 12000.0 if self.rpm > 0 and self.memory.genset.phase == "running" else 0.0

    def run(self, seconds: float, dt_s: float = 1.0) -> Decision:
        """Step for so long; returns the last decision."""
        decision = self.step(dt_s)
        for _ in range(max(0, round(seconds / dt_s) - 1)):
            decision = self.step(dt_s)
        return decision

    def restart(self, memory: Memory) -> None:
        """The controller starts again with what it had saved; the monotonic clock may have started anew."""
        self.memory, self.now_s = memory, 10.0

    # ------------------------------------------------------------ what a story asks for
    def on(self) -> set[str]:
        """Feeders that have power."""
        return {feeder_id for feeder_id, closed in self.closed.items() if closed}

    def why(self, feeder_id: str) -> str:
        """The code of a feeder's present reason."""
        assert self.decision is not None
        return self.decision.feeders[feeder_id].reason.code

    def says(self, feeder_id: str) -> Text:
        """What the page says of a feeder."""
        assert self.decision is not None
        return render(self.decision.feeders[feeder_id].reason)

    def events(self, *actions: str) -> list[Event]:
        """Events of these kinds so far."""
        return [event for _, event in self.log if event.action in actions]


def read(value: float | None, health: Health = Health.GOOD) -> Reading:
    """A reading as fresh as can be; None is lost."""
    return Reading(None, None, Health.LOST) if value is None else Reading(value, 0.3, health)
