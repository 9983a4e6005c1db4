"""What SunSpec devices other than a plain PV inverter offer to the house."""

from __future__ import annotations

import pytest
from sunspec_device import COMMON, NAMEPLATE_120, Device, body, chain

from controller.core.model import Role
from controller.core.points import meaning
from drivers.codec import encode, signed16
from drivers.errors import ProfileError
from drivers.model import Profile
from drivers.sunspec import ask, profile_from, walk

METER = {"W": -1850, "W_SF": 0, "WphA": -700, "A": -81, "A_SF": -1, "PhVphA": 2310, "PhV": 2305, "V_SF": -1}
METER |= {"Hz": 5001, "Hz_SF": -2, "PF": -985, "PF_SF": -3, "TotWhImp": 123456, "TotWhExp": 654321}
METER |= {"TotWh_SF": 0, "VAR": 120, "VAR_SF": 0, "PhVphAB": 3990, "Evt": 0b1000, "TotWhImpPhA": 41152}
BATTERY = {"SoC": 835, "SoC_SF": -1, "SoH": 99, "SoH_SF": 0, "V": 5120, "V_SF": -1, "A": -123, "A_SF": -1}
BATTERY |= {"W": -6298, "W_SF": 0, "CellVMin": 3281, "CellVMax": 3312, "CellV_SF": -3, "State": 3, "ChaSt": 4}
BATTERY |= {"Evt1": 0b100, "AHRtg": 280, "AHRtg_SF": 0, "WHRtg": 1434, "WHRtg_SF": 1, "AMax_SF": 0}
BATTERY |= {"AChaMax": 140, "WChaRteMax": 7000, "WChaDisChaMax_SF": 0, "SoCRsvMin": 200, "LocRemCtl": 0}
STORAGE = {"ChaState": 6400, "ChaState_SF": -2, "WChaMax": 5000, "WChaMax_SF": 0, "StorCtl_Mod": 0}
STORAGE |= {"InWRte": 10000, "OutWRte": 10000, "InOutWRte_SF": -2, "InOutWRte_RvrtTms": 0, "MinRsvPct": 700}
STORAGE |= {"MinRsvPct_SF": -2, "ChaGriSet": 0, "ChaSt": 4}
DER_AC = {"ACType": 2, "InvSt": 3, "ConnSt": 1, "W": 1800, "W_SF": 1, "Hz": 50030, "Hz_SF": -3, "VL1": 2301}
DER_AC |= {"VL3": 2305, "V_SF": -1, "AL2": 261, "A_SF": -1, "WL1": 600, "TotWhInj": 12345678, "TotWh_SF": 0}
DER_AC |= {"PF": 995, "PF_SF": -3, "Alrm": 1 << 7, "TmpCab": 415, "Tmp_SF": -1, "VL1L2": 3990, "VL3L1": 3991}
DER_CONTROLS = {"WMaxLimPctEna": 0, "WMaxLimPct": 1000, "WMaxLimPct_SF": -1, "WMaxLimPctRvrtTms": 0}
DER_CONTROLS |= {"WSet": 0, "WSet_SF": 0, "WSetEna": 0, "WSetRvrtTms": 0}
DER_CONTROLS |= {"WMaxLimPctEnaRvrt": 0, "WMaxLimPctRvrt": 1000}
PORTS = {"NPrt": 3, "DCW": 17800, "DCW_SF": 0, "DCV_SF": -1, "DCA_SF": -1, "DCWH_SF": 0}
PORTS |= {"PrtTyp[1]": 0, "DCW[1]": 9400, "DCV[1]": 6620, "DCA[1]": 142, "DCWhInj[1]": 5000}
PORTS |= {"PrtTyp[2]": 0, "DCW[2]": 8990, "DCV[2]": 6610, "DCA[2]": 136}
PORTS |= {"PrtTyp[3]": 1, "DCW[3]": -590, "DCV[3]": 5120, "DCA[3]": -12, "DCWhAbs[3]": 777}
GEN24 = {"N": 4, "DCA_SF": -2, "DCV_SF": -1, "DCW_SF": 0, "DCWH_SF": 0}
for number, name, watts in (
    (1, "MPPT 1", 3100),
    (2, "MPPT 2", 1200),
    (3, "StCha 3", 900),
    (4, "StDisCha 4", 0),
):
    GEN24 |= {f"IDStr[{number}]": name, f"DCW[{number}]": watts, f"DCV[{number}]": 3600}
INVERTER = {"W": 4200, "W_SF": 0, "Hz": 5000, "Hz_SF": -2, "DCW": 5200, "DCW_SF": 0, "St": 4, "Evt1": 1 << 9}
CAPACITY = {"WMaxRtg": 1000, "W_SF": 1}


