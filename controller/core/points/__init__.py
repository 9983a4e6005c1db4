"""The names of the points that each device role offers, whatever its maker calls them.

A driver profile maps registers to these names; the core, the store and the page know devices only by them.
Units are in the names, signs are the house's (power into a component is positive; PV and gensets <= 0, loads
>= 0, battery charging > 0, grid import > 0). Energy counters are magnitudes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from controller.core.model import Role
from controller.core.points.ac import ac_points
from controller.core.points.measured import MEASURED
from controller.core.points.numbered import NUMBERED
from controller.core.points.settings import SETTINGS

REQUIRED: Mapping[Role, frozenset[str]] = MappingProxyType(
    {
        Role.PV_INVERTER: frozenset({"power_w"}),
        Role.BATTERY_INVERTER: frozenset({"ac_power_w", "battery_power_w", "battery_soc_frac"}),
        Role.HYBRID_INVERTER: frozenset({"ac_power_w", "battery_power_w", "battery_soc_frac", "pv_power_w"}),
        Role.SOLAR_CHARGER: frozenset({"pv_power_w"}),
        Role.BATTERY: frozenset({"battery_soc_frac"}),
        Role.METER: frozenset({"power_w"}),
        Role.GENSET: frozenset({"power_w", "engine_speed_rpm", "control_mode"}),
        Role.SWITCH: frozenset({"channel_1"}),
        Role.IRRADIANCE_SENSOR: frozenset({"irradiance_wm2"}),
    }
)
"""Without these a device cannot fill its role."""

KNOWN: Mapping[str, str] = MappingProxyType({**ac_points(), **MEASURED, **SETTINGS})
"""What each point means. Numbered points, such as `pv2_power_w`, are told by `meaning`."""

_PATTERNS = tuple((re.compile(name.replace("N", "([1-9][0-9]?)")), what) for name, what in NUMBERED)
_TROUBLE = re.compile(r"(battery_)?(alarm|warning|fault)_word_[1-9][0-9]?")


def meaning(name: str) -> str | None:
    """What a point means, in English; None: there is no such point."""
    if name in KNOWN:
        return KNOWN[name]
    for pattern, what in _PATTERNS:
        match = pattern.fullmatch(name)
        if match is not None:
            return what.replace("N", match.group(1))
    return None


def tells_trouble(name: str) -> bool:
    """Whether a value other than 0 of this point is an alarm, warning or fault of the device."""
    return _TROUBLE.fullmatch(name) is not None
