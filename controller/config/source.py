"""The text of config.yaml as plain values that remember where and how they were written.

The YAML nodes are turned into values here rather than by a ready-made constructor, because a message
is only helpful if it knows the line and the spelling: `010`, `1.10` and `"502"` are gone once parsed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from controller.config.faults import ConfigError, Fault, Keys
from controller.config.syntax import AnyNode, compose

MAX_BYTES = 1 << 20
MAX_VALUES = 20_000
"""More cannot be a village: aliases of aliases could otherwise grow without end."""

_TAG = "tag:yaml.org,2002:"
_TAGS = frozenset(
    f"{_TAG}{kind}"
    for kind in ("null", "bool", "int", "float", "str", "timestamp", "merge", "value", "map", "seq")
)
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class OddNumber:
    """A number in a spelling that means different things to different readers: 010, 0x1F, 1_000, .nan."""

    text: str


Plain: TypeAlias = "bool | int | float | str | OddNumber | list[Plain] | dict[str, Plain] | None"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands and how it is spelt."""

    line: int
    """Counted from 1; the line of its key."""
    text: str | None
    """As written, without quotes; None for a section or a list."""
    quoted: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A config file that is good YAML."""

    file: str
    data: dict[str, Plain]
    places: dict[Keys, Place]
    faults: Mapping[Keys, Fault]
    """Duplicate keys and the like: good YAML, but no good configuration."""

    def line(self, keys: Keys) -> int | None:
        """Line of the place, or of the nearest section around it."""
        while keys and keys not in self.places:
            keys = keys[:-1]
        return self.places[keys].line if keys in self.places else None

    def value(self, keys: Keys) -> Plain:
        """The value there; None where there is none."""
        value: Plain = self.data
        for key in keys:
            if isinstance(value, dict):
                value = value.get(key)
            elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                return None
        return value

    def found(self, keys: Keys) -> str:
        """What stands there, as written and short enough for a message."""
        value, place = self.value(keys), self.places.get(keys)
        if value is None:
            return "nothing"
        if isinstance(value, dict | list):
            return "a section" if isinstance(value, dict) else "a list"
        text = str(value) if place is None or place.text is None else place.text
        text = text if len(text) <= 60 else f"{text[:59]}…"
        return f'"{text}"' if place is not None and place.quoted else text

    def fault(self, keys: Keys, message: str, found: str | None = None) -> Fault:
        """A fault at a place of this file; found defaults to what stands there."""
        found = self.found(keys) if found is None else found
        return Fault(self.file, ".".join(keys), self.line(keys), found, message)


def read_source(path: Path) -> Source:
    """Read a file. Raises ConfigError when it cannot be read or is not YAML with a section at its top."""
    file = str(path)
    root = compose(_read_text(path), file)
    if root is None:
        raise ConfigError((Fault(file, "", None, "an empty file", "start from the config.yaml of Tawan"),))
    builder = _Builder(file)
    data = builder.build(root, ())
    if not isinstance(data, dict):
        line = root.start_mark.line + 1
        message = "expected are keys with a colon, such as `format: 1`: start from the config.yaml of Tawan"
        raise ConfigError((Fault(file, "", line, "no keys", message),))
    return Source(file, data, builder.places, builder.faults)


def _read_text(path: Path) -> str:
    """The file's text. Raises ConfigError."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as err:
        raise ConfigError((Fault(file, "", None, None, _unreadable(path, err)),)) from err
    if len(raw) > MAX_BYTES:
        message = "a config file is at most 1 MiB: is this the right file?"
        raise ConfigError((Fault(file, "", None, "more than 1 MiB", message),))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = raw.count(b"\n", 0, err.start) + 1
        coded = "UTF-16 text" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else f"byte 0x{raw[err.start]:02x}"
        message = "the file is not UTF-8: save it again with the encoding UTF-8 (not TIS-620 or Windows-874)"
        raise ConfigError((Fault(file, "", line, coded, message),)) from err


