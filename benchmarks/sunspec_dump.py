"""Decode a register dump of a SunSpec device with the walk and the codec of the controller.

A dump is a text file: `address hex-word` a line, `----` for a register that could not be read, `#` comments.

    python benchmarks/sunspec_dump.py FILE [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from drivers.errors import DriverError, RequestRefusedError
from drivers.sunspec import Description, SunSpecMap, Value, describe, profile_from, walk

_ILLEGAL_ADDRESS = 2


def read_dump(text: str) -> dict[int, int | None]:
    """Address -> word, None where it could not be read. Raises ValueError."""
    registers: dict[int, int | None] = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            address, word = line.split()
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


def label(value: Value) -> str:
    """The point's name, with the module where there are several."""
    return value.name if value.module is None else f"{value.name}[{value.module}]"


def report(found: SunSpecMap, described: Description) -> dict[str, object]:
    """What the dump says, as one JSON object; points that are not implemented are left out."""
    values: dict[str, dict[str, object]] = {}
    for value in described.values:
        if value.value is not None:
            shown = value.value if value.meaning is None else value.meaning
            values.setdefault(str(value.model), {})[label(value)] = shown
    identity = described.identity
    return {
        "base": found.base,
        "models": [model.id for model in found.models],
        "faults": list(found.faults),
        "identity": {
            "manufacturer": identity.manufacturer,
            "model": identity.model,
            "version": identity.version,
            "serial": identity.serial,
        },
        "values": values,
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
            shown = value.value if isinstance(value.value, str) else f"{value.value:.10g}"
            print(
                f"{value.model:5d}  {label(value):20s} {shown} {value.units} {value.meaning or ''}".rstrip()
            )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    device = DumpedDevice(read_dump(arguments.file.read_text(encoding="utf-8")))
    try:
        found = await walk(device.read)
        profile = profile_from(found)
    except DriverError as err:
        raise SystemExit(f"{arguments.file}: {err}") from err
    described = describe(found)
    print_table(found, described)
    print("points offered:", *profile.reads, "| controls:", *profile.writes)
    if arguments.json:
        print(json.dumps(report(found, described) | {"requests": device.requests}, ensure_ascii=False))


if __name__ == "__main__":
    asyncio.run(main())
