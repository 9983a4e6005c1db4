"""Every device shows its plant in the registers, scales and signs that its maker documents."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import pytest
from served_village import ask, floats, refused, registers, write

from simulation.devices.deepsea_gencomm import GencommController
from simulation.devices.eastron_sdm630 import SdmMeter
from simulation.devices.imt_si_rs485 import ReferenceCell
from simulation.devices.victron_gx import SocGauge, SystemService, battery_service, vebus_service
from simulation.devices.waveshare_relay import RelayBoard
from simulation.physics.genset import GensetState
from simulation.physics.grid import PublicGrid


class Contactor:
    energised = False

    def energise(self, on: bool) -> None:
        self.energised = on


def signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


# ---------------------------------------------------------------- Eastron SDM630


@pytest.fixture
def meter() -> SdmMeter:
    feeder = SimpleNamespace(
        phase_power_w=(900.0, 500.0, 100.0),
        phase_current_a=(4.5, 2.5, 0.5),
        voltage_v=230.0,
        frequency_hz=50.1,
        energy_wh=1_234_500.0,
    )
    return SdmMeter(feeder, unit=5, serial=21012345)


def test_the_meter_shows_its_feeder_as_floats(meter):
    assert floats(meter, 0x00, 3) == (230.0, 230.0, 230.0)
    assert floats(meter, 0x06, 6) == (4.5, 2.5, 0.5, 900.0, 500.0, 100.0)
    assert floats(meter, 0x34, 1) == (1500.0,)
    assert floats(meter, 0x46, 2) == pytest.approx((50.1, 1234.5))
    assert floats(meter, 0x1E, 1) == pytest.approx((900 / (230 * 4.5),))
    assert floats(meter, 0xC8, 1) == pytest.approx((230 * 3**0.5,))
    assert floats(meter, 0x156, 1) == (1234.5,)
    assert struct.unpack(">I", ask(meter, 3, 0xFC00, 2)[2:]) == (21012345,)
    assert registers(meter, 0xFC02, 1) == (0x0070,)


@pytest.mark.parametrize(
    ("function", "address", "count", "code"),
    [(4, 1, 2, 2), (4, 0, 3, 2), (4, 0x6C, 2, 2), (4, 0, 82, 3), (3, 0x40, 2, 2), (1, 0, 1, 1), (6, 2, 1, 1)],
)
def test_the_meter_refuses_half_a_value_and_what_it_does_not_have(meter, function, address, count, code):
    assert refused(ask(meter, function, address, count)) == code


# ---------------------------------------------------------------- IMT Si-RS485


def test_the_reference_cell_shows_tenths_in_input_registers_only():
    sky = SimpleNamespace(irradiance_wm2=812.34, cell_temperature_c=48.7, ambient_temperature_c=-3.2)
    cell = ReferenceCell(sky)
    assert registers(cell, 0, 1, function=4) == (8123,)
    assert [signed(word) for word in registers(cell, 7, 2, function=4)] == [487, -32]
    assert registers(cell, 1, 1, function=4) == (737,)
    assert refused(ask(cell, 3, 0, 1)) == 1
    assert refused(ask(cell, 4, 9, 1)) == 2


# ---------------------------------------------------------------- Waveshare relays


def test_a_coil_moves_the_contactor_on_its_channel():
    clinic, school = Contactor(), Contactor()
    board = RelayBoard({0: clinic, 1: school}, unit=1)
    ask(board, 5, 1, 0xFF00)
    assert (clinic.energised, school.energised) == (False, True)
    assert ask(board, 1, 0, 16) == bytes((1, 2, 2, 0))
    ask(board, 5, 1, 0x5500)
    assert school.energised is False
    ask(board, 15, 0, 16, data=b"\x02\xff\xff")
    assert ask(board, 1, 0, 16) == bytes((1, 2, 255, 255))
    ask(board, 5, 0x00FF, 0x0000)
    assert (clinic.energised, school.energised) == (False, False)


def test_the_board_refuses_channels_and_values_that_it_does_not_have():
    board = RelayBoard({}, unit=1)
    assert refused(ask(board, 5, 16, 0xFF00)) == 2
    assert refused(ask(board, 5, 0, 0x1234)) == 3
    assert refused(ask(board, 1, 8, 9)) == 2
    assert refused(ask(board, 15, 10, 7, data=b"\x01\x7f")) == 2
    assert registers(board, 0x4000, 1) == (1,)
    assert registers(board, 0x8000, 1) == (200,)


def test_a_frozen_board_still_moves_its_relays():
    pump = Contactor()
    board = RelayBoard({3: pump}, unit=1)
    board.freeze()
    ask(board, 5, 3, 0xFF00)
    assert pump.energised
    assert ask(board, 1, 0, 8) == bytes((1, 1, 0))
    board.thaw()
    assert ask(board, 1, 0, 8) == bytes((1, 1, 8))


# ---------------------------------------------------------------- Deep Sea


class Genset(SimpleNamespace):
    def set_mode(self, mode: int) -> None:
        self.asked = ("mode", mode)

    def telemetry_start(self, on: bool) -> None:
        self.asked = ("start", on)


@pytest.fixture
def genset() -> Genset:
    return Genset(
        power_w=12000.0,
        engine_speed_rpm=1500.0,
        frequency_hz=50.0,
        voltage_v=230.0,
        fuel_frac=0.8,
        run_s=3_240_000.0,
        starts=412,
        oil_pressure_kpa=420.0,
        coolant_temperature_c=-2.0,
        starter_battery_v=13.9,
        control_mode=1,
        state=GensetState.ON_LOAD,
        fails_to_start=False,
        asked=None,
    )


@pytest.fixture
def controller(genset) -> GencommController:
    return GencommController(genset, rated_w=24000.0, serial=70000, energy_wh=lambda: 45678.0)


def test_the_genset_controller_shows_its_pages(controller):
    assert registers(controller, 768, 5) == (1, 32840, 70000 >> 16, 70000 & 0xFFFF, 1)
    assert registers(controller, 1024, 8) == (420, 0xFFFE, 6, 80, 139, 139, 1500, 500)
    assert registers(controller, 1032, 2) == (0, 2300)
    assert registers(controller, 1052, 2) == (0, 4000)
    assert registers(controller, 1536, 2) == (0, 12000)
    assert registers(controller, 1558, 1) == (500,)
    assert registers(controller, 1798, 4) == (3_240_000 >> 16, 3_240_000 & 0xFFFF, 0, 457)
    assert registers(controller, 1808, 2) == (0, 412)


def test_what_the_genset_lacks_is_a_sentinel_and_pages_it_lacks_are_refused(controller):
    assert registers(controller, 1059, 1) == (0xFFFF,)
    assert registers(controller, 1794, 2) == (0x7FFF, 0xFFFF)
    for address in (0, 775, 1084, 4104):
        assert refused(ask(controller, 3, address, 1)) == 2


@pytest.mark.parametrize(
    ("change", "engine", "named"),
    [
        ({}, 3, (0x1111, 0x1111, 0x1111)),
        ({"state": GensetState.RESTING, "fuel_frac": 0.05}, 1, (0x1111, 0x1121, 0x1111)),
        ({"state": GensetState.FAILED, "fails_to_start": True}, 5, (0x1311, 0x1111, 0x1111)),
        ({"state": GensetState.FAILED}, 5, (0x1111, 0x1111, 0x1131)),
    ],
)
def test_the_genset_controller_names_its_state_and_its_alarms(controller, genset, change, engine, named):
    vars(genset).update(change)
    assert registers(controller, 1408, 1) == (engine,)
    assert registers(controller, 39424, 2) == (80, 0x1111)
    assert registers(controller, 39428, 5)[::2] == named


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        (35700, ("mode", 0)),
        (35701, ("mode", 1)),
        (35702, ("mode", 2)),
        (35732, ("start", True)),
        (35733, ("start", False)),
    ],
)
def test_a_control_key_needs_its_complement_in_the_same_request(controller, genset, key, asked):
    assert refused(write(controller, 4104, key)) == 3
    assert refused(write(controller, 4104, key, key)) == 3
    assert refused(ask(controller, 6, 4104, key)) == 1
    assert genset.asked is None
    assert refused(write(controller, 4104, key, 65535 - key)) is None
    assert genset.asked == asked


def test_the_controller_tells_which_keys_it_knows(controller):
    bits = registers(controller, 4096, 8)
    known = {
        35700 + 16 * index + bit
        for index, word in enumerate(bits)
        for bit in range(16)
        if word >> 15 - bit & 1
    }
    assert known == {35700, 35701, 35702, 35732, 35733, 35734}
    assert refused(write(controller, 4104, 35710, 65535 - 35710)) == 3


# ---------------------------------------------------------------- Victron GX


@pytest.fixture
def storage() -> SimpleNamespace:
    return SimpleNamespace(
        ac_power_w=-6000.0,
        phase_power_w=(-3000.0, -2500.0, -500.0),
        battery_power_w=-6400.0,
        soc_frac=0.643,
        soh_frac=0.98,
        battery_voltage_v=51.87,
        battery_current_a=-123.4,
        battery_temperature_c=31.2,
        cell_voltage_min_v=3.24,
        cell_voltage_max_v=3.27,
        overload_alarm=2,
        low_battery_alarm=1,
        temperature_alarm=0,
        inverter_state=9,
        output_voltage_v=229.4,
        frequency_hz=50.02,
        alive=True,
    )


def test_the_inverters_show_what_they_feed_as_positive_and_their_alarms(storage):
    vebus = vebus_service(storage, SocGauge(storage))
    assert registers(vebus, 15, 3) == (2294, 2294, 2294)
    assert registers(vebus, 21, 1) == (5002,)
    assert registers(vebus, 23, 3) == (300, 250, 50)
    assert registers(vebus, 26, 1) == (5187,)
    assert signed(registers(vebus, 27, 1)[0]) == -1234
    assert registers(vebus, 29, 8) == (240, 643, 9, 0, 3, 0, 1, 2)
    assert registers(vebus, 46, 1) == (2,)
    assert registers(vebus, 31, 1, function=4) == (9,)


def test_the_battery_shows_charging_as_positive(storage):
    ledger = SimpleNamespace(battery_in=81_250.0, battery_out=6_340.0)
    battery = battery_service(storage, SocGauge(storage), ledger, capacity_ah=2344.0)
    assert struct.unpack(">i", ask(battery, 3, 256, 2)[2:]) == (-6400,)
    assert [signed(word) for word in registers(battery, 258, 5)] == [-6400, 5187, 0, -1234, 312]
    assert registers(battery, 265, 2) == (round(0.357 * 23440), 643)
    assert registers(battery, 301, 2) == (63, 812)  # discharged, charged [0.1 kWh]
    assert registers(battery, 304, 1) == (980,)
    assert registers(battery, 1290, 2) == (324, 327)
    assert refused(ask(battery, 3, 255, 1)) == 2


def test_the_system_sums_up_the_village(storage):
    line = SimpleNamespace(phase_power_w=(100.0, 200.0, 300.0))
    plant = SimpleNamespace(ac_power_w=3000.0)
    village = SimpleNamespace(
        storage=storage, pv={"a": plant, "b": plant}, feeders={"x": line, "y": line}, genset=None, grid=None
    )
    gauge = SocGauge(storage)
    system = SystemService(village, gauge, serial="c0ffee", unix_s=lambda: 1_795_000_000.0)
    assert registers(system, 808, 3) == (2000, 2000, 2000)
    assert registers(system, 817, 3) == (200, 400, 600)
    assert [signed(word) for word in registers(system, 840, 5)] == [519, -1234, -6400, 64, 2]
    assert struct.unpack(">Q", ask(system, 3, 830, 4)[2:]) == (1_795_000_000,)
    gauge.hold()
    storage.soc_frac = 0.1
    assert registers(system, 843, 1) == (64,)
    gauge.release()
    assert registers(system, 843, 1) == (10,)


def test_the_grid_at_the_ac_input_is_shown_in_both_services(storage):
    grid = PublicGrid(10_000.0)
    grid.take((1000.0, -200.0, 300.0))
    vebus = vebus_service(storage, SocGauge(storage), grid)
    assert registers(vebus, 3, 3) == (2310, 2310, 2310)
    assert registers(vebus, 9, 1) == (5000,)
    assert [signed(word) for word in registers(vebus, 12, 3)] == [100, -20, 30]
    assert registers(vebus, 29, 1) == (0,)
    assert registers(vebus, 64, 1) == (0,)
    line = SimpleNamespace(phase_power_w=(100.0, 200.0, 300.0))
    village = SimpleNamespace(storage=storage, pv={}, feeders={"x": line}, genset=None, grid=grid)
    system = SystemService(village, SocGauge(storage), serial="c0ffee", unix_s=lambda: 0.0)
    assert [signed(word) for word in registers(system, 820, 3)] == [1000, -200, 300]
    assert registers(system, 826, 1) == (1,)
    grid.take_away(None)
    grid.advance(0.0, 1.0, inverters_well=True)
    assert registers(vebus, 3, 3) == (0, 0, 0)
    assert (registers(vebus, 29, 1), registers(vebus, 64, 1)) == ((240,), (2,))
    assert registers(system, 826, 1) == (240,)
