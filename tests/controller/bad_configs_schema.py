"""Mistakes that the schema alone can see."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, bad, without

_CLINIC_SWITCH = "switch: {device: relays, channel: 1, closed_when: released}"
_SOUTH = "pv_south: {type: tcp, host: 192.168.10.11}"
_CLASS = "sharing.classes"
SCHEMA: Mapping[str, Bad] = {
    "a misspelt key": bad(
        "longitude_deg", "longitud_deg", "site.longitud_deg", "longitud_deg", "mean longitude_deg"
    ),
    "an unknown key": bad(
        "port: 8080", "port: 8080\n  colour: red", "web.colour", "colour", "allowed are host"
    ),
    "an unknown key on top": bad("format: 1", "format: 1\nscada: {host: x}", "scada", "scada", "no such key"),
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
    "more watts than any village has": bad(
        "inverter_w: 24000", "inverter_w: 24000000", "battery.inverter_w", "24000000", "up to 10000000"
    ),
    "a run of more than a day": bad(
        "min_run_s: 1800", "min_run_s: 1800000", "genset.min_run_s", "1800000", "0 to 86400"
    ),
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
