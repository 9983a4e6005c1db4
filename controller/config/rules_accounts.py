"""Cross checks of the village's accounts: feeders, households, their meters, and prices in whole money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys
from controller.config.hints import instead

_GROUPS: Keys = ("accounts", "groups")
_HOUSEHOLDS: Keys = ("accounts", "households")
_SATANG, _PRICE_DECIMALS = 2, 4


def feeders_of_one_group(draft: Draft) -> Iterator[Fault]:
    """The feeders of groups exist, and none contributes twice."""
    feeders = draft.names("feeders")
    owner: dict[str, str] = {}
    for group in draft.names(*_GROUPS):
        keys: Keys = (*_GROUPS, group, "feeders")
        for feeder in _listed(draft, keys):
            if feeders and feeder not in feeders:
                yield draft.fault(keys, f"there is no such feeder{instead(feeder, feeders)}", feeder)
            other = owner.setdefault(feeder, group)
            if other != group:
                yield draft.fault(
                    keys, f"the group {other} has this feeder already: remove it from one", feeder
                )


def households_belong_somewhere(draft: Draft) -> Iterator[Fault]:
    """A household hangs on a feeder of a group: else nobody knows its rules."""
    feeders = draft.names("feeders")
    grouped = {
        feeder for group in draft.names(*_GROUPS) for feeder in _listed(draft, (*_GROUPS, group, "feeders"))
    }
    first = draft.text("accounts", "since")
    for household in draft.names(*_HOUSEHOLDS):
        keys: Keys = (*_HOUSEHOLDS, household)
        feeder, since = draft.text(*keys, "feeder"), draft.text(*keys, "since")
        if feeder is not None and feeders and feeder not in feeders:
            yield draft.fault((*keys, "feeder"), f"there is no such feeder{instead(feeder, feeders)}")
        elif feeder is not None and grouped and feeder not in grouped:
            message = "no group has this feeder: add it to one under accounts.groups"
            yield draft.fault((*keys, "feeder"), message)
        if since is not None and first is not None and since < first:
            yield draft.fault((*keys, "since"), f"it must not be before accounts.since, which is {first}")


def meter_of_one_household(draft: Draft) -> Iterator[Fault]:
    """A household's meter measures that household alone."""
    owner = {
        meter: f"the feeder {feeder}"
        for feeder in draft.names("feeders")
        if (meter := draft.text("feeders", feeder, "meter")) is not None
    }
    for household in draft.names(*_HOUSEHOLDS):
        keys: Keys = (*_HOUSEHOLDS, household, "meter")
        meter = draft.text(*keys)
        if meter is None:
            continue
        other = owner.setdefault(meter, f"the household {household}")
        if other != f"the household {household}":
            message = f"{other} has this meter already: a household's meter measures that household alone"
            yield draft.fault(keys, message)


def prices_are_money(draft: Draft) -> Iterator[Fault]:
    """Contributions are whole satang, and prices have no more decimals than a tariff needs."""
    for group in draft.names(*_GROUPS):
        for keys, decimals in _prices(group).items():
            value = draft.number(*keys)
            if value is not None and round(value, decimals) != value:
                yield draft.fault(keys, f"write {decimals} decimals at most: this is money, in baht")


def _prices(group: str) -> Mapping[Keys, int]:
    return {
        (*_GROUPS, group, "monthly_thb"): _SATANG,
        (*_GROUPS, group, "prepaid", "low_thb"): _SATANG,
        (*_GROUPS, group, "thb_per_kwh"): _PRICE_DECIMALS,
        (*_GROUPS, group, "beyond", "thb_per_kwh"): _PRICE_DECIMALS,
    }


def _listed(draft: Draft, keys: Keys) -> tuple[str, ...]:
    """The words of a list, where it is a good one."""
    value = draft.source.value(keys) if draft.sound(*keys) else None
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


RULES = (feeders_of_one_group, households_belong_somewhere, meter_of_one_household, prices_are_money)
"""In the order of the file."""
