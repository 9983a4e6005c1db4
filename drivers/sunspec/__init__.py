"""SunSpec devices describe themselves: their chain of models is walked and needs no profile file."""

from drivers.sunspec.chain import BASES, Model, SunSpecMap, walk
from drivers.sunspec.describe import Description, Identity, Value, describe
from drivers.sunspec.inverter import profile_from
from drivers.sunspec.prepare import ask

__all__ = [
    "BASES",
    "Description",
    "Identity",
    "Model",
    "SunSpecMap",
    "Value",
    "ask",
    "describe",
    "profile_from",
    "walk",
]
