"""Everything a SunSpec device said when it was walked, decoded for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drivers.codec import decode, signed16
from drivers.sunspec.chain import Model, SunSpecMap
from drivers.sunspec.layout import Field, Layout, read_point
from drivers.sunspec.models import COMMON, LAYOUTS


@dataclass(frozen=True, slots=True)
class Identity:
    """Who made the device; None where it does not say."""

    manufacturer: str | None
    model: str | None
    options: str | None
    version: str | None
    serial: str | None


@dataclass(frozen=True, slots=True)
class Value:
    """One point under its SunSpec name."""

    model: int
    module: int | None
    """Counted from 1 in models that repeat (the MPPT inputs of model 160)."""
    name: str
    value: float | str | None
    """In SunSpec's unit and sign; None when not implemented."""
    units: str
    meaning: str | None = None
    """What a state means."""


@dataclass(frozen=True, slots=True)
class Description:
    """A device, for the command line."""

    identity: Identity
    values: tuple[Value, ...]


def describe(found: SunSpecMap) -> Description:
    """Identity and all values of the models that could be read, as they were when walked."""
    values = tuple(value for model in found.models for value in _model_values(model))
    texts = {value.name: value.value for value in values if value.model == COMMON}

    def text(name: str) -> str | None:
        value = texts.get(name)
        return value if isinstance(value, str) else None

    identity = Identity(text("Mn"), text("Md"), text("Opt"), text("Vr"), text("SN"))
    return Description(identity, values)


def _model_values(model: Model) -> Iterator[Value]:
    if model.words is None:
        return
    layout = LAYOUTS[model.id]
    yield from _values(model, layout, layout.fields, model.words, None)
    if not layout.repeated:
        return
    modules = (model.length - layout.fixed_words) // layout.repeated_words
    for index in range(modules):
        # A module's words are moved to where the first module lies, so that one layout serves all.
        start = layout.fixed_words + index * layout.repeated_words
        words = model.words[: layout.fixed_words] + model.words[start : start + layout.repeated_words]
        yield from _values(model, layout, layout.repeated, words, index + 1)


def _values(
    model: Model, layout: Layout, fields: Mapping[str, Field], words: tuple[int, ...], module: int | None
) -> Iterator[Value]:
    for field in fields.values():
        if field.is_value and field.offset + field.words <= len(words):
            value = _text(field, words) if field.is_text else _number(layout, field, words)
            meaning = field.codes.get(int(value)) if isinstance(value, float | int) else None
            yield Value(model.id, module, field.name, value, field.units, meaning)


def _number(layout: Layout, field: Field, words: tuple[int, ...]) -> float | None:
    """The field's value; words begin at the model's body, hence addresses count from 0 here."""
    point = read_point(layout, field, 0, name=field.name)
    exponent = None
    if point.scale_address is not None and point.scale_address < len(words):
        exponent = signed16(words[point.scale_address])
    return decode(words[point.address : point.address + field.words], point, exponent)


def _text(field: Field, words: tuple[int, ...]) -> str | None:
    data = b"".join(word.to_bytes(2, "big") for word in words[field.offset : field.offset + field.words])
    text = data.split(b"\0", 1)[0].decode("ascii", errors="replace").strip()
    return text or None
