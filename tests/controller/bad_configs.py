"""Config files that technicians might write by mistake: the edit, the place, what the message must say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from controller.config_file import ProfileFacts
from controller.core.model import Role

DEFAULT = Path(__file__).parents[2] / "config.yaml"
PROFILES: Mapping[str, ProfileFacts] = MappingProxyType(
    {
        "sunspec": ProfileFacts(Role.PV_INVERTER),
        "victron-gx": ProfileFacts(
            Role.BATTERY_INVERTER, unit_names=frozenset({"system", "vebus", "battery"})
        ),
        "eastron-sdm630": ProfileFacts(Role.METER),
        "imt-si-rs485": ProfileFacts(Role.IRRADIANCE_SENSOR),
        "deepsea-gencomm": ProfileFacts(Role.GENSET),
        "waveshare-relay-16": ProfileFacts(Role.SWITCH, channels=16),
        "waveshare-relay-8": ProfileFacts(Role.SWITCH, channels=8),
    }
)
Edit = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Bad:
    """One mistake."""

    edit: Edit
    path: str
    says: tuple[str, ...]
    """Fragments of the message, the first of them in what was found."""


def default_text() -> str:
    return DEFAULT.read_text(encoding="utf-8")


def swap(old: str, new: str) -> Edit:
    """Replace the first place where the text stands."""

    def edit(text: str) -> str:
        assert old in text, f"the default config has no {old!r} any more"
        return text.replace(old, new, 1)

    return edit


def swap_all(*pairs: tuple[str, str]) -> Edit:
    """Several replacements."""

    def edit(text: str) -> str:
        for old, new in pairs:
            text = swap(old, new)(text)
        return text

    return edit


def bad(old: str, new: str, path: str, *says: str) -> Bad:
    return Bad(swap(old, new), path, says)


def without(start: str) -> Edit:
    """Drop the first line that begins so, and what is indented below it."""

    def edit(text: str) -> str:
        lines = text.splitlines(keepends=True)
        first = next(number for number, line in enumerate(lines) if line.startswith(start))
        depth = len(start) - len(start.lstrip())
        last = first + 1
        while last < len(lines) and (lines[last].startswith(" " * (depth + 1)) or not lines[last].strip()):
            last += 1
        return "".join(lines[:first] + lines[last:])

    return edit


_CLINIC_SWITCH = "switch: {device: relays, channel: 1, closed_when: released}"
_CLINIC_METER = "meter: meter_clinic, switch"
_METER_1 = "meter_clinic: {role: meter, profile: eastron-sdm630, bus: meters, unit: 1}"
_METER_2 = "meter_school: {role: meter, profile: eastron-sdm630, bus: meters, unit: 2}"
_RELAYS = "relays: {role: switch, profile: waveshare-relay-16, bus: relays, unit: 1}"
_SOUTH = "pv_south: {type: tcp, host: 192.168.10.11}"
_SOUTH_DEVICE = "pv_south: {role: pv_inverter, profile: sunspec, bus: pv_south, unit: 126}"
_RELAY_BUS = (
    "relays: {type: rtu, port: /dev/serial/by-id/usb-relays, baud: 19200, parity: none, stop_bits: 1}"
)
_UNITS = "units: {system: 100, vebus: 227, battery: 225}"
_CLASS = "sharing.classes"

SCHEMA: Mapping[str, Bad] = {
    "a misspelt key": bad(
        "longitude_deg", "longitud_deg", "site.longitud_deg", "longitud_deg", "mean longitude_deg"
    ),
    "an unknown key": bad(
        "port: 8080", "port: 8080\n  colour: red", "web.colour", "colour", "allowed are host"
    ),
    "an unknown key on top": bad("format: 1", "format: 1\nmqtt: {host: x}", "mqtt", "mqtt", "no such key"),
    "kilowatts in the key": bad(
        "rated_w: 3000,", "rated_kw: 3,", "feeders.clinic.rated_kw", "rated_kw (3)", "write `rated_w: 3000`"
    ),
    "kilowatt-hours in the key": bad(
        "energy_wh: 120000", "energy_kwh: 120", "battery.energy_kwh", "120", "`energy_wh: 120000`"
    ),
    "kVA in the key": bad("rated_w: 24000", "rated_kva: 30", "genset.rated_kva", "30", "rated_w: 24000"),
    "minutes in the key": bad(
        "min_run_s: 1800", "min_run_min: 30", "genset.min_run_min", "30", "min_run_s: 1800"
    ),
    "per cent in the key": bad(
        "soc_min_frac: 0.05", "soc_min_percent: 5", "protection.soc_min_percent", "5", "soc_min_frac: 0.05"
    ),
    "a key without its unit": bad(
        "turn_s: 3600", "turn: 3600", "sharing.turn", "key turn (3600)", "mean turn_s"
    ),
    "a missing key": bad("  longitude_deg: 99.8\n", "", "site.longitude_deg", "nothing", "required", "180"),
    "a missing section": Bad(
        without("protection:"), "protection", ("nothing", "required: a section with keys")
    ),
    "a feeder without a switch": bad(
        ",\n     meter: meter_clinic, " + _CLINIC_SWITCH,
        "",
        "feeders.clinic.switch",
        "nothing",
        "switch is required",
        "closed_when: released",
    ),
    "a bus without a type": bad("type: tcp, ", "", "buses.pv_south.type", "nothing", "one of rtu"),
    "a bus of unknown type": bad(
        "{type: tcp,", "{type: tpc,", "buses.pv_south.type", "tpc", "rtu_over_tcp", "did you mean tcp"
    ),
    "a key of another type of bus": bad(
        _SOUTH,
        "pv_south: {type: tcp, host: 192.168.10.11, baud: 9600}",
        "buses.pv_south.baud",
        "baud (9600)",
        "allowed are type, host, port",
    ),
    "a bus without its serial port": bad(
        "port: /dev/serial/by-id/usb-relays, ", "", "buses.relays.port", "nothing", "/dev/serial/by-id"
    ),
    "a Windows port": bad(
        "/dev/serial/by-id/usb-relays", "COM3", "buses.relays.port", "COM3", "/dev/serial/by-id/"
    ),
    "a baud rate that nobody has": bad("baud: 19200", "baud: 19201", "buses.meters.baud", "19201", "19200"),
    "a truth for stop bits": bad("stop_bits: 1", "stop_bits: true", "buses.meters.stop_bits", "true", "1, 2"),
    "a URL for a host": bad(
        "192.168.10.11", "http://192.168.10.11/", "buses.pv_south.host", "http", "without http"
    ),
    "an unknown role": bad(
        "role: meter,", "role: metre,", "devices.meter_clinic.role", "metre", "did you mean meter"
    ),
    "a unit id beyond Modbus": bad("unit: 10}", "unit: 300}", "devices.genset.unit", "300", "from 0 to 247"),
    "an unknown priority": bad(
        "priority: critical,", "priority: crit,", "feeders.clinic.priority", "crit", "did you mean critical"
    ),
    "on where a state of the contactor belongs": bad(
        "1, closed_when: released",
        "1, closed_when: on",
        "feeders.clinic.switch.closed_when",
        "on",
        "released",
    ),
    "an unknown class": bad(
        "flexible: {ration", "flexibel: {ration", f"{_CLASS}.flexibel", "flexibel", "did you mean flexible"
    ),
    "a name with capitals and spaces": bad(
        "  clinic:\n", "  Clinic 1:\n", "feeders.Clinic 1", "Clinic 1", "write clinic_1"
    ),
    "a Thai name as id": bad("  clinic:\n", "  อนามัย:\n", "feeders.อนามัย", "อนามัย", "a to z"),
    "a name that begins with a digit": bad("  clinic:\n", "  1:\n", "feeders.1", '"1"', "beginning with"),
    "a site id with a capital": bad("id: ban-wang-won", "id: Ban", "site.id", "Ban", "a to z"),
    "an empty name": bad("en: Clinic", 'en: ""', "feeders.clinic.name.en", '""', "1 to 80 characters"),
    "a list for a section": bad(
        "name: {th: บ้านวังวน, en: Ban Wang Won}", "name: [a, b]", "site.name", "a list", "a section"
    ),
    "households below one": bad(
        "households: 16", "households: 0", "feeders.houses_a.households", "0", "1 up"
    ),
    "half a household": bad("households: 16", "households: 16.0", "feeders.houses_a.households", "write 16"),
    "a negative power": bad("rated_w: 3000", "rated_w: -3000", "feeders.clinic.rated_w", "-3000", "above 0"),
    "a frequency limit above the grid's": bad(
        "frequency_min_hz: 48.5", "frequency_min_hz: 50.5", "protection.frequency_min_hz", "50.5", "below 50"
    ),
    "a format of the future": bad("format: 1", "format: 2", "format", "2", "allowed is 1"),
    "longitude as latitude": bad(
        "latitude_deg: 12.4", "latitude_deg: 99.8", "site.latitude_deg", "99.8", "swapped"
    ),
    "a phone number with letters": bad(
        '"080-000-0000"', "call me", "site.contact.phone", "call me", 'such as "080-000-0000"'
    ),
}

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

CROSSED: Mapping[str, Bad] = {
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
    "no feeders": Bad(
        lambda text: text[: text.index("feeders:\n")] + "feeders: {}\n" + text[text.index("sharing:\n") :],
        "feeders",
        ("no feeders", "at least one"),
    ),
    "off above ration": bad(
        "flexible: {ration_below_soc_frac: 0.55, off_below_soc_frac: 0.45}",
        "flexible: {ration_below_soc_frac: 0.55, off_below_soc_frac: 0.60}",
        f"{_CLASS}.flexible.off_below_soc_frac",
        "0.60",
        "at most",
        "0.55",
    ),
    "classes in the wrong order": bad(
        "essential: {ration_below_soc_frac: 0.20",
        "essential: {ration_below_soc_frac: 0.50",
        f"{_CLASS}.essential.ration_below_soc_frac",
        "0.50",
        "household",
        "0.42",
    ),
    "a class that never leaves its turns": bad(
        "flexible: {ration_below_soc_frac: 0.55",
        "flexible: {ration_below_soc_frac: 0.95",
        f"{_CLASS}.flexible.ration_below_soc_frac",
        "0.95",
        "never leave",
    ),
    "a class missing": Bad(without("    flexible:"), _CLASS, ("only household", "add flexible")),
    "SoC limits crossed": bad(
        "soc_max_frac: 0.97", "soc_max_frac: 0.04", "protection.soc_min_frac", "0.05", "below", "0.04"
    ),
    "a reserve below the minimum": bad(
        "soc_min_frac: 0.05", "soc_min_frac: 0.21", "protection.soc_min_frac", "0.21", "reserve_soc_frac"
    ),
    "a genset that stops before it starts": bad(
        "stop_above_soc_frac: 0.40", "stop_above_soc_frac: 0.20", "genset.start_below_soc_frac", "0.22", "0.2"
    ),
    "a genset that never stops": bad(
        "stop_above_soc_frac: 0.40",
        "stop_above_soc_frac: 0.99",
        "genset.stop_above_soc_frac",
        "0.99",
        "never stop",
    ),
    "a genset that starts too late": bad(
        "start_below_soc_frac: 0.22",
        "start_below_soc_frac: 0.03",
        "protection.soc_min_frac",
        "0.05",
        "genset",
    ),
    "cell voltages crossed": bad(
        "cell_voltage_min_v: 2.90", "cell_voltage_min_v: 3.60", "protection.cell_voltage_min_v", "3.60", "3.5"
    ),
    "temperatures crossed": bad(
        "temperature_min_c: 0\n  temperature_max_c: 50",
        "temperature_min_c: 25\n  temperature_max_c: 20",
        "protection.temperature_min_c",
        "temperature_min_c",
    ),
    "an overload that is never seen": bad(
        "overload_w: 24000", "overload_w: 48000", "protection.overload_w", "48000", "up to 36000"
    ),
    "critical feeders beyond the inverters": bad(
        "critical, households: 1, rated_w: 3000",
        "critical, households: 1, rated_w: 30000",
        "battery.inverter_w",
        "24000",
        "30000 W",
    ),
    "a turn shorter than the least time on": bad(
        "turn_s: 3600", "turn_s: 800", "sharing.min_on_s", "900", "800"
    ),
    "a turn shorter than the least time off": bad(
        "min_off_s: 600", "min_off_s: 4000", "sharing.min_off_s", "4000"
    ),
    "a stagger longer than a turn": bad(
        "stagger_s: 5", "stagger_s: 500", "sharing.stagger_s", "500", "8 feeders"
    ),
    "a warm-up longer than a run": bad(
        "warm_up_s: 120", "warm_up_s: 1800", "genset.warm_up_s", "1800", "min_run_s"
    ),
    "kilowatts for an array": bad(
        "dc_w: 22000, ac_w: 18000", "dc_w: 22, ac_w: 18", "pv.pv_south.dc_w", "22", "22000"
    ),
    "kilowatts for a feeder": bad("rated_w: 3000", "rated_w: 3", "feeders.clinic.rated_w", "3", "write 3000"),
    "kilowatt-hours for the battery": bad(
        "energy_wh: 120000", "energy_wh: 120", "battery.energy_wh", "120", "120000"
    ),
    "kilowatts for the genset": bad("rated_w: 24000", "rated_w: 24", "genset.rated_w", "24", "24000"),
    "an inverter larger than its array": bad(
        "ac_w: 18000", "ac_w: 34000", "pv.pv_south.ac_w", "34000", "1.5 times"
    ),
    "a time zone that does not exist": bad(
        "Asia/Bangkok", "Asia/Bankok", "site.timezone", "Asia/Bankok", "did you mean Asia/Bangkok"
    ),
    "half a time zone": bad("Asia/Bangkok", "Asia", "site.timezone", "Asia", "Asia/Bangkok in Thailand"),
    "latitude as longitude": Bad(
        swap_all(
            ("latitude_deg: 12.4", "latitude_deg: 99.8"), ("longitude_deg: 99.8", "longitude_deg: 12.4")
        ),
        "site.longitude_deg",
        ("12.4", "swapped"),
    ),
    "a longitude with a slipped point": bad(
        "99.8", "9.98", "site.longitude_deg", "9.98", "between 92 and 110"
    ),
    "a relative path": bad(
        "/run/tawan/image.json", "image.json", "storage.image", "image.json", "beginning with /"
    ),
    "a directory for a file": bad(
        "/var/lib/tawan/telemetry.db",
        "/var/lib/tawan/",
        "storage.telemetry",
        "/var/lib/tawan/",
        "a directory",
    ),
    "one file for both": bad(
        "/var/lib/tawan/telemetry.db",
        "/run/tawan/image.json",
        "storage.telemetry",
        "/run/tawan/image.json",
        "same",
    ),
}
