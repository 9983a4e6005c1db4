"""The 100 minutes: what happens to the village, phase by phase. The same for every controller.

After the tests of IEEE 2030.8: each phase sets its beginning (the charge of the battery), then one thing goes
wrong, and what follows is measured. docs/trial.md tells it in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulation.faults import FaultKind

START = "13:00"
"""Local time of the first minute."""
MINUTE_S = 60.0
_SUN_WM2 = (
    (0, 930), (10, 930), (10.4, 260), (13, 240), (13.3, 820), (15, 860), (15.3, 200), (20, 140), (100, 110),
)  # fmt: skip
"""Global irradiance by minute, straight lines between."""


@dataclass(frozen=True, slots=True)
class Load:
    """People on a feeder switch something on."""

    feeder: str
    watts: float
    for_s: float


@dataclass(frozen=True, slots=True)
class Broken:
    """A fault of the village."""

    kind: FaultKind
    target: str
    for_s: float


@dataclass(frozen=True, slots=True)
class Charge:
    """The battery is found at this state of charge: how a phase begins."""

    soc_frac: float


@dataclass(frozen=True, slots=True)
class Panel:
    """A technician at the genset's panel: 0 stop, 1 auto."""

    mode: int


@dataclass(frozen=True, slots=True)
class PlannerDies:
    """From now on nobody plans."""


@dataclass(frozen=True, slots=True)
class HostileRequests:
    """Garbage reaches whoever reads plans, memories and requests."""


Event = Load | Broken | Charge | Panel | PlannerDies | HostileRequests


@dataclass(frozen=True, slots=True)
class Phase:
    """Some minutes of the trial; its events by minutes since the trial began."""

    name: str
    from_min: float
    events: tuple[tuple[float, Event], ...]


_HOUSES = ("houses_a", "houses_b", "houses_c", "houses_d")
PHASES = (
    Phase("sunny", 0, ((0, Charge(0.955)),)),
    Phase("cloud front", 10, ((10, Charge(0.50)),)),
    Phase("overload", 20, ((20, Charge(0.60)), *((22, Load(each, 7_600, 90)) for each in _HOUSES))),
    Phase("inverter trip", 30, ((30, Charge(0.60)), (31, Load("school", 80_000, 8)))),
    Phase(
        "lost meter line",
        40,
        ((41, Broken(FaultKind.LOST_LINE, "meters", 480)), (44, Load("houses_a", 22_000, 120))),
    ),
    Phase(
        "genset fails to start",
        50,
        (
            (50, Charge(0.205)),
            (50, Broken(FaultKind.GENSET_FAILS_TO_START, "genset", 470)),
            (56, Panel(0)),
            (58, Panel(1)),
        ),
    ),
    Phase(
        "SoC sensor frozen",
        62,
        (
            (62, Charge(0.47)),
            (62.1, Broken(FaultKind.FROZEN_SOC, "battery", 840)),
            *((62.2, Load(each, 3_600, 840)) for each in _HOUSES),
        ),
    ),
    Phase("blackout, black start", 77, ((77.1, Charge(0.01)),)),
    Phase("planner dead", 90, ((90, Charge(0.33)), (90, PlannerDies()))),
    Phase("hostile requests", 95, ((95, HostileRequests()),)),
)
MINUTES = 100.0


def sun_csv(folder: Path) -> Path:
    """The trial's irradiance as a recording for the village."""
    hours, minutes = (int(part) for part in START.split(":"))
    start_s = 3600.0 * hours + MINUTE_S * minutes
    rows = [(6 * 3600.0, 0.0), *((start_s + MINUTE_S * minute, wm2) for minute, wm2 in _SUN_WM2)]
    path = folder / "sun.csv"
    lines = [f"2026-01-01T{_clock(at_s)},{wm2}" for at_s, wm2 in rows]
    path.write_text("time,ghi_wm2\n" + "\n".join(lines) + "\n2026-01-01T23:59:50,0\n", encoding="utf-8")
    return path


def _clock(at_s: float) -> str:
    minutes, seconds = divmod(round(at_s), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
