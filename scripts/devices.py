"""Writes docs/devices.md: which devices Tawan knows, and how each is verified.

.venv/bin/python scripts/devices.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from controller.core.model import Role
from drivers.model import Profile, ReadPoint, WritePoint
from drivers.profile import SUNSPEC, available_profiles, load_profile

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "devices.md"
BLOCKS = ROOT / "tests" / "drivers" / "blocks"
HEAD = """# Devices

Made by `scripts/devices.py` from the profiles and their tests; `tawan profiles show NAME` tells all of one.

*Confirmed* points are those on whose address, type, scale and sign two independent sources agree: the
maker's document and a driver, or two drivers of which neither copied the other. *Control points* are what
may be written. Every profile is held against a block of registers on a Modbus server that shares no code
with ours, reading every point and writing every control point; the last column says where that block comes
from. No profile has been at our own bench yet: before a device is trusted with a village, `tawan test
DEVICE` proves on the spot that it reads and obeys.

SunSpec devices need no profile: `profile: sunspec` walks the models by which they describe themselves, as
PV inverter, hybrid or battery inverter, battery, meter or irradiance sensor. All models that the SunSpec
Alliance has published are decoded; they are held against the Alliance's own decoder, point by point.
"""

_TITLES = {
    Role.PV_INVERTER: "PV inverters",
    Role.BATTERY_INVERTER: "Battery inverters",
    Role.HYBRID_INVERTER: "Hybrid inverters",
    Role.SOLAR_CHARGER: "Solar chargers",
    Role.BATTERY: "Batteries",
    Role.METER: "Meters",
    Role.GENSET: "Genset controllers",
    Role.SWITCH: "Relay boards",
    Role.IRRADIANCE_SENSOR: "Irradiance sensors",
}


def page() -> str:
    """The whole page."""
    return "\n".join((HEAD, *_sections()))


def _sections() -> Iterator[str]:
    profiles = [load_profile(name) for name in available_profiles() if name != SUNSPEC]
    for role in Role:
        mine = [profile for profile in profiles if profile.role is role]
        if not mine:
            continue
        yield f"## {_TITLES[role]}\n"
        yield "| device | profile | points | confirmed | control points | verified |"
        yield "| --- | --- | --- | --- | --- | --- |"
        for profile in mine:
            yield _row(profile)
        yield ""


def _row(profile: Profile) -> str:
    points = tuple(profile.reads.values())
    controls = tuple(profile.writes.values())
    verified = f"{profile.verified}; block {_origin(profile.model)}"
    cells = (
        profile.title,
        f"`{profile.model}`",
        str(len(points) + len(profile.derived)),
        _share(points),
        f"{len(controls)} ({_share(controls)})" if controls else "none",
        verified,
    )
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _share(points: tuple[ReadPoint | WritePoint, ...]) -> str:
    confirmed = sum(len(point.source) >= 2 for point in points)
    return f"{confirmed} of {len(points)}"


def _origin(name: str) -> str:
    text = (BLOCKS / f"{name}.yaml").read_text(encoding="utf-8")
    return " ".join(str(YAML(typ="safe", pure=True).load(text)["origin"]).split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
