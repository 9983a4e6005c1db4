"""Cross checks of the field buses: lines, addresses, unit ids."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys
from controller.config.hints import instead

_USUAL_PORTS = {"tcp": 502, "solarman": 8899}
_DOTTED = re.compile(r"[0-9.]+")


def device_on_known_bus(draft: Draft) -> Iterator[Fault]:
    """Every device names a bus that exists."""
    buses = draft.names("buses")
    for device in draft.names("devices"):
        bus = draft.text("devices", device, "bus")
        if bus is not None and bus not in buses and buses:
            message = f"there is no such bus under buses{instead(bus, buses)}"
            yield draft.fault(("devices", device, "bus"), message)


def bus_used(draft: Draft) -> Iterator[Fault]:
    """Every bus has a device."""
    if not draft.sound("devices") or not draft.names("devices"):
        return
    used = {draft.text("devices", device, "bus") for device in draft.names("devices")}
    if used - set(draft.names("buses")):
        return  # a device's bus is misspelt: it may be this one
    for bus in draft.names("buses"):
        if bus not in used:
            message = "no device is on this bus: remove it, or name it in `bus:` of its devices"
            yield draft.fault(("buses", bus), message, f"the bus {bus}")


def one_bus_a_line(draft: Draft) -> Iterator[Fault]:
    """No two buses open the same serial port or the same TCP address."""
    first: dict[object, str] = {}
    for bus in draft.names("buses"):
        end = _line_end(draft, bus)
        if end is None:
            continue
        if end in first:
            keys = ("buses", bus, "port" if isinstance(end, str) else "host")
            message = (
                f"the bus {first[end]} has the same line: two masters disturb each other. "
                f"Put the devices of {bus} on {first[end]}, or correct the address"
            )
            yield draft.fault(keys, message)
        else:
            first[end] = bus


def _line_end(draft: Draft, bus: str) -> str | tuple[str, float] | None:
    """The serial port, or host and port, of a bus."""
    kind = draft.text("buses", bus, "type")
    if kind == "rtu":
        port = draft.text("buses", bus, "port")
        return None if port is None else str(PurePosixPath(port))
    host, number = draft.text("buses", bus, "host"), draft.number("buses", bus, "port")
    if number is None and draft.sound("buses", bus):
        number = _USUAL_PORTS.get(kind or "")
    return None if host is None or number is None else (host.lower(), number)


def host_is_an_address(draft: Draft) -> Iterator[Fault]:
    """Addresses are complete, and the port has its own key."""
    places: list[Keys] = [("buses", bus, "host") for bus in draft.names("buses")]
    for keys in (*places, ("web", "host")):
        host = draft.text(*keys)
        if host is None:
            continue
        if host.count(":") == 1:
            bare, _, port = host.partition(":")
            yield draft.fault(keys, f"the port has a key of its own: write host: {bare}, port: {port}")
        elif (_DOTTED.fullmatch(host) or ":" in host) and not _is_ip(host):
            yield draft.fault(keys, "not a complete IP address: four numbers from 0 to 255 with dots between")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def web_port_free(draft: Draft) -> Iterator[Fault]:
    """The page does not listen where a bus on this host does."""
    port = draft.number("web", "port")
    for bus in draft.names("buses"):
        host = draft.text("buses", bus, "host")
        if port is not None and host in ("localhost", "127.0.0.1", "::1"):
            end = _line_end(draft, bus)
            if end is not None and not isinstance(end, str) and end[1] == port:
                yield draft.fault(
                    ("web", "port"), f"the bus {bus} has this port on this host: choose another"
                )


def unit_not_broadcast(draft: Draft) -> Iterator[Fault]:
    """Nobody has unit 0 on a serial line."""
    for device, keys, unit in _units(draft):
        bus = draft.text("devices", device, "bus")
        kind = None if bus is None else draft.text("buses", bus, "type")
        if unit == 0 and kind in ("rtu", "rtu_over_tcp", "solarman"):
            yield draft.fault(keys, "0 addresses every device of a serial line at once: allowed are 1 to 247")


def unit_taken_once(draft: Draft) -> Iterator[Fault]:
    """On a line every unit id belongs to one device."""
    owner: dict[tuple[str, float], tuple[str, Keys]] = {}
    for device, keys, unit in _units(draft):
        bus = draft.text("devices", device, "bus")
        if bus is None:
            continue
        other, first = owner.setdefault((bus, unit), (device, keys))
        if other != device:
            message = (
                f"{other} has the unit id {unit:g} on the bus {bus} already "
                f"(line {draft.source.line(first)}): give each device of a line "
                "its own number, in the device and here"
            )
            yield draft.fault(keys, message)


def _units(draft: Draft) -> Iterator[tuple[str, Keys, float]]:
    """Device, place and number of every unit id."""
    for device in draft.names("devices"):
        named = [("devices", device, "units", name) for name in draft.names("devices", device, "units")]
        keys: Keys
        for keys in (("devices", device, "unit"), *named):
            unit = draft.number(*keys)
            if unit is not None:
                yield device, keys, unit


RULES = (
    device_on_known_bus,
    bus_used,
    one_bus_a_line,
    host_is_an_address,
    web_port_free,
    unit_not_broadcast,
    unit_taken_once,
)
