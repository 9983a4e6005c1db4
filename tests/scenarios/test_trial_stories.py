"""The trial's stories as step tables: sun, clouds, overload, trips, lost lines, and a dark village.

After IEEE 2030.7 and 2030.8: steady state, response to events, black start.
"""

from __future__ import annotations

from step_acts import breaks, healed, load, panel, soc
from step_checks import (
    HOUSES,
    alarm,
    because,
    bus,
    charging,
    genset,
    houses_on,
    mode,
    no_alarm,
    nobody_switched,
    off,
    on,
    pv_limited,
    real_soc,
    starts_tried,
    switched_at_most,
    within,
)
from step_table import FEEDERS, Row, play, stage

from simulation.faults import FaultKind

EVENING = {"clinic": 400, "school": 600, "street": 300, "pump": 0, **dict.fromkeys(HOUSES, 2500)}
"""What is wanted between seven and nine, in watts."""


def test_a_sunny_day_fills_the_battery_and_holds_the_panels_back_gently() -> None:
    play(
        stage("10:30", soc=0.93),
        [
            Row("10:30", "the sun is high, everybody has power", every=10,
                always=[on(*FEEDERS)], then=[within(60, charging()), no_alarm()]),
            Row("11:15", "the battery is nearly full: the panels are limited, nobody is cut", every=10,
                always=[on(*FEEDERS), nobody_switched(), mode("normal")],
                then=[within(2700, pv_limited(below=0.9))]),
        ],
        until="12:00",
    )  # fmt: skip


FRONT = {
    "06:00": 0, "12:00": 900, "12:10": 900, "12:10:30": 350, "12:14": 300, "12:14:20": 800, "12:16": 850,
    "12:16:20": 250, "12:40": 250, "18:00": 0,
}  # fmt: skip


def test_a_cloud_front_halves_the_sun_and_nobody_notices() -> None:
    play(
        stage("12:00", soc=0.50, sun=FRONT),
        [
            Row("12:00", "clear", always=[on(*FEEDERS)]),
            Row("12:10", "a front halves the sun within half a minute, and again",
                always=[on(*FEEDERS), nobody_switched()], then=[mode("normal"), no_alarm()]),
        ],
        until="12:40",
    )  # fmt: skip


def test_clouds_that_come_and_go_switch_nobody_more_than_once_in_ten_minutes() -> None:
    """OpenEMS#2960: no flicker between charge and discharge, and none of people's light."""
    flicker = {f"12:{minute:02}": 900 if minute % 4 < 2 else 150 for minute in range(10, 50)}
    play(
        stage("12:00", soc=0.44, sun={"06:00": 0, "12:00": 900, **flicker, "18:00": 0}),
        [
            Row("12:00", "the pump waits for sun to spare", always=[on("clinic", "school", *HOUSES)]),
            Row("12:10", "two minutes of sun, two of clouds, for forty minutes", every=10,
                always=[on("clinic", "school", *HOUSES), switched_at_most(2, "pump")]),
        ],
        until="12:50",
    )  # fmt: skip


def test_an_evening_overload_is_shed_within_the_tick_and_paid_back_with_patience() -> None:
    play(
        stage("19:00", soc=0.70, demand=EVENING),
        [
            Row("19:00", "everybody is at home", always=[on("clinic", *HOUSES)], then=[no_alarm()]),
            Row("19:05", "group B plugs in 16 kW more than the inverters carry",
                do=[load("houses_b", 16_000, for_s=300)],
                always=[on("clinic", "school", "street")],
                then=[within(2, off("houses_b")), within(3, mode("emergency")),
                      because("houses_b", "overload_hold"), on("houses_a", "houses_c", "houses_d")]),
            Row("19:08", "they wait until the hold-off is over",
                always=[off("houses_b"), nobody_switched("houses_a", "houses_c", "houses_d")]),
            Row("19:15", "the load is gone; what it drew is forgotten little by little, and they are back",
                every=5, then=[within(2700, on("houses_b")), no_alarm(), mode("normal")]),
        ],
        until="20:00",
    )  # fmt: skip


def test_a_short_circuit_trips_the_inverters_and_the_village_starts_in_order() -> None:
    play(
        stage("19:00", soc=0.70, demand=EVENING),
        [
            Row("19:00", "everybody is at home", always=[on(*FEEDERS)]),
            Row("19:02", "a short circuit in group C: nothing can save the bus",
                do=[load("houses_c", 80_000, for_s=8)],
                then=[within(3, bus(alive=False)), within(8, mode("blackout"))]),
            Row("19:02:30", "the inverters try again without load, the clinic comes first",
                then=[within(15, bus(alive=True)), within(25, on("clinic")),
                      within(25, mode("black_start"))]),
            Row("19:03:30", "one feeder after the other",
                then=[within(90, on(*FEEDERS)), no_alarm("blackout"), bus(alive=True)]),
        ],
        until="19:06",
    )  # fmt: skip


