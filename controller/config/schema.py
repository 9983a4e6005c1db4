"""What the schema allows at a place of config.yaml, in words; made only when a fault has to be explained."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from controller.config.faults import Keys
from controller.config.hints import plain
from controller.config.source import Source
from controller.settings import Config

Shape = Mapping[str, Any]
"""A node of the JSON schema, its references followed."""


@cache
def _schema() -> Shape:
    return Config.model_json_schema()


def shape_at(keys: Keys, source: Source) -> Shape | None:
    """What may stand there; None where nothing may. Of a union, the member that the file chose."""
    shape: Shape | None = _schema()
    for depth, key in enumerate(keys):
        shape = None if shape is None else _below(shape, key)
        shape = None if shape is None else _resolved(shape, source.value(keys[: depth + 1]))
    return shape


def allowed_keys(shape: Shape | None) -> tuple[str, ...]:
    """The keys that a section may hold; none for one whose keys are names or for a plain value."""
    return () if shape is None else tuple(shape.get("properties", ()))


def is_required(shape: Shape, key: str) -> bool:
    """Whether a section must hold the key."""
    return key in shape.get("required", ())


def is_section(shape: Shape | None) -> bool:
    """Whether keys stand there rather than a value."""
    return shape is not None and (shape.get("type") == "object" or "oneOf" in shape)


def is_number(shape: Shape | None) -> bool:
    """Whether a number stands there."""
    return shape is not None and shape.get("type") in ("number", "integer")


def is_whole(shape: Shape | None) -> bool:
    """Whether the number has no decimals."""
    return shape is not None and shape.get("type") == "integer"


def is_text(shape: Shape | None) -> bool:
    """Whether text stands there, free or one of a few words."""
    return shape is not None and shape.get("type") == "string"


def choices(shape: Shape | None) -> tuple[str, ...]:
    """The few values that may stand there, empty if there are more."""
    if shape is None:
        return ()
    if "const" in shape:
        return (str(shape["const"]),)
    if shape.get("type") == "boolean":
        return ("true", "false")
    return tuple(str(value) for value in shape.get("enum", ()))


def names_of(shape: Shape | None) -> Shape:
    """What the keys of a section with free names may be."""
    if shape is None:
        return {}
    for pattern in shape.get("patternProperties", {}):
        return {"type": "string", "pattern": pattern}
    return _resolved(shape.get("propertyNames", {}), None)


def sections_with(key: str) -> tuple[str, ...]:
    """The top sections that have a key of this name."""
    top = {name: _resolved(shape, None) for name, shape in _schema()["properties"].items()}
    return tuple(name for name, shape in top.items() if key in shape.get("properties", ()))


def expected(shape: Shape | None) -> str:
    """What may stand there, as the end of 'allowed is …'."""
    if is_section(shape) or shape is None:
        return "a section with keys of its own, indented below it"
    few = choices(shape)
    if few:
        return few[0] if len(few) == 1 else f"one of {', '.join(few)}"
    if is_number(shape):
        kind = "a whole number" if shape["type"] == "integer" else "a number"
        return kind + _limits(shape)
    if shape.get("type") == "array":
        return _listed(shape)
    if "description" in shape:
        return str(shape["description"])
    if shape.get("format") == "path":
        return "a path beginning with /"
    return (
        f"text of {shape['minLength']} to {shape['maxLength']} characters" if "maxLength" in shape else "text"
    )


def _listed(shape: Shape) -> str:
    """What a list may hold."""
    low, high = shape.get("minItems", 0), shape.get("maxItems")
    number = f"{low}" if low == high else f"{low} to {high}"
    return f"a list of {number} in square brackets, each {expected(_resolved(shape['items'], None))}"


def _limits(shape: Shape) -> str:
    low, above = shape.get("minimum"), shape.get("exclusiveMinimum")
    high, below = shape.get("maximum"), shape.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {plain(low)} to {plain(high)}"
    words = [
        word.format(plain(limit))
        for word, limit in (
            (" from {} up", low),
            (" above {}", above),
            (" up to {}", high),
            (" below {}", below),
        )
        if limit is not None
    ]
    return " and".join(words)


def _below(shape: Shape, key: str) -> Shape | None:
    if key in shape.get("properties", ()):
        found: Shape = shape["properties"][key]
        return found
    if "oneOf" in shape and key == shape["discriminator"]["propertyName"]:
        return {"enum": list(shape["discriminator"]["mapping"]), "type": "string"}
    for found in shape.get("patternProperties", {}).values():
        return found
    if shape.get("type") == "array" and key.isdecimal():
        item: Shape = shape["items"]
        return item
    more = shape.get("additionalProperties")
    return more if isinstance(more, dict) else None


def _resolved(shape: Shape, value: object) -> Shape:
    """The node behind references, options and unions; a value without a known type leaves the union."""
    while True:
        if "$ref" in shape:
            shape = _schema()["$defs"][shape["$ref"].rpartition("/")[2]]
        elif "anyOf" in shape:
            shape = next(member for member in shape["anyOf"] if member.get("type") != "null")
        elif "oneOf" in shape:
            chosen = shape["discriminator"]["mapping"].get(_type_of(value, shape))
            if chosen is None:
                return shape
            shape = {"$ref": chosen}
        else:
            return shape


def _type_of(value: object, shape: Shape) -> object:
    kind = value.get(shape["discriminator"]["propertyName"]) if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None
