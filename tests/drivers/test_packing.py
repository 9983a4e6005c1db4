"""Packing: few requests, no point split, no hole wider than it is worth."""

from hypothesis import given
from hypothesis import strategies as st

from controller.settings import RtuBus, RtuOverTcpBus, TcpBus
from drivers.model import DataType, PollClass, ReadPoint, Table
from drivers.packing import gap_registers, pack, split

RTU = RtuBus(type="rtu", port="/dev/ttyUSB0", baud=19200, parity="none", stop_bits=1)


def point(address: int, data_type: DataType = DataType.UINT16, **more) -> ReadPoint:
    more.setdefault("table", Table.HOLDING)
    return ReadPoint(name=f"p{address}", address=address, type=data_type, poll=PollClass.FAST, **more)


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
    blocks = pack(wanted, max_block=max_block, gap=gap)
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


def test_a_narrow_gap_is_read_and_a_wide_one_is_not():
    wanted = [point(0), point(8), point(17)]
    assert places(pack(wanted, max_block=60, gap=7)) == [(0, 9), (17, 1)]


def test_a_pair_that_does_not_fit_starts_the_next_request():
    wanted = [point(0, DataType.FLOAT32), point(2, DataType.FLOAT32), point(4, DataType.FLOAT32)]
    assert places(pack(wanted, max_block=5, gap=7)) == [(0, 4), (4, 2)]


def test_an_exponent_is_read_with_its_value_or_alone_when_too_far():
    near = pack([point(10, scale_address=14)], max_block=60, gap=0)
    assert places(near) == [(10, 5)]
    assert near[0].extras == (14,)
    far = pack([point(10, scale_address=200)], max_block=60, gap=0)
    assert places(far) == [(10, 1), (200, 1)]
    assert far[1].points == ()


def test_a_refused_block_falls_apart_into_its_points():
    (block,) = pack([point(0), point(2, scale_address=4), point(6)], max_block=60, gap=7)
    assert places(split(block)) == [(0, 1), (2, 3), (6, 1)]


def test_sixteen_coils_are_one_request():
    coils = [point(n, DataType.BIT, table=Table.COIL) for n in range(16)]
    assert places(pack(coils, max_block=10, gap=0)) == [(0, 16)]


def test_a_gap_is_worth_more_where_requests_are_dearer():
    assert gap_registers(RTU) == 7
    assert gap_registers(RtuOverTcpBus(type="rtu_over_tcp", host="gateway", port=4001)) == 7
    assert gap_registers(TcpBus(type="tcp", host="inverter")) == 31