def test_a_short_circuit_that_stays_keeps_one_feeder_off_and_not_the_village() -> None:
    story = play(
        stage("19:00", soc=0.70, demand=EVENING),
        [
            Row("19:00", "everybody is at home", always=[on(*FEEDERS)]),
            Row("19:02", "a cable in group C burns through, and stays shorted for an hour",
                do=[load("houses_c", 80_000, for_s=3600)]),
            Row("19:30", "the others have long had power again", every=10,
                always=[on("clinic", "school", "houses_a", "houses_b", "houses_d"), off("houses_c")]),
        ],
        until="20:02",
    )  # fmt: skip
    assert story.direct.village.ledger.blackouts <= 2


def test_a_lost_meter_line_blinds_nobody() -> None:
    play(
        stage("19:00", soc=0.70, demand=EVENING),
        [
            Row("19:00", "all meters answer", then=[no_alarm()]),
            Row("19:05", "the line of the meters is cut",
                do=[breaks(FaultKind.LOST_LINE, "meters")],
                always=[on(*FEEDERS), nobody_switched()],
                then=[alarm("device_lost"), within(60, alarm("device_lost"))]),
            Row("19:10", "an overload all the same: the inverters tell of it, somebody must go",
                do=[load("houses_a", 16_000, for_s=120)], always=[on("clinic", "school", "street")],
                then=[within(5, mode("emergency"))]),
            Row("19:14", "the line is repaired", do=[healed("meters")],
                then=[within(60, no_alarm("device_lost"))]),
        ],
        until="19:30",
    )  # fmt: skip


def test_a_genset_that_does_not_start_is_tried_three_times_and_no_more() -> None:
    """venus#303: endless cranking destroys the starter."""
    play(
        stage("02:00", soc=0.23, demand=EVENING),
        [
            Row("02:00", "enough until now", then=[genset("stopped")]),
            Row("02:05", "22 % is passed and the engine does not fire",
                do=[soc(0.215), breaks(FaultKind.GENSET_FAILS_TO_START, "genset")],
                then=[within(20, genset("starting")), within(420, alarm("genset_failed")), starts_tried(3)]),
            Row("02:15", "it is left alone, a technician is told", every=10,
                always=[genset("failed"), alarm("genset_failed"), starts_tried(3), on("clinic")]),
            Row("03:00", "he repairs it, turns the switch to stop and back to auto",
                do=[healed("genset"), panel(0)], then=[within(5, genset("manual"))]),
            Row("03:01", "auto again", every=10, do=[panel(1)],
                then=[within(1200, genset("running")), no_alarm("genset_failed")]),
        ],
        until="03:25",
    )  # fmt: skip


def test_behind_a_frozen_gauge_the_battery_is_not_drained() -> None:
    play(
        stage("18:30", soc=0.46, demand={**EVENING, **dict.fromkeys(HOUSES, 4200)}),
        [
            Row("18:30", "the gauge moves", then=[no_alarm()]),
            Row("18:40", "it stops at 45 % and 18 kW go on flowing; the genset is at the workshop", every=10,
                do=[breaks(FaultKind.FROZEN_SOC, "battery"), panel(0)],
                always=[on("clinic"), real_soc(0.05)], then=[within(1800, alarm("soc_frozen"))]),
            Row("20:00", "the houses take turns although the gauge still says 45 %", every=10,
                always=[on("clinic"), real_soc(0.05)],
                then=[within(1800, because("houses_a", "class_rationed", "class_off", "powered_in_turn",
                                           "closing_time"))]),
            Row("21:30", "the monitor is restarted", do=[healed("battery")],
                then=[within(5, no_alarm("soc_frozen")), on("clinic")]),
        ],
        until="21:40",
    )  # fmt: skip


def test_a_battery_found_empty_at_dawn_comes_back_in_order_of_need() -> None:
    """Koh Jik used to be dark from three until the diesel at five."""
    play(
        stage("05:50", soc=0.05, demand={**EVENING, **dict.fromkeys(HOUSES, 900)}),
        [
            Row("05:50", "5 % left: only the clinic, and the genset is asked",
                always=[real_soc(0.04)],
                then=[within(30, off(*HOUSES, "school", "pump")),
                      within(60, genset("starting", "warming_up"))]),
            Row("06:00", "it charges", every=10,
                always=[on("clinic"), genset("warming_up", "running")], then=[charging()]),
            Row("06:30", "essential before houses before the pump", every=10,
                always=[on("clinic")], then=[within(2400, on("school", "street")), off("pump")]),
        ],
        until="07:20",
    )  # fmt: skip


def test_a_dead_village_is_started_by_the_genset_in_priority_order() -> None:
    """venus#1452: start on low cell voltage; here the cells are already flat."""
    play(
        stage("22:00", soc=0.30, demand={**EVENING, **dict.fromkeys(HOUSES, 1200)}),
        [
            Row("22:00", "quiet", then=[bus(alive=True)]),
            Row("22:02", "the battery gives up at once: a cell is dead", do=[soc(0.01)],
                then=[within(10, bus(alive=False)), within(20, mode("blackout")),
                      within(240, bus(alive=True))]),
            Row("22:07", "the genset carries the clinic, then the others as it charges", every=10,
                always=[bus(alive=True), on("clinic")], then=[genset("running"), charging()]),
            Row("23:00", "nobody is connected who would drag it down again", every=10,
                always=[bus(alive=True), on("clinic")], then=[houses_on(0)]),
        ],
        until="23:10",
    )  # fmt: skip