def _unreadable(path: Path, err: OSError | ValueError) -> str:
    match err:
        case FileNotFoundError():
            where = path.absolute()
            return f"no such file; looked for {where}: give another with `tawan check --config PATH`"
        case IsADirectoryError():
            return f"this is a directory: name the file in it, as in {path / 'config.yaml'}"
        case PermissionError():
            return f"no permission to read it: look with `ls -l {path}`, give it with `sudo chmod a+r {path}`"
        case OSError():
            return f"cannot be read: {err.strerror or err}"
        case _:
            return f"not the name of a file: {err}"


@dataclass(slots=True)
class _Builder:
    """Turns nodes into plain values, noting places and faults on the way."""

    file: str
    places: dict[Keys, Place] = field(default_factory=dict)
    faults: dict[Keys, Fault] = field(default_factory=dict)
    _open: set[int] = field(default_factory=set)

    def build(self, node: AnyNode, keys: Keys, line: int | None = None) -> Plain:
        """The value of a node; line is that of its key."""
        line = node.start_mark.line + 1 if line is None else line
        text = node.value if isinstance(node, ScalarNode) else None
        quoted = isinstance(node, ScalarNode) and node.style is not None
        self.places[keys] = Place(line, text, quoted)
        if len(self.places) > MAX_VALUES:
            raise ConfigError((Fault(self.file, "", line, "too many values", "aliases multiply them"),))
        if str(node.tag) not in _TAGS:
            self._fault(keys, line, f"the tag {node.tag}", "tags mean nothing here: remove it")
            return None
        if isinstance(node, ScalarNode):
            return _scalar(node)
        if id(node) in self._open:
            self._fault(keys, line, "an alias of its own section", "write the values out")
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, SequenceNode):
                return [self.build(item, (*keys, str(n))) for n, item in enumerate(node.value)]
            return self._mapping(node, keys)
        finally:
            self._open.remove(id(node))

    def _mapping(self, node: MappingNode, keys: Keys) -> dict[str, Plain]:
        built: dict[str, Plain] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._fault(keys, line, "a section or list as a key", "keys are plain words")
                continue
            if _is_merge(key_node):
                continue
            key = key_node.value
            if key in built:
                first = self.places[(*keys, key)].line
                message = f"the same key stands in line {first} already: remove one, or rename it"
                self._fault((*keys, key), line, f"{key} a second time", message)
                continue
            built[key] = self.build(value_node, (*keys, key), line)
        for key, value_node, line in self._merged(node, keys):
            if key not in built:
                built[key] = self.build(value_node, (*keys, key), line)
        return built

    def _merged(self, node: MappingNode, keys: Keys) -> Iterator[tuple[str, AnyNode, int]]:
        """Keys that `<<:` brings in, the nearest first."""
        for key_node, value_node in node.value:
            if not (isinstance(key_node, ScalarNode) and _is_merge(key_node)):
                continue
            parts = value_node.value if isinstance(value_node, SequenceNode) else [value_node]
            for part in parts:
                if not isinstance(part, MappingNode) or id(part) in self._open:
                    line = key_node.start_mark.line + 1
                    self._fault((*keys, "<<"), line, "no other section", "write `<<: *name` of an anchor")
                    continue
                self._open.add(id(part))
                for key, value in part.value:
                    if isinstance(key, ScalarNode) and not _is_merge(key):
                        yield key.value, value, key.start_mark.line + 1
                yield from self._merged(part, keys)
                self._open.remove(id(part))

    def _fault(self, keys: Keys, line: int, found: str, message: str) -> None:
        self.faults.setdefault(keys, Fault(self.file, ".".join(keys), line, found, message))


def _is_merge(node: ScalarNode) -> bool:
    return str(node.tag) == f"{_TAG}merge"


def _scalar(node: ScalarNode) -> Plain:
    """The value that YAML 1.2 gives a scalar; numbers only in their one plain spelling."""
    text: str = node.value
    match str(node.tag).removeprefix(_TAG):
        case "null" if text.lower() in ("", "~", "null"):
            return None
        case "bool" if text.lower() in ("true", "false"):
            return text.lower() == "true"
        case "int" if _INTEGER.fullmatch(text):
            return int(text)
        case "float" if _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        case "int" | "float":
            return OddNumber(text)
        case _:
            return text
