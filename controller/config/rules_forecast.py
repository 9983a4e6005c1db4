"""Cross checks of what the forecast is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys

_WEATHER: Keys = ("forecast", "weather")
_OWN_KEYS = {"open_meteo": ("url", "models"), "csv": ("path",)}


def weather_complete(draft: Draft) -> Iterator[Fault]:
    """A source has what it needs, and no keys of another one stand there."""
    source = draft.text(*_WEATHER, "source")
    if source is None and draft.source.value((*_WEATHER, "source")) is not None:
        return  # the schema has refused it
    given = draft.names(*_WEATHER)
    for owner, keys in _OWN_KEYS.items():
        for key in keys:
            if key in given and owner != source:
                message = f"only source {owner} has it: write `source: {owner}`, or remove the key"
                yield draft.fault((*_WEATHER, key), message)
    if source == "csv" and "path" not in given:
        message = "with source csv the file is needed: add `path: /var/lib/tawan/weather.csv`"
        yield draft.fault((*_WEATHER, "path"), message)


def weather_file_is_absolute(draft: Draft) -> Iterator[Fault]:
    """The CSV file is found wherever the controller is started from."""
    keys = (*_WEATHER, "path")
    text = draft.text(*keys)
    if text is not None and not PurePosixPath(text).is_absolute():
        yield draft.fault(keys, "allowed is a path beginning with /, such as /var/lib/tawan/weather.csv")


RULES = (weather_complete, weather_file_is_absolute)
