"""Forecasts held against what came; alarms and gaps summed up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from report_month import SITE, ZONE, MadeMonth

from controller.reports.figures.alarms import Raised, alarm_figures
from controller.reports.figures.completeness import completeness
from controller.reports.figures.month import Month, Steps
from controller.reports.figures.skill import Foretold, skill_figures
from forecasting.quantiles import LEVELS as THEIR_LEVELS

MONTH = Month(2026, 2)
STEPS = Steps.whole(MONTH, ZONE)
RANDOM = np.random.default_rng(1)
CAME_W = 5000.0 + 1000.0 * RANDOM.standard_normal(STEPS.count)


def foretold(error_w: float, spread_w: float, every: int = 24) -> list[Foretold]:
    """What came, shifted, with bands of so much to either side."""
    steps = np.linspace(-1, 1, len(THEIR_LEVELS)) * spread_w
    return [
        Foretold(
            int(STEPS.starts_s[at]), int(STEPS.starts_s[at]), CAME_W[at : at + 192] + error_w + steps[:, None]
        )
        for at in range(0, STEPS.count - 192, every)
    ]


def test_the_stored_rows_are_the_forecasts_levels() -> None:
    from controller.reports.figures.skill import LEVELS

    assert LEVELS == THEIR_LEVELS


def test_bias_and_error_are_parts_of_the_mean() -> None:
    near, ahead = skill_figures(foretold(500.0, 900.0), CAME_W, STEPS).skills
    assert (near.from_h, near.to_h, ahead.from_h, ahead.to_h) == (0, 6, 6, 30)
    for skill in (near, ahead):
        assert skill.bias_frac == pytest.approx(0.1, abs=0.005)
        assert skill.error_frac == pytest.approx(0.1, abs=0.005)
        assert skill.coverage_80_frac == 1.0
        # two independent draws of 1000 W differ by 1128 W on average
        assert skill.skill_frac == pytest.approx(1 - 500 / 1128, abs=0.02)


def test_bands_that_are_too_narrow_are_found_out() -> None:
    for skill in skill_figures(foretold(500.0, 300.0), CAME_W, STEPS).skills:
        assert skill.coverage_80_frac == 0.0


def test_quarters_that_say_nothing_are_left_out() -> None:
    came_w = CAME_W.copy()
    came_w[::2] = np.nan
    whole, half = (skill_figures(foretold(0.0, 1.0), each, STEPS).skills[0] for each in (CAME_W, came_w))
    assert half.quarters * 2 == whole.quarters


def test_what_inverters_draw_at_night_spoils_no_band() -> None:
    day = (np.arange(STEPS.count) % 96 >= 30) & (np.arange(STEPS.count) % 96 < 70)
    came_w = np.where(day, CAME_W, 3.0)
    forecasts = [
        replace(
            each, values_w=each.values_w * np.resize(day[each.start_s // 900 - STEPS.start_s // 900 :], 192)
        )
        for each in foretold(0.0, 900.0)
        if each.start_s < STEPS.end_s - 3 * 86_400
    ]
    for skill in skill_figures(forecasts, came_w, STEPS).skills:
        assert skill.coverage_80_frac == 1.0


def test_too_few_pairs_are_no_score() -> None:
    found = skill_figures(foretold(0.0, 1.0, every=2600), CAME_W, STEPS)
    assert [skill.to_h for skill in found.skills] == [30], "a day of quarters, but no six hours of them"


def test_persistence_never_knows_what_came_after_the_issue() -> None:
    # a day like no other: whoever peeked would know it
    came_w = np.full(STEPS.count, 1000.0)
    came_w[960:1056] = 3000.0
    one = Foretold(int(STEPS.starts_s[912]), int(STEPS.starts_s[912]), np.full((7, 192), 1000.0))
    skills = skill_figures([one], came_w, STEPS).skills
    assert skills[-1].skill_frac == pytest.approx(0.0), "both missed it alike"


def test_alarms_count_as_far_as_they_lie_in_the_month() -> None:
    start_s, hour_s = float(STEPS.start_s), 3600.0
    found = alarm_figures(
        [
            Raised("hot", "battery", "warning", {}, start_s - hour_s, start_s + hour_s, None),
            Raised(
                "lost", "a", "critical", {}, start_s + hour_s, start_s + 3 * hour_s, start_s + 1.5 * hour_s
            ),
            Raised("lost", "b", "critical", {}, STEPS.end_s - hour_s, None, None),
            Raised("old", "a", "critical", {}, start_s - 9 * hour_s, start_s - hour_s, None),
        ],
        STEPS,
    )
    assert (found.raised, found.acknowledged, found.median_acknowledged_s) == (2, 1, 0.5 * hour_s)
    lost, hot = found.sums
    assert (lost.code, lost.count, lost.hours, lost.standing, lost.subjects) == (
        "lost",
        2,
        3.0,
        1,
        ["a", "b"],
    )
    assert (hot.code, hot.count, hot.hours, hot.standing) == ("hot", 1, 1.0, 0)


def test_gaps_are_named_and_short_ones_only_counted() -> None:
    made = MadeMonth(MONTH, seed=3)
    made.gap(100, 120)
    made.gap(500, 503)
    made.gap(800, 1000, "pump")
    found = completeness(made.material().columns, SITE)
    assert [(gap.end_s - gap.start_s) // 900 for gap in found.silent] == [20]
    assert found.known_frac == pytest.approx(1 - 23 / STEPS.count)
    pump = next(each for each in found.quantities if each.subject == "pump")
    on = made.values["pump", "closed"][800:1000] > 0
    assert pump.known_frac == pytest.approx(1 - (23 + int(np.isfinite(on).sum())) / STEPS.count)
    assert (pump.gaps[0].end_s - pump.gaps[0].start_s) // 900 == 200
