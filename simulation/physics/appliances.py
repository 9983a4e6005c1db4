"""What people plug in: the appliances behind each kind of feeder. Pure data.

Calibrated: tests/simulation/test_loads.py holds the village's daily energy to its target.

Hours are the site's local time. `count` is per household for houses; elsewhere it is the whole feeder's, and
watts are scaled with the feeder's rated power against the kind's reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Windows = tuple[tuple[float, float, float], ...]
"""When uses begin: (from hour, to hour, weight)."""


@dataclass(frozen=True, slots=True)
class Appliance:
    """Something that people switch on for a while."""

    name: str
    watts: float
    count: float
    uses_per_day: float
    minutes: float
    """Mean duration of a use."""
    windows: Windows
    three_phase: bool = False
    school_days: bool = False
    """Used on Monday to Friday only."""
    cooling: bool = False
    """Used more in the hot months."""


@dataclass(frozen=True, slots=True)
class Cooler:
    """A refrigerator, freezer or vaccine fridge: its thermostat cycles day and night."""

    name: str
    watts: float
    count: float
    period_min: float
    duty_frac: float
    """At 28 C outside; it grows with heat."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of feeder."""

    appliances: tuple[Appliance, ...]
    coolers: tuple[Cooler, ...] = ()
    photocell_w: float = 0.0
    """Lamps that burn from dusk to dawn."""
    reference_rated_w: float | None = None
    """The rated power for which the numbers hold; None: they are per household."""
    inrush_ratio: float = 3.0
    """Power at the instant of connection against the settled power."""
    motor: bool = False
    """Its starts draw the inrush too, not only its reconnection."""
    power_factor: float = 0.95


_EVENING: Windows = ((18.0, 21.5, 1.0),)
_HOUSE = Kind(
    appliances=(
        Appliance("lamp, evening", 10, 4.5, 1.0, 200, ((17.9, 19.5, 1.0),)),
        Appliance("lamp, morning", 10, 2.0, 1.0, 60, ((4.8, 6.2, 1.0),)),
        Appliance("porch lamp", 7, 0.6, 1.0, 660, ((18.0, 18.8, 1.0),)),
        Appliance("television", 75, 0.95, 1.9, 120, ((6.0, 8.0, 0.3), (11.0, 14.0, 0.4), (18.0, 20.5, 1.6))),
        Appliance("fan, evening", 50, 1.1, 1.0, 180, _EVENING, cooling=True),
        Appliance("fan, night", 35, 1.15, 1.0, 420, ((20.5, 23.0, 1.0),), cooling=True),
        Appliance("fan, midday", 50, 0.85, 1.0, 170, ((10.0, 15.0, 1.0),), cooling=True),
        Appliance("rice cooker", 550, 0.8, 1.3, 26, ((4.7, 7.2, 0.8), (16.5, 19.3, 1.0))),
        Appliance("kettle", 1000, 0.4, 1.2, 5, ((5.2, 7.5, 1.0), (17.5, 21.0, 0.8))),
        Appliance("telephone charger", 9, 2.6, 1.0, 150, ((17.5, 22.5, 1.0), (6.0, 16.0, 0.4))),
        Appliance("washing machine", 350, 0.45, 0.45, 45, ((7.0, 11.0, 1.0), (16.0, 18.0, 0.3))),
        Appliance("iron", 1000, 0.45, 0.3, 22, ((18.5, 20.5, 1.0), (6.0, 7.0, 0.4))),
        Appliance("radio", 15, 0.5, 1.0, 150, ((5.5, 17.0, 1.0),)),
        Appliance("blender, tools", 400, 0.5, 0.8, 8, ((7.0, 18.0, 1.0),)),
    ),
    coolers=(Cooler("refrigerator", 90, 0.68, 42, 0.36), Cooler("shop freezer", 160, 0.06, 50, 0.45)),
)
_CLINIC = Kind(
    appliances=(
        Appliance("lamp", 18, 10, 1.0, 300, ((7.8, 10.0, 1.0),)),
        Appliance("night lamp", 15, 3, 1.0, 700, ((17.8, 18.5, 1.0),)),
        Appliance("fan", 60, 4, 1.0, 330, ((8.0, 11.0, 1.0),), cooling=True),
        Appliance("computer", 90, 2, 1.0, 420, ((8.0, 9.0, 1.0),)),
        Appliance("steriliser", 1200, 1, 1.0, 35, ((9.0, 15.0, 1.0),)),
        Appliance("oxygen concentrator", 350, 1, 0.5, 120, ((6.0, 22.0, 1.0),)),
    ),
    coolers=(Cooler("vaccine fridge", 130, 2, 35, 0.40), Cooler("medicine fridge", 90, 1, 42, 0.36)),
    reference_rated_w=3000,
    inrush_ratio=2.5,
)
_SCHOOL = Kind(
    appliances=(
        Appliance("lamp", 18, 40, 1.0, 380, ((7.5, 9.0, 1.0),), school_days=True),
        Appliance("fan", 60, 18, 1.0, 330, ((8.0, 10.0, 1.0),), school_days=True, cooling=True),
        Appliance("computer", 70, 12, 1.5, 100, ((8.5, 14.0, 1.0),), school_days=True),
        Appliance("kitchen", 800, 1, 2.0, 30, ((9.5, 11.5, 1.0),), school_days=True),
        Appliance("watchman's lamp", 18, 4, 1.0, 680, ((18.0, 18.6, 1.0),)),
    ),
    coolers=(Cooler("water cooler", 250, 1, 30, 0.30), Cooler("refrigerator", 90, 1, 42, 0.36)),
    reference_rated_w=5000,
    inrush_ratio=2.0,
)
_STREET = Kind(appliances=(), photocell_w=675, reference_rated_w=1500, inrush_ratio=2.0, power_factor=0.92)
_PUMP = Kind(
    appliances=(
        Appliance("pump", 3700, 1, 2.8, 62, ((7.5, 11.0, 1.0), (12.5, 15.5, 1.0)), three_phase=True),
        Appliance("chlorination", 60, 1, 1.0, 480, ((8.0, 8.5, 1.0),)),
    ),
    reference_rated_w=5000,
    inrush_ratio=4.5,
    motor=True,
    power_factor=0.82,
)

KINDS: Mapping[str, Kind] = {
    "houses": _HOUSE,
    "clinic": _CLINIC,
    "school": _SCHOOL,
    "street_lights": _STREET,
    "water_pump": _PUMP,
}
"""By the `kind` of config.yaml."""