async def offered(role: Role, *models: tuple[int, list[int]]) -> tuple[Device, Profile]:
    device = Device(chain((1, COMMON), *models))
    profile = profile_from(await walk(device.read), role)
    unknown = [name for name in (*profile.reads, *profile.derived, *profile.writes) if meaning(name) is None]
    assert unknown == []
    return device, profile


def words_of(device: Device, profile: Profile, name: str, value: float) -> tuple[int, ...]:
    point = profile.writes[name]
    exponent = None if point.scale_address is None else signed16(device.registers[point.scale_address])
    return encode(value, point, exponent)


@pytest.mark.parametrize("model", [201, 202, 203, 204])
async def test_a_meter_counts_import_as_positive(model: int) -> None:
    values = {name: value for name, value in METER.items() if (model, name) != (201, "PhVphAB")}
    device, profile = await offered(Role.METER, body(model, values))
    assert device.value(profile, "power_w") == -1850
    assert device.value(profile, "power_l1_w") == -700
    assert device.value(profile, "voltage_l1_v") == 231
    assert device.value(profile, "voltage_v") == pytest.approx(230.5)
    assert device.value(profile, "current_a") == pytest.approx(-8.1)
    assert device.value(profile, "frequency_hz") == pytest.approx(50.01)
    assert device.value(profile, "power_factor") == pytest.approx(-0.985)
    assert device.value(profile, "energy_import_wh") == 123456
    assert device.value(profile, "energy_export_wh") == 654321
    assert device.value(profile, "energy_import_l1_wh") == 41152
    assert profile.reads["alarm_word_1"].bits[3].endswith("Under_Voltage")
    assert ("voltage_l12_v" in profile.reads) is (model != 201)
    assert not profile.writes


@pytest.mark.parametrize("model", [211, 212, 213, 214])
async def test_a_float_meter_offers_the_same(model: int) -> None:
    values = {"W": -1850.0, "WphA": -700.0, "TotWhImp": 123456.0, "PF": -98.5, "PhVphA": 231.0}
    device, profile = await offered(Role.METER, body(model, values))
    assert device.value(profile, "power_w") == -1850
    assert device.value(profile, "energy_import_wh") == 123456
    assert device.value(profile, "power_factor") == pytest.approx(-0.985)  # this one tells percent


async def test_a_meter_of_a_maker_that_counts_export_as_positive_is_turned() -> None:
    solaredge = body(1, {"Mn": "SolarEdge"})
    device = Device(chain(solaredge, body(203, METER)))
    profile = profile_from(await walk(device.read), Role.METER)
    assert device.value(profile, "power_w") == 1850
    assert device.value(profile, "energy_import_wh") == 123456


async def test_a_battery_charges_with_positive_power() -> None:
    bank = body(803, {"NStr": 1, "ModTmpAvg": 285, "ModTmpMax": 301, "ModTmpMin": 270, "ModTmp_SF": -1})
    device, profile = await offered(Role.BATTERY, body(802, BATTERY), bank)
    assert device.value(profile, "battery_soc_frac") == pytest.approx(0.835)
    assert device.value(profile, "battery_soh_frac") == pytest.approx(0.99)
    assert device.value(profile, "battery_voltage_v") == 512
    assert device.value(profile, "battery_current_a") == pytest.approx(12.3)
    assert device.value(profile, "battery_power_w") == 6298
    assert device.value(profile, "cell_voltage_min_v") == pytest.approx(3.281)
    assert device.value(profile, "battery_capacity_wh") == 14340
    assert device.value(profile, "battery_charge_limit_a") == 140
    assert device.value(profile, "battery_temperature_c") == pytest.approx(28.5)
    assert device.value(profile, "cell_temperature_max_c") == pytest.approx(30.1)
    assert device.value(profile, "remote_control_enabled") == 1
    assert profile.reads["battery_state"].codes[3] == "CONNECTED"
    assert profile.reads["battery_alarm_word_1"].bits[2] == "OVER_TEMP_WARNING"


async def test_a_battery_is_told_to_connect_to_keep_a_reserve_and_that_the_controller_lives() -> None:
    device, profile = await offered(Role.BATTERY, body(802, BATTERY))
    assert (words_of(device, profile, "enabled", 1), words_of(device, profile, "enabled", 0)) == ((1,), (2,))
    assert words_of(device, profile, "reserve_soc_frac", 0.25) == (250,)
    assert words_of(device, profile, "heartbeat", 7) == (7,)
    assert profile.writes["reserve_soc_frac"].eeprom
    assert profile.writes["alarm_reset"].range == (1, 1)
    assert "soc_max_frac" not in profile.writes  # the device does not show one


