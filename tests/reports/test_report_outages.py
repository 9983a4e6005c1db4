"""Who was off, for how long, why, and whether it was as announced."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_month import SITE, ZONE, MadeMonth

from controller.core.reasons import CATALOGUE
from controller.reports.figures import outages
from controller.reports.figures.month import Month, Steps
from controller.reports.figures.outages import Cause, OutageFigures, Switching, find_outages, outage_figures
from controller.reports.figures.shares import share_figures

MONTH = Month(2026, 2)
STEPS = Steps.whole(MONTH, ZONE)
HOUR_S = 3600.0
HOMES = 16 + 15 + 15 + 14
COUNTED = HOMES + 3
"""Households of all lines but the pump."""


def at(day: int, hour: float) -> float:
    return STEPS.start_s + (day - 1) * 86_400 + hour * HOUR_S


def off(feeder: str, start_s: float, code: str = "class_rationed", **params: float) -> Switching:
    return Switching(start_s, feeder, False, code, params)


def on(feeder: str, at_s: float) -> Switching:
    return Switching(at_s, feeder, True, "powered")


def figures(*switchings: Switching) -> OutageFigures:
    return outage_figures(switchings, SITE, STEPS)


def test_two_hours_of_one_line_are_spread_over_all_households() -> None:
    found = figures(off("houses_a", at(3, 19)), on("houses_a", at(3, 21)))
    assert found.saidi_h == pytest.approx(2 * 16 / COUNTED)
    assert found.saifi == pytest.approx(16 / COUNTED)
    assert found.caidi_h == pytest.approx(2.0)
    assert found.by_day_h["houses_a"][2] == pytest.approx(2.0)
    assert found.causes[Cause.TURN].household_h == pytest.approx(32.0)


def test_an_outage_over_midnight_belongs_to_both_days() -> None:
    found = figures(off("houses_a", at(3, 23)), on("houses_a", at(4, 1.5)))
    assert found.by_day_h["houses_a"][2:4] == pytest.approx([1.0, 1.5])


def test_short_interruptions_are_counted_apart() -> None:
    found = figures(off("houses_a", at(3, 19)), on("houses_a", at(3, 19) + 299))
    assert (found.saidi_h, found.saifi, found.momentary, found.longest) == (0.0, 0.0, 1, None)


def test_the_pump_that_waits_is_no_outage_of_the_village() -> None:
    found = figures(
        off("pump", at(3, 8), "waits_for_its_hours"),
        on("pump", at(3, 11)),
        off("pump", at(4, 8)),
        on("pump", at(4, 9)),
    )
    assert found.saidi_h == 0.0
    assert found.causes[Cause.HOURS].feeder_h == pytest.approx(3.0)
    assert found.feeders["pump"].feeder_h == pytest.approx(1.0), "waiting for its hours does not count"


def test_an_outage_counts_as_far_as_it_lies_in_the_month() -> None:
    before, after = at(1, -5), at(28, 22)
    found = figures(off("clinic", before, "blackout"), on("clinic", at(1, 1)), off("school", after))
    assert [(each.feeder, each.length_s / HOUR_S) for each in found.outages] == [
        ("clinic", pytest.approx(1.0)),
        ("school", pytest.approx(2.0)),
    ]
    assert found.outages[0].began_before
    assert found.outages[1].lasts
    assert found.saifi == pytest.approx(1 / COUNTED), "the first began in the month before"


def test_a_second_entry_of_an_open_line_does_not_begin_anew() -> None:
    found = figures(off("clinic", at(2, 1), "blackout"), off("clinic", at(2, 2)), on("clinic", at(2, 3)))
    assert [(each.code, each.length_s / HOUR_S) for each in found.outages] == [("blackout", 2.0)]


def announced(start_h: float, end_h: float, back_h: float) -> Sequence[Switching]:
    params = {"start": start_h * HOUR_S, "end": end_h * HOUR_S % 86_400}
    return off("houses_a", at(5, start_h), "turn_announced", **params), on("houses_a", at(5, back_h))


@pytest.mark.parametrize(
    ("start_h", "end_h", "back_h", "kept"),
    [
        pytest.param(19, 20, 20, True, id="to the minute"),
        pytest.param(19, 20, 20.05, True, id="lines are connected one by one"),
        pytest.param(19, 20, 19.5, True, id="earlier"),
        pytest.param(19, 20, 21, False, id="an hour late"),
        pytest.param(23.5, 24.5, 24.5, True, id="over midnight"),
        pytest.param(23.5, 24.5, 25.5, False, id="late over midnight"),
    ],
)
def test_a_promise_is_kept_when_power_is_back_in_time(
    start_h: float, end_h: float, back_h: float, *, kept: bool
) -> None:
    promises = figures(*announced(start_h, end_h, back_h)).promises
    assert (promises.announced, promises.in_time, promises.longer) == (1, int(kept), int(not kept))


def test_a_log_without_an_entry_tells_nothing() -> None:
    assert not figures().logged
    assert figures(on("clinic", at(1, -300))).logged


def test_every_code_that_is_sorted_is_in_the_catalogue() -> None:
    assert set(outages._CAUSES) <= set(CATALOGUE)


def test_orders_of_people_are_told_apart() -> None:
    assert outages.cause_of("feeder_ordered_off") is Cause.PERSON
    assert outages.cause_of("of_another_version") is Cause.OTHER


@given(st.lists(st.tuples(st.floats(-40, 700), st.sampled_from(["clinic", "houses_a"]), st.booleans())))
def test_outages_of_a_line_never_overlap_nor_leave_the_month(told: list[tuple[float, str, bool]]) -> None:
    switchings = [
        Switching(STEPS.start_s + h * HOUR_S, name, closed, "x") for h, name, closed in sorted(told)
    ]
    for name in ("clinic", "houses_a"):
        mine = [each for each in find_outages(switchings, SITE, STEPS) if each.feeder == name]
        ends = [STEPS.start_s, *(each.end_s for each in mine)]
        assert all(each.start_s >= end for each, end in zip(mine, ends, strict=False))
        assert all(each.start_s < each.end_s <= STEPS.end_s for each in mine)


# ---------------------------------------------------------------- shares


def test_shares_find_what_the_lines_went_without() -> None:
    made = MadeMonth(MONTH, seed=4, clear=0.6)
    material = made.material()
    found = share_figures(material.columns, outage_figures(made.switchings, SITE, made.steps).outages, SITE)
    for name in ("houses_a", "houses_b", "houses_c", "houses_d", "clinic"):
        share = found.feeders[name]
        assert share is not None
        wanted_wh = float(made.wanted[name].sum()) / 4
        assert share.served_frac == pytest.approx(share.served_wh / wanted_wh, abs=0.01)
    assert found.feeders["clinic"].served_frac == 1.0
    assert found.worst[0] == "pump"


def test_a_line_without_a_meter_has_no_share() -> None:
    made = MadeMonth(MONTH, seed=4)
    made.gap(0, made.steps.count, "houses_a")
    found = share_figures(made.material().columns, find_outages(made.switchings, SITE, made.steps), SITE)
    assert found.feeders["houses_a"] is None or found.feeders["houses_a"].served_wh == 0.0
