"""Where to look, as a technician writes it: a serial port, a host, a small range, a gateway. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from controller.settings import Baud, BusSettings, RtuBus, RtuOverTcpBus, SolarmanBus, TcpBus

_MOST_HOSTS = 256
_SPAN = re.compile(r"(\d+\.\d+\.\d+\.)(\d+)-(\d+)")
_FORMS = (
    "a serial port (/dev/serial/by-id/...), a host (192.168.10.11 or 192.168.10.11:502), a small range "
    "(192.168.10.0/27 or 192.168.10.11-20), a gateway for RTU frames (rtu+tcp://192.168.10.30:8899), "
    "a Solarman stick (solarman://192.168.10.31/SERIAL)"
)
Parity = Literal["none", "even", "odd"]


class AddressError(Exception):
    """What was written is no address; the message says what would be."""


def buses_at(
    text: str, *, baud: int = 9600, parity: Parity = "none", stop_bits: int = 1
) -> tuple[BusSettings, ...]:
    """The buses that an address stands for: several for a range of hosts.

    Raises:
        AddressError: it is none.
    """
    try:
        scheme, _, rest = text.rpartition("://")
        if text.startswith("/") or scheme == "rtu":
            return (_checked(RtuBus, type="rtu", port=rest, baud=baud, parity=parity, stop_bits=stop_bits),)
        if scheme == "rtu+tcp":
            host, port = _host_and_port(rest, None)
            return (_checked(RtuOverTcpBus, type="rtu_over_tcp", host=host, port=port, baud=baud),)
        if scheme == "solarman":
            where, _, serial = rest.partition("/")
            host, port = _host_and_port(where, 8899)
            number = int(serial) if serial.isascii() and serial.isdigit() else None
            return (_checked(SolarmanBus, type="solarman", host=host, port=port, serial=number),)
        if scheme in ("", "tcp"):
            hosts, port = _host_and_port(rest, 502)
            return tuple(_checked(TcpBus, type="tcp", host=host, port=port) for host in _hosts(hosts))
    except ValidationError as err:
        raise AddressError(f"{text!r}: {err.errors()[0]['msg']}; give {_FORMS}") from err
    raise AddressError(f"{text!r} is no address; give {_FORMS}")


def _checked(kind: type[RtuBus | RtuOverTcpBus | SolarmanBus | TcpBus], **values: object) -> BusSettings:
    return kind.model_validate(values)


def _host_and_port(text: str, default: int | None) -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":")
    if not colon:
        if default is None:
            raise AddressError(f"{text!r} lacks a port; write rtu+tcp://{text}:8899, as the gateway has it")
        return text, default
    if not port.isascii() or not port.isdigit():
        raise AddressError(f"{text!r}: {port!r} is no port; give {_FORMS}")
    return host, int(port)


def _hosts(text: str) -> list[str]:
    span = _SPAN.fullmatch(text)
    if span is not None:
        network, first, last = span[1], int(span[2]), int(span[3])
        if not first <= last <= 255:
            raise AddressError(f"{text!r} is no range; write the lower end first, as 192.168.10.11-20")
        return [f"{network}{number}" for number in range(first, last + 1)]
    if "/" not in text:
        if re.fullmatch(r"[\d.]+", text) and not _is_ip(text):
            raise AddressError(f"{text!r} is no address of a host; it has four numbers from 0 to 255")
        return [text]
    try:
        network_of = ipaddress.ip_network(text, strict=False)
    except ValueError as err:
        raise AddressError(f"{text!r} is no network; write one such as 192.168.10.0/27") from err
    if network_of.num_addresses > _MOST_HOSTS:
        raise AddressError(f"{text!r} is {network_of.num_addresses} hosts; search at most {_MOST_HOSTS}: /24")
    return [str(host) for host in network_of.hosts()]


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def numbers_in(text: str, low: int, high: int) -> tuple[int, ...]:
    """Whole numbers such as 1-32,100, in order. Raises AddressError."""
    numbers: dict[int, None] = {}
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)(?:\s*-\s*(\d+))?\s*", part)
        if match is None:
            raise AddressError(f"{text!r} are no numbers; write them as 1-32 or 1,2,10-20")
        first, last = int(match[1]), int(match[2] or match[1])
        if not low <= first <= last <= high:
            raise AddressError(f"{part.strip()!r}: allowed are {low} to {high}, the lower one first")
        numbers |= dict.fromkeys(range(first, last + 1))
    return tuple(numbers)


def bauds_in(text: str) -> tuple[int, ...]:
    """Baud rates such as 9600,19200. Raises AddressError."""
    try:
        return tuple(dict.fromkeys(TypeAdapter(Baud).validate_python(int(part)) for part in text.split(",")))
    except ValueError as err:
        raise AddressError(
            f"{text!r} are no baud rates; use some of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200"
        ) from err


def parities_in(text: str) -> tuple[Parity, ...]:
    """Parities such as none,even. Raises AddressError."""
    allowed: dict[str, Parity] = {"none": "none", "even": "even", "odd": "odd"}
    parts = [part.strip() for part in text.split(",")]
    if not all(part in allowed for part in parts):
        raise AddressError(f"{text!r} are no parities; use some of none, even, odd")
    return tuple(dict.fromkeys(allowed[part] for part in parts))
