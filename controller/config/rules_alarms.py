"""Cross checks of the alarm lamp."""

from __future__ import annotations

from collections.abc import Iterator

from controller.config.draft import Draft
from controller.config.faults import Fault, Keys

_LAMP: Keys = ("alarms", "lamp")


def lamp_has_its_channel(draft: Draft) -> Iterator[Fault]:
    """No feeder and no breaker hangs on the lamp's relay, and the board has that channel."""
    board, channel = draft.text(*_LAMP, "device"), draft.number(*_LAMP, "channel")
    if board is None or channel is None:
        return
    keys = (*_LAMP, "channel")
    facts = draft.facts(board)
    if facts is not None and facts.channels is not None and channel > facts.channels:
        yield draft.fault(keys, f"allowed are channels 1 to {facts.channels} of the board {board}")
    switches = {f"the feeder {name}": ("feeders", name, "switch") for name in draft.names("feeders")}
    switches["the breaker to the grid"] = ("grid", "breaker", "switch")
    for owner, switch in switches.items():
        if draft.text(*switch, "device") == board and draft.number(*switch, "channel") == channel:
            message = (
                f"{owner} is on channel {channel:g} of {board}: a lamp there would switch it, choose another"
            )
            yield draft.fault(keys, message)


def fuel_is_seen(draft: Draft) -> Iterator[Fault]:
    """A limit for the tank is of no use where there is no genset."""
    if "fuel_low_frac" in draft.names("alarms") and "genset" not in draft.names():
        message = "there is no section genset whose tank it could be of: remove the line, or add the section"
        yield draft.fault(("alarms", "fuel_low_frac"), message)


RULES = (lamp_has_its_channel, fuel_is_seen)
