"""PDUs: what a strict server answers, whatever it is sent."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from served_village import Plain, ask, refused, registers, write

from simulation.modbus.protocol import answer, pack_bits, unpack_bits
from simulation.modbus.rtu_frame import Wire, crc16, frame, intact, request_length


def test_holding_registers_are_read_and_written():
    device = Plain()
    assert registers(device, 10, 3) == (10, 11, 12)
    assert write(device, 11, 500, 600) == struct.pack(">BHH", 16, 11, 2)
    assert ask(device, 6, 10, 400) == struct.pack(">BHH", 6, 10, 400)
    assert registers(device, 10, 3) == (400, 500, 600)


def test_coils_are_read_and_written():
    device = Plain()
    assert ask(device, 5, 3, 0xFF00) == struct.pack(">BHH", 5, 3, 0xFF00)
    assert ask(device, 15, 8, 3, data=b"\x01\x05") == struct.pack(">BHH", 15, 8, 3)
    assert ask(device, 1, 0, 16) == bytes((1, 2, 0b00001000, 0b00000101))


@pytest.mark.parametrize(
    ("request_pdu", "code"),
    [
        (struct.pack(">BHH", 7, 0, 1), 1),
        (struct.pack(">BHH", 3, 98, 3), 2),
        (struct.pack(">BHH", 4, 0, 1), 2),
        (struct.pack(">BHH", 3, 0xFFFF, 2), 2),
        (struct.pack(">BHH", 3, 0, 0), 3),
        (struct.pack(">BHH", 3, 0, 126), 3),
        (struct.pack(">BHH", 1, 0, 2001), 3),
        (struct.pack(">BH", 3, 0), 3),
        (struct.pack(">BHHB", 16, 0, 1, 2), 3),
        (struct.pack(">BHHBH", 16, 0, 2, 2, 1), 3),
        (struct.pack(">BHHBB", 15, 0, 9, 1, 1), 3),
        (struct.pack(">BHHBH", 16, 100, 1, 2, 1), 2),
    ],
)
def test_what_is_wrong_is_refused_with_the_code_of_the_standard(request_pdu, code):
    assert refused(answer(Plain(), request_pdu)) == code


@given(st.binary(min_size=1, max_size=260))
def test_no_request_however_odd_breaks_the_server(pdu):
    reply = answer(Plain(), pdu)
    assert 2 <= len(reply) <= 253
    assert reply[0] & 0x7F == pdu[0] & 0x7F


@given(st.lists(st.booleans(), min_size=1, max_size=2000))
def test_bits_survive_packing(bits):
    assert unpack_bits(pack_bits(bits), len(bits)) == bits


def test_the_crc_is_that_of_the_standard():
    assert crc16(bytes.fromhex("010300000001")) == bytes.fromhex("840a")


@given(st.binary(min_size=2, max_size=60), st.data())
def test_a_frame_with_a_flipped_bit_is_never_intact(pdu, data):
    good = frame(17, pdu)
    assert intact(good)
    bit = data.draw(st.integers(0, len(good) * 8 - 1))
    spoilt = bytearray(good)
    spoilt[bit // 8] ^= 1 << bit % 8
    assert not intact(bytes(spoilt))


def test_the_length_of_a_request_is_known_as_soon_as_it_can_be():
    request = frame(1, struct.pack(">BHHBHH", 16, 0, 2, 4, 1, 2))
    assert request_length(request[:1]) is None
    assert request_length(request[:6]) is None
    assert request_length(request[:7]) == len(request)
    assert request_length(frame(1, struct.pack(">BHH", 3, 0, 1))[:2]) == 8


def test_a_wire_at_19200_baud_takes_half_a_millisecond_a_byte():
    wire = Wire(19200, 10)
    assert wire.frame_s(8) == pytest.approx((8 + 3.5) * 10 / 19200)
    assert Wire(115200, 11).gap_s == 0.00175
