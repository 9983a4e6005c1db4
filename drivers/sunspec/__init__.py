"""SunSpec devices describe themselves: their chain of models is walked and needs no profile file."""

from drivers.sunspec.chain import BASES, Model, SunSpecMap, find_base, walk
from drivers.sunspec.describe import Description, Gap, Identity, Value, describe, identify, identity
from drivers.sunspec.prepare import ask, registers_of
from drivers.sunspec.profile import ROLES, profile_from

__all__ = [
    "BASES",
    "ROLES",
    "Description",
    "Gap",
    "Identity",
    "Model",
    "SunSpecMap",
    "Value",
    "ask",
    "describe",
    "find_base",
    "identify",
    "identity",
    "profile_from",
    "registers_of",
    "walk",
]
