"""Parts of the site that do not fit together: lines, devices, feeders."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, bad, cut, swap, without

_CLINIC_METER = "meter: meter_clinic, switch"
_METER_1 = "meter_clinic: {role: meter, profile: eastron-sdm630, bus: meters, unit: 1}"
_METER_2 = "meter_school: {role: meter, profile: eastron-sdm630, bus: meters, unit: 2}"
_SOUTH = "pv_south: {type: tcp, host: 192.168.10.11}"
_SOUTH_DEVICE = "pv_south: {role: pv_inverter, profile: sunspec, bus: pv_south, unit: 126}"
_UNITS = "units: {system: 100, vebus: 227, battery: 225}"
PARTS: Mapping[str, Bad] = {
    "two devices with one unit id": bad(
        _METER_2, _METER_2.replace("unit: 2", "unit: 1"), "devices.meter_school.unit", "1", "meter_clinic has"
    ),
    "a unit id taken through units": Bad(
        swap(_SOUTH_DEVICE, _SOUTH_DEVICE.replace("bus: pv_south, unit: 126", "bus: gx, unit: 225")),
        "devices.battery.units.battery",
        ("225", "pv_south has the unit id 225 on the bus gx"),
    ),
    "a device on a missing bus": bad(
        "bus: meters, unit: 1}", "bus: metres, unit: 1}", "devices.meter_clinic.bus", "metres", "mean meters"
    ),
    "a bus that nobody uses": bad(
        _SOUTH, f"{_SOUTH}\n  old: {{type: tcp, host: 10.0.0.9}}", "buses.old", "bus old", "remove it"
    ),
    "unit 0 on a serial line": bad("unit: 10}", "unit: 0}", "devices.genset.unit", "0", "1 to 247"),
    "two buses on one serial port": bad(
        "usb-relays", "usb-meters", "buses.relays.port", "usb-meters", "bus meters"
    ),
    "two buses on one address": bad(
        "192.168.10.12", "192.168.10.11", "buses.pv_east.host", "192.168.10.11", "pv_south has the same line"
    ),
    "an incomplete address": bad("192.168.10.11", "192.168.10", "buses.pv_south.host", "four numbers"),
    "an impossible address": bad("192.168.10.11", "192.168.10.300", "buses.pv_south.host", "300", "0 to 255"),
    "a port within the host": bad(
        "192.168.10.11", "192.168.10.11:1502", "buses.pv_south.host", "192.168.10.11:1502", "port: 1502"
    ),
    "the page on a bus's port": bad(
        "host: 192.168.10.11}", "host: 127.0.0.1, port: 8080}", "web.port", "8080", "pv_south"
    ),
    "an unknown profile": bad(
        "eastron-sdm630",
        "eastron-sdm360",
        "devices.meter_clinic.profile",
        "eastron-sdm360",
        "mean eastron-sdm630",
    ),
    "a profile of another role": bad(
        _METER_1,
        _METER_1.replace("eastron-sdm630", "imt-si-rs485"),
        "devices.meter_clinic.role",
        "meter",
        "irradiance_sensor",
    ),
    "a unit's name missing": bad(
        _UNITS, "units: {system: 100, vebus: 227}", "devices.battery.units", "system, vebus", "of battery"
    ),
    "no unit names at all": bad(
        f", {_UNITS}", "", "devices.battery.units", "no units", "battery, system, vebus"
    ),
    "an unknown unit's name": bad(
        "vebus: 227", "vbus: 227", "devices.battery.units.vbus", "vbus", "did you mean vebus"
    ),
    "a switch that does not exist": bad(
        "device: relays, channel: 1,",
        "device: relais, channel: 1,",
        "feeders.clinic.switch.device",
        "relais",
        "mean relays",
    ),
    "a switch that is a meter": bad(
        "device: relays, channel: 1,",
        "device: sun, channel: 1,",
        "feeders.clinic.switch.device",
        "sun",
        "irradiance_sensor",
    ),
    "a channel beyond the board": bad(
        "channel: 1,", "channel: 17,", "feeders.clinic.switch.channel", "17", "1 to 16", "waveshare-relay-16"
    ),
    "a channel taken twice": bad(
        "channel: 2,",
        "channel: 1,",
        "feeders.school.switch.channel",
        "1",
        "feeder clinic is on",
        "free are 2, 9",
    ),
    "a meter that does not exist": bad(
        _CLINIC_METER,
        "meter: meter_klinic, switch",
        "feeders.clinic.meter",
        "meter_klinic",
        "mean meter_clinic",
    ),
    "a meter that is a switch": bad(
        _CLINIC_METER, "meter: relays, switch", "feeders.clinic.meter", "relays", "role switch"
    ),
    "a meter used twice": bad(
        "meter: meter_school",
        "meter: meter_clinic",
        "feeders.school.meter",
        "meter_clinic",
        "feeder clinic has",
    ),
    "an array without inverter": bad(
        "  pv_south: {name", "  pv_sout: {name", "pv.pv_sout", "pv_sout", "did you mean pv_south"
    ),
    "an array on a meter": bad("  pv_south: {name", "  sun: {name", "pv.sun", "sun", "irradiance_sensor"),
    "an inverter without array": Bad(without("  pv_east: {name"), "devices.pv_east", ("pv_east", "under pv")),
    "a battery behind a meter": bad(
        "device: battery", "device: sun", "battery.device", "sun", "battery_inverter"
    ),
    "a battery of its own that is a meter": bad(
        "  device: battery\n", "  device: battery\n  bms: sun\n", "battery.bms", "sun", "role battery"
    ),
    "a battery of its own that nobody asks": bad(
        _METER_1,
        f"{_METER_1}\n  bms: {{role: battery, profile: a-battery, bus: meters, unit: 99}}",
        "devices.bms",
        "device bms",
        "bms:` of the section battery",
    ),
    "a hybrid inverter that nobody uses": bad(
        _METER_1,
        f"{_METER_1}\n  roof: {{role: hybrid_inverter, profile: a-hybrid, bus: meters, unit: 99}}",
        "devices.roof",
        "device roof",
        "as a key of pv",
    ),
    "a solar charger without array": bad(
        _METER_1,
        f"{_METER_1}\n  roof: {{role: solar_charger, profile: a-charger, bus: meters, unit: 99}}",
        "devices.roof",
        "solar charger roof",
        "under pv",
    ),
    "a hybrid said to be a plain inverter": bad(
        _METER_1,
        f"{_METER_1}\n  roof: {{role: pv_inverter, profile: a-hybrid, bus: meters, unit: 99}}",
        "devices.roof.role",
        "pv_inverter",
        "is for the role hybrid_inverter",
    ),
    "two battery inverters": bad(
        "genset: {role: genset",
        "genset: {role: battery_inverter",
        "devices.genset.role",
        "genset",
        "one device",
    ),
    "a genset that is none": bad(
        "device: genset", "device: relays", "genset.device", "relays", "role switch"
    ),
    "a device that nobody uses": bad(
        _METER_1,
        f"{_METER_1}\n  spare: {{role: meter, profile: eastron-sdm630, bus: meters, unit: 99}}",
        "devices.spare",
        "device spare",
        "or remove it",
    ),
    "a sensor that is not there": bad(
        "irradiance_sensor: sun", "irradiance_sensor: moon", "irradiance_sensor", "moon", "there are sun"
    ),
    "no buses": Bad(cut("buses:", "devices:", "buses: {}\n"), "buses", ("no buses", "at least one")),
    "no devices": Bad(cut("devices:", "pv:", "devices: {}\n"), "devices", ("no devices", "at least one")),
    "no classes": Bad(
        cut("  classes:", "protection:", "  classes: {}\n"), "sharing.classes", ("no classes", "add critical")
    ),
    "no feeders": Bad(
        cut("feeders:", "sharing:", "feeders: {}\n"), "feeders", ("no feeders", "at least one")
    ),
}
