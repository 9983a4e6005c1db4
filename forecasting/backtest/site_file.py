"""Reading a site file: one good `TrialSite`, or every fault at once with its place and the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from pydantic import ValidationError

from controller.config import hints
from controller.config.faults import ConfigError, Fault, Keys
from controller.config.source import Source, read_source
from forecasting.backtest.site_schema import ColumnFacts, LoadFacts, SiteFile
from forecasting.site import Place, PvArray, PvSite

_ALLOWED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "list_type": "a list in square brackets",
    "dict_type": "a section with keys of its own, indented below it",
    "model_type": "a section with keys of its own, indented below it",
    "literal_error": "one of {expected}",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number from {ge:g} up",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "a number up to {le:g}",
    "too_short": "a list of {min_length} values",
    "too_long": "a list of {max_length} values",
}
_PATTERNS = {
    "country": "the two capital letters of ISO 3166, such as TH",
    "weather_known_from": 'a time of day in quotes, such as "12:00"',
}


@dataclass(frozen=True, slots=True)
class TrialSite:
    """What a trial must know of the site and of the data file."""

    place: Place
    arrays: tuple[PvArray, ...] = ()
    rated_w: float | None = None
    """What errors of the PV are put in proportion to; None: nothing states the size of the panels."""
    hours: tuple[int, int] | None = None
    """First and last local hour that is scored, both included; None: all (load), or daylight (PV)."""
    columns: Mapping[str, ColumnFacts] | None = None
    """Which column holds which quantity; what is not named is recognised by its name."""
    loads: Mapping[str, LoadFacts] | None = None
    stamp_marks_end: bool = False
    stamp_timezone: str | None = None
    """Zone of the column time_local; None: that of the place."""
    step_s: int | None = None
    weather_known_from: time = time(12)
    """Local time of the day before from which on a day's weather forecast could be had."""

    @property
    def pv_site(self) -> PvSite:
        """The panels; one array of unknown make where none is described."""
        return PvSite(self.place, self.arrays or (PvArray("pv", dc_w=self.rated_w),))


def read_site(path: Path) -> TrialSite:
    """Read a site file. Raises ConfigError, which holds every fault, in the order of the file."""
    return site_of(read_source(path))


def site_of(source: Source) -> TrialSite:
    """The site that a source describes. Raises ConfigError."""
    facts, error = _validated(source)
    faults = dict(source.faults)
    for fault in (*_schema_faults(error, source), *_crossed_faults(source)):
        faults.setdefault(tuple(fault.path.split(".")), fault)
    if facts is None or faults:
        raise ConfigError(tuple(sorted(faults.values(), key=lambda fault: (fault.line or 0, fault.path))))
    return _trial_site(facts)


def _validated(source: Source) -> tuple[SiteFile | None, ValidationError | None]:
    try:
        return SiteFile.model_validate(source.data), None
    except ValidationError as err:
        return None, err


def _trial_site(facts: SiteFile) -> TrialSite:
    site = facts.site
    turbidity = None if site.linke_turbidity is None else tuple(site.linke_turbidity)
    arrays = tuple(
        PvArray(name, array.dc_w, array.ac_w, array.tilt_deg, array.azimuth_deg)
        for name, array in facts.pv.items()
    )
    return TrialSite(
        place=Place(
            site.latitude_deg, site.longitude_deg, site.timezone, site.altitude_m, site.country, turbidity
        ),
        arrays=arrays,
        rated_w=facts.rated_w if facts.rated_w is not None else total_power_w(arrays),
        hours=None if facts.hours is None else (facts.hours[0], facts.hours[1]),
        columns={str(name): column for name, column in facts.columns.items()},
        loads=facts.loads,
        stamp_marks_end=facts.stamp == "end",
        stamp_timezone=facts.stamp_timezone,
        step_s=facts.step_s,
        weather_known_from=time.fromisoformat(facts.weather_known_from),
    )


def total_power_w(arrays: Sequence[PvArray]) -> float | None:
    """Nameplate power of all arrays; None where that of one is unknown, or there is none."""
    powers = [array.dc_w for array in arrays if array.dc_w is not None]
    return sum(powers) if powers and len(powers) == len(arrays) else None


def _schema_faults(error: ValidationError | None, source: Source) -> Iterator[Fault]:
    """What the schema alone can see, one fault a place."""
    details = [] if error is None else error.errors(include_url=False)
    for detail in details:
        keys = tuple(str(part) for part in detail["loc"] if part != "[key]")
        kind = detail["type"]
        if kind == "missing":
            yield source.fault(keys, f"{keys[-1]} is missing: see docs/backtest.md for an example", "nothing")
        elif kind == "extra_forbidden":
            known = _known_keys(keys[:-1])
            yield source.fault(keys, f"there is no such key{hints.instead(keys[-1], known)}", _key(keys))
        elif "[key]" in detail["loc"]:
            yield source.fault(
                keys, f"there is no such quantity: use {detail['ctx']['expected']}", _key(keys)
            )
        else:
            yield source.fault(keys, _remedy(keys, kind, detail.get("ctx", {}), source))


def _key(keys: Keys) -> str:
    return f"the key {keys[-1]}"


def _known_keys(section: Keys) -> tuple[str, ...]:
    """The keys that a section may hold, as the schema has them."""
    schema = SiteFile.model_json_schema()
    names = {"site": "SiteFacts", "pv": "ArrayFacts", "columns": "ColumnFacts", "loads": "LoadFacts"}
    node = schema if not section else schema["$defs"][names[section[0]]]
    return tuple(node["properties"])


def _remedy(keys: Keys, kind: str, limits: Mapping[str, Any], source: Source) -> str:
    key, found = keys[-1], source.places.get(keys)
    text = "" if found is None or found.text is None else found.text
    if kind == "string_pattern_mismatch":
        return f"allowed is {_PATTERNS[key]}"
    remedy = f"allowed is {_ALLOWED[kind].format(**limits)}" if kind in _ALLOWED else f"not allowed ({kind})"
    hint = hints.for_number(key, text, quoted=found is not None and found.quoted)
    return f"{remedy}. Hint: {hint}" if hint and kind in ("float_type", "int_type") else remedy


def _crossed_faults(source: Source) -> Iterator[Fault]:
    """What only shows when values are seen together, or against the world."""
    for keys in (("site", "timezone"), ("stamp_timezone",)):
        zone = source.value(keys)
        if isinstance(zone, str) and zone not in available_timezones():
            near = hints.similar(zone, available_timezones())
            what = f"did you mean {near}?" if near else "write one such as Asia/Bangkok"
            yield source.fault(keys, f"there is no such time zone: {what}")
    loads = source.value(("loads",))
    for name, load in loads.items() if isinstance(loads, dict) else ():
        if isinstance(load, dict) and "kind" in load and "rated_w" not in load:
            message = "a first guess needs rated_w beside kind: what the feeder is built for, in watts"
            yield source.fault(("loads", name), message, "kind without rated_w")
    hours = source.value(("hours",))
    if isinstance(hours, list) and len(hours) == 2:
        first, last = hours
        if isinstance(first, int) and isinstance(last, int) and first > last:
            yield source.fault(("hours",), f"first the earlier hour: write [{last}, {first}]")
