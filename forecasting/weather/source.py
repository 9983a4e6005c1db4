"""Where forecasts of the weather come from, as the planner sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from controller.core.model import Reason
from forecasting.records import WeatherArchive, WeatherRun

Fetch = Callable[[], tuple[WeatherRun, ...]]
"""Get what a source has now; may take a minute. Raises WeatherError."""


class WeatherSource(Protocol):
    """Weather that is at hand. Nothing here ever waits for anybody."""

    @property
    def name(self) -> str:
        """For the sentences to technicians."""
        ...

    def latest(self) -> tuple[WeatherRun, ...]:
        """The newest run of each model; its `issued_s` tells how old it is."""
        ...

    def archive(self) -> WeatherArchive:
        """All runs kept, for learning."""
        ...

    def trouble(self) -> tuple[Reason, ...]:
        """What is wrong with the source at present."""
        ...

    def close(self) -> None:
        """Stop whatever goes on in the background, without waiting for it."""
        ...


class NoWeather:
    """No source: forecasts go by what the site itself has measured."""

    name = "none"

    def latest(self) -> tuple[WeatherRun, ...]:
        """Nothing."""
        return ()

    def archive(self) -> WeatherArchive:
        """Empty."""
        return WeatherArchive()

    def trouble(self) -> tuple[Reason, ...]:
        """None: nothing was asked for."""
        return ()

    def close(self) -> None:
        """Nothing goes on."""


def newest(archive: WeatherArchive) -> tuple[WeatherRun, ...]:
    """The run of each model that was issued last, in the order of the models' names."""
    last = {run.source: run for run in archive.runs}
    return tuple(last[source] for source in sorted(last))
