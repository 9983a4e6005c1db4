"""Which profiles a device may have, and by which registers they are told apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from controller.core.model import Role
from drivers.discovery.reader import Question
from drivers.model import Check, Profile

_SMALL_NUMBER = 0xFF
_LOW_ADDRESS = 0x0FFF
"""A small number in a low register says little: many devices have such numbers there."""
_LINE_ORDER = (
    Role.METER,
    Role.SWITCH,
    Role.HYBRID_INVERTER,
    Role.GENSET,
    Role.IRRADIANCE_SENSOR,
    Role.BATTERY,
    Role.SOLAR_CHARGER,
    Role.BATTERY_INVERTER,
    Role.PV_INVERTER,
)
"""What is common on an RS485 line comes first."""

Link = Literal["line", "network"]


@dataclass(frozen=True, slots=True)
class Suspects:
    """The profiles with something to be recognised by, likeliest first."""

    line: tuple[Profile, ...]
    """For RS485 lines."""
    network: tuple[Profile, ...]
    """For TCP hosts; behind a gateway anything may hang."""
    faceless: tuple[Profile, ...] = ()
    """Those that nothing tells: proposed only where they read well and nothing else fits."""
    ceiling: int | None = None
    """The first register that a device of which nothing is known is not asked for: some restart from it."""

    @classmethod
    def of(cls, profiles: Iterable[Profile]) -> Suspects:
        """Those among the profiles that can be recognised, and those that can at least be tried."""
        every = sorted(profiles, key=_commonness)
        known = [each for each in every if each.identify]
        faceless = tuple(each for each in every if not each.identify and not unit_names(each))
        by_wire = [each for each in known if each.defaults.baud or each.defaults.tcp_port is None]
        by_net = [each for each in known if each.defaults.tcp_port is not None]
        network = (*by_net, *(each for each in known if each not in by_net))
        limits = [limit for each in known if (limit := each.pace.fragile_from) is not None]
        return cls(tuple(by_wire), network, faceless, min(limits, default=None))

    def on(self, link: Link) -> tuple[Profile, ...]:
        """Those that a device at this kind of wire may have."""
        return self.line if link == "line" else self.network

    def by_guess(self, link: Link) -> tuple[Profile, ...]:
        """What a device may be that nothing recognises."""
        return (*self.faceless, *self.on(link))

    def default_units(self, link: Link) -> tuple[int, ...]:
        """Unit ids that the devices leave the factory with, sorted."""
        at_home = self.line if link == "line" else [each for each in self.network if each.defaults.tcp_port]
        return tuple(sorted({each.defaults.unit for each in at_home if each.defaults.unit}))

    def default_bauds(self) -> tuple[int, ...]:
        """Baud rates that the devices leave the factory with, commonest first."""
        bauds = [baud for each in self.line for baud in each.defaults.baud]
        return tuple(sorted(set(bauds), key=lambda baud: (-bauds.count(baud), baud)))

    def own_questions(self, link: Link, unit: int) -> Iterator[Question]:
        """The first identity register of each profile whose devices leave the factory with this unit id.

        Only below the ceiling, for it is asked of strangers.
        """
        for profile in self.on(link):
            if profile.defaults.unit == unit and is_below(profile.identify[0], self.ceiling):
                yield question_of(profile.identify[0])


def question_of(check: Check) -> Question:
    """The read request that a check needs."""
    return Question(check.table, check.address, check.words)


def is_below(check: Check, ceiling: int | None) -> bool:
    """Whether a check needs no register from a ceiling on."""
    return ceiling is None or check.address + check.words <= ceiling


def holds(check: Check, words: Sequence[int]) -> bool:
    """Whether the registers are as the check wants them."""
    if check.text is not None:
        return re.search(check.text, text_in(words)) is not None
    number = 0
    for word in words:
        number = number << 16 | word
    if check.range is not None:
        return check.range[0] <= number <= check.range[1]
    return number in check.one_of


def text_in(words: Sequence[int]) -> str:
    """The characters of registers, two each, without what fills them up."""
    data = b"".join(word.to_bytes(2, "big") for word in words)
    return data.decode("latin-1").strip("\0 ")


def is_telling(check: Check) -> bool:
    """Whether hardly any other device passes the check."""
    if check.text is not None:
        return True
    if not check.one_of or 0 in check.one_of:
        return False
    return min(check.one_of) > _SMALL_NUMBER or check.address > _LOW_ADDRESS


def is_number(check: Check) -> bool:
    """Whether it asks for certain numbers rather than for a range."""
    return bool(check.one_of)


def unit_names(profile: Profile) -> tuple[str, ...]:
    """The names of the further unit ids that its devices answer at, sorted."""
    points: Mapping[str, str | None] = {
        **{name: point.unit_name for name, point in profile.reads.items()},
        **{name: point.unit_name for name, point in profile.writes.items()},
    }
    return tuple(sorted({unit for unit in points.values() if unit is not None}))


def _commonness(profile: Profile) -> tuple[int, bool, str]:
    telling = any(is_telling(check) for check in profile.identify)
    return _LINE_ORDER.index(profile.role), not telling, profile.model
