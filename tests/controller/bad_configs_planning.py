"""Mistakes in what the plan is told."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, bad

_PRICES = "{critical: 2000, essential: 200, household: 40, flexible: 8}"
_PRICE = "planning.unserved_thb_per_kwh"
_QUIET = 'quiet_hours: {begin: "22:00", end: "05:00"}'
_TEST = 'monthly_test: {day: 5, begin: "09:00", run_s: 1800}'
_PUMP = "kind: water_pump, priority: flexible, households: 1, rated_w: 5000,"
_HOUSES = "kind: houses, priority: household, households: 16, rated_w: 8000,"


def _waits(feeder: str, flexible: str, path: str, *says: str) -> Bad:
    return bad(feeder, f"{feeder} flexible: {{{flexible}}},", path, *says)


PLANNING: Mapping[str, Bad] = {
    "a clinic that is cheaper than its houses": bad(
        _PRICES, "{critical: 30, essential: 20, household: 40}", f"{_PRICE}.essential", "20", "above", "40"
    ),
    "houses dearer than what the school has by default": bad(
        _PRICES, "{household: 300}", f"{_PRICE}.household", "300", "below the price of essential", "200"
    ),
    "two classes at one price": bad(
        _PRICES, "{household: 8, flexible: 8}", f"{_PRICE}.household", "8", "above the price of flexible"
    ),
    "a price below nothing": bad(_PRICES, "{flexible: -8}", f"{_PRICE}.flexible", "-8", "from 0"),
    "people told of cuts next week": bad(
        "announced_h: 12", "announced_h: 168", "planning.announced_h", "168", "to 24"
    ),
    "a plan that is wanted perhaps": bad(
        "announced_h: 12", "enabled: yes", "planning.enabled", "yes", "one of true, false"
    ),
    "houses that can wait": _waits(
        _HOUSES,
        'energy_wh: 9000, power_w: 3000, begin: "08:00", end: "17:00"',
        "feeders.houses_a.flexible",
        "household",
        "write `priority: flexible`",
    ),
    "a pump stronger than its line": _waits(
        _PUMP,
        'energy_wh: 9000, power_w: 6000, begin: "08:00", end: "17:00"',
        "feeders.pump.flexible.power_w",
        "6000",
        "at most feeders.pump.rated_w, which is 5000",
    ),
    "a pump without time for its work": _waits(
        _PUMP,
        'energy_wh: 9000, power_w: 3000, begin: "08:00", end: "10:00"',
        "feeders.pump.flexible.energy_wh",
        "9000",
        "no more than 6000",
    ),
    "a pump whose day ends before it begins": _waits(
        _PUMP,
        'energy_wh: 9000, power_w: 3000, begin: "17:00", end: "08:00"',
        "feeders.pump.flexible.end",
        "08:00",
        "after begin",
    ),
    "quiet hours around the clock": bad(
        _QUIET,
        'quiet_hours: {begin: "22:00", end: "22:00"}',
        "genset.quiet_hours.end",
        "22:00",
        "another time",
    ),
    "a test run at midnight": bad(
        _TEST,
        'monthly_test: {day: 5, begin: "00:30", run_s: 1800}',
        "genset.monthly_test.begin",
        "00:30",
        "wake the village",
    ),
    "a test run that lasts into the quiet hours": bad(
        _TEST,
        'monthly_test: {day: 5, begin: "21:45", run_s: 1800}',
        "genset.monthly_test.begin",
        "21:45",
        "wake the village",
    ),
    "a test run that never takes load": bad(
        _TEST,
        'monthly_test: {day: 5, begin: "09:00", run_s: 100}',
        "genset.monthly_test.run_s",
        "100",
        "above genset.warm_up_s, which is 120",
    ),
    "a test run on a day that not every month has": bad(
        "{day: 5, ", "{day: 31, ", "genset.monthly_test.day", "31", "to 28"
    ),
    "a tank measured in nothing": bad("tank_l: 200", "tank_l: 0", "genset.tank_l", "0", "above 0"),
}
