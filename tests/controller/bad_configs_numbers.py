"""Numbers that contradict each other, and places that do not exist."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, bad, swap_all, without

_CLASS = "sharing.classes"
NUMBERS: Mapping[str, Bad] = {
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
    "a history without room": bad(
        "  telemetry: /var/lib/tawan/telemetry.db\n",
        "  telemetry: /var/lib/tawan/telemetry.db\n  budget_mb: 20\n",
        "storage.budget_mb",
        "20",
        "200",
    ),
    "one file for both": bad(
        "/var/lib/tawan/telemetry.db",
        "/run/tawan/image.json",
        "storage.telemetry",
        "/run/tawan/image.json",
        "same",
    ),
}
