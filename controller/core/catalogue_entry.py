"""What an entry of the catalogue of reasons is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Kind(Enum):
    """What a parameter is, hence how it is said."""

    PERCENT = "a fraction, said in percent"
    POWER = "watts, said in kW"
    ENERGY = "watt-hours, said in kWh"
    VOLTAGE = "volts"
    FREQUENCY = "hertz"
    TEMPERATURE = "degrees Celsius"
    WAIT = "seconds until something happens"
    DURATION = "seconds that something has lasted"
    CLOCK = "seconds since local midnight, said as the clock shows them"
    COUNT = "a whole number"
    DATE = "a local date as ISO 8601 writes it, said as day and month"
    NAME = "a name in two languages"
    CLASS = "a priority class"
    STATE = "whether a feeder is connected"
    ID = "an id from config.yaml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue; the sentences hold the parameters in braces."""

    th: str
    en: str
    params: Mapping[str, Kind]


def entry(th: str, en: str, **params: Kind) -> Entry:
    """An entry; params gives the kind of each parameter."""
    return Entry(th, en, MappingProxyType(params))
