"""YAML that does not mean what it looks like."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, bad

TRAPS: Mapping[str, Bad] = {
    "per cent for a fraction": bad(
        "reserve_soc_frac: 0.20", "reserve_soc_frac: 45", "battery.reserve_soc_frac", "45", "write 0.45"
    ),
    "a per cent sign": bad(
        "reserve_soc_frac: 0.20", "reserve_soc_frac: 20 %", "battery.reserve_soc_frac", "20 %", "write 0.2"
    ),
    "kilowatts in the value": bad(
        "inverter_w: 24000 ", "inverter_w: 24 kW ", "battery.inverter_w", "24 kW", "write 24000"
    ),
    "kilowatts in Thai": bad(
        "inverter_w: 24000 ", "inverter_w: 24 กิโลวัตต์ ", "battery.inverter_w", "24 กิโลวัตต์", "write 24000"
    ),
    "minutes in the value": bad("turn_s: 3600", "turn_s: 10 min", "sharing.turn_s", "10 min", "write 600"),
    "amperes for watts": bad(
        "rated_w: 3000", "rated_w: 16 A", "feeders.clinic.rated_w", "16 A", "number alone"
    ),
    "a time with a colon": bad("turn_s: 3600", "turn_s: 12:30", "sharing.turn_s", "12:30", "is 750"),
    "a longer time with colons": bad("turn_s: 3600", "turn_s: 1:00:00", "sharing.turn_s", "1:00:00", "3600"),
    "on for a number": bad("stagger_s: 5", "stagger_s: on", "sharing.stagger_s", "on", "a number, not on"),
    "yes for a number": bad(
        "max_start_attempts: 3", "max_start_attempts: yes", "genset.max_start_attempts", "yes"
    ),
    "true for a number": bad("stagger_s: 5", "stagger_s: true", "sharing.stagger_s", "true", "a number"),
    "a number in quotes": bad(
        "port: 8080", 'port: "8080"', "web.port", '"8080"', "write 8080 without quotes"
    ),
    "a baud rate in quotes": bad(
        "baud: 19200", 'baud: "19200"', "buses.meters.baud", '"19200"', "without quotes"
    ),
    "a leading zero": bad("unit: 10}", "unit: 010}", "devices.genset.unit", "010", "write 10"),
    "a hexadecimal number": bad("unit: 10}", "unit: 0x0A}", "devices.genset.unit", "0x0A", "write 10"),
    "an underscore in a number": bad(
        "rated_w: 3000", "rated_w: 3_000", "feeders.clinic.rated_w", "3_000", "3000"
    ),
    "a comma for thousands": bad(
        "energy_wh: 120000", "energy_wh: 120,000", "battery.energy_wh", "120,000", "120000"
    ),
    "a decimal comma": bad(
        "soc_max_frac: 0.97", "soc_max_frac: 0,97", "protection.soc_max_frac", "0,97", "0.97"
    ),
    "Thai digits": bad("stagger_s: 5", "stagger_s: ๕", "sharing.stagger_s", "๕", "write 5"),
    "no number": bad("stagger_s: 5", "stagger_s: .nan", "sharing.stagger_s", ".nan", "measured"),
    "infinity": bad("overload_w: 24000", "overload_w: .inf", "protection.overload_w", ".inf", "measured"),
    "too many digits": bad(
        "overload_w: 24000", "overload_w: 1e400", "protection.overload_w", "1e400", "above 0"
    ),
    "an unquoted phone number": bad(
        '"080-000-0000"', "0801234567", "site.contact.phone", "0801234567", 'write "0801234567"'
    ),
    "a version for a name": bad("en: Clinic", "en: 1.10", "feeders.clinic.name.en", "1.10", 'write "1.10"'),
    "a truth for a name": bad("en: Clinic", "en: true", "feeders.clinic.name.en", "true", 'write "true"'),
    "a value forgotten": bad("port: 8080", "port:", "web.port", "nothing", "write a value"),
    "an optional value forgotten": bad(
        "irradiance_sensor: sun", "irradiance_sensor:", "irradiance_sensor", "nothing", "remove the key"
    ),
    "null": bad(
        "meter: meter_clinic, ", "meter: null, ", "feeders.clinic.meter", "nothing", "remove the key"
    ),
    "a section indented to the left": bad(
        "  host: 0.0.0.0\n  port: 8080", "host: 0.0.0.0\nport: 8080", "web", "nothing", "two spaces"
    ),
    "its keys on the left": bad(
        "  host: 0.0.0.0\n  port: 8080", "host: 0.0.0.0\nport: 8080", "host", "host", "belongs into web"
    ),
    "no space after the colon in brackets": bad(
        "{device: relays, channel: 1",
        "{device:relays, channel: 1",
        "feeders.clinic.switch.device:relays",
        "device:relays",
        "a space is missing",
    ),
    "a key given twice": bad(
        "stagger_s: 5", "stagger_s: 5\n  turn_s: 60", "sharing.turn_s", "turn_s a second time", "in line"
    ),
    "a feeder given twice": bad("  school:\n", "  clinic:\n", "feeders.clinic", "a second time", "in line"),
    "a tag": bad("port: 8080", "port: !!python/name:os.system 8080", "web.port", "python", "remove it"),
    "an unknown merge": bad("port: 8080", "port: 8080\n  <<: 5", "web.<<", "no other section", "anchor"),
}