async def test_storage_controls_limit_charge_and_discharge_until_they_expire() -> None:
    device, profile = await offered(Role.BATTERY, body(124, STORAGE))
    assert device.value(profile, "battery_soc_frac") == pytest.approx(0.64)
    assert device.value(profile, "charge_limit_frac") == 1
    assert device.value(profile, "reserve_soc_frac") == pytest.approx(0.07)
    charge, discharge = profile.writes["charge_limit_frac"], profile.writes["discharge_limit_frac"]
    start = 40002 + 2 + 66 + 2
    assert (charge.address, discharge.address) == (start + 11, start + 10)
    assert charge.before == discharge.before == ((start + 13, 60),)
    assert charge.after == discharge.after == ((start + 3, 3),)
    assert (charge.expires_s, charge.release, charge.eeprom) == (60, 1.0, False)
    assert words_of(device, profile, "charge_limit_frac", 0.4) == (4000,)
    assert words_of(device, profile, "reserve_soc_frac", 0.1) == (1000,)
    assert words_of(device, profile, "grid_charge_enabled", 1) == (1,)


async def test_a_limit_that_would_put_an_old_one_into_force_is_not_offered() -> None:
    left_over = STORAGE | {"OutWRte": 2000}
    _, profile = await offered(Role.BATTERY, body(124, left_over))
    assert "charge_limit_frac" not in profile.writes
    assert "discharge_limit_frac" in profile.writes
    _, profile = await offered(Role.BATTERY, body(124, left_over | {"StorCtl_Mod": 2}))
    assert "charge_limit_frac" in profile.writes


async def test_a_battery_beside_panels_is_no_string_of_panels() -> None:
    models = body(103, INVERTER), body(124, STORAGE), body(160, GEN24, {"module": 4})
    device, profile = await offered(Role.HYBRID_INVERTER, *models)
    assert device.value(profile, "ac_power_w") == -4200
    assert device.value(profile, "pv1_power_w") == -3100
    assert device.value(profile, "pv_power_w") == -4300
    assert device.value(profile, "battery_power_w") == 900
    assert "pv3_power_w" not in profile.reads
    assert "charge_limit_frac" in profile.writes


async def test_strings_that_show_nothing_while_others_do_are_not_there() -> None:
    raw = {"N": 3, "DCW_SF": 1, "DCV_SF": 0, "DCW[1]": 67, "DCV[1]": 322, "DCW[2]": 48, "DCV[2]": 224}
    device, profile = await offered(
        Role.PV_INVERTER, body(101, {"W": 1080, "W_SF": 0}), body(160, raw, {"module": 3})
    )
    assert "pv3_power_w" not in profile.reads
    assert device.value(profile, "pv_power_w") == -1150  # the inverter tells no sum
    assert "pv1_temperature_c" not in profile.reads
    _, asleep = await offered(Role.PV_INVERTER, body(101), body(160, {"N": 3}, {"module": 3}))
    assert {"pv1_power_w", "pv3_power_w", "pv_power_w", "voltage_l1_v"} <= asleep.reads.keys()


async def test_the_newer_models_offer_what_the_older_ones_do() -> None:
    models = body(701, DER_AC), body(702, CAPACITY), body(704, DER_CONTROLS), body(714, PORTS, {"Prt": 3})
    device, profile = await offered(Role.PV_INVERTER, *models)
    assert device.value(profile, "power_w") == -18000
    assert device.value(profile, "power_l1_w") == -6000
    assert device.value(profile, "frequency_hz") == pytest.approx(50.03)
    assert device.value(profile, "voltage_l3_v") == pytest.approx(230.5)
    assert device.value(profile, "voltage_l31_v") == pytest.approx(399.1)
    assert device.value(profile, "energy_wh") == 12345678
    assert device.value(profile, "operating_state") == 4
    assert profile.reads["operating_state"].codes[4] == "RUNNING"
    assert profile.reads["alarm_word_1"].bits[7] == "OVER_TEMP"
    assert device.value(profile, "rated_power_w") == 10000
    assert device.value(profile, "pv2_power_w") == -8990
    assert device.value(profile, "pv_power_w") == -18390
    assert device.value(profile, "battery_power_w") == 590


async def test_the_newer_limit_falls_back_to_none() -> None:
    models = body(701, DER_AC), body(704, DER_CONTROLS)
    device, profile = await offered(Role.PV_INVERTER, *models)
    limit = profile.writes["limit_frac"]
    start = 40002 + 2 + 66 + 2 + 153 + 2
    assert limit.address == start + 13
    assert limit.before == ((start + 15, 0), (start + 16, 0, 60))  # both words of the timer at once
    assert limit.after == ((start + 12, 1),)
    assert (limit.expires_s, limit.release, limit.readback) == (60, 1.0, "limit_frac")
    assert words_of(device, profile, "limit_frac", 0.375) == (375,)
    assert "ac_setpoint_w" not in profile.writes


