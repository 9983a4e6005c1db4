"""What a device refuses to give together: found out by halving, and kept. Pure."""

from __future__ import annotations

from drivers.packing import Block, Place, Range, Refused, split

_AGAIN_FIRST_S = 1.0
_AGAIN_CAP_S = 600.0
"""A point that the device refuses is tried again after twice as long each time, up to so rarely."""


class Holes:
    """What one device refuses.

    A refused block is asked for in halves. A half that is refused narrows the search; if both are given,
    what is refused lies where they meet. When no half is waited for any more, the points can be packed anew.
    """

    def __init__(self) -> None:
        self._refused: dict[Place, dict[Range, int]] = {}
        """Refused ranges, and how often in a row."""
        self._joints: dict[tuple[Place, Range], Range] = {}
        """Refused ranges that are being halved, and where their halves meet."""
        self._awaited: set[tuple[Place, Range]] = set()
        self._stale = False

    @property
    def refused(self) -> Refused:
        """What `pack` has to keep out of its requests."""
        return self._refused

    def refuse(self, block: Block) -> tuple[Block, ...]:
        """Note that a block is refused; its halves, to be asked for next, or nothing if it has none."""
        known = self._refused.setdefault(block.place, {})
        known[block.range] = known.get(block.range, 0) + 1
        self._awaited.discard((block.place, block.range))
        parts = split(block)
        if len(parts) == 1:
            return ()
        self._awaited.update((block.place, part.range) for part in parts)
        before, after = parts[0].range[1], parts[1].range[0]
        joint = (before - 1, after + 1) if before <= after else block.range
        self._joints[block.place, block.range] = joint
        return parts

    def give(self, block: Block) -> None:
        """Note that a block is given: nothing within it is refused any more."""
        self._awaited.discard((block.place, block.range))
        known = self._refused.get(block.place)
        if not known:
            return
        for hole in [hole for hole in known if _within(hole, block.range)]:
            del known[hole]
            self._stale = True

    def settle(self) -> bool:
        """Whether another packing suits the device better from now on; true once for each finding."""
        if self._awaited or not (self._joints or self._stale):
            return False
        for (place, whole), joint in self._joints.items():
            known = self._refused[place]
            times = known.pop(whole, None)
            if times is not None and not any(_within(hole, whole) for hole in known):
                known[joint] = times
        self._joints.clear()
        self._stale = False
        return True

    def wait_s(self, block: Block) -> float:
        """How long to leave a block alone: nothing unless just this is refused."""
        times = self._refused.get(block.place, {}).get(block.range, 0)
        return min(_AGAIN_CAP_S, _AGAIN_FIRST_S * 2.0 ** min(times - 1, 30)) if times else 0.0

    def interrupt(self) -> None:
        """The halves that were asked for are not: the device was lost. What is known stays."""
        self._awaited.clear()


def _within(inner: Range, outer: Range) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
