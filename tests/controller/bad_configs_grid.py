"""Mistakes in what is said of the public grid."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, swap, swap_all

_PLACE = "irradiance_sensor: sun\n"
_METER = "  relays: {role: switch"
_GRID_METER = "  meter_grid: {role: meter, profile: eastron-sdm630, bus: meters, unit: 11}\n"


def grid(lines: str, *, meter: bool = False) -> Bad:
    """The default village with a section grid; meter: with a meter for it."""
    pairs = [(_PLACE, f"grid:\n{lines}{_PLACE}")]
    if meter:
        pairs.append((_METER, _GRID_METER + _METER))
    return Bad(swap_all(*pairs), "", ())


def at(lines: str, path: str, *says: str, meter: bool = False) -> Bad:
    return Bad(grid(lines, meter=meter).edit, path, says)


def breaker(channel: int = 9, closed_when: str = "energised", device: str = "meter_grid") -> str:
    return (
        f"  device: {device}\n  import_w: 10000\n  breaker:\n"
        f"    switch: {{device: relays, channel: {channel}, closed_when: {closed_when}}}\n"
        "    sync_check: {device: relays, input: 1}\n"
    )


_PLAIN = "  device: battery\n  import_w: 10000\n"
GRID: Mapping[str, Bad] = {
    "a battery that follows nobody": Bad(
        swap("  inverter_w: 24000", "  role: grid_following\n  inverter_w: 24000"),
        "battery.role",
        ("grid_following", "write grid_forming"),
    ),
    "a grid without a limit": Bad(
        swap(_PLACE, f"grid:\n  device: battery\n{_PLACE}"), "grid.import_w", ("nothing",)
    ),
    "a grid behind a relay board": at(
        "  device: relays\n  import_w: 10000\n", "grid.device", "relays", "battery_inverter"
    ),
    "a breaker that only an inverter looks at": at(
        breaker(device="battery"), "grid.device", "battery", "a meter on the grid's side"
    ),
    "a breaker on a feeder's channel": at(
        breaker(channel=3), "grid.breaker.switch.channel", "3", "feeder street", meter=True
    ),
    "a breaker beyond the board": at(
        breaker(channel=17), "grid.breaker.switch.channel", "17", "1 to 16", meter=True
    ),
    "a breaker that closes by itself": at(
        breaker(closed_when="released"),
        "grid.breaker.switch.closed_when",
        "released",
        "energised",
        meter=True,
    ),
    "a grid measured by a feeder's meter": at(
        "  device: meter_school\n  import_w: 10000\n", "grid.device", "meter_school", "feeder school"
    ),
    "a meter of the grid that nobody uses": Bad(
        swap(_METER, _GRID_METER + _METER), "devices.meter_grid", ("meter_grid", "section grid")
    ),
    "an outage in a Buddhist year": at(
        f'{_PLAIN}  outages: [{{begin: "2569-12-01 09:00", end: "2569-12-01 12:00"}}]\n',
        "grid.outages.0.begin",
        "2569",
        "2026-12-01 09:00",
    ),
    "an outage on a day that does not exist": at(
        f'{_PLAIN}  outages: [{{begin: "2026-02-30 09:00", end: "2026-03-01 12:00"}}]\n',
        "grid.outages.0.begin",
        "2026-02-30",
        "no such day",
    ),
    "an outage that ends before it begins": at(
        f'{_PLAIN}  outages: [{{begin: "2026-12-01 12:00", end: "2026-12-01 09:00"}}]\n',
        "grid.outages.0.end",
        "09:00",
        "after it begins",
    ),
    "a tariff of no length": at(
        f'{_PLAIN}  tariff: [{{begin: "09:00", end: "09:00", import_thb_per_kwh: 5}}]\n',
        "grid.tariff.0.end",
        "09:00",
        "all day",
    ),
}