async def test_an_inverter_with_storage_takes_a_setpoint_that_expires() -> None:
    soc = body(713, {"SoC": 640, "Pct_SF": -1, "WHRtg": 1434, "WH_SF": 1})
    models = (
        body(701, DER_AC),
        body(702, CAPACITY),
        body(704, DER_CONTROLS),
        soc,
        body(714, PORTS, {"Prt": 3}),
    )
    device, profile = await offered(Role.HYBRID_INVERTER, *models)
    assert device.value(profile, "ac_power_w") == -18000
    assert device.value(profile, "power_l1_w") == -6000
    assert device.value(profile, "battery_soc_frac") == pytest.approx(0.64)
    assert device.value(profile, "battery_power_w") == 590
    setpoint = profile.writes["ac_setpoint_w"]
    assert (setpoint.range, setpoint.expires_s, setpoint.release) == ((-10000, 10000), 60, None)
    assert words_of(device, profile, "ac_setpoint_w", -2000) == (0, 2000)  # delivered is positive there


async def test_a_storage_inverter_is_a_battery_inverter() -> None:
    device, profile = await offered(Role.BATTERY_INVERTER, body(103, INVERTER), body(802, BATTERY))
    assert device.value(profile, "ac_power_w") == -4200
    assert device.value(profile, "battery_power_w") == 6298
    device, profile = await offered(Role.BATTERY_INVERTER, body(103, INVERTER), body(124, STORAGE))
    assert device.value(profile, "battery_power_w") == -5200


async def test_a_split_phase_inverter_has_two_phases() -> None:
    raw = DER_AC | {"ACType": 1, "VL2": 1200}
    _, profile = await offered(Role.PV_INVERTER, body(701, raw))
    assert {"power_l1_w", "current_l2_a", "voltage_l12_v"} <= profile.reads.keys()
    assert not {"power_l3_w", "voltage_l3_v", "voltage_l23_v"} & profile.reads.keys()


async def test_connecting_is_read_back_only_where_the_inverter_shows_it() -> None:
    raw = {"Conn": 1, "WMaxLimPct": 100, "WMaxLimPct_SF": 0, "WMaxLim_Ena": 0}
    _, profile = await offered(Role.PV_INVERTER, body(103, INVERTER), body(123, raw))
    assert profile.writes["enabled"].readback == "enabled"
    _, profile = await offered(Role.PV_INVERTER, body(103, INVERTER), body(123, raw | {"Conn": 0}))
    assert profile.writes["enabled"].readback is None
    assert "enabled" not in profile.reads


async def test_start_and_stop_of_the_newest_model() -> None:
    commands = body(715, {"LocRemCtl": 0, "OpCtl": 1})
    device, profile = await offered(Role.PV_INVERTER, body(701, DER_AC), commands)
    assert words_of(device, profile, "enabled", 0) == (0,)
    assert words_of(device, profile, "heartbeat", 70000) == (1, 4464)


async def test_a_weather_station_is_an_irradiance_sensor() -> None:
    raw = {"GHI": 903, "TmpBOM": 453, "TmpAmb": 317}
    device, profile = await offered(Role.IRRADIANCE_SENSOR, body(308, raw))
    assert device.value(profile, "irradiance_wm2") == 903
    assert device.value(profile, "cell_temperature_c") == pytest.approx(45.3)
    assert device.value(profile, "ambient_temperature_c") == pytest.approx(31.7)


@pytest.mark.parametrize("role", [Role.METER, Role.BATTERY, Role.HYBRID_INVERTER, Role.GENSET, Role.SWITCH])
async def test_a_role_that_the_models_do_not_fill_is_refused(role: Role) -> None:
    found = await walk(Device(chain((1, COMMON), body(101, INVERTER), (120, NAMEPLATE_120))).read)
    with pytest.raises(ProfileError, match=rf"models 1, 101, 120: no {role.replace('_', ' ')} \(.*not told"):
        profile_from(found, role)


async def test_a_device_is_asked_in_its_role() -> None:
    device = Device(chain((1, COMMON), body(101, INVERTER), body(203, METER)))

    class Line:
        async def read(self, unit: int, table: object, address: int, count: int) -> list[int]:
            return await device.read(address, count)

    assert (await ask(1, Role.METER)(Line())).role is Role.METER
    assert (await ask(1)(Line())).role is Role.PV_INVERTER
