"""DC inputs of SunSpec inverters: panels, and batteries that share the DC side. Pure data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drivers.sunspec.wanted import (
    CURRENT_A,
    ENERGY_WH,
    POWER_W,
    TEMPERATURE_C,
    VOLTAGE_V,
    Labelled,
    Wanted,
    fast,
    slow,
)

MPPT = 160
DER_DC = 714
CHARGING, DISCHARGING = "battery_charging_power_w", "battery_discharging_power_w"

_MOST_STRINGS = 99
_CHARGES, _DISCHARGES = "stcha", "stdischa"
"""How inverters with a battery on their DC side call the two inputs by which it is charged and discharged
(Fronius GEN24: StCha, StDisCha); model 160 itself does not tell them from panels."""
_PORT_PV, _PORT_BATTERY = 0, 1
"""Port types of model 714."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the DC side of an inverter is made of."""

    panels: tuple[Wanted, ...]
    others: tuple[Wanted, ...]
    """Of a battery."""
    strings: int
    """How many inputs have panels."""
    mixed: bool
    """Whether some inputs have none."""
    told: bool
    """Whether any string showed a value when it was walked; at night none may."""
    producing: bool
    """Whether any string delivered then."""


def mppt_inputs(mppt: Labelled) -> Inputs:
    """The modules of model 160; their values have no sign."""
    strings: list[int] = []
    battery: list[Wanted] = []
    told = mppt.number("N")
    copies = _copies(mppt)
    for copy in copies if not told else copies[: int(told)]:
        name = (mppt.text(f"IDStr[{copy}]") or "").casefold().replace(" ", "")
        if name.startswith(_CHARGES):
            battery.append(fast(CHARGING, f"DCW[{copy}]", POWER_W))
            battery.append(fast("battery_voltage_v", f"DCV[{copy}]", VOLTAGE_V))
            battery.append(slow("battery_energy_charged_wh", f"DCWH[{copy}]", ENERGY_WH))
        elif name.startswith(_DISCHARGES):
            battery.append(fast(DISCHARGING, f"DCW[{copy}]", POWER_W))
            battery.append(slow("battery_energy_discharged_wh", f"DCWH[{copy}]", ENERGY_WH))
        else:
            strings.append(copy)
    return _inputs(mppt, strings, tuple(battery), "DCWH", mixed=bool(battery))


def port_inputs(ports: Labelled) -> Inputs:
    """The ports of model 714; delivered is positive there, as everywhere in the 700s."""
    strings: list[int] = []
    battery: list[Wanted] = []
    copies = _copies(ports)
    for copy in copies:
        kind = ports.number(f"PrtTyp[{copy}]")
        if kind in (None, _PORT_PV):
            strings.append(copy)
        elif kind == _PORT_BATTERY and not battery:
            battery += [
                fast("battery_power_w", f"DCW[{copy}]", POWER_W, scale=-1.0),
                fast("battery_voltage_v", f"DCV[{copy}]", VOLTAGE_V),
                fast("battery_current_a", f"DCA[{copy}]", CURRENT_A, scale=-1.0),
                slow("battery_energy_charged_wh", f"DCWhAbs[{copy}]", ENERGY_WH),
                slow("battery_energy_discharged_wh", f"DCWhInj[{copy}]", ENERGY_WH),
                slow("battery_temperature_c", f"Tmp[{copy}]", TEMPERATURE_C),
            ]
    return _inputs(ports, strings, tuple(battery), "DCWhInj", mixed=len(strings) < len(copies))


def _inputs(
    model: Labelled, room: list[int], battery: tuple[Wanted, ...], energy: str, *, mixed: bool
) -> Inputs:
    """Some inverters have room for more strings than there are (SMA): where any shows values, all do."""
    telling = [copy for copy in room if _tells(model, copy)]
    strings = telling or room
    panels = tuple(
        each for number, copy in enumerate(strings, start=1) for each in _string(number, copy, energy)
    )
    producing = any(model.number(f"DCW[{copy}]") for copy in strings)
    return Inputs(panels, battery, len(strings), mixed, bool(telling), producing)


def _string(number: int, copy: int, energy: str) -> Iterator[Wanted]:
    yield fast(f"pv{number}_power_w", f"DCW[{copy}]", POWER_W, scale=-1.0)
    yield fast(f"pv{number}_voltage_v", f"DCV[{copy}]", VOLTAGE_V)
    yield fast(f"pv{number}_current_a", f"DCA[{copy}]", CURRENT_A)
    yield slow(f"pv{number}_energy_wh", f"{energy}[{copy}]", ENERGY_WH)
    yield slow(f"pv{number}_temperature_c", f"Tmp[{copy}]", TEMPERATURE_C)


def _copies(model: Labelled) -> list[int]:
    return [copy for copy in range(1, _MOST_STRINGS + 1) if f"DCW[{copy}]" in model.points]


def _tells(model: Labelled, copy: int) -> bool:
    return any(model.number(f"{label}[{copy}]") is not None for label in ("DCW", "DCV", "DCA"))
