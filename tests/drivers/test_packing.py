"""Packing: no point split, nothing asked that the device dislikes, and as few bytes as can be."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.settings import RtuBus, RtuOverTcpBus, SolarmanBus, TcpBus
from drivers.model import DataType, Pace, PollClass, ReadPoint, Table
from drivers.packing import Block, Rules, pack, split
from drivers.wire import Wire


def rtu(baud: int, parity: str = "none", stop_bits: int = 1) -> RtuBus:
    return RtuBus(type="rtu", port="/dev/ttyUSB0", baud=baud, parity=parity, stop_bits=stop_bits)


def point(address: int, data_type: DataType = DataType.UINT16, **more) -> ReadPoint:
    more.setdefault("table", Table.HOLDING)
    return ReadPoint(name=f"p{address}", address=address, type=data_type, poll=PollClass.FAST, **more)


def rules(max_block: int = 60, gap: int = 7, **more) -> Rules:
    """Where `gap` unneeded registers cost as much as another request."""
    return Rules(max_block, 2.0 * gap, **more)


def places(blocks) -> list[tuple[int, int]]:
    return [(block.address, block.count) for block in blocks]


points = st.builds(
    point,
    address=st.integers(0, 300),
    data_type=st.sampled_from([DataType.UINT16, DataType.FLOAT32, DataType.UINT64]),
    table=st.sampled_from([Table.HOLDING, Table.INPUT]),
    scale_address=st.none() | st.integers(0, 300),
    unit_name=st.sampled_from([None, "vebus"]),
)


@given(wanted=st.lists(points, max_size=30), max_block=st.integers(4, 125), gap=st.integers(0, 31))
def test_every_point_comes_whole_with_its_exponent_in_few_enough_registers(wanted, max_block, gap):
    blocks = pack(wanted, rules(max_block, gap))
    assert sorted(p.name for b in blocks for p in b.points) == sorted(p.name for p in wanted)
    scales = {(b.unit_name, b.table, a) for b in blocks for a in b.extras}
    for block in blocks:
        assert 1 <= block.count <= max_block
        cells = range(block.address, block.address + block.count)
        assert all(address in cells for address in block.extras)
        for member in block.points:
            assert (member.unit_name, member.table) == (block.unit_name, block.table)
            assert member.address in cells
            assert member.address + member.type.words - 1 in cells
            if member.scale_address is not None:
                assert (member.unit_name, member.table, member.scale_address) in scales


def bytes_of(blocks, overhead_bytes: float) -> float:
    return sum(overhead_bytes + 2 * block.count for block in blocks)


@given(
    addresses=st.lists(st.integers(0, 80), min_size=1, max_size=8, unique=True),
    max_block=st.integers(1, 60),
    overhead=st.floats(0, 60),
)
def test_no_other_grouping_takes_fewer_bytes(addresses, max_block, overhead):
    ordered = sorted(addresses)
    best = bytes_of(pack([point(a) for a in addresses], Rules(max_block, overhead)), overhead)
    for cuts in itertools.product([True, False], repeat=len(ordered) - 1):
        groups = [[ordered[0]]]
        for address, cut in zip(ordered[1:], cuts, strict=True):
            groups.append([address]) if cut else groups[-1].append(address)
        counts = [group[-1] - group[0] + 1 for group in groups]
        if max(counts) <= max_block:
            assert best <= sum(overhead + 2 * count for count in counts) + 1e-9


def test_a_narrow_gap_is_read_and_a_wide_one_is_not():
    wanted = [point(0), point(8), point(17)]
    assert places(pack(wanted, rules(gap=7))) == [(0, 9), (17, 1)]


def test_where_a_request_ends_is_chosen_for_all_and_not_one_after_the_other():
    wanted = [point(a) for a in (0, 6, 10, 11, 12)]
    assert places(pack(wanted, rules(max_block=11, gap=7))) == [(0, 1), (6, 7)]


def test_a_pair_that_does_not_fit_starts_the_next_request():
    wanted = [point(0, DataType.FLOAT32), point(2, DataType.FLOAT32), point(4, DataType.FLOAT32)]
    assert places(pack(wanted, rules(max_block=5))) in ([(0, 4), (4, 2)], [(0, 2), (2, 4)])


def test_an_exponent_is_read_with_its_value_or_alone_when_too_far():
    near = pack([point(10, scale_address=14)], rules(gap=0))
    assert places(near) == [(10, 5)]
    assert near[0].extras == (14,)
    far = pack([point(10, scale_address=200)], rules(gap=0))
    assert places(far) == [(10, 1), (200, 1)]
    assert far[1].points == ()


def test_a_request_never_crosses_a_window():
    wanted = [point(a) for a in (40, 43, 44, 45, 47, 90)]
    assert places(pack(wanted, rules(window=45, gap=60))) == [(40, 5), (45, 3), (90, 1)]
    across = pack([point(44, DataType.UINT32)], rules(window=45))
    assert places(across) == [(44, 2)], "a value that crosses one still comes whole"


def test_a_profile_may_forbid_unneeded_registers():
    wanted = [point(0), point(1), point(3), point(4, scale_address=5)]
    packed = pack(wanted, Rules.of(Pace(max_gap=0), overhead_bytes=100))
    assert places(packed) == [(0, 2), (3, 3)]


def test_a_far_high_word_comes_along_where_it_is_near_enough():
    low = point(78, DataType.UINT32, high_address=80)
    (block,) = pack([low], rules())
    assert (block.address, block.count, block.extras) == (78, 3, (80,))


def test_what_is_refused_is_in_no_request_with_its_neighbours():
    wanted = [point(a) for a in (0, 2, 4, 6)]
    refused = {(None, Table.HOLDING): {(2, 5)}}
    for block in pack(wanted, rules(), refused):
        assert not block.range[0] <= 2 < 5 <= block.range[1]
    assert places(pack(wanted, rules(), {(None, Table.HOLDING): {(2, 3)}})) == [(0, 1), (2, 1), (4, 3)]
    assert places(pack(wanted, rules(), {(None, Table.INPUT): {(2, 3)}})) == [(0, 7)]


def test_a_refused_block_falls_apart_into_halves_until_nothing_is_left_to_divide():
    (block,) = pack([point(0), point(2, scale_address=4), point(6)], rules())
    first, rest = split(block)
    assert places((first, rest)) == [(0, 1), (2, 5)]
    second, third = split(rest)
    assert places((second, third)) == [(2, 3), (6, 1)]
    assert places(split(second)) == [(2, 1), (4, 1)], "an exponent may be the one that is refused"
    assert split(first) == (first,)


@given(wanted=st.lists(points, min_size=1, max_size=30), max_block=st.integers(4, 125))
def test_halves_hold_all_that_the_whole_did(wanted, max_block):
    def contents(block: Block) -> tuple[set[str], set[int]]:
        return {p.name for p in block.points}, set(block.extras)

    for block in pack(wanted, rules(max_block)):
        parts = split(block)
        assert set().union(*(contents(part)[0] for part in parts)) == contents(block)[0]
        read = {a for part in parts for a in range(*part.range)}
        assert contents(block)[1] <= set().union(*(contents(part)[1] for part in parts)) & read


def test_sixteen_coils_are_one_request():
    coils = [point(n, DataType.BIT, table=Table.COIL) for n in range(16)]
    assert places(pack(coils, rules(max_block=10, gap=0))) == [(0, 16)]


@pytest.mark.parametrize(
    ("settings", "registers"),
    [
        (rtu(9600), 10),
        (rtu(19200), 10),
        (rtu(115200), 26),  # the silence between frames is not shorter there than at 19200
        (RtuOverTcpBus(type="rtu_over_tcp", host="gateway", port=4001), 10),
        (TcpBus(type="tcp", host="inverter"), 30),
        (SolarmanBus(type="solarman", host="stick", serial=1), 54),
    ],
)
def test_a_gap_is_worth_more_where_requests_are_dearer(settings, registers):
    overhead = Wire.of(settings, 1.0).overhead_bytes
    narrow = pack([point(0), point(registers + 1)], Rules(125, overhead))
    wide = pack([point(0), point(registers + 2)], Rules(125, overhead))
    assert (len(narrow), len(wide)) == (1, 2)


@pytest.mark.parametrize(
    ("parity", "stop_bits", "bits"), [("none", 1, 10), ("even", 1, 11), ("none", 2, 11), ("odd", 2, 12)]
)
def test_a_character_takes_as_many_bits_as_the_settings_have(parity, stop_bits, bits):
    assert Wire.of(rtu(19200, parity, stop_bits), 1.0).char_s == pytest.approx(bits / 19200)


def test_a_device_that_rests_long_between_requests_is_rather_asked_for_more() -> None:
    far = [point(0), point(50)]
    hasty = pack(far, Rules.of(Pace(min_gap_s=0.02), overhead_bytes=20))
    restful = pack(far, Rules.of(Pace(min_gap_s=0.85), overhead_bytes=20))
    assert [block.count for block in hasty] == [1, 1]
    assert [block.count for block in restful] == [51]
