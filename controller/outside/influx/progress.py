"""What the service must remember: what has arrived, what was thinned, what was refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from controller.outside.influx.delivery import Refused
from controller.outside.influx.intervals import Arrived
from controller.outside.notebook import Notebook

MAX_REFUSED_KEPT = 1000
"""Values set aside, the newest."""
MAX_SERIES_NAMED = 50
_KEY = "influx"
_TABLE = """CREATE TABLE IF NOT EXISTS influx_refused(
    number INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL, words TEXT NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the service has come with one server. Immutable: whoever looks sees it whole."""

    target: str
    """The server, organisation and bucket that it holds for."""
    arrived: Arrived = field(default_factory=Arrived)
    coarse_s: int | None = None
    """Until then [Unix s] the first gap has been sent as means of minutes; None: not begun."""
    thinned_periods: int = 0
    """Sent as means of a minute or a quarter, as they had waited for too long."""
    thinned_from_s: int | None = None
    """Begin of the newest of them, Unix seconds."""
    decision: int = 0
    """Newest decision sent."""
    alarm: int = 0
    """Newest change of an alarm sent."""
    refused_values: int = 0
    refused_series: Mapping[str, str] = field(default_factory=dict)
    """Series -> the server's words, the newest last."""

    @classmethod
    def from_json(cls, target: str, told: object) -> Self:
        """From `to_json`; a new start where that is of another server, or cannot be read."""
        fresh = cls(target)
        if not isinstance(told, dict) or told.get("target") != target:
            return fresh
        series = told.get("refused_series")
        return replace(
            fresh,
            arrived=Arrived.from_json(told.get("arrived")),
            coarse_s=_whole(told.get("coarse_s")),
            thinned_periods=_whole(told.get("thinned_periods")) or 0,
            thinned_from_s=_whole(told.get("thinned_from_s")),
            decision=_whole(told.get("decision")) or 0,
            alarm=_whole(told.get("alarm")) or 0,
            refused_values=_whole(told.get("refused_values")) or 0,
            refused_series={str(key): str(words) for key, words in series.items()}
            if isinstance(series, dict)
            else {},
        )

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "target": self.target,
            "arrived": self.arrived.to_json(),
            "coarse_s": self.coarse_s,
            "thinned_periods": self.thinned_periods,
            "thinned_from_s": self.thinned_from_s,
            "decision": self.decision,
            "alarm": self.alarm,
            "refused_values": self.refused_values,
            "refused_series": dict(self.refused_series),
        }

    def with_refused(self, refused: Sequence[Refused]) -> Progress:
        """Together with what was refused."""
        if not refused:
            return self
        series = dict(self.refused_series)
        for each in refused:
            name = f"{each.line.head} {each.line.fields[0][0]}"
            series.pop(name, None)
            series[name] = each.words
        for name in list(series)[:-MAX_SERIES_NAMED]:
            del series[name]
        return replace(self, refused_values=self.refused_values + len(refused), refused_series=series)


class Memory:
    """Progress in the notebook, and the values set aside beside it. Methods block."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._waiting: deque[Refused] = deque(maxlen=MAX_REFUSED_KEPT)

    def load(self, target: str) -> Progress:
        """What was kept. Raises StorageError."""
        self._notebook.ensure(_TABLE)
        return Progress.from_json(target, self._notebook.note(_KEY))

    def set_aside(self, refused: Sequence[Refused]) -> None:
        """Values to be kept with the next `save`."""
        self._waiting.extend(refused)

    def save(self, progress: Progress) -> None:
        """Keep it all. Raises StorageError, and then keeps it the next time."""
        if self._waiting:
            rows = [(each.line.text, each.words) for each in tuple(self._waiting)]
            with self._notebook.writing() as connection:
                connection.executemany("INSERT INTO influx_refused(line, words) VALUES (?, ?)", rows)
                connection.execute(
                    "DELETE FROM influx_refused WHERE number <= (SELECT max(number) FROM influx_refused) - ?",
                    (MAX_REFUSED_KEPT,),
                )
            self._waiting.clear()
        self._notebook.keep(_KEY, progress.to_json())


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
