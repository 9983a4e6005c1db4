"""Cross checks of the public grid: its breaker, its tariff and its announced outages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys
from controller.core.model import Role

_SWITCH: Keys = ("grid", "breaker", "switch")


def breaker_sees_the_grid(draft: Draft) -> Iterator[Fault]:
    """Behind an open breaker an inverter sees no grid: then a meter must stand on the grid's side."""
    device = draft.text("grid", "device")
    if "breaker" not in draft.names("grid") or device is None or draft.role(device) in (None, Role.METER):
        return
    message = (
        "with a breaker the device must be a meter on the grid's side of it: while the breaker is open, "
        "an inverter cannot tell whether the grid is back"
    )
    yield draft.fault(("grid", "device"), message)


def breaker_has_its_channel(draft: Draft) -> Iterator[Fault]:
    """No feeder hangs on the breaker's relay, and the board has that channel."""
    board, channel = draft.text(*_SWITCH, "device"), draft.number(*_SWITCH, "channel")
    if board is None or channel is None:
        return
    facts = draft.facts(board)
    if facts is not None and facts.channels is not None and channel > facts.channels:
        message = f"allowed are channels 1 to {facts.channels} of the board {board}"
        yield draft.fault((*_SWITCH, "channel"), message)
    for feeder in draft.names("feeders"):
        switch = ("feeders", feeder, "switch")
        if draft.text(*switch, "device") == board and draft.number(*switch, "channel") == channel:
            message = f"the feeder {feeder} is on channel {channel:g} of {board} already: choose another"
            yield draft.fault((*_SWITCH, "channel"), message)


def breaker_falls_open(draft: Draft) -> Iterator[Fault]:
    """A relay board without power must leave the village apart from the grid, not joined to it."""
    if draft.text(*_SWITCH, "closed_when") == "released":
        message = (
            "a breaker that closes when its relay lets go would join grid and village, out of step, whenever "
            "the relay board loses power: wire it so that it falls open, and write energised"
        )
        yield draft.fault((*_SWITCH, "closed_when"), message)


def meter_is_the_grids(draft: Draft) -> Iterator[Fault]:
    """The grid's meter is no feeder's."""
    device = draft.text("grid", "device")
    for feeder in draft.names("feeders"):
        if device is not None and draft.text("feeders", feeder, "meter") == device:
            message = f"the feeder {feeder} has this meter already: a meter measures one feeder or the grid"
            yield draft.fault(("grid", "device"), message)


def outages_in_order(draft: Draft) -> Iterator[Fault]:
    """Announced outages have real dates and end after they begin."""
    for place in _items(draft, "outages"):
        begin, end = (_moment(draft, (*place, key)) for key in ("begin", "end"))
        for key, moment in (("begin", begin), ("end", end)):
            if moment is None and draft.text(*place, key) is not None:
                yield draft.fault((*place, key), "the calendar has no such day")
        if begin is not None and end is not None and end <= begin:
            yield draft.fault((*place, "end"), f"an outage ends after it begins, at {begin:%Y-%m-%d %H:%M}")


def tariffs_have_a_length(draft: Draft) -> Iterator[Fault]:
    """A tariff that begins when it ends would never hold, or always."""
    for place in _items(draft, "tariff"):
        begin = draft.text(*place, "begin")
        if begin is not None and begin == draft.text(*place, "end"):
            message = "it begins at this time too: for all day leave the entry out and set the prices of grid"
            yield draft.fault((*place, "end"), message)


def someone_forms_the_bus(draft: Draft) -> Iterator[Fault]:
    """Inverters that only follow need a grid to follow."""
    if draft.text("battery", "role") == "grid_following" and "grid" not in draft.names():
        message = (
            "inverters that follow need a grid that holds the bus, and there is no section grid: add it, or "
            "write grid_forming"
        )
        yield draft.fault(("battery", "role"), message)


def _items(draft: Draft, key: str) -> Iterator[Keys]:
    """The places of a list's items."""
    items = draft.source.value(("grid", key))
    for index in range(len(items) if isinstance(items, list) else 0):
        yield ("grid", key, str(index))


def _moment(draft: Draft, keys: Keys) -> datetime | None:
    text = draft.text(*keys)
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None


RULES = (
    breaker_sees_the_grid,
    breaker_has_its_channel,
    breaker_falls_open,
    meter_is_the_grids,
    outages_in_order,
    tariffs_have_a_length,
    someone_forms_the_bus,
)
