"""Frames: which bytes answer which request."""

import pytest
from faulty_slave import crc
from hypothesis import given
from hypothesis import strategies as st

from drivers.frames import RtuGate, answer_header, bits_of, crc16, rtu_answer, tcp_answer, words_of
from drivers.station import Station, probes


def rtu(*body: int) -> bytes:
    return bytes(body) + crc(bytes(body))


READ_TWO = rtu(1, 3, 0, 10, 0, 2)
ANSWER = rtu(1, 3, 4, 0, 7, 0, 8)
TCP_READ = bytes((0, 9, 0, 0, 0, 6, 1, 3, 0, 10, 0, 1))
TCP_ANSWER = bytes((0, 9, 0, 0, 0, 5, 1, 3, 2, 0, 7))


def test_an_answer_is_found_behind_a_late_one_of_another_shape():
    late = rtu(1, 3, 2, 0, 1)
    assert rtu_answer(READ_TWO, late + ANSWER) == ANSWER


def test_an_exception_is_an_answer():
    assert rtu_answer(READ_TWO, rtu(1, 0x83, 2)) == rtu(1, 0x83, 2)
    refusal = bytes((0, 9, 0, 0, 0, 3, 1, 0x83, 2))
    assert tcp_answer(TCP_READ, refusal) == refusal


@given(cut=st.integers(0, len(ANSWER) - 1))
def test_a_part_of_an_answer_is_none(cut):
    assert rtu_answer(READ_TWO, ANSWER[:cut]) == b""


def test_a_write_is_confirmed_by_its_own_echo_only():
    write = rtu(1, 5, 0, 3, 0xFF, 0)
    assert rtu_answer(write, write) == write
    assert rtu_answer(write, rtu(1, 5, 0, 3, 0, 0)) == b""
    assert rtu_answer(write, rtu(1, 5, 0, 4, 0xFF, 0)) == b""


def test_an_answer_of_an_older_transaction_is_passed_over():
    older = bytes((0, 8)) + TCP_ANSWER[2:]
    assert tcp_answer(TCP_READ, older) == b""
    assert tcp_answer(TCP_READ, older + TCP_ANSWER) == TCP_ANSWER


def test_the_gate_lets_one_answer_through_and_notes_what_follows():
    gate = RtuGate()
    assert gate.send(READ_TWO) == READ_TWO
    assert gate.receive(ANSWER[:4]) == b""
    assert gate.receive(ANSWER) == ANSWER[1:-2]
    assert not gate.disturbed
    assert gate.receive(ANSWER + ANSWER) == b""
    assert gate.disturbed


def test_an_answer_behind_that_of_another_unit_is_not_believed():
    gate = RtuGate()
    gate.send(READ_TWO)
    assert gate.receive(rtu(6, 3, 4, 0, 7, 0, 8) + ANSWER) == b""
    assert gate.disturbed


def test_an_answer_behind_the_adapters_echo_or_the_units_own_late_one_is_believed():
    for before in (READ_TWO, rtu(1, 3, 2, 0, 7), b"\x00\xff\x55\x12\x99\x07"):
        gate = RtuGate()
        gate.send(READ_TWO)
        assert gate.receive(before + ANSWER) == ANSWER[1:-2]


@given(noise=st.binary(max_size=20))
def test_an_answer_is_found_behind_noise_even_if_that_looks_like_its_beginning(noise):
    assert rtu_answer(READ_TWO, noise + ANSWER[:3] + ANSWER) == ANSWER


@given(words=st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=125))
def test_registers_are_taken_from_an_answer(words):
    assert words_of(bytes((3, 2 * len(words))) + b"".join(w.to_bytes(2, "big") for w in words)) == words


def test_bits_are_taken_from_an_answer_lowest_first():
    assert bits_of(bytes((1, 2, 0b10000001, 0b10)), 10) == [1, 0, 0, 0, 0, 0, 0, 1, 0, 1]


def test_the_checksum_is_that_of_the_specification():
    assert crc16(bytes((2, 7))) == bytes((0x41, 0x12))


def test_a_single_register_is_confirmed_by_its_whole_echo_only():
    write = rtu(1, 6, 0, 3, 1, 44)
    assert rtu_answer(write, write) == write
    assert rtu_answer(write, rtu(1, 6, 0, 3, 1, 45)) == b""
    assert rtu_answer(write, rtu(1, 6, 0, 4, 1, 44)) == b""


