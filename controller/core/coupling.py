"""What is seen of everything that may form or feed the village's bus: inverters, genset, public grid.

From the process image and the site alone, never from memory or wishes, so that interlocks can build on it.
None is "not known". What is a danger counts while its reading is good or stale; a permission only while it
is good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from controller.core.model import Battery, GensetSpec, GridConnection, ProcessImage, Site, SwitchPoint
from controller.core.plant import battery_reading

_OFF, _FAULT = 0.0, 2.0
_DEAD_V, _ALIVE_V = 50.0, 180.0
_SOUND_V = (195.5, 253.0)
"""230 V with 15 % below and 10 % above it, phase to neutral."""
_SOUND_HZ = (49.0, 51.0)
_FLOWING_W = 100.0
"""More than a meter's error: current flows through the connection."""
_ON_LOAD_FRAC = 0.02
_TURNING_RPM = 100.0
_LOST_ALARM = 2.0
_PHASES = ("voltage_l1_v", "voltage_l2_v", "voltage_l3_v")

_Look = Callable[[str, str], float | None]


@dataclass(frozen=True, slots=True)
class Coupling:
    """Who holds the bus, and who could be joined to it."""

    bus_live: bool | None
    genset_on_load: bool | None
    """Whether it feeds the bus; False without a genset."""
    genset_turning: bool | None
    grid_sound: bool | None
    """Whether the grid's voltage and frequency are as they should be; None without a grid, too."""
    grid_surely_sound: bool
    """Likewise, by good readings only."""
    connected: bool | None
    """Whether village and grid are joined; False without a grid."""
    sync_permitted: bool
    """Whether the sync check lets the breaker close, by a good reading."""
    grid_power_w: float | None
    """Drawn from the grid > 0, fed into it < 0."""
    grid_voltage_v: float | None
    """The lowest phase."""
    grid_frequency_hz: float | None

    @property
    def tied(self) -> bool:
        """Whether the grid holds the village's bus."""
        return self.connected is True and self.grid_sound is not False

    @property
    def may_be_tied(self) -> bool:
        """Whether it might, for all that is known."""
        return self.connected is not False and self.grid_sound is not False


def look(image: ProcessImage, site: Site) -> Coupling:
    """What the image tells at this tick."""
    bus_live = bus_alive(image, site.battery)
    grid = site.grid
    on_load, turning = _genset(image, site.genset)
    if grid is None:
        return Coupling(bus_live, on_load, turning, None, False, False, False, None, None, None)
    sound = _sound(image.value, grid, image, site.battery)
    power_w = image.value(grid.device, f"{grid.prefix}power_w")
    permitted = grid.breaker is not None and (
        image.fresh(grid.breaker.sync_device, grid.breaker.sync_point) == 1.0
    )
    return Coupling(
        bus_live=bus_live,
        genset_on_load=on_load,
        genset_turning=turning,
        grid_sound=sound,
        grid_surely_sound=_sound(image.fresh, grid, image, site.battery) is True,
        connected=_connected(image, grid, sound, power_w),
        sync_permitted=permitted,
        grid_power_w=power_w,
        grid_voltage_v=min(_voltages(image.value, grid, image, site.battery), default=None),
        grid_frequency_hz=image.value(grid.device, f"{grid.prefix}frequency_hz"),
    )


def bus_alive(image: ProcessImage, battery: Battery) -> bool | None:
    """Whether the grid-forming inverters hold the bus; None when nothing tells."""
    state = battery_reading(image, battery, "inverter_state").value
    volts = [v for point in _PHASES if (v := battery_reading(image, battery, point).value) is not None]
    if state in (_OFF, _FAULT) or (volts and max(volts) < _DEAD_V):
        return False
    if volts:
        return max(volts) >= _ALIVE_V
    return None if state is None else True


def breaker_closed(image: ProcessImage, switch: SwitchPoint) -> bool | None:
    """Whether the relay of a breaker was last seen to hold it closed."""
    energised = image.value(switch.device, switch.point)
    return None if energised is None else (energised >= 0.5) == switch.closed_when_energised


def _genset(image: ProcessImage, spec: GensetSpec | None) -> tuple[bool | None, bool | None]:
    if spec is None:
        return False, False
    power_w = image.value(spec.id, "power_w")
    rpm = image.value(spec.id, "engine_speed_rpm")
    on_load = None if power_w is None else -power_w >= _ON_LOAD_FRAC * spec.rated_w
    return on_load, None if rpm is None else rpm >= _TURNING_RPM


def _voltages(value: _Look, grid: GridConnection, image: ProcessImage, battery: Battery) -> list[float]:
    """Of the grid's phases that the village uses: an unused phase reads 0, as does one that failed."""
    phases: list[float] = []
    for point in _PHASES:
        volts = value(grid.device, f"{grid.prefix}{point}")
        inside_v = battery_reading(image, battery, point).value
        if volts is not None and (volts >= _DEAD_V or (inside_v is not None and inside_v >= _ALIVE_V)):
            phases.append(volts)
    if phases:
        return phases
    told = (value(grid.device, f"{grid.prefix}{point}") for point in (*_PHASES, "voltage_v"))
    return [max(present)] if (present := [volts for volts in told if volts is not None]) else []


def _sound(value: _Look, grid: GridConnection, image: ProcessImage, battery: Battery) -> bool | None:
    volts = _voltages(value, grid, image, battery)
    hertz = value(grid.device, f"{grid.prefix}frequency_hz")
    if value(grid.device, "grid_lost_alarm") == _LOST_ALARM or not _within(volts, _SOUND_V):
        return False
    if not volts:
        return None
    return hertz is None or _within([hertz], _SOUND_HZ)


def _within(values: Iterable[float], limits: tuple[float, float]) -> bool:
    return all(limits[0] <= value <= limits[1] for value in values)


def _connected(
    image: ProcessImage, grid: GridConnection, sound: bool | None, power_w: float | None
) -> bool | None:
    """By the inverter's word, or the breaker's relay; a breaker that has welded is known by what flows."""
    flowing = power_w is not None and abs(power_w) >= _FLOWING_W
    if grid.breaker is not None:
        return True if flowing else breaker_closed(image, grid.breaker.switch)
    told = image.value(grid.device, "grid_connected")
    if told is not None:
        return told >= 0.5
    return True if flowing else False if sound is False else None
