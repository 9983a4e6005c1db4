"""A month on the village's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.reports.figures.month import Month, Steps

BANGKOK = ZoneInfo("Asia/Bangkok")
MONTHS = st.builds(Month, st.integers(2001, 2098), st.integers(1, 12))


def test_a_month_begins_at_local_midnight() -> None:
    steps = Steps.whole(Month(2026, 10), BANGKOK)
    assert steps.start_s == datetime(2026, 9, 30, 17, tzinfo=UTC).timestamp()
    assert steps.count == 31 * 96


def test_quarters_know_their_local_day_and_time() -> None:
    steps = Steps.whole(Month(2026, 10), BANGKOK)
    assert (steps.day[0], steps.slot[0]) == (0, 0)
    assert (steps.day[95], steps.slot[95]) == (0, 95)
    assert (steps.day[-1], steps.slot[-1]) == (30, 95)


def test_a_month_that_runs_ends_with_the_last_quarter_that_is_over() -> None:
    now_s = datetime(2026, 10, 2, 0, 20, tzinfo=BANGKOK).timestamp()
    steps = Steps.until(Month(2026, 10), BANGKOK, now_s)
    assert steps.count == 97
    assert not steps.complete
    assert Steps.until(Month(2026, 9), BANGKOK, now_s).complete
    assert Steps.until(Month(2026, 11), BANGKOK, now_s).count == 0


def test_a_clock_that_changes_loses_and_adds_an_hour() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert Steps.whole(Month(2026, 3), berlin).count == 31 * 96 - 4
    autumn = Steps.whole(Month(2026, 10), berlin)
    assert autumn.count == 31 * 96 + 4
    assert np.bincount(autumn.day).tolist() == [96] * 24 + [100] + [96] * 6
    assert autumn.slot.max() == 95


@given(MONTHS)
def test_the_month_before_the_next_is_the_month_itself(month: Month) -> None:
    assert month.next.before == month
    assert month.before.next == month
    assert Month.parse(str(month)) == month
    assert Steps.whole(month, BANGKOK).days == month.days


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "2569-10", "October", "", "2026-10-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no month such as 2026-10"):
        Month.parse(text)
