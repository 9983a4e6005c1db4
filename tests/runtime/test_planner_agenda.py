"""When the planner is asked: every quarter of an hour, every night, never so often that it eats a core."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.runtime.planner_agenda import (
    AFTER_QUARTER_S,
    FORECAST_REST_S,
    LEARN_REST_S,
    LEARN_SHARE,
    PLAN_REST_S,
    Agenda,
    Job,
)

NOON = datetime(2026, 4, 1, 5, 2, tzinfo=UTC)
"""12:02 in Thailand: two minutes into a quarter of an hour."""


@pytest.fixture
def agenda() -> Agenda:
    return Agenda(ZoneInfo("Asia/Bangkok"))


def _settled(agenda: Agenda, at: datetime = NOON) -> Agenda:
    """Learned, forecast and planned at a moment; the host's clock shows 0."""
    agenda.done(Job.LEARN, at, 0.0, 0.1)
    agenda.done(Job.FORECAST, at, 0.0, 0.1)
    agenda.done(Job.PLAN, at, 0.0, 0.1)
    return agenda


def test_after_a_start_it_learns_and_then_forecasts_and_plans(agenda: Agenda) -> None:
    assert agenda.due(NOON, 0.0) is Job.LEARN
    agenda.done(Job.LEARN, NOON, 1.0, 1.0)
    assert agenda.due(NOON, 1.0) is Job.FORECAST
    agenda.done(Job.FORECAST, NOON, 2.0, 1.0)
    assert agenda.due(NOON, 2.0) is Job.PLAN
    agenda.done(Job.PLAN, NOON, 3.0, 1.0)
    assert agenda.due(NOON, 100.0) is None


def test_a_forecast_comes_once_the_last_samples_of_a_quarter_are_stored(agenda: Agenda) -> None:
    _settled(agenda)
    ready = datetime(2026, 4, 1, 5, 15, tzinfo=UTC) + timedelta(seconds=AFTER_QUARTER_S)
    assert agenda.due(ready - timedelta(seconds=1), 800.0) is None
    assert agenda.due(ready, 800.0) is Job.FORECAST


def test_it_learns_when_the_village_sleeps(agenda: Agenda) -> None:
    evening = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)
    _settled(agenda, evening)
    before = datetime(2026, 4, 1, 19, 9, tzinfo=UTC)
    agenda.done(Job.FORECAST, before, 10_000.0, 0.1)
    agenda.done(Job.PLAN, before, 10_000.0, 0.1)
    assert agenda.due(before, 20_000.0) is None
    assert agenda.due(before + timedelta(minutes=1), 20_000.0) is Job.LEARN  # 02:10


def test_a_forecast_can_be_had_before_its_time(agenda: Agenda) -> None:
    _settled(agenda)
    agenda.want_forecast()
    assert agenda.due(NOON, FORECAST_REST_S) is Job.FORECAST


def test_a_clock_that_steps_back_does_not_stop_the_forecasts(agenda: Agenda) -> None:
    _settled(agenda)
    assert agenda.due(NOON - timedelta(hours=1), 100.0) is Job.FORECAST


def test_however_fast_the_clock_a_core_is_not_spent_on_learning(agenda: Agenda) -> None:
    agenda.done(Job.LEARN, NOON, 0.0, 60.0)
    agenda.done(Job.FORECAST, NOON, 0.0, 0.1)
    next_night = NOON + timedelta(days=1)
    assert agenda.due(next_night, 60.0 / LEARN_SHARE - 1) is Job.FORECAST
    assert agenda.due(next_night, 60.0 / LEARN_SHARE) is Job.LEARN


def test_even_quick_learning_rests(agenda: Agenda) -> None:
    _settled(agenda)
    next_night = NOON + timedelta(days=1)
    assert agenda.due(next_night, LEARN_REST_S - 1) is Job.FORECAST
    assert agenda.due(next_night, LEARN_REST_S) is Job.LEARN


def test_forecasts_rest_too(agenda: Agenda) -> None:
    _settled(agenda)
    later = NOON + timedelta(minutes=15)
    assert agenda.due(later, FORECAST_REST_S - 0.1) is None
    assert agenda.due(later, FORECAST_REST_S) is Job.FORECAST


def test_when_learning_fails_the_forecast_goes_on_without(agenda: Agenda) -> None:
    agenda.failed(Job.LEARN, 0.0)
    assert agenda.due(NOON, 1.0) is Job.FORECAST
    agenda.done(Job.FORECAST, NOON, 1.0, 0.1)
    agenda.done(Job.PLAN, NOON, 2.0, 0.1)
    assert agenda.due(NOON, 3599.0) is None
    assert agenda.due(NOON, 3600.0) is Job.LEARN


def test_a_child_that_failed_to_forecast_is_gone_and_the_next_one_learns_anew(agenda: Agenda) -> None:
    _settled(agenda)
    agenda.failed(Job.FORECAST, 1.0)
    assert agenda.due(NOON, 1.0) is Job.LEARN


def test_a_plan_can_be_had_before_its_time_from_the_last_forecast(agenda: Agenda) -> None:
    agenda.want_plan()
    agenda.done(Job.LEARN, NOON, 0.0, 0.1)
    assert agenda.due(NOON, 0.0) is Job.FORECAST
    _settled(agenda)
    agenda.want_plan()
    assert agenda.due(NOON, PLAN_REST_S - 0.1) is None
    assert agenda.due(NOON, PLAN_REST_S) is Job.PLAN


def test_after_a_plan_that_took_too_long_forecasts_go_on_and_it_is_tried_again_later(agenda: Agenda) -> None:
    agenda.failed(Job.PLAN, 0.0)
    agenda.done(Job.LEARN, NOON, 1.0, 0.1)
    assert agenda.due(NOON, 1.0) is Job.FORECAST
    agenda.done(Job.FORECAST, NOON, 1.0, 0.1)
    assert agenda.due(NOON, 599.0) is None
    assert agenda.due(NOON, 600.0) is Job.PLAN


def test_where_the_rules_are_to_decide_alone_nothing_is_planned() -> None:
    agenda = _settled(Agenda(ZoneInfo("Asia/Bangkok"), with_plans=False))
    agenda.want_plan()
    assert agenda.due(NOON, 100.0) is None
