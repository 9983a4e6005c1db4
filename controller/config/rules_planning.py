"""Cross checks of what the plan is told: prices, hours of the genset, loads that can wait."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys
from controller.config.hints import plain
from controller.core.model import PriorityClass
from controller.settings.planning import UnservedPrices

_PRICES: Keys = ("planning", "unserved_thb_per_kwh")
_QUIET: Keys = ("genset", "quiet_hours")
_TEST: Keys = ("genset", "monthly_test")
_DAY_S = 86_400


def prices_by_class(draft: Draft) -> Iterator[Fault]:
    """What matters more is dearer to go without."""
    usual = UnservedPrices().model_dump()
    given = draft.names(*_PRICES)
    for before, after in pairwise(rank.value for rank in PriorityClass):
        dear, cheap = (
            draft.number(*_PRICES, name) if name in given else float(usual[name]) for name in (before, after)
        )
        if dear is None or cheap is None or dear > cheap:
            continue
        place, relation, other, price = (
            (before, "above", after, cheap) if before in given else (after, "below", before, dear)
        )
        message = (
            f"{before} keeps power longer than {after}: it must be {relation} the price of {other}, "
            f"which is {plain(price)}"
        )
        yield draft.fault((*_PRICES, place), message)


def flexible_can_wait(draft: Draft) -> Iterator[Fault]:
    """Energy that is wanted at any time belongs to the class that waits, and fits into its window."""
    for name in draft.names("feeders"):
        keys: Keys = ("feeders", name, "flexible")
        if not draft.names(*keys):
            continue
        priority = draft.text("feeders", name, "priority")
        if priority not in {None, PriorityClass.FLEXIBLE.value}:
            message = f"only a flexible feeder can wait, this one is {priority}: write `priority: flexible`"
            yield draft.fault(keys, f"{message}, or remove `flexible`")
        yield from _flexible_power(draft, name, keys)
        yield from _flexible_window(draft, keys)


def _flexible_power(draft: Draft, name: str, keys: Keys) -> Iterator[Fault]:
    power_w, rated_w = draft.number(*keys, "power_w"), draft.number("feeders", name, "rated_w")
    if power_w is not None and rated_w is not None and power_w > rated_w:
        message = f"it must be at most feeders.{name}.rated_w, which is {plain(rated_w)}"
        yield draft.fault((*keys, "power_w"), message)


def _flexible_window(draft: Draft, keys: Keys) -> Iterator[Fault]:
    begin_s, end_s = _clock_s(draft, *keys, "begin"), _clock_s(draft, *keys, "end")
    if begin_s is None or end_s is None:
        return
    if begin_s >= end_s:
        message = "it must come after begin: a window lies within one day"
        yield draft.fault((*keys, "end"), message)
        return
    energy_wh, power_w = draft.number(*keys, "energy_wh"), draft.number(*keys, "power_w")
    most_wh = None if power_w is None else power_w * (end_s - begin_s) / 3600
    if energy_wh is not None and most_wh is not None and energy_wh > most_wh:
        message = (
            f"from begin to end no more than {plain(most_wh)} can be drawn with power_w: widen the window"
        )
        yield draft.fault((*keys, "energy_wh"), message)


def quiet_hours_end(draft: Draft) -> Iterator[Fault]:
    """Quiet hours that begin as they end would be none, or the whole day."""
    begin_s, end_s = _clock_s(draft, *_QUIET, "begin"), _clock_s(draft, *_QUIET, "end")
    if begin_s is not None and begin_s == end_s:
        yield draft.fault(
            (*_QUIET, "end"), "it must be another time than begin; without quiet hours remove both"
        )


def test_run_wakes_nobody(draft: Draft) -> Iterator[Fault]:
    """The monthly test takes load, and lies outside of the quiet hours."""
    run_s, warm_up_s = draft.number(*_TEST, "run_s"), draft.number("genset", "warm_up_s")
    if run_s is not None and warm_up_s is not None and run_s <= warm_up_s:
        message = f"it must be above genset.warm_up_s, which is {plain(warm_up_s)}: else it never takes load"
        yield draft.fault((*_TEST, "run_s"), message)
    begin_s, quiet_s, until_s = (
        _clock_s(draft, *keys) for keys in ((*_TEST, "begin"), (*_QUIET, "begin"), (*_QUIET, "end"))
    )
    if begin_s is None or quiet_s is None or until_s is None or quiet_s == until_s:
        return
    before_quiet_s = (quiet_s - begin_s) % _DAY_S
    if (begin_s - quiet_s) % _DAY_S < (until_s - quiet_s) % _DAY_S or before_quiet_s < (run_s or 0):
        message = "the test run would wake the village: choose a time outside of genset.quiet_hours"
        yield draft.fault((*_TEST, "begin"), message)


def _clock_s(draft: Draft, *keys: str) -> int | None:
    """Seconds since midnight, where a good time of day stands."""
    clock = draft.text(*keys)
    if clock is None:
        return None
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


RULES = (prices_by_class, flexible_can_wait, quiet_hours_end, test_run_wakes_nobody)
