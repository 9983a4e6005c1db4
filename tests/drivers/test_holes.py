"""Holes: whatever a device refuses, all the rest is read, and asked for in one go where that is possible."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from drivers.holes import Holes
from drivers.model import DataType, PollClass, ReadPoint, Table
from drivers.packing import Block, Rules, pack

RULES = Rules(max_block=60, overhead_bytes=20.0)


def point(address: int) -> ReadPoint:
    return ReadPoint(f"p{address}", Table.HOLDING, address, DataType.UINT16, PollClass.FAST)


class Picky:
    """A device that refuses some registers, and requests that are too long for it."""

    def __init__(self, refused: set[int], most: int) -> None:
        self.refused = refused
        self.most = most
        self.holes = Holes()
        self.asked = 0
        self.given: set[str] = set()

    def gives(self, block: Block) -> bool:
        self.asked += 1
        return block.count <= self.most and not self.refused.intersection(range(*block.range))

    def explore(self, points: list[ReadPoint]) -> tuple[Block, ...]:
        """Ask until nothing is learnt any more; how the points are packed in the end."""
        while True:
            packed = pack(points, RULES, self.holes.refused)
            queue = deque(packed)
            while queue:
                block = queue.popleft()
                if self.holes.wait_s(block):
                    continue
                if self.gives(block):
                    self.holes.give(block)
                    self.given.update(each.name for each in block.points)
                else:
                    queue.extend(self.holes.refuse(block))
            if not self.holes.settle():
                return packed


@given(
    addresses=st.sets(st.integers(0, 150), min_size=1, max_size=25),
    refused=st.sets(st.integers(0, 150), max_size=8),
    most=st.sampled_from([1, 8, 16, 60]),
)
def test_all_that_can_be_read_is_read_and_nothing_refused_is_asked_twice(addresses, refused, most):
    device = Picky(refused, most)
    packed = device.explore([point(a) for a in sorted(addresses)])
    assert device.given == {f"p{a}" for a in addresses - refused}
    for block in packed:
        assert device.gives(block) or (block.count == 1 and block.address in refused)


def test_one_hole_among_many_costs_a_few_requests_and_one_cut():
    device = Picky({20}, 60)
    packed = device.explore([point(a) for a in range(40) if a != 20])
    assert [block.range for block in packed] == [(0, 20), (21, 40)]
    assert device.asked < 16


def test_what_is_given_again_is_no_hole_any_more():
    device = Picky({4}, 60)
    wanted = [point(a) for a in range(9)]
    packed = device.explore(wanted)
    (lone,) = (block for block in packed if device.holes.wait_s(block))
    assert lone.range == (4, 5)
    waits = []
    for _ in range(12):
        device.holes.refuse(lone)
        waits.append(device.holes.wait_s(lone))
    assert waits == sorted(waits)
    assert waits[-1] == 600.0
    device.refused.clear()
    device.holes.give(lone)
    assert device.holes.settle()
    assert [block.range for block in pack(wanted, RULES, device.holes.refused)] == [(0, 9)]


def test_a_device_that_is_lost_while_it_is_searched_keeps_what_is_known():
    device = Picky({4}, 60)
    (whole,) = pack([point(a) for a in range(9)], RULES)
    device.holes.refuse(whole)
    assert not device.holes.settle(), "two halves are still to be asked for"
    device.holes.interrupt()
    assert device.holes.settle()
    assert pack([point(a) for a in range(9)], RULES, device.holes.refused) != (whole,)
