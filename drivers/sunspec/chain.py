"""Walks the chain of models by which a SunSpec device describes itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.errors import DeviceUnreachableError, DriverError, ProfileError, RequestRefusedError
from drivers.sunspec.models import LAYOUTS

BASES = (40000, 50000, 0)
"""Where a device may keep its marker, as on the wire."""
_MARKER = [0x5375, 0x6E53]
"""'SunS'."""
_END = 0xFFFF
_MOST_MODELS = 64
_BLOCK = 120
"""Most registers in one read."""

ReadRegisters = Callable[[int, int], Awaitable[list[int]]]
"""Reads (address, count) holding registers. Raises DriverError."""


@dataclass(frozen=True, slots=True)
class Model:
    """One link of the chain."""

    id: int
    address: int
    """Of its id register, as on the wire."""
    length: int
    """Registers after its header."""
    words: tuple[int, ...] | None
    """Those registers as walked; None for a model that Tawan does not know or that could not be read."""

    @property
    def body(self) -> int:
        """Address of the first register after the header."""
        return self.address + 2


@dataclass(frozen=True, slots=True)
class SunSpecMap:
    """What a device said about itself."""

    base: int
    models: tuple[Model, ...]
    faults: tuple[str, ...] = ()
    """What was wrong with the chain; what lies before the fault is good."""

    def find(self, *ids: int) -> Model | None:
        """The first model with one of these ids that could be read."""
        readable = (model for model in self.models if model.words is not None)
        return next((model for model in readable if model.id in ids), None)


async def walk(read: ReadRegisters) -> SunSpecMap:
    """Find the marker and follow the chain; a broken chain is reported in `faults`.

    Raises:
        ProfileError: no marker at any of `BASES`.
        DeviceUnreachableError: the device does not answer; half a map would be taken for the whole.
    """
    base = await _find_base(read)
    models: list[Model] = []
    faults: list[str] = []
    address = base + len(_MARKER)
    while len(models) < _MOST_MODELS:
        header = await _header(read, address, faults)
        if header is None:
            break
        words = await _body(read, address, *header, faults) if header[0] in LAYOUTS else None
        models.append(Model(header[0], address, header[1], words))
        address += 2 + header[1]
    else:
        faults.append(f"more than {_MOST_MODELS} models: the chain has no end")
    return SunSpecMap(base, tuple(models), tuple(faults))


async def _find_base(read: ReadRegisters) -> int:
    silence: DeviceUnreachableError | None = None
    answered = False
    for base in BASES:
        try:
            words = await read(base, len(_MARKER))
        except DeviceUnreachableError as err:
            silence = err  # some devices do not answer for registers that they lack
            continue
        except DriverError:
            answered = True
            continue
        if words == _MARKER:
            return base
        answered = True
    if silence is not None and not answered:
        raise silence
    places = ", ".join(str(base) for base in BASES)
    message = f"no SunSpec marker at {places}; enable SunSpec in the device or give it another profile"
    raise ProfileError(message)


async def _header(read: ReadRegisters, address: int, faults: list[str]) -> tuple[int, int] | None:
    """Id and length of the model there; None at the end of the chain and where it is broken."""
    if address + 1 > 0xFFFF:
        faults.append(f"the chain runs past the last register without an end (at {address})")
        return None
    try:
        model, length = await read(address, 2)
    except RequestRefusedError as err:
        faults.append(f"the header at {address} cannot be read: {err}")
        return None
    if model == _END:
        return None
    if model == 0 or length == 0:
        faults.append(f"no model begins at {address}: id {model}, length {length}")
        return None
    if address + 2 + length > 0xFFFF:
        faults.append(f"model {model} at {address} reaches past the last register: length {length}")
        return None
    return model, length


async def _body(
    read: ReadRegisters, address: int, model: int, length: int, faults: list[str]
) -> tuple[int, ...] | None:
    words: list[int] = []
    try:
        while len(words) < length:
            words += await read(address + 2 + len(words), min(_BLOCK, length - len(words)))
    except RequestRefusedError as err:
        faults.append(f"model {model} at {address} cannot be read: {err}")
        return None
    return tuple(words)
