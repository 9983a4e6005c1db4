"""Each shipped profile against the registers that its maker documents."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import pytest

from drivers.codec import decode, encode
from drivers.model import PollClass, Profile, derived_value
from drivers.profile import load_profile

Registers = Mapping[int, int]


def block(*runs: tuple[int, list[int]]) -> dict[int, int]:
    """Registers from (first address, words)."""
    return {start + step: word for start, words in runs for step, word in enumerate(words)}


def floats(values: Mapping[int, float]) -> dict[int, int]:
    """IEEE 754 singles, high word first."""
    words: dict[int, int] = {}
    for address, value in values.items():
        words[address], words[address + 1] = struct.unpack(">HH", struct.pack(">f", value))
    return words


def read(profile: Profile, registers: Mapping[str | None, Registers]) -> dict[str, float | None]:
    """Every point of the profile out of the registers of each unit."""
    values: dict[str, float | None] = {}
    for name, point in profile.reads.items():
        unit = registers.get(point.unit_name, {})
        cells = [unit.get(point.address + step) for step in range(point.type.words)]
        known = [cell for cell in cells if cell is not None]
        if len(known) == len(cells):
            values[name] = decode(known, point)
    for name, how in profile.derived.items():
        values[name] = derived_value(how, [values.get(part) for part in how.parts])
    return values


VEBUS = block(
    (12, [0, 0, 0]),  # AC input: nothing connected
    (15, [2301, 2298, 2305]),  # 0.1 V
    (18, [57, 42, 0x10000 - 13]),  # 0.1 A, signed
    (21, [5012]),
    (23, [130, 96, 0x10000 - 30]),  # 10 W, delivered > 0
    (31, [9]),
    (34, [0, 1, 2]),
)
BATTERY = block((259, [5236]), (261, [0x10000 - 468, 312]), (266, [643]), (304, [985]), (1290, [327, 334]))
SYSTEM = block((842, [0x10000 - 2450]))


class TestVictronGx:
    profile = load_profile("victron-gx")

    def values(self, **changed: int) -> dict[str, float | None]:
        vebus = {**VEBUS, **{int(address[1:]): word for address, word in changed.items()}}
        return read(self.profile, {"vebus": vebus, "battery": BATTERY, "system": SYSTEM})

    def test_power_into_the_inverters_is_positive(self) -> None:
        values = self.values()
        assert [values[f"power_l{phase}_w"] for phase in (1, 2, 3)] == [-1300, -960, 300]
        assert values["ac_power_w"] == -1960

    def test_what_comes_in_at_the_ac_input_is_not_taken_for_the_inverters_own(self) -> None:
        values = self.values(r12=250, r13=100, r14=0x10000 - 20)  # 10 W, drawn > 0
        assert values["ac_power_w"] == -1960 + 3300

    def test_the_rest_of_the_block_reads_as_documented(self) -> None:
        values = self.values()
        assert values["voltage_l3_v"] == pytest.approx(230.5)
        assert values["current_l1_a"] == pytest.approx(-5.7)
        assert values["frequency_hz"] == pytest.approx(50.12)
        assert values["inverter_state"] == 9
        assert self.profile.reads["inverter_state"].codes[9] == "inverting"
        assert [values[f"{alarm}_alarm"] for alarm in ("temperature", "low_battery", "overload")] == [0, 1, 2]

    def test_the_battery_charges_upwards(self) -> None:
        values = self.values()
        assert values["system_battery_power_w"] == -2450
        assert values["battery_power_w"] == pytest.approx(52.36 * -46.8)
        assert values["battery_voltage_v"] == pytest.approx(52.36)
        assert values["battery_current_a"] == pytest.approx(-46.8)
        assert values["battery_temperature_c"] == pytest.approx(31.2)
        assert values["battery_soc_frac"] == pytest.approx(0.643)
        assert values["battery_soh_frac"] == pytest.approx(0.985)
        assert (values["cell_voltage_min_v"], values["cell_voltage_max_v"]) == (3.27, 3.34)

    def test_zero_for_unknown_is_missing_where_zero_cannot_be(self) -> None:
        assert self.values(r21=0)["frequency_hz"] is None
        unknown = dict.fromkeys(BATTERY, 0)
        values = read(self.profile, {"vebus": VEBUS, "battery": unknown})
        for point in ("battery_voltage_v", "battery_soh_frac", "cell_voltage_min_v", "cell_voltage_max_v"):
            assert values[point] is None

    def test_a_missing_phase_makes_the_sum_missing(self) -> None:
        vebus = {address: word for address, word in VEBUS.items() if address != 24}
        assert (
            read(self.profile, {"vebus": vebus, "battery": BATTERY, "system": SYSTEM})["ac_power_w"] is None
        )

    def test_alarms_and_state_are_urgent(self) -> None:
        urgent = {name for name, point in self.profile.reads.items() if point.poll is PollClass.URGENT}
        alarms = {"overload_alarm", "low_battery_alarm", "temperature_alarm", "fault_word_1"}
        assert urgent == {"inverter_state", *alarms}

    def test_setpoints_expire_or_are_released_and_settings_are_known_to_be_stored(self) -> None:
        writes = self.profile.writes
        assert {name for name, point in writes.items() if point.expires_s} == {
            *(f"ac_setpoint_l{phase}_w" for phase in (1, 2, 3)),
            "grid_setpoint_w",
        }
        assert (writes["grid_setpoint_w"].address, writes["grid_setpoint_w"].eeprom) == (2716, False)
        stored = {name for name, point in writes.items() if point.eeprom}
        assert {"grid_setpoint_stored_w", "grid_reserve_soc_frac", "ess_mode", "charge_limit_a"} <= stored


def test_sdm630_reads_its_documented_floats() -> None:
    registers = floats(
        {0: 230.1, 2: 229.4, 4: 231.0, 6: 1.5, 8: 0.5, 10: 2.0, 12: 345.0, 14: 100.0, 16: -20.0, 52: 425.0}
        | {56: 500.0, 60: 80.0, 62: 0.85, 70: 49.98, 72: 1234.567, 74: 0.25}
    )
    profile = load_profile("eastron-sdm630")
    values = read(profile, {None: registers})
    assert values["power_w"] == 425.0  # import, what the feeder draws, is positive
    assert values["power_l3_w"] == -20.0
    assert values["voltage_l1_v"] == pytest.approx(230.1)
    assert values["frequency_hz"] == pytest.approx(49.98)
    assert values["energy_import_wh"] == pytest.approx(1_234_567, rel=1e-6)
    assert values["energy_export_wh"] == 250.0
    assert profile.pace.max_block <= 80


def test_sdm630_knows_the_manuals_example() -> None:
    """Its protocol document codes 230.2 V as 0x4366 0x3333."""
    point = load_profile("eastron-sdm630").reads["voltage_l1_v"]
    assert decode([0x4366, 0x3333], point) == pytest.approx(230.2)


@pytest.mark.parametrize(
    ("outside", "ambient_c"), [(285, 28.5), (0, None), (0x10000 - 55, -5.5), (0x7000, None)]
)
def test_imt_sensor_reads_its_specification(outside: int, ambient_c: float | None) -> None:
    values = read(load_profile("imt-si-rs485"), {None: {0: 8543, 7: 512, 8: outside}})
    assert values == {
        "irradiance_wm2": pytest.approx(854.3),
        "cell_temperature_c": pytest.approx(51.2),
        "ambient_temperature_c": None if ambient_c is None else pytest.approx(ambient_c),
    }


RUNNING = block(
    (772, [1]),
    (1024, [413, 84]),
    (1027, [76]),
    (1029, [137, 1502, 501]),
    (1032, [0, 2304, 0, 2298, 0, 2311]),
    (1044, [0, 187, 0, 190, 0, 185]),
    (1052, [0, 3900, 0, 4000, 0xFFFF, 0xFF38]),
    (1536, [0, 11800]),
    (1798, [0x0032, 0x1234, 1, 0]),
    (1808, [0, 412]),
)


class TestGencomm:
    profile = load_profile("deepsea-gencomm")

    def test_a_running_set_delivers_negative_power(self) -> None:
        values = read(self.profile, {None: RUNNING})
        assert values["power_w"] == -11800
        assert [values[f"power_l{phase}_w"] for phase in (1, 2, 3)] == [-3900, -4000, 200]
        assert values["control_mode"] == 1
        assert values["engine_speed_rpm"] == 1502

    def test_instruments_read_in_house_units(self) -> None:
        values = read(self.profile, {None: RUNNING})
        assert values["fuel_frac"] == pytest.approx(0.76)
        assert values["oil_pressure_kpa"] == 413
        assert values["coolant_temperature_c"] == 84
        assert values["starter_battery_v"] == pytest.approx(13.7)
        assert values["frequency_hz"] == pytest.approx(50.1)
        assert values["voltage_l3_v"] == pytest.approx(231.1)
        assert values["current_l1_a"] == pytest.approx(18.7)
        assert values["engine_run_s"] == 0x00321234
        assert values["energy_export_wh"] == 6_553_600
        assert values["number_of_starts"] == 412

    @pytest.mark.parametrize("sentinel", range(8))
    def test_the_band_at_the_top_of_each_type_is_missing(self, sentinel: int) -> None:
        low = 0xFFFF - sentinel
        registers = {1025: 0x7FFF - sentinel, 1027: low, 1030: low, 1032: 0xFFFF, 1033: low}
        registers |= {1536: 0x7FFF, 1537: low, 1798: 0xFFFF, 1799: low}
        values = read(self.profile, {None: registers})
        assert len(values) == 6
        assert set(values.values()) == {None}

    def test_commands_are_a_key_and_its_complement(self) -> None:
        run, mode = self.profile.writes["run"], self.profile.writes["control_mode"]
        assert encode(1, run) == (35732, 65535 - 35732)
        assert encode(0, run) == (35733, 65535 - 35733)
        assert encode(1, mode) == (35701, 65535 - 35701)
        assert (run.address, mode.address, run.release, mode.readback) == (4104, 4104, 0, "control_mode")


def test_relay_board_maps_channels_to_coils() -> None:
    profile = load_profile("waveshare-relay-16")
    values = read(profile, {None: {coil: int(coil in (0, 7)) for coil in range(16)}})
    assert [name for name, value in values.items() if value == 1.0] == ["channel_1", "channel_8"]
    assert profile.writes["channel_16"].address == 15
    assert encode(1, profile.writes["channel_16"]) == (1,)
    assert all(control.release is None for control in profile.writes.values())
