"""Guesses at what a technician meant, from what was written: pure text to text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple


class Unit(NamedTuple):
    """A unit people write, and what the config file counts in instead."""

    suffix: str
    factor: float


_UNITS = {
    Unit("w", 1): "w watt watts วัตต์",
    Unit("w", 1e3): "kw kilowatt kilowatts กิโลวัตต์",
    Unit("w", 1e6): "mw megawatt",
    Unit("w", 800): "kva",
    Unit("wh", 1): "wh",
    Unit("wh", 1e3): "kwh หน่วย",
    Unit("wh", 1e6): "mwh",
    Unit("s", 1e-3): "ms",
    Unit("s", 1): "s sec secs second seconds วินาที",
    Unit("s", 60): "min mins minute minutes m นาที",
    Unit("s", 3600): "h hr hrs hour hours ชั่วโมง",
    Unit("s", 86400): "d day days วัน",
    Unit("frac", 0.01): "% percent pct per_cent เปอร์เซ็นต์",
    Unit("frac", 1): "frac fraction ratio",
    Unit("v", 1): "v volt volts",
    Unit("v", 1e-3): "mv",
    Unit("hz", 1): "hz",
    Unit("c", 1): "c °c celsius degc",
    Unit("deg", 1): "deg degree degrees °",
}
UNITS = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_QUANTITY = re.compile(rf"(?P<number>{_NUMBER.pattern})\s*(?P<unit>[^\s0-9.,:]+)")
_TRUTHS = frozenset({"on", "off", "yes", "no", "true", "false", "y", "n"})


def plain(value: float) -> str:
    """A number as one would type it."""
    text = f"{value:.10g}"
    return text if "e" not in text else f"{value:.6f}".rstrip("0").rstrip(".")


def similar(word: str, words: Iterable[str], likeness: float = 0.65) -> str | None:
    """The one that was probably meant, None if nothing is that alike (0 to 1)."""
    by_folded = {known.lower().replace("-", "_"): known for known in words}
    near = difflib.get_close_matches(word.lower().replace("-", "_"), by_folded, n=1, cutoff=likeness)
    return by_folded[near[0]] if near else None


def instead(word: str, words: Iterable[str]) -> str:
    """The end of a sentence: the one that was probably meant, else all there are."""
    known = tuple(words)
    near = similar(word, known)
    if near:
        return f": did you mean {near}?"
    return f": there are {', '.join(known)}" if known else ""


def for_number(key: str, text: str, *, quoted: bool) -> str | None:
    """What to write instead of text where a number belongs."""
    western = text.strip().translate(_THAI_DIGITS).replace("_", "")
    if western.lower() in _TRUTHS:
        return f"here belongs a number, not {text}"
    if _NUMBER.fullmatch(western):
        number = _without_leading_zeros(western)
        return f"write {number} without quotes" if quoted else f"write {number}"
    if re.fullmatch(r"[-+]?0x[0-9A-Fa-f]+", western):
        return f"write {int(western, 16)}"
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", western):
        return f"write {western.replace(',', '')} without separators"
    if re.fullmatch(r"[0-9]+,[0-9]+", western):
        return f"write {western.replace(',', '.')} with a decimal point"
    if re.fullmatch(r"[0-9]+(:[0-9]{1,2}){1,2}", western):
        return _for_time_of_day(key, western)
    quantity = _QUANTITY.fullmatch(western)
    return None if quantity is None else _for_quantity(key, float(quantity["number"]), quantity["unit"])


def _without_leading_zeros(number: str) -> str:
    sign = "-" if number.startswith("-") else ""
    digits = number.lstrip("+-").lstrip("0")
    return sign + (f"0{digits}" if not digits or digits.startswith(".") else digits)


def _for_time_of_day(key: str, text: str) -> str:
    parts = [int(part) for part in text.split(":")]
    if not key.endswith("_s"):
        return "a time with colons is not a number"
    seconds = 60 * parts[0] + parts[1] if len(parts) == 2 else 3600 * parts[0] + 60 * parts[1] + parts[2]
    meant = "minutes and seconds" if len(parts) == 2 else "hours, minutes and seconds"
    return f"write seconds as one number ({text} as {meant} is {seconds})"


def _for_quantity(key: str, number: float, word: str) -> str:
    """The same quantity in the unit of the key."""
    unit, suffix = UNITS.get(word.lower()), key.rpartition("_")[2]
    if unit is None or unit.suffix != suffix:
        return f"write the number alone{_unit_of(suffix)}"
    note = " (at power factor 0.8)" if word.lower() == "kva" else ""
    return f"write {plain(number * unit.factor)}{note}: the unit is in the key's name"


def _unit_of(suffix: str) -> str:
    return f", in the unit at the end of the key's name (_{suffix})" if suffix in UNITS else ""


def for_fraction(key: str, value: float) -> str | None:
    """Per cent where a fraction belongs."""
    if key.endswith("_frac") and 1 < value <= 100:
        return f"a fraction, not per cent: write {plain(value / 100)}"
    return None


def for_unit_in_key(key: str, value: object, known: Iterable[str]) -> tuple[str, str] | None:
    """For `rated_kw: 3` the known key of the same stem and what to write: rated_w and `rated_w: 3000`."""
    stem, _, word = key.rpartition("_")
    unit = UNITS.get(word.lower())
    if not stem or unit is None:
        return None
    meant = f"{stem}_{unit.suffix}"
    if meant not in known:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        note = " (at power factor 0.8)" if word.lower() == "kva" else ""
        return meant, f"`{meant}: {plain(value * unit.factor)}`{note}"
    return meant, f"`{meant}: …`"


def for_stem(key: str, known: Iterable[str]) -> str | None:
    """The known key that only adds its unit: `rated` means `rated_w`."""
    return next((name for name in known if name.rpartition("_")[0] == key), None)


def for_slip(key: str, known: Iterable[str]) -> tuple[str | None, str] | None:
    """For a key that came about by a slip of the finger: the known key, if any, and what to do."""
    before, colon, after = key.partition(":")
    if colon and before in known:
        return before, f"a space is missing after the colon: write `{before}: {after}`"
    if key.isdecimal():
        return None, "a comma separates keys: write decimals with a point, as in 12.5"
    if key != key.strip():
        meant = key.strip() if key.strip() in known else None
        return meant, "the spaces around this key are not ordinary ones: delete them and type them again"
    return None


def as_name(text: str) -> str | None:
    """The nearest allowed name, None if nothing of it is left."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if not name:
        return None
    return (name if name[0].isalpha() else f"no_{name}")[:40]