@pytest.mark.parametrize(("function", "count"), [(1, 16), (2, 1), (3, 2), (4, 60), (16, 2), (5, 0xFF00)])
def test_every_request_has_a_probe_whose_answer_looks_different(function, count):
    def header(code: int, address: int, number: int) -> bytes:
        return answer_header(bytes((code,)) + address.to_bytes(2, "big") + number.to_bytes(2, "big"))

    candidates = list(probes(function, 100, count))
    assert all(header(*probe) != header(function, 100, count) for probe in candidates)
    assert len({header(*probe) for probe in candidates}) == len(candidates) >= 3


def test_probes_stay_within_what_a_device_can_have():
    for function, address, count in probes(3, 0xFFFF, 1):
        assert count >= 1
        assert address + count <= 0x10000, function


def test_an_exception_tells_nothing_while_the_same_function_owes_an_answer():
    station = Station(doubts={bytes((3, 4)): 0.0})
    assert not station.conclusive(bytes((3, 8)), refused=True)
    assert station.conclusive(bytes((4, 2)), refused=True)
    assert station.conclusive(bytes((3, 8)), refused=False)
    assert not station.conclusive(bytes((3, 4)), refused=False)


def test_an_answer_is_expected_for_as_long_as_it_may_come_and_no_longer():
    station = Station()
    for asked_s, header in ((10.0, READ), (13.0, WRITE)):
        station.asked_s = asked_s
        station.abandon(header)
    station.settle(13.5, 3.0)
    assert set(station.doubts) == {READ, WRITE}, "it may still be working off what it was asked"
    station.settle(14.0, 3.0)
    assert set(station.doubts) == {WRITE}
    station.settle(16.0, 3.0)
    assert not station.doubts


READ, WRITE = bytes((3, 4)), bytes((16, 0, 0, 0, 1))


def test_patience_grows_at_once_and_shrinks_slowly():
    station = Station()
    assert station.timeout_s(READ, wire_s=0.05, floor_s=0.1, speed=1.0) == 1.0, (
        "nothing is known: the profile's"
    )
    station.answered(READ, 0.04)
    assert station.timeout_s(READ, 0.05, 0.1, 1.0) == pytest.approx(0.05 + 4 * 0.04)
    station.answered(READ, 0.2)
    assert station.timeout_s(READ, 0.05, 0.1, 1.0) == pytest.approx(0.85)
    station.answered(READ, 0.04)
    assert station.turnaround_s == pytest.approx(0.184)
    station.abandon(None)
    assert station.timeout_s(READ, 0.05, 0.1, 1.0) == 1.0
    assert station.timeout_s(READ, 0.0, 0.1, 60.0) == 0.1, "no clock is too fast for the host"
    for _ in range(3):
        station.abandon(None)
        assert station.timeout_s(READ, 0.05, 0.1, 1.0) < 0.8, "the dead cost little"
    station.abandon(None)
    assert station.timeout_s(READ, 0.05, 0.1, 1.0) == 1.0, "and now and then they get all the time"


def test_a_unit_that_was_never_heard_costs_little_but_now_and_then_gets_all_the_time():
    station, times = Station(), []
    for _ in range(6):
        times.append(station.timeout_s(READ, wire_s=0.05, floor_s=0.1, speed=1.0))
        station.abandon(None)
    assert times == pytest.approx([1.0, 1.0, 0.05 + 1 / 3, 0.05 + 1 / 3, 0.05 + 1 / 3, 1.0])


def test_a_slow_wire_gets_the_time_it_needs_whatever_the_profile_says():
    assert Station().timeout_s(READ, wire_s=2.0, floor_s=0.1, speed=1.0) == pytest.approx(2.1)


def test_what_a_stick_or_gateway_may_add_is_allowed_for():
    station = Station()
    assert station.timeout_s(READ, 0.05, 0.1, 1.0, relay_s=2.0) == pytest.approx(3.0)
    station.answered(READ, 0.04)
    assert station.timeout_s(READ, 0.05, 0.1, 1.0, relay_s=2.0) == pytest.approx(2.21)


def test_a_write_may_take_as_long_as_the_profile_allows_and_teaches_nothing_about_reads():
    station = Station()
    station.answered(READ, 0.03)
    assert station.timeout_s(WRITE, 0.05, 0.1, 1.0) == 1.0
    station.answered(WRITE, 0.6)
    assert station.turnaround_s == 0.03


def test_an_adapter_that_hears_itself_is_no_disturbance():
    gate = RtuGate()
    gate.send(READ_TWO)
    gate.receive(READ_TWO + ANSWER)
    assert not gate.disturbed
