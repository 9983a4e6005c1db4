"""Schema errors as faults: what was found, what is allowed, what to write instead."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from controller.config import hints, schema
from controller.config.faults import Fault, Keys
from controller.config.source import OddNumber, Source

_KEY = "[key]"
_UNION_TAGS = frozenset({"union_tag_invalid", "union_tag_not_found"})
_EXAMPLES = {
    "switch": "switch: {device: relays, channel: 1, closed_when: released}",
    "name": "name: {th: บ้านวังวน, en: Ban Wang Won}",
    "contact": 'contact: {name: {th: ช่าง, en: Technician}, phone: "080-000-0000"}',
    "classes": "classes: {critical: {ration_below_soc_frac: 0.06, off_below_soc_frac: 0.06}, …}",
}
_THAI_LONGITUDES = (97.0, 106.0)


def schema_faults(error: ValidationError | None, source: Source) -> dict[Keys, Fault]:
    """Every fault that the schema alone can see, by place: one a place, the most telling one."""
    faults: dict[Keys, Fault] = {}
    meant: set[Keys] = set()
    details = [] if error is None else error.errors(include_url=False, include_context=False)
    whys = {
        _keys(detail["loc"], detail["type"], source): detail["msg"].removeprefix("Value error, ")
        for detail in details
        if detail["type"] == "value_error"
    }
    places = [
        (_KEY if _KEY in detail["loc"] else detail["type"], _keys(detail["loc"], detail["type"], source))
        for detail in details
    ]
    for kind, keys in places:
        if kind == "extra_forbidden":
            faults[keys] = _unknown_key(keys, source, meant)
    for kind, keys in places:
        if kind == "extra_forbidden" or keys in faults or keys in meant:
            continue
        if kind == _KEY:
            faults[keys] = _bad_name(keys, source)
        elif source.value(keys) is None:
            faults[keys] = _nothing(keys, source)
        elif keys in whys and schema.is_section(schema.shape_at(keys, source)):
            faults[keys] = source.fault(keys, whys[keys])
        else:
            faults[keys] = _bad_value(keys, source)
    for keys in _nulls(source):
        faults.setdefault(keys, _nothing(keys, source))
    return faults


def _keys(loc: tuple[int | str, ...], kind: str, source: Source) -> Keys:
    """The place in the file: without the union members and the marker that pydantic puts in between."""
    keys: Keys = ()
    for part in map(str, loc):
        if part == _KEY:
            break
        # A union's member is named after the value of its `type`; no section has such a key.
        if len(keys) == 2 and keys[0] == "buses" and source.value((*keys, "type")) == part:
            continue
        keys = (*keys, part)
    return (*keys, "type") if kind in _UNION_TAGS else keys


def _nulls(source: Source) -> Iterator[Keys]:
    """Keys without a value: allowed by YAML, but always a slip in a config file."""
    return (keys for keys in source.places if keys and source.value(keys) is None)


def _unknown_key(keys: Keys, source: Source, meant: set[Keys]) -> Fault:
    """Fault of a key that does not exist; the key that was meant is added to meant, to be reported once."""
    *above, key = keys
    section = tuple(above)
    known = schema.allowed_keys(schema.shape_at(section, source))
    value = source.value(keys)
    where = ".".join(section) or "the file"
    found = f"the key {key}"
    by_unit = hints.for_unit_in_key(key, value, known)
    near = hints.for_stem(key, known)
    homes = _homes(key, section, source)
    if not near and not homes:
        near = hints.similar(key, known)
    slip = hints.for_slip(key, known)
    if slip:
        near, remedy = slip
    elif by_unit:
        near = by_unit[0]
        remedy = f"{where} has no such key, its unit is another: write {by_unit[1]}"
    elif near:
        remedy = f"{where} has no such key: did you mean {near}?"
    elif homes:
        remedy = f"{where} has no such key: it belongs into {homes}, is it indented right?"
    else:
        remedy = f"{where} has no such key: allowed are {', '.join(known)}"
    if near and source.value((*section, near)) is None:
        meant.add((*section, near))
    return source.fault(keys, remedy, found if value is None else f"{found} ({source.found(keys)})")


def _homes(key: str, section: Keys, source: Source) -> str:
    """Where a misplaced key would fit: wrong indentation moves keys into other sections."""
    homes = [home for home in schema.sections_with(key) if (home,) != section]
    empty = [home for home in homes if source.value((home,)) is None] or homes
    return " or ".join(empty)


def _bad_name(keys: Keys, source: Source) -> Fault:
    """Fault of a key that is a name of the technician's own choice."""
    name = keys[-1]
    allowed = schema.names_of(schema.shape_at(keys[:-1], source))
    few = schema.choices(allowed)
    if few:
        message = f"there is no such name{hints.instead(name, few)}"
    else:
        better = hints.as_name(name)
        message = "a name is a word of a to z, 0 to 9 and _, beginning with a letter, 40 characters at most"
        message += f": write {better}" if better else ""
    return source.fault(keys, message, f'the name "{name}"')


