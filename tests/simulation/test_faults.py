"""Faults stand until they are cleared or their time is over, and do to a bus what their names say."""

from __future__ import annotations

import struct

import pytest
from served_village import plain_bus

from simulation.faults import Fault, FaultKind, Faults

READ_FIVE = struct.pack(">BHH", 3, 5, 1)
GOOD = struct.pack(">BBH", 3, 2, 1005)


class Time:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_fault_ends_when_its_time_is_over():
    time, told = Time(), []
    faults = Faults(time, lambda fault, stands: told.append((fault.kind, stands)))
    faults.inject(Fault(FaultKind.SILENT, "one", until_s=60.0))
    time.now_s = 59.9
    assert faults.find(FaultKind.SILENT, "one")
    time.now_s = 60.0
    assert faults.find(FaultKind.SILENT, "one") is None
    assert told == [(FaultKind.SILENT, True), (FaultKind.SILENT, False)]


def test_clearing_heals_only_what_matches():
    faults = Faults(Time())
    faults.inject(Fault(FaultKind.SILENT, "one"))
    faults.inject(Fault(FaultKind.NOISE, "one"))
    faults.inject(Fault(FaultKind.SILENT, "two"))
    assert faults.clear("one", FaultKind.SILENT) == 1
    assert {(each.target, each.kind) for each in faults.standing()} == {
        ("one", FaultKind.NOISE),
        ("two", FaultKind.SILENT),
    }
    assert faults.clear() == 2
    assert faults.standing() == ()


@pytest.mark.parametrize("target", ["one", "line"])
def test_a_silent_device_leaves_its_neighbours_alone_a_silent_line_does_not(target):
    faults = Faults(Time())
    bus = plain_bus(faults=faults)
    faults.inject(Fault(FaultKind.SILENT, target))
    assert bus.serve(1, READ_FIVE).pdu is None
    assert (bus.serve(2, READ_FIVE).pdu is None) == (target == "line")


def test_a_refusing_device_changes_nothing():
    faults = Faults(Time())
    bus = plain_bus(faults=faults)
    faults.inject(Fault(FaultKind.EXCEPTION, "one", code=6))
    assert bus.serve(1, struct.pack(">BHH", 6, 5, 1)).pdu == bytes((0x86, 6))
    faults.clear()
    assert bus.serve(1, READ_FIVE).pdu == GOOD


def test_late_and_noisy_answers_are_good_ones_underway():
    faults = Faults(Time())
    bus = plain_bus(faults=faults)
    faults.inject(Fault(FaultKind.LATE, "one", delay_s=0.4))
    faults.inject(Fault(FaultKind.NOISE, "line", probability=0.3))
    outcome = bus.serve(1, READ_FIVE)
    assert (outcome.pdu, outcome.late_s, outcome.noise) == (GOOD, 0.4, 0.3)


def test_a_frozen_device_obeys_but_tells_old_values():
    bus = plain_bus()
    registers = bus.stations[1].registers
    registers.freeze()
    bus.serve(1, struct.pack(">BHH", 6, 5, 1))
    assert bus.serve(1, READ_FIVE).pdu == GOOD
    registers.thaw()
    assert bus.serve(1, READ_FIVE).pdu == struct.pack(">BBH", 3, 2, 1)


def test_a_device_without_supply_is_silent():
    bus = plain_bus()
    supply = [True]
    station = bus.stations[1]
    bus.stations = {1: type(station)(station.device_id, station.registers, 0.0, lambda: supply[0])}
    assert bus.serve(1, READ_FIVE).pdu == GOOD
    supply[0] = False
    assert bus.serve(1, READ_FIVE).pdu is None
