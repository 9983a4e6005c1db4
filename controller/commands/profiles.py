"""`tawan profiles`: which devices Tawan knows, in full, and what a profile file says wrongly."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from controller.commands.configuration import profiles_of
from controller.commands.control_plan import allowed, holding
from controller.commands.layout import columns, wrapped
from controller.core.model import Role
from controller.core.points import meaning
from drivers.errors import ProfileError
from drivers.model import Derived, Profile, ReadPoint, WritePoint
from drivers.profile import SUNSPEC, ProfileLibrary, read_profile

EXIT_USAGE = 2
_SUNSPEC_TEXT = (
    "sunspec: any device that describes itself by SunSpec models (PV inverters, meters, batteries). It has "
    "no file: the device is asked. `tawan read DEVICE` shows what it gives"
)
_READ_TOPICS = (
    "power", "volt", "amp", "freq", "strings", "today", "total", "SoC", "SoH", "batV", "batI", "temp",
    "state", "alarm",
    "channels",
)  # fmt: skip
_WRITE_TOPICS = ("limit", "charge", "setpoint", "mode", "on/off", "reserve", "relays", "run")
_TOPICS = {
    topic: re.compile(pattern)
    for topic, pattern in {
        "power": r"power_w$",
        "volt": r"^(?!battery|pv).*voltage",
        "amp": r"^(?!battery|pv).*current",
        "freq": r"frequency_hz",
        "strings": r"^pv[1-9]",
        "today": r"today_wh",
        "total": r"energy(?!.*today).*_wh",
        "SoC": r"battery2?_soc_frac",
        "SoH": r"battery2?_soh_frac",
        "batV": r"battery2?_voltage_v",
        "batI": r"battery2?_current",
        "temp": r"temperature_c|_temperature_",
        "state": r"state$|control_mode",
        "alarm": r"(alarm|warning|fault|status)_word|_alarm$",
        "channels": r"^channel_",
        "limit": r"^(export_|feed_in_)?limit_|export_limit|feed_in",
        "charge": r"charge_limit|charge_enabled|forced_",
        "setpoint": r"setpoint",
        "mode": r"mode",
        "on/off": r"^enabled$",
        "reserve": r"soc_(min|max)?_?frac|reserve",
        "relays": r"^channel_",
        "run": r"^run$",
    }.items()
}


def list_profiles(config: Path) -> int:
    """Print every profile; returns the exit status (1: a file of the site is faulty)."""
    library = profiles_of(config)
    good, faults = _loaded(library)
    for role in Role:
        of_role = [(name, profile) for name, profile in good.items() if profile.role is role]
        if of_role:
            print(f"{role}:")
        for name, profile in of_role:
            line = _line(name, profile, "" if library.origin(name) is None else " (the site's own)")
            print(wrapped(line, "  ", "      "))
    print()
    for sentence in (f"{_SUNSPEC_TEXT}.", *library.overrides(), *library.stray(), *faults):
        print(wrapped(sentence, then="  "))
    return 1 if faults else 0


def _line(name: str, profile: Profile, whose: str) -> str:
    points, controls = len(profile.reads) + len(profile.derived), len(profile.writes)
    counts = f"{points:3} points {controls:2} controls {confirmed_frac(profile):4.0%} confirmed"
    verified = profile.verified.split(",")[0]
    return f"{name:24} {counts}, {verified}{whose}: {profile.title}"


def show_profile(config: Path, name: str) -> int:
    """Print all of a profile; returns the exit status."""
    library = profiles_of(config)
    if name == SUNSPEC:
        print(wrapped(f"{_SUNSPEC_TEXT}."))
        return 0
    try:
        profile = library.load(name)
    except ProfileError as error:
        print(wrapped(f"tawan profiles: {error}."), file=sys.stderr)
        return EXIT_USAGE
    for line in _described(profile, library.origin(name)):
        indent = line[: len(line) - len(line.lstrip())]
        print(wrapped(line.lstrip(), indent, f"{indent}  "))
    return 0


def validate(files: Sequence[Path]) -> int:
    """Check profile files; returns the exit status (1: one is faulty)."""
    bad = 0
    for path in files:
        try:
            profile = read_profile(path)
        except ProfileError as error:
            bad += 1
            print(error)
            continue
        print(
            f"{path} is good: {profile.role}, {len(profile.reads) + len(profile.derived)} points, "
            f"{len(profile.writes)} control points, {confirmed_frac(profile):.0%} confirmed by two sources."
        )
        if not profile.identify:
            print("  It has no `identify`, so `tawan discover` will only propose it as a possibility.")
    return 1 if bad else 0


def coverage(config: Path, blocks: Path | None) -> int:
    """Print what the devices of each role offer, by topic; returns the exit status."""
    good, faults = _loaded(profiles_of(config))
    for role in Role:
        of_role = {name: profile for name, profile in sorted(good.items()) if profile.role is role}
        if of_role:
            table = tuple(_coverage(role, of_role, blocks))
            width = columns()
            is_wide = width is not None and max(len(line) for line in table) > width
            print("\n".join(_lacks(role, of_role) if is_wide else table))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def confirmed_frac(profile: Profile) -> float:
    """Which part of its points two independent sources agree on."""
    sources = [point.source for point in profile.reads.values()]
    sources += [point.source for point in profile.writes.values()]
    return sum(len(each) > 1 for each in sources) / max(1, len(sources))


def _loaded(library: ProfileLibrary) -> tuple[Mapping[str, Profile], tuple[str, ...]]:
    good: dict[str, Profile] = {}
    faults: list[str] = []
    for name in library.names():
        if name == SUNSPEC:
            continue
        try:
            good[name] = library.load(name)
        except ProfileError as error:
            faults.append(str(error))
    return good, tuple(faults)


def _coverage(role: Role, profiles: Mapping[str, Profile], blocks: Path | None) -> Iterator[str]:
    """A line a profile: counts, whether its registers are tested, and the topics that it offers."""
    reads = [topic for topic in _READ_TOPICS if _some(profiles, topic)]
    writes = [
        topic for topic in _WRITE_TOPICS if any(_offers(each.writes, topic) for each in profiles.values())
    ]
    block = "" if blocks is None else " block"
    yield "\nx: offered, -: not. Columns after the bar are control points."
    yield f"{role:24} read ctrl conf.{block} {' '.join(reads)} | {' '.join(writes)}"
    for name, profile in profiles.items():
        tested = "" if blocks is None else f" {'yes' if (blocks / f'{name}.yaml').exists() else 'NO':>5}"
        offered = {**profile.reads, **profile.derived}
        marks = " ".join(_mark(offered, topic) for topic in reads)
        controls = " ".join(_mark(profile.writes, topic) for topic in writes)
        counts = f"{len(offered):4} {len(profile.writes):4} {confirmed_frac(profile):5.0%}{tested}"
        yield f"  {name:22} {counts} {marks} | {controls}"


def _lacks(role: Role, profiles: Mapping[str, Profile]) -> Iterator[str]:
    """The same for narrow terminals: what each profile lacks of what others of its role offer."""
    yield f"\n{role}:"
    for name, profile in profiles.items():
        offered = {**profile.reads, **profile.derived}
        lacks = [topic for topic in _READ_TOPICS if _some(profiles, topic) and not _offers(offered, topic)]
        lacks += [
            f"{topic} (control)"
            for topic in _WRITE_TOPICS
            if any(_offers(each.writes, topic) for each in profiles.values())
            and not _offers(profile.writes, topic)
        ]
        counts = (
            f"{len(offered)} points, {len(profile.writes)} controls, {confirmed_frac(profile):.0%} confirmed"
        )
        yield wrapped(f"{name}: {counts}; lacks {', '.join(lacks) or 'nothing'}", "  ", "    ")


def _some(profiles: Mapping[str, Profile], topic: str) -> bool:
    return any(_offers(each.reads, topic) for each in profiles.values())


def _mark(names: Iterable[str], topic: str) -> str:
    return ("x" if _offers(names, topic) else "-").center(len(topic))


def _offers(names: Iterable[str], topic: str) -> bool:
    pattern = _TOPICS[topic]
    return any(pattern.search(name) for name in names)


def _described(profile: Profile, origin: Path | None) -> Iterator[str]:
    defaults, pace = profile.defaults, profile.pace
    yield f"{profile.model}: {profile.title}"
    yield f"  role {profile.role}; verified {profile.verified}; from {origin or 'Tawan'}"
    factory = [] if defaults.unit is None else [f"unit {defaults.unit}"]
    if defaults.baud:
        bauds = " or ".join(str(baud) for baud in defaults.baud)
        factory.append(f"{bauds} baud, parity {defaults.parity}, {defaults.stop_bits} stop bits")
    if defaults.tcp_port is not None:
        factory.append(f"TCP port {defaults.tcp_port}")
    yield f"  leaves the factory with {', '.join(factory) or 'settings that are not known'}"
    yield (
        f"  at most {pace.max_block} registers a request, {pace.min_gap_s * 1000:g} ms between requests"
        + (", one client at a time" if pace.one_client else "")
    )
    for check in profile.identify:
        told = check.text or check.range or ", ".join(str(value) for value in sorted(check.one_of))
        yield f"  recognised by {check.table} {check.address}, {check.words} registers: {told}"
    yield "  sources:"
    yield from (f"    {key}: {text}" for key, text in profile.sources.items())
    yield "  points:"
    for read in sorted(profile.reads.values(), key=lambda each: each.name):
        yield from _read_lines(read)
    for name, how in profile.derived.items():
        yield f"    {name}: {meaning(name) or ''} = {_made_of(how)}"
    if profile.writes:
        yield "  control points:"
    for control in profile.writes.values():
        yield from _write_lines(control)


def _read_lines(point: ReadPoint) -> Iterator[str]:
    where = f"{point.table} {point.address}"
    where += f" and {point.high_address}" if point.high_address is not None else ""
    where += f" of unit {point.unit_name}" if point.unit_name is not None else ""
    how = f"{point.type}" + (f", scale {point.scale:g}" if point.scale != 1 else "")
    how += f", offset {point.offset:g}" if point.offset else ""
    limits = "" if point.range is None else f", {point.range[0]:g} to {point.range[1]:g}"
    yield f"    {point.name}: {meaning(point.name) or ''}"
    yield f"      {where}: {how}{limits}; {point.poll}; {', '.join(point.source)}"
    told = [f"{code} {text}" for code, text in point.codes.items()]
    told += [f"bit {bit} {text}" for bit, text in point.bits.items()]
    if told:
        yield f"      {', '.join(told)}"


def _write_lines(point: WritePoint) -> Iterator[str]:
    yield f"    {point.name}: {meaning(point.name) or ''}; {allowed(point)}"
    where = f"{point.table} {point.address}: {point.type}, scale {point.scale:g}"
    yield f"      {where}; {', '.join(point.source)}"
    yield from (f"      {sentence}" for sentence in holding(point))
    if point.note is not None:
        yield f"      {point.note}"


def _made_of(how: Derived) -> str:
    if how.kind == "product":
        return " x ".join(how.parts)
    if how.kind == "directed":
        turns = " or ".join(str(each) for each in sorted(how.turns))
        return f"{how.parts[0]}, negative while {how.parts[1]} is {turns}"
    signed = [("" if sign > 0 else "-") + part for part, sign in zip(how.parts, how.signs, strict=True)]
    return " + ".join(signed).replace("+ -", "- ")