def _nothing(keys: Keys, source: Source) -> Fault:
    """Fault of a key that is missing or has no value."""
    section, key = keys[:-1], keys[-1]
    shape = schema.shape_at(keys, source)
    if shape is None:
        remedy = "a value is missing after the colon"
    elif keys not in source.places:
        remedy = f"{key} is required: {schema.expected(shape)}"
    elif schema.is_section(shape):
        remedy = f"{key} is empty: indent the lines that belong to it by two spaces more"
    else:
        remedy = f"write a value after the colon: {schema.expected(shape)}"
    above = schema.shape_at(section, source)
    if keys in source.places and above is not None and not schema.is_required(above, key):
        remedy += ", or remove the key"
    example = _EXAMPLES.get(key)
    return source.fault(keys, f"{remedy}, such as {example}" if example else remedy)


def _bad_value(keys: Keys, source: Source) -> Fault:
    """Fault of a value of the wrong kind or outside its limits."""
    shape = schema.shape_at(keys, source)
    allowed = schema.expected(shape)
    hint = _hint(keys, shape, source)
    return source.fault(keys, f"allowed is {allowed}{f'. Hint: {hint}' if hint else ''}")


def _hint(keys: Keys, shape: schema.Shape | None, source: Source) -> str | None:
    value, place, key = source.value(keys), source.places.get(keys), keys[-1]
    text = "" if place is None or place.text is None else place.text
    if schema.is_section(shape):
        before, colon, after = text.partition(":")
        return f"a space is missing after the colon: write `{before}: {after}`" if colon and after else None
    few = schema.choices(shape)
    if few and not schema.is_number(shape):
        near = hints.similar(text, few)
        return f"did you mean {near}?" if near else None
    if schema.is_number(shape):
        quoted = place is not None and place.quoted
        return _number_hint(key, value, text, quoted=quoted, whole=schema.is_whole(shape))
    if text[:1] in ("“", "”", "‘", "’"):
        return 'these are not the quotes of a keyboard: write " before and after it'
    if schema.is_text(shape) and isinstance(value, bool | int | float | OddNumber):
        return f'text that looks like a number or a truth needs quotes: write "{text}"'
    if key == "host" and "/" in text:
        return "the bare address, without http:// and path"
    if key == "port" and isinstance(value, str) and text.upper().startswith("COM"):
        return "COM ports are Windows'; list the ports of this host with `ls /dev/serial/by-id/`"
    return None


def _number_hint(key: str, value: object, text: str, *, quoted: bool, whole: bool) -> str | None:
    if isinstance(value, bool):
        return f"here belongs a number, not {text}"
    if isinstance(value, OddNumber):
        if text.lower().lstrip("+-.") in ("inf", "nan"):
            return "write a number that can be measured"
        remedy = hints.for_number(key, text, quoted=False)
        return f"this spelling is ambiguous: {remedy}" if remedy else "write plain digits"
    if isinstance(value, str):
        return hints.for_number(key, text, quoted=quoted)
    if isinstance(value, int | float):
        if whole and isinstance(value, float) and value.is_integer():
            return f"write {value:.0f}"
        low, high = _THAI_LONGITUDES
        if key == "latitude_deg" and low <= value <= high:
            return f"{text} is a longitude of Thailand: are latitude_deg and longitude_deg swapped?"
        return hints.for_fraction(key, value)
    return None
