"""What `tawan plan` shows of a checked plan.json: rows of a table and a picture of block letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from controller.core.model import PriorityClass
from controller.settings import FeederSettings

Json = dict[str, Any]

COLUMN_S = 2700
"""64 columns for 48 hours: a phone's terminal turned sideways."""
_ROWS = 6
_LABEL = 11
"""Letters before a line of the picture."""
_FULL, _PART, _LITTLE, _NONE = "█", "▒", "·", " "
_LEAST_W = 50.0


@dataclass(frozen=True, slots=True)
class Course:
    """A plan by time."""

    document: Json
    zone: ZoneInfo
    feeders: Mapping[str, FeederSettings]
    """By id."""
    now: datetime

    @property
    def edges(self) -> list[datetime]:
        """Begin of each step and end of the last, local."""
        return [self.local(edge) for edge in self.document["edges_utc"]]

    def local(self, stamp: str) -> datetime:
        """A stamp of the document on the village's clock."""
        return datetime.fromisoformat(stamp).astimezone(self.zone)

    def cuts(self) -> list[tuple[str, datetime, datetime]]:
        """Feeder, begin and end of each cut, local, in order of time."""
        found = [
            (name, self.local(cut["from_utc"]), self.local(cut["to_utc"]))
            for name, cuts in self.document["cuts"].items()
            for cut in cuts
        ]
        return sorted(found, key=lambda cut: (cut[1], cut[0]))

    def mean(self, key: str, first: int, last: int) -> float:
        """Mean of a value of steps over [first, last)."""
        edges, values = self.edges, self.document[key]
        hours = [(edges[i + 1] - edges[i]) / timedelta(hours=1) for i in range(first, last)]
        return float(
            sum(hour * value for hour, value in zip(hours, values[first:last], strict=True)) / sum(hours)
        )

    def off(self, begin: datetime, end: datetime) -> list[str]:
        """Who is off for some of a stretch of time; a class that is off altogether by its own name."""
        ids = {name for name, from_, to in self.cuts() if from_ < end and to > begin}
        found = list[str]()
        for priority in PriorityClass:
            peers = [name for name, feeder in self.feeders.items() if feeder.priority is priority]
            if len(peers) > 1 and ids.issuperset(peers):
                found.append(f"all {priority}")
            else:
                found += [self.feeders[name].name.en for name in peers if name in ids]
        return found


def table(course: Course) -> Table:
    """Sun, use, battery, genset and who is off: by the hour, or by steps where the plan is coarser."""
    title = "\nMeans; battery at the end, 8 of 10 times between the figures in brackets"
    shown = Table(title=title, title_justify="left")
    for column in ("from", "to", "sun kW", "use kW", "battery %", "genset kW"):
        shown.add_column(column, justify="right")
    shown.add_column("off")
    document, edges = course.document, course.edges
    for first, last in rows(edges):
        low, mid, high = (100 * document["soc_frac"][name][last] for name in ("p10", "p50", "p90"))
        genset_w = course.mean("genset_w", first, last)
        shown.add_row(
            f"{edges[first]:%a %H:%M}",
            f"{edges[last]:%H:%M}",
            f"{course.mean('pv_w', first, last) / 1000:.1f}",
            f"{course.mean('served_w', first, last) / 1000:.1f}",
            f"{mid:.0f} ({low:.0f}–{high:.0f})",
            f"{genset_w / 1000:.1f}" if genset_w > _LEAST_W else "",
            ", ".join(course.off(edges[first], edges[last])),
        )
    return shown


def rows(edges: Sequence[datetime]) -> list[tuple[int, int]]:
    """First step and the one after the last of each row: quarters of an hour are joined up to full hours."""
    found, first = [], 0
    for last in range(1, len(edges)):
        if edges[last].minute == 0 or last == len(edges) - 1:
            found.append((first, last))
            first = last
    return found


