"""Line protocol: how what the store calls a series is named on the server. Pure.

<measurement>,site=<site.id>,id=<subject>[,<own tags>] <point>=<value>[,...] <Unix seconds>

The measurement is what a thing is: `site`, `feeder`, or the role of a device. The format is that of
InfluxDB's reference "Line protocol", https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.settings import Config
from controller.telemetry.schema import SeriesKey

SITE, FEEDER, GONE = "site", "feeder", "gone"
"""Measurements besides the roles; `gone`: what config.yaml names no more, but the store remembers."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: some points of one thing at one time."""

    head: str
    """Measurement and tags, escaped."""
    at_s: int
    """Unix seconds."""
    fields: tuple[tuple[str, str], ...]
    """Name and value, both as they are written."""

    @property
    def text(self) -> str:
        """The line without its end."""
        return f"{self.head} {','.join(map('='.join, self.fields))} {self.at_s}"

    def split(self) -> list[Line]:
        """A line for each field."""
        return [Line(self.head, self.at_s, (field,)) for field in self.fields]


class Naming:
    """How the series of one site are named."""

    def __init__(self, config: Config) -> None:
        self._site = config.site.id
        self._tags = dict(config.influx.tags) if config.influx else {}
        self._kinds: dict[str, str] = {name: device.role.value for name, device in config.devices.items()}
        self._kinds |= dict.fromkeys(config.feeders, FEEDER)
        self._kinds["site"] = SITE
        self._heads: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def head(self, measurement: str, subject: str, tags: Mapping[str, str] | None = None) -> str:
        """Measurement and tags, escaped; own tags never replace site and id."""
        every = {"site": self._site, "id": subject, **(tags or {})}
        every |= {name: value for name, value in self._tags.items() if name not in every}
        pairs = "".join(f",{_escaped(name)}={_escaped(value)}" for name, value in every.items())
        return f"{_escaped(measurement, equals=False)}{pairs}"

    def lines(self, at_s: int, values: Mapping[SeriesKey, float]) -> list[Line]:
        """The lines of one moment; what is not finite is left out."""
        things: dict[str, list[tuple[str, str]]] = {}
        for (subject, point), value in values.items():
            if math.isfinite(value):
                things.setdefault(subject, []).append((self._name(point), float.__repr__(float(value))))
        return [Line(self._head_of(subject), at_s, tuple(fields)) for subject, fields in things.items()]

    def _head_of(self, subject: str) -> str:
        head = self._heads.get(subject)
        if head is None:
            head = self._heads[subject] = self.head(self._kinds.get(subject, GONE), subject)
        return head

    def _name(self, point: str) -> str:
        name = self._names.get(point)
        if name is None:
            name = self._names[point] = _escaped(point)
        return name


def body(lines: Iterable[Line]) -> bytes:
    """Lines as they go over the wire."""
    return "\n".join(line.text for line in lines).encode()


def quoted(text: str) -> str:
    """A string as the value of a field; on one line, as not every server takes more."""
    flat = " ".join(text.split())
    escaped = flat.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _escaped(text: str, *, equals: bool = True) -> str:
    """Names and tag values: commas, spaces and (but in measurements) equals signs have a meaning."""
    for special in (",", " ", "=") if equals else (",", " "):
        text = text.replace(special, f"\\{special}")
    return text
