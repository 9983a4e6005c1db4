"""The core's memory as JSON and back, so that it survives a restart.

Older or missing keys take their defaults; a value of the wrong type is an error, never repaired. What belongs
to one run only (the last tick's instant, which feeders have been seen) is left out.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping, Sequence
from typing import TypeVar

from controller.core.model import Memory, Tally

_T = TypeVar("_T")
_PER_RUN = frozenset({"monotonic_s", "adopted"})


def to_json(memory: Memory) -> dict[str, object]:
    """The memory as plain dicts, lists, strings, numbers and None."""
    plain = _plain(memory)
    return {"format": 1, **typing.cast("dict[str, object]", plain)}


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value):
        kept = [f.name for f in dataclasses.fields(value) if f.name not in _PER_RUN]
        return {name: _plain(getattr(value, name)) for name in kept}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def from_json(data: Mapping[str, object]) -> Memory:
    """The memory that `to_json` wrote, of this or an earlier version. Raises ValueError."""
    if data.get("format", 1) != 1:
        raise ValueError(f"memory: format is {data['format']!r}, 1 is expected")
    return _built(Memory, data, "memory")


def _built(kind: type[_T], data: object, where: str) -> _T:
    given = _object(data, where)
    hints = typing.get_type_hints(kind)
    values = {
        name: _value(hint, given[name], f"{where}.{name}")
        for name, hint in hints.items()
        if name in given and name not in _PER_RUN
    }
    try:
        return kind(**values)
    except TypeError as err:  # something without a default is missing
        raise ValueError(f"{where}: {err}") from err


def _value(hint: object, data: object, where: str) -> object:
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is tuple:  # always: any number of the same
        return tuple(_value(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(_row(data, where)))
    if isinstance(hint, types.UnionType):  # always: something or None
        return None if data is None else _value(arguments[0], data, where)
    if arguments:
        items = _object(data, where)
        return {key: _value(arguments[1], item, f"{where}.{key}") for key, item in items.items()}
    if hint is typing.Any or not isinstance(hint, type):  # parameters of reasons
        return data
    if issubclass(hint, Tally):
        return _tally(data, where)
    return _built(hint, data, where) if dataclasses.is_dataclass(hint) else _scalar(hint, data, where)


def _tally(data: object, where: str) -> Tally:
    """A row of numbers; one that an older version wrote may be shorter."""
    row = _row(data, where)[: len(Tally._fields)]
    return Tally(*(typing.cast("float", _scalar(float, item, f"{where}[{i}]")) for i, item in enumerate(row)))


def _row(data: object, where: str) -> Sequence[object]:
    if isinstance(data, list | tuple):
        return data
    raise ValueError(f"{where}: a list is expected, not {data!r}")


def _object(data: object, where: str) -> Mapping[str, object]:
    if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
        raise ValueError(f"{where}: an object is expected, not {data!r}")
    return data


def _scalar(hint: type, data: object, where: str) -> object:
    """A string, bool, int or finite float; bool is no number, and an int will do for a float."""
    if hint is float and type(data) is int:
        return float(data)
    if type(data) is not hint or (isinstance(data, float) and not math.isfinite(data)):
        raise ValueError(f"{where}: {hint.__name__} is expected, not {data!r}")
    return data
