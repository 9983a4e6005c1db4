"""Decode a register dump of a SunSpec device with the walk and the codec of the controller.

A dump is a text file: `address hex-word` a line, `----` for a register that could not be read, `#` comments.

    python benchmarks/sunspec_dump.py FILE [--json] [--role ROLE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

from controller.core.model import Role
from drivers.errors import DriverError, ProfileError, RequestRefusedError
from drivers.sunspec import Description, Gap, SunSpecMap, Value, describe, profile_from, walk

_ILLEGAL_ADDRESS = 2
_PATIENT = 100_000
"""Refusals that the walk of a dump may meet: nobody waits for the line."""


def read_dump(text: str) -> dict[int, int | None]:
    """Address -> word, None where it could not be read. Raises ValueError."""
    registers: dict[int, int | None] = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            address, word = line.split()[:2]
            registers[int(address)] = None if word == "----" else int(word, 16)
    return registers


class DumpedDevice:
    """Answers like the device that was dumped: what it did not give, it refuses."""

    def __init__(self, registers: dict[int, int | None]) -> None:
        self._registers = registers
        self.requests = 0

    async def read(self, address: int, count: int) -> list[int]:
        """The registers, or RequestRefusedError."""
        self.requests += 1
        words = [self._registers.get(at) for at in range(address, address + count)]
        known = [word for word in words if word is not None]
        if len(known) < count:
            message = f"registers {address} to {address + count - 1} are not all in the dump"
            raise RequestRefusedError(message, _ILLEGAL_ADDRESS)
        return known


def by_model(values: Iterable[Value]) -> dict[str, list[str]]:
    """Model -> the labels of these points."""
    labels: dict[str, list[str]] = {}
    for value in values:
        labels.setdefault(str(value.model), []).append(value.label)
    return labels


def report(found: SunSpecMap, described: Description) -> dict[str, object]:
    """What the dump says, as one JSON object.

    `values` has the points that have one, a state by its name; `points` has all, with units and numbers.
    """
    values: dict[str, dict[str, object]] = {}
    for value in described.values:
        if value.value is not None:
            shown = value.value if value.meaning is None else value.meaning
            values.setdefault(str(value.model), {})[value.label] = shown
    identity = described.identity
    return {
        "base": found.base,
        "models": [model.id for model in found.models],
        "faults": list(found.faults),
        "complete": found.complete,
        "identity": {
            "manufacturer": identity.manufacturer,
            "model": identity.model,
            "options": identity.options,
            "version": identity.version,
            "serial": identity.serial,
        },
        "values": values,
        "not_implemented": by_model(described.missing(Gap.NOT_IMPLEMENTED)),
        "no_scale_factor": by_model(described.missing(Gap.NO_SCALE)),
        "unreadable": by_model(described.missing(Gap.UNREADABLE)),
        "unreadable_registers": [address for model in found.models for address in model.unreadable],
        "points": [
            {
                "model": value.model,
                "address": value.address,
                "point": value.label,
                "value": value.value,
                "units": value.units,
                "meaning": value.meaning,
                "missing": value.gap,
            }
            for value in described.values
        ],
    }


def print_table(found: SunSpecMap, described: Description) -> None:
    """The same for people."""
    identity = described.identity
    print(f"{identity.manufacturer} {identity.model}, version {identity.version}, serial {identity.serial}")
    print("models", *(model.id for model in found.models), f"at {found.base}")
    for fault in found.faults:
        print("fault:", fault)
    for value in described.values:
        if value.value is not None:
            shown = f"{value.value:.10g}" if isinstance(value.value, float) else value.value
            print(f"{value.model:5d}  {value.label:20s} {shown} {value.units} {value.meaning or ''}".rstrip())
    for gap in Gap:
        for model, labels in by_model(described.missing(gap)).items():
            print(f"{gap}: model {model}:", *labels)


def print_profiles(found: SunSpecMap, roles: Iterable[Role]) -> None:
    """What the device offers to the house in each role that it fills."""
    for role in roles:
        try:
            profile = profile_from(found, role)
        except ProfileError as err:
            print(f"as {role}: {err}")
            continue
        points = ", ".join([*profile.reads, *profile.derived])
        print(f"as {role}: {points} | controls: {', '.join(profile.writes) or 'none'}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--role", type=Role, choices=list(Role), action="append", help="default: pv_inverter")
    arguments = parser.parse_args()
    device = DumpedDevice(read_dump(arguments.file.read_text(encoding="utf-8")))
    try:
        found = await walk(device.read, most_refusals=_PATIENT)
    except DriverError as err:
        raise SystemExit(f"{arguments.file}: {err}") from err
    described = describe(found)
    print_table(found, described)
    print_profiles(found, arguments.role or (Role.PV_INVERTER,))
    if arguments.json:
        print(json.dumps(report(found, described) | {"requests": device.requests}, ensure_ascii=False))


if __name__ == "__main__":
    asyncio.run(main())
