"""What `tawan discover` found, as stanzas to paste into config.yaml, or as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from controller.commands.layout import restored, unbroken, wrapped
from controller.core.model import Role
from controller.settings import BusSettings, Config
from drivers.discovery import Candidate, Found, Survey
from drivers.wire import describe

Json = dict[str, Any]

_STEMS: Mapping[Role, str] = {
    Role.PV_INVERTER: "pv",
    Role.BATTERY_INVERTER: "battery_inverter",
    Role.HYBRID_INVERTER: "hybrid",
    Role.SOLAR_CHARGER: "charger",
    Role.BATTERY: "battery",
    Role.METER: "meter",
    Role.GENSET: "genset",
    Role.SWITCH: "relays",
    Role.IRRADIANCE_SENSOR: "sun",
}
_NEXT = (
    "Give the devices names of your own, name each where it belongs (feeders, pv, battery ...), then: tawan "
    "check, and for each device: tawan test NAME"
)
_NOTHING = """Nothing answered. Look at:
  the supply of the devices;
  the wires: A to A and B to B (makers swap the letters: try the other way round), one line without stars;
  unit id, baud rate and parity in the devices' menus, and give them: --units 1-32 --baud 9600 --parity even;
  at the network: the address, and whether Modbus TCP is switched on in the device."""


def proposal(survey: Survey, config: Config | None) -> str:
    """The findings for people: YAML to paste, the rest as comments."""
    lines: list[str] = []
    if survey.found:
        lines += _yaml(survey, config)
        lines += ["", wrapped(_NEXT, "# ", "# ")]
    elif not survey.remarks:
        lines.append(_NOTHING)
    told = [_sentence(each) for each in survey.remarks]
    told += [f"searched: {each}" for each in survey.tried]
    told += [f"not searched: {each}" for each in survey.untried]
    if survey.requests:
        told.append(f"{survey.requests} requests, all of them reads")
    mark, more = ("# ", "#   ") if survey.found else ("", "  ")
    lines += [wrapped(each, mark, more) for each in told]
    return "\n".join(lines)


def as_json(survey: Survey) -> Json:
    """The findings for programs."""
    return {
        "found": [
            {
                "bus": each.bus.model_dump(),
                "unit": each.unit,
                "garbled": each.garbled,
                "also_at": list(each.also_at),
                "candidates": [_candidate(one) for one in each.candidates],
            }
            for each in survey.found
        ],
        "remarks": survey.remarks,
        "tried": survey.tried,
        "untried": survey.untried,
        "requests": survey.requests,
    }


def _candidate(candidate: Candidate) -> Json:
    return {
        "profile": candidate.profile,
        "role": candidate.role.value,
        "title": candidate.title,
        "confidence": candidate.confidence.value,
        "why": candidate.why,
        "units": dict(candidate.units),
        "says": candidate.says,
        "maker": candidate.maker,
        "model": candidate.model,
        "serial": candidate.serial,
    }


def _yaml(survey: Survey, config: Config | None) -> Iterator[str]:
    names = _bus_names(survey, config)
    new = [(name, bus) for name, bus in names if config is None or name not in config.buses]
    if new:
        yield "buses:"
        yield from (_stanza(name, bus.model_dump(exclude_defaults=True)) for name, bus in new)
        yield ""
    yield "devices:"
    taken = set() if config is None else set(config.devices)
    for found in survey.found:
        bus = next(name for name, each in names if each == found.bus)
        yield from _device(found, bus, taken, config)


def _bus_names(survey: Survey, config: Config | None) -> list[tuple[str, BusSettings]]:
    """A name for each bus on which something was found: that of config.yaml where it has one."""
    known = {} if config is None else dict(config.buses)
    names: list[tuple[str, BusSettings]] = []
    for bus in dict.fromkeys(found.bus for found in survey.found):
        name = next((name for name, each in known.items() if each == bus), None)
        stem = "line" if bus.type == "rtu" else "host"
        names.append((name or _free(stem, {*known, *(each for each, _ in names)}), bus))
    return names


def _device(found: Found, bus: str, taken: set[str], config: Config | None) -> Iterator[str]:
    where = f"unit {found.unit} at {describe(found.bus)}"
    if found.garbled:
        yield _comment(
            f"{where}: the answers come garbled. Two devices may have this unit id: switch off all but one "
            "and give each an id of its own; or the line is bad (termination, shield, A and B)."
        )
    if not found.candidates:
        if not found.garbled:
            yield _comment(
                f"{where} answers, but no profile recognises it: choose one by its type plate (`tawan "
                "profiles list`), try it (`tawan read --profile`), or write one (docs/add-a-device.md)."
            )
        return
    best, *others = found.candidates
    yield _comment(f"{best.confidence}: {plain(best.title)}; {plain(best.why)}")
    identity = ", ".join(plain(each) for each in (best.maker, best.model, best.serial, best.says) if each)
    if identity:
        yield _comment(f"it says: {identity}")
    if found.also_at:
        also = ", ".join(str(unit) for unit in found.also_at)
        yield _comment(f"the same device also answers at unit ids {also}")
    for other in others:
        yield _comment(f"or, {other.confidence}: {other.role}, profile {other.profile} ({plain(other.why)})")
    known = None if config is None else _known(found, bus, config)
    if known is not None:
        yield _comment(f"config.yaml has it already: {known}")
        return
    stem = _STEMS[best.role]
    name = _free(stem if stem not in taken and best.role is not Role.METER else f"{stem}_{found.unit}", taken)
    taken.add(name)
    keys: Json = {"role": best.role.value, "profile": best.profile, "bus": bus, "unit": found.unit}
    if best.units:
        keys["units"] = dict(best.units)
    yield _stanza(name, keys)


def _known(found: Found, bus: str, config: Config) -> str | None:
    """The device of config.yaml at this place, and whether its profile is another."""
    for name, device in config.devices.items():
        if (device.bus, device.unit) == (bus, found.unit):
            same = device.profile in [each.profile for each in found.candidates[:1]]
            return name if same else f"{name}, but with the profile {device.profile}: check which is right"
    return None


def _free(stem: str, taken: set[str]) -> str:
    if stem not in taken:
        return stem
    return next(name for number in range(2, 1000) if (name := f"{stem}_{number}") not in taken)


def _comment(text: str) -> str:
    return wrapped(text, "  # ", "  #   ")


def _stanza(name: str, values: Mapping[str, Any]) -> str:
    """A mapping of one line, or of several that are broken between its keys."""
    return restored(wrapped(_flow(values), unbroken(f"  {name}: "), "     "))


def _sentence(text: str) -> str:
    told = plain(text).rstrip(".")
    return told if told.endswith("?") else f"{told}."


def _flow(values: Mapping[str, Any]) -> str:
    inner = (
        unbroken(f"{key}: {_flow(value) if isinstance(value, Mapping) else value}")
        for key, value in values.items()
    )
    return "{" + ", ".join(inner) + "}"


def plain(text: str) -> str:
    """Text on one line, without what a device could play tricks with."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
