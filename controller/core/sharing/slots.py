"""What turns are laid out from, and what they are: times in seconds from now, energies in Wh. Pure data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from controller.core.model import Feeder, Memory, PriorityClass
from controller.core.sharing.ledger import DAY_S


class SlotKind(StrEnum):
    """Why a feeder is to be off."""

    TURN = "turn"
    """It goes without in its turn."""
    ALL = "all"
    """Its whole class is off."""
    HOURS = "hours"
    """Its use can wait, and these are not its hours."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time for which a feeder is to be off. Seconds from now; negative: in the past."""

    from_s: float
    to_s: float
    kind: SlotKind = SlotKind.TURN
    announced_s: float = 0.0
    """When people were first told of it, <= 0; 0: they are told now."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a feeder stands when turns are laid out."""

    id: str
    priority: PriorityClass
    households: int
    phase: int | None
    on: bool
    state_s: float
    """For how long it has been so."""
    cut_s: float | None
    """When it was last cut in turn, or by protection for as long as a turn, <= 0; None: never."""
    wanted_wh: float
    without_wh: float
    """Within the last 30 days."""
    switched_s: tuple[float, ...] = ()
    """When it was switched in turn within the last 24 h, <= 0."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the plan asks for; steps are [edges_s[i], edges_s[i + 1]), n of them.

    The first edge lies on a quarter of an hour of the clock, not after now.
    """

    edges_s: Sequence[float]
    wanted_w: Mapping[str, Sequence[float]]
    """What each feeder would draw in each step if it were on [W], by its id, shape (n,)."""
    without_wh: Mapping[PriorityClass, Sequence[float]]
    """What a class is to go without in each step [Wh], shape (n,); absent: nothing."""
    draws_w: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """When flexible loads are to draw [W], by feeder, shape (n,): they are off in the other steps."""


def standings(memory: Memory, feeders: Iterable[Feeder]) -> list[Standing]:
    """How feeders stand; those whose state was never known are left out: nobody can cut them."""
    found = []
    for feeder in feeders:
        past = memory.feeders.get(feeder.id)
        if past is None or past.closed is None:
            continue
        window = past.ledger.window
        found.append(
            Standing(
                id=feeder.id,
                priority=feeder.priority,
                households=feeder.households,
                phase=feeder.phase,
                on=past.closed,
                state_s=past.state_s,
                cut_s=None if past.cut_s is None else past.cut_s - memory.lived_s,
                wanted_wh=window.wanted_wh,
                without_wh=window.without_wh,
                switched_s=tuple(
                    time_s - memory.lived_s for time_s in past.switched_s if memory.lived_s - time_s < DAY_S
                ),
            )
        )
    return found
