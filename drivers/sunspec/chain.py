"""Walks the chain of models by which a SunSpec device describes itself."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from drivers.errors import DeviceUnreachableError, DriverError, ProfileError, RequestRefusedError
from drivers.sunspec.definitions import Group, definition
from drivers.sunspec.layout import Placed, fills, fixed_length, place
from drivers.sunspec.patience import MOST_REFUSALS, PatientReader, ReadRegisters, is_momentary

BASES = (40000, 50000, 0)
"""Where a device may keep its marker, as on the wire."""
_MARKER = [0x5375, 0x6E53]
"""'SunS'."""
_END = 0xFFFF
_MOST_MODELS = 64
_MOST_NAMES = 8
_MAKERS_OWN = 64000
"""Ids from here on are given by makers as they like."""


@dataclass(frozen=True, slots=True)
class Model:
    """One link of the chain."""

    id: int
    address: int
    """Of its id register, as on the wire."""
    length: int
    """Registers after its header."""
    words: tuple[int | None, ...] | None
    """Those registers as walked, None where unreadable, as far as the published model goes; None for a model
    that was passed over."""

    @property
    def body(self) -> int:
        """Address of the first register after the header."""
        return self.address + 2

    @property
    def points(self) -> tuple[Placed, ...]:
        """Its points as far as it reaches; none for a model that was passed over."""
        layout = definition(self.id)
        return () if layout is None or self.words is None else place(layout, self.words)

    @property
    def unreadable(self) -> tuple[int, ...]:
        """Addresses of the registers that the device did not give."""
        words = self.words or ()
        return tuple(self.body + offset for offset, word in enumerate(words) if word is None)


@dataclass(frozen=True, slots=True)
class SunSpecMap:
    """What a device said about itself."""

    base: int
    models: tuple[Model, ...]
    faults: tuple[str, ...] = ()
    """What was wrong with the chain; what lies before the fault is good."""

    @property
    def complete(self) -> bool:
        """Whether the chain was whole and every register readable; else a later walk may find more."""
        return not self.faults and not any(model.unreadable for model in self.models)

    def find(self, *ids: int) -> Model | None:
        """The first model with one of these ids, in the order of the chain."""
        return next((model for model in self.models if model.id in ids), None)


async def walk(
    read: ReadRegisters, bodies: Container[int] | None = None, most_refusals: int = MOST_REFUSALS
) -> SunSpecMap:
    """Find the marker and follow the chain; what is wrong with it is reported in `faults`.

    Where the device refuses registers, they are narrowed down to the points that it does not give.

    Args:
        read: reads the device.
        bodies: the models whose registers are read; None: all that are published.
        most_refusals: after so many refused requests, what the device refuses is not narrowed down further.

    Raises:
        ProfileError: no marker at any of `BASES`.
        DeviceUnreachableError: the device does not answer; half a map would be taken for the whole.
        RequestRefusedError: the device is busy, or a gateway does not reach it.
    """
    base = await find_base(read)
    reader = PatientReader(read, most_refusals)
    models: list[Model] = []
    faults: list[str] = []
    address = base + len(_MARKER)
    while len(models) < _MOST_MODELS:
        header = await _header(reader, address, faults)
        if header is None:
            break
        model = Model(*header, None)
        layout = _layout(model) if bodies is None or model.id in bodies else None
        if layout is not None:
            words, err = await reader.body(model.body, model.length, layout)
            model = Model(*header, words)
            if err is not None:
                faults.append(_unreadable(model, err))
        models.append(model)
        address = model.body + model.length
    else:
        faults.append(f"more than {_MOST_MODELS} models: the chain has no end")
    if reader.exhausted:
        faults.append(f"{most_refusals} requests refused: what was refused later is unreadable as a whole")
    return SunSpecMap(base, tuple(models), tuple(faults))


async def find_base(read: ReadRegisters) -> int:
    """Where the marker is. Raises as `walk`."""
    silence: DriverError | None = None
    answered = False
    for base in BASES:
        try:
            words = await read(base, len(_MARKER))
        except DeviceUnreachableError as err:
            silence = err  # some devices do not answer for registers that they lack
            continue
        except RequestRefusedError as err:
            if is_momentary(err):
                silence = err
            else:
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


async def _header(reader: PatientReader, address: int, faults: list[str]) -> tuple[int, int, int] | None:
    """Id, address and length of the model there; None at the end of the chain and where it is broken."""
    if address + 1 > 0xFFFF:
        faults.append(f"the chain runs past the last register without an end (at {address})")
        return None
    try:
        model, length = await reader.header(address)
    except RequestRefusedError as err:
        if is_momentary(err):
            raise
        faults.append(f"the header at {address} cannot be read: {err}")
        return None
    if model == _END:
        return None
    if length is None:
        length = _published_length(model)
        faults.append(f"the length of model {model} at {address} cannot be read: {_taken(length)}")
    if length is None:
        return None
    if model == 0 or length == 0:
        faults.append(f"no model begins at {address}: id {model}, length {length}")
        return None
    if address + 2 + length > 0xFFFF:
        faults.append(f"model {model} at {address} reaches past the last register: length {length}")
        return None
    return model, address, length


def _published_length(model: int) -> int | None:
    """Registers of a model that is always as long; None: not known."""
    layout = definition(model) if model < _MAKERS_OWN else None
    return None if layout is None else fixed_length(layout)


def _taken(length: int | None) -> str:
    return "the chain ends here" if length is None else f"the published one, {length}, is taken"


def _layout(model: Model) -> Group | None:
    """Its definition; a maker's own number counts only with the published length: others use it too."""
    layout = definition(model.id)
    if layout is None or model.id < _MAKERS_OWN:
        return layout
    return layout if fills(layout, model.length) else None


def _unreadable(model: Model, err: RequestRefusedError) -> str:
    """What a technician is told of a model that could not be read in full."""
    words = model.words or ()
    lost = len(model.unreadable)
    which = "it"
    if lost < len(words):
        names = [each.label for each in model.points if each.words(words) is None]
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        which = f"{', '.join(names[:_MOST_NAMES])}{more} ({lost} of {len(words)} registers)"
    return f"model {model.id} at {model.address}: {which} cannot be read: {err}"
