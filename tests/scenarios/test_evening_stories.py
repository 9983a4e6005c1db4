"""Evenings and nights with a plan as step tables on the village's physics: turns, a dead planner, lies."""

from __future__ import annotations

from step_acts import calendar_jumps, controller_starts, controller_stops, planned, soc
from step_checks import (
    HOUSES,
    because,
    genset,
    houses_on,
    mode,
    nobody_switched,
    off,
    on,
    real_soc,
    starts_tried,
    switched_at_most,
    voice,
    within,
)
from step_table import FEEDERS, Row, play, stage

EVENING = {"clinic": 400, "school": 300, "street": 300, "pump": 0, **dict.fromkeys(HOUSES, 1500)}
NIGHT = {**EVENING, **dict.fromkeys(HOUSES, 900)}
TURNS = {"houses_a": [(1.0, 2.0)], "houses_b": [(2.0, 3.0)], "houses_c": [(3.0, 4.0)]}
"""From 18:00: A is off at 19:00, B at 20:00, C at 21:00."""
DECLINE = (0.60, 0.54, 0.49, 0.44, 0.39, 0.33)


def test_announced_turns_come_to_the_minute_and_nobody_else_is_cut() -> None:
    play(
        stage("18:00", soc=0.60, demand=EVENING),
        [
            Row("18:00", "the evening is planned", do=[planned(soc=DECLINE, cuts=TURNS, band=0.08)], every=10,
                always=[on("clinic", "school", "street", *HOUSES)], then=[within(60, voice("plan"))]),
            Row("18:59:50", "A is off as announced, the others are on", every=10,
                always=[on("clinic", "school", "houses_c", "houses_d")],
                then=[within(20, off("houses_a")), because("houses_a", "turn_announced")]),
            Row("19:59:50", "now B", every=10, always=[on("clinic", "houses_c", "houses_d")],
                then=[within(20, off("houses_b")), within(30, on("houses_a"))]),
            Row("20:59:50", "B's turn ends, C's begins", every=10, always=[on("clinic", "houses_d")],
                then=[within(20, off("houses_c")), within(30, on("houses_b"))]),
        ],
        until="21:01",
    )  # fmt: skip


def test_a_planner_that_is_dead_for_a_night_costs_quality_and_never_the_clinic() -> None:
    play(
        stage("18:00", soc=0.50, demand=NIGHT),
        [
            Row("18:00", "the last plan before the planner dies", do=[planned(soc=DECLINE, band=0.1)],
                every=10, always=[on("clinic", *HOUSES)], then=[within(60, voice("plan"))]),
            Row("21:05", "after three hours nobody follows it any more: the rules alone, and nobody flickers",
                every=30, always=[on("clinic", "school", "street"), voice("rules"), real_soc(0.05)],
                then=[switched_at_most(8)]),
            Row("03:00", "the genset comes by the rules", every=30,
                always=[on("clinic"), real_soc(0.05), voice("rules")],
                then=[genset("running", "stopped", "warming_up")]),
        ],
        until="06:00",
    )  # fmt: skip


def test_a_plan_that_talks_nonsense_darkens_no_clinic_and_wears_no_engine() -> None:
    everybody = {feeder: [(0.0, 12.0)] for feeder in FEEDERS}
    flapping = [(step / 4, step / 4 + 0.25) for step in range(0, 48, 2)]
    play(
        stage("19:00", soc=0.55, demand=EVENING),
        [
            Row("19:00", "all is well", always=[on(*FEEDERS)]),
            Row("19:05", "everybody off for twelve hours, a full battery, a genset that flaps: a lie",
                do=[planned(soc=(0.99,), cuts=everybody, genset=flapping, band=0.001)], every=10,
                always=[on("clinic")]),
            Row("19:30", "the battery is not where it says: the rules decide on all that was not told",
                every=20, always=[on("clinic"), voice("rules")]),
            Row("22:06", "after three hours it is nobody's plan any more", every=10,
                always=[on("clinic")], then=[within(900, on("school", "street", *HOUSES))]),
        ],
        until="22:25",
    )  # fmt: skip


def test_a_restart_in_the_middle_of_a_cut_switches_nobody() -> None:
    rest = {"houses_a": [(0.0, 0.55)], "houses_b": [(0.55, 1.55)]}
    play(
        stage("18:00", soc=0.60, demand=EVENING),
        [
            Row("18:00", "planned", do=[planned(soc=DECLINE, cuts=TURNS, band=0.08)], every=10),
            Row("19:20", "A's turn has run for twenty minutes", always=[off("houses_a")]),
            Row("19:25", "the controller is gone for two minutes", do=[controller_stops()],
                always=[off("houses_a"), on("houses_b", "clinic")]),
            Row("19:27", "it comes back with what it had saved, and with the plan as it was announced",
                do=[controller_starts(), planned(soc=(0.52, 0.47), cuts=rest, band=0.1)],
                always=[off("houses_a"), nobody_switched()]),
            Row("19:57", "A is back, B is off", every=10,
                then=[within(240, on("houses_a")), within(240, off("houses_b"))]),
        ],
        until="20:10",
    )  # fmt: skip


def test_a_restart_that_forgot_everything_leaves_the_feeders_as_they_are() -> None:
    play(
        stage("20:00", soc=0.33, demand=EVENING),
        [
            Row("20:00", "houses take turns", every=10, then=[houses_on(2)]),
            Row("20:30", "a new card, an empty memory", do=[controller_starts(with_memory=False)],
                always=[nobody_switched(), on("clinic")]),
        ],
        until="20:35",
    )  # fmt: skip


def test_a_calendar_that_jumps_switches_nobody() -> None:
    """frequenz#802: clock steps; a Pi without internet may wake up in another year."""
    play(
        stage("19:00", soc=0.50, demand=EVENING),
        [
            Row("19:00", "the clock is right", every=10, always=[on("clinic", *HOUSES)]),
            Row("19:15", "it is three years later", do=[calendar_jumps(3 * 365 * 86_400.0)],
                always=[nobody_switched(), on("clinic", *HOUSES)], then=[mode("normal", "saving")]),
            Row("19:20", "and yesterday", do=[calendar_jumps(-86_400.0)],
                always=[nobody_switched(), on("clinic", *HOUSES)]),
            Row("19:25", "and right again", do=[calendar_jumps(0.0)],
                always=[nobody_switched(), on("clinic", *HOUSES)]),
        ],
        until="19:30",
    )  # fmt: skip


def test_quiet_hours_are_the_plans_and_never_safetys() -> None:
    play(
        stage("22:00", soc=0.235, demand=NIGHT),
        [
            Row("22:00", "the plan lets the village sleep, though the rules would start the genset at 22 %",
                do=[planned(soc=(0.23, 0.20, 0.17, 0.15), band=0.05)], every=10,
                always=[genset("stopped"), on("clinic", "school", *HOUSES)]),
            Row("23:30", "somebody uses much more than was planned: 7 %", do=[soc(0.07)],
                always=[on("clinic"), real_soc(0.05)],
                then=[within(900, genset("starting", "warming_up", "running")), starts_tried(1)]),
        ],
        until="23:50",
    )  # fmt: skip