def picture(course: Course) -> Text:
    """Sun, use and battery in block letters, then a line for the genset and each feeder that is cut."""
    text = Text()
    document, sun, use = course.document, "pv_w", "served_w"
    offered = [used + left for used, left in zip(document[sun], document["curtailed_w"], strict=True)]
    top_w = max(1000.0, *offered, *document[use])
    for name, fans in (
        ("Sun [kW]", ([*document[sun]], offered)),
        ("Use [kW]", ([*document[use]], [*document[use]])),
    ):
        _fan(text, name, [_by_step(course, values) for values in fans], top_w, top_w / 1000)
    soc = [_by_edge(course, document["soc_frac"][name]) for name in ("p10", "p50", "p90")]
    _fan(text, "Battery [%]", soc, 1.0, 100.0)
    if document["genset"] is not None:
        on = _by_step(course, [float(step) for step in document["genset"]["on"]])
        _line(text, "genset", "".join(_FULL if each else _LITTLE for each in on))
    for name in document["cuts"]:
        _line(text, name, "".join(_PART if name in off else _LITTLE for off in _off_by_column(course)))
    text.append(" " * _LABEL + _clock(course) + "\n", style="dim")
    text.append(
        f"{_FULL} used, or sure   {_PART} left unused, up to the middle, or off   {_LITTLE} at most\n",
        style="dim",
    )
    return text


def _columns(course: Course) -> list[datetime]:
    """Middles of the columns."""
    edges = course.edges
    count = int((edges[-1] - edges[0]) / timedelta(seconds=COLUMN_S))
    return [edges[0] + timedelta(seconds=(column + 0.5) * COLUMN_S) for column in range(count)]


def _step_at(edges: Sequence[datetime], at: datetime) -> int:
    return max(step for step, edge in enumerate(edges[:-1]) if edge <= at)


def _by_step(course: Course, values: Sequence[float]) -> list[float]:
    edges = course.edges
    return [values[_step_at(edges, at)] for at in _columns(course)]


def _by_edge(course: Course, values: Sequence[float]) -> list[float]:
    edges, found = course.edges, []
    for at in _columns(course):
        step = _step_at(edges, at)
        part = (at - edges[step]) / (edges[step + 1] - edges[step])
        found.append(values[step] + part * (values[step + 1] - values[step]))
    return found


def _off_by_column(course: Course) -> list[frozenset[str]]:
    cuts = course.cuts()
    return [frozenset(name for name, begin, end in cuts if begin <= at < end) for at in _columns(course)]


def _fan(text: Text, name: str, fans: Sequence[Sequence[float]], top: float, told: float) -> None:
    """A picture six rows high: the lowest of the fans is full, the others lie above it."""
    letters = (_FULL, _PART, _LITTLE)
    text.append(f"\n{name}\n", style="bold")
    for row in range(_ROWS, 0, -1):
        floor = top * (row - 0.5) / _ROWS
        label = f"{told * row / _ROWS:.3g}" if row in {_ROWS, _ROWS // 2} else ""
        text.append(f"{label:>{_LABEL - 1}} ", style="dim")
        for column in zip(*fans, strict=True):
            reached = (letter for letter, value in zip(letters, column, strict=False) if value >= floor)
            text.append(next(reached, _NONE))
        text.append("\n")


def _line(text: Text, name: str, letters: str) -> None:
    text.append(f"{name[: _LABEL - 1]:<{_LABEL}}", style="bold")
    text.append(f"{letters}\n")


def _clock(course: Course) -> str:
    """Hours of the day under the columns, every six hours."""
    columns = _columns(course)
    marks = [" "] * len(columns)
    for column, at in enumerate(columns[1:], start=1):
        if at.hour // 6 != columns[column - 1].hour // 6 and column + 5 <= len(columns):
            marks[column : column + 5] = f"{at.hour // 6 * 6:02}:00"
    return "".join(marks)
