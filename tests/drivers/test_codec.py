"""The codec: what leaves it is a number with a meaning, or None."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.codec import decode, encode, resolution, signed16, text_of
from drivers.errors import WriteRefusedError
from drivers.model import DataType, PollClass, ReadPoint, Table, WordOrder, WritePoint

EVERYTHING = (-1e300, 1e300)
INTEGERS = {
    DataType.UINT16: (0, 2**16 - 1),
    DataType.INT16: (-(2**15), 2**15 - 1),
    DataType.UINT32: (0, 2**32 - 1),
    DataType.INT32: (-(2**31), 2**31 - 1),
    DataType.INT64: (-(2**46), 2**46),
    DataType.UINT64: (0, 2**46),  # beyond, a scaled float cannot tell neighbours apart
    DataType.BIT: (0, 1),
}


def read_point(data_type: DataType, **more) -> ReadPoint:
    return ReadPoint("power_w", Table.HOLDING, 0, data_type, PollClass.FAST, **more)


def write_point(data_type: DataType, value_range=EVERYTHING, **more) -> WritePoint:
    return WritePoint("limit_frac", Table.HOLDING, 0, data_type, value_range, **more)


@given(
    data=st.data(),
    data_type=st.sampled_from(sorted(INTEGERS)),
    order=st.sampled_from(WordOrder),
    scale=st.sampled_from([1.0, -1.0, 0.1, 0.01, -0.5, 10.0]),
    offset=st.sampled_from([0.0, -40.0]),
    exponent=st.sampled_from([None, -3, 0, 2]),
)
def test_every_raw_number_comes_back_from_its_value(data, data_type, order, scale, offset, exponent):
    low, high = INTEGERS[data_type]
    raw = data.draw(st.integers(low, high if offset == 0.0 else min(high, 2**31)))
    address = None if exponent is None else 9
    coding = {"word_order": order, "scale": scale, "offset": offset, "scale_address": address}
    unsigned = raw % 2 ** (16 * data_type.words)
    words = tuple((unsigned >> (16 * place)) & 0xFFFF for place in range(data_type.words))
    words = words if order is WordOrder.LITTLE else words[::-1]
    value = decode(words, read_point(data_type, **coding), exponent)
    assert value is not None
    assert encode(value, write_point(data_type, **coding), exponent) == words


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False), order=st.sampled_from(WordOrder))
def test_every_float_comes_back(value, order):
    words = encode(value, write_point(DataType.FLOAT32, word_order=order))
    assert decode(words, read_point(DataType.FLOAT32, word_order=order)) == value


@given(words=st.lists(st.integers(0, 0xFFFF), min_size=2, max_size=2))
def test_no_pattern_of_bits_decodes_to_nan_or_infinity(words):
    value = decode(words, read_point(DataType.FLOAT32))
    assert value is None or math.isfinite(value)


@pytest.mark.parametrize("special", [math.nan, math.inf, -math.inf])
def test_a_float_that_is_no_number_is_missing(special):
    words = struct.unpack(">HH", struct.pack(">f", special))
    assert decode(words, read_point(DataType.FLOAT32)) is None


def test_a_vendors_word_for_not_available_is_missing():
    point = read_point(DataType.INT32, missing=frozenset({0x80000000}))
    assert decode((0x8000, 0), point) is None
    assert decode((0x8000, 1), point) == -(2**31) + 1


def test_a_makers_state_becomes_the_houses_value_and_an_unknown_one_is_missing():
    point = read_point(DataType.UINT16, values={1: 1.0, 3: 1.0, 240: 0.0})
    assert [decode((word,), point) for word in (1, 3, 240, 2)] == [1.0, 1.0, 0.0, None]


def test_an_implausible_value_is_missing():
    point = read_point(DataType.UINT16, scale=0.01, range=(0.0, 1.0))
    assert decode((100,), point) == 1.0
    assert decode((101,), point) is None


def test_the_edge_of_a_range_survives_rounding():
    point = read_point(DataType.UINT16, scale=0.1, range=(0.0, 0.3))
    assert decode((3,), point) == pytest.approx(0.3)


def test_a_sunspec_exponent_scales_the_value():
    point = read_point(DataType.UINT16, scale_address=7)
    assert decode((2345,), point, -1) == 234.5
    assert decode((23,), point, 2) == 2300


@pytest.mark.parametrize("exponent", [None, -0x8000, 0x8000, 11])
def test_without_its_exponent_a_sunspec_value_is_missing(exponent):
    assert decode((2345,), read_point(DataType.UINT16, scale_address=7), exponent) is None
    with pytest.raises(WriteRefusedError, match="does not give its scale"):
        encode(1, write_point(DataType.UINT16, scale_address=7), exponent)


def test_the_sentinel_of_an_exponent_is_a_negative_number():
    assert signed16(0x8000) == -0x8000
    assert signed16(0xFFFE) == -2
    assert signed16(3) == 3


def test_the_wrong_number_of_registers_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="takes 2 registers, not 1"):
        decode((1,), read_point(DataType.UINT32))


def test_a_value_out_of_range_is_refused_before_the_wire():
    point = write_point(DataType.UINT16, (0.0, 1.0), scale=0.01)
    with pytest.raises(WriteRefusedError, match=r"1\.2 is outside 0 to 1"):
        encode(1.2, point)
    with pytest.raises(WriteRefusedError):
        encode(math.nan, point)


def test_a_value_that_does_not_fit_its_register_is_refused():
    with pytest.raises(WriteRefusedError, match="which holds 0 to 65535"):
        encode(700, write_point(DataType.UINT16, scale=0.01))
    with pytest.raises(WriteRefusedError, match="32-bit float"):
        encode(1e300, write_point(DataType.FLOAT32))


def test_a_genset_key_goes_out_with_its_complement():
    point = write_point(DataType.UINT16, (0, 4), words={1: (35701, 29834)})
    assert encode(1.0, point) == (35701, 29834)
    with pytest.raises(WriteRefusedError, match=r"none of the values it takes \(1\)"):
        encode(2.0, point)
    with pytest.raises(WriteRefusedError):
        encode(1.4, point)


def test_resolution_is_one_step_of_the_register():
    assert resolution(read_point(DataType.UINT16, scale=-0.1)) == 0.1
    assert resolution(read_point(DataType.UINT16, scale_address=7), -2) == 0.01
    assert resolution(read_point(DataType.FLOAT32)) == 0.0


def test_a_high_word_that_stands_elsewhere_comes_second() -> None:
    point = read_point(DataType.INT32, high_address=65, word_order=WordOrder.BIG)
    assert decode([0xFFFE, 0xFFFF], point) == -2
    assert decode([0x0002, 0x0001], point) == 0x10002


def test_a_masked_value_is_shifted_down_to_its_bits() -> None:
    assert decode([0xAB12], read_point(DataType.UINT16, mask=0xFF00)) == 0xAB
    assert decode([0b0110_0000], read_point(DataType.INT16, mask=0b0111_0000)) == 6


def test_a_word_of_flags_says_which_are_raised() -> None:
    point = read_point(DataType.UINT16, bits={0: "fan fault", 3: "too hot"})
    assert text_of(decode([0b1001], point), point) == "fan fault, too hot"
    assert text_of(decode([0b10010], point), point) == "bit 1, bit 4"
    assert text_of(0.0, point) == "none"
    assert text_of(None, point) is None


def test_a_state_says_what_it_means() -> None:
    point = read_point(DataType.UINT16, codes={2: "running"})
    assert text_of(2.0, point) == "running"
    assert text_of(7.0, point) == "code 7"
    assert text_of(2.0, read_point(DataType.UINT16)) is None


def test_a_control_point_with_codes_takes_nothing_else() -> None:
    point = write_point(DataType.UINT16, (0, 9), codes={0: "off", 9: "on"})
    assert encode(9, point) == (9,)
    with pytest.raises(WriteRefusedError, match=r"4 is none of the values it takes \(0, 9\)"):
        encode(4, point)
