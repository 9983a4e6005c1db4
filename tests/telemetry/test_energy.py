"""Energy over days and months: exact through gaps and meters that begin anew, and never invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from core_world import World
from metered_history import MeteredHistory

from controller.core.counters import BreakKind
from controller.telemetry.energy import (
    Basis,
    Gap,
    energy_between,
    energy_by_day,
    energy_by_month,
    feeder_energy,
)

BANGKOK = ZoneInfo("Asia/Bangkok")
KEY = ("meter_houses_a", "energy_import_wh")
MONTH_ENDS = datetime(2026, 10, 31, 17, tzinfo=UTC)
"""Midnight in Bangkok."""
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
STEP = timedelta(minutes=5)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "telemetry.db"


async def test_a_day_is_what_the_counter_rose_by(path):
    async with MeteredHistory(path, MONTH_ENDS - HOUR) as meter:
        await meter.count(KEY, 700_000.0, MONTH_ENDS + 25 * HOUR, power_w=1200.0, step=STEP)
    day = energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS + 24 * HOUR)
    assert day.wh == pytest.approx(24 * 1200.0, abs=1)
    assert day.known_frac == 1.0
    assert day.gaps == ()
    assert day.complete


async def test_days_and_months_add_up_to_the_whole(path):
    begin = MONTH_ENDS - 30 * HOUR
    async with MeteredHistory(path, begin) as meter:
        await meter.count(KEY, 10_000.0, MONTH_ENDS + 30 * HOUR, power_w=777.0, step=QUARTER)
    days = energy_by_day(path, KEY, date(2026, 10, 31), date(2026, 11, 1), BANGKOK)
    assert [day.wh for day in days.values()] == [pytest.approx(24 * 777.0, abs=2)] * 2
    months = energy_by_month(path, KEY, date(2026, 10, 5), date(2026, 11, 28), BANGKOK)
    assert list(months) == [date(2026, 10, 1), date(2026, 11, 1)]
    whole = energy_between(path, KEY, begin, MONTH_ENDS + 30 * HOUR)
    assert sum(month.wh for month in months.values()) == pytest.approx(whole.wh, abs=1e-6)


async def test_silence_is_told_but_its_energy_is_not_lost(path):
    async with MeteredHistory(path, MONTH_ENDS) as meter:
        shown = await meter.count(KEY, 5000.0, MONTH_ENDS + 3 * HOUR, power_w=900.0, step=STEP)
        meter.wait(4 * HOUR)
        await meter.count(KEY, shown + 3600.0, MONTH_ENDS + 9 * HOUR, power_w=900.0, step=STEP)
    span = energy_between(path, KEY, MONTH_ENDS + HOUR, MONTH_ENDS + 9 * HOUR)
    assert span.wh == pytest.approx(8 * 900.0, abs=1)
    assert span.gaps == (Gap(MONTH_ENDS + 3 * HOUR, MONTH_ENDS + 7 * HOUR, lost=False),)
    assert span.known_frac == 1.0
    assert span.complete


async def test_silence_over_midnight_counts_on_the_day_the_meter_is_heard_again(path):
    async with MeteredHistory(path, MONTH_ENDS - 10 * HOUR) as meter:
        shown = await meter.count(KEY, 5000.0, MONTH_ENDS - 2 * HOUR, power_w=900.0, step=STEP)
        meter.wait(4 * HOUR)
        await meter.count(KEY, shown + 3600.0, MONTH_ENDS + 9 * HOUR, power_w=900.0, step=STEP)
    before = energy_between(path, KEY, MONTH_ENDS - 8 * HOUR, MONTH_ENDS)
    after = energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS + 9 * HOUR)
    assert before.wh == pytest.approx(6 * 900.0, abs=1)
    assert before.gaps == (Gap(MONTH_ENDS - 2 * HOUR, MONTH_ENDS, lost=True),)
    assert before.known_frac == pytest.approx(0.75)
    assert after.wh == pytest.approx(11 * 900.0, abs=1)
    assert after.gaps == (Gap(MONTH_ENDS, MONTH_ENDS + 2 * HOUR, lost=False),)


async def test_a_rollover_loses_nothing(path):
    modulus_wh = 1e9
    async with MeteredHistory(path, MONTH_ENDS - HOUR) as meter:
        shown = await meter.count(KEY, modulus_wh - 5000, MONTH_ENDS + 2 * HOUR, power_w=2000.0, step=STEP)
        shown -= modulus_wh
        before_wh = modulus_wh + shown - 2000 / 12
        await meter.break_off(KEY, BreakKind.ROLLOVER, before_wh, shown, modulus_wh)
        await meter.count(KEY, shown, MONTH_ENDS + 5 * HOUR, power_w=2000.0, step=STEP)
    span = energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS + 5 * HOUR)
    assert span.wh == pytest.approx(10_000.0, abs=1)
    assert span.complete


async def test_at_a_replacement_only_what_no_meter_saw_is_lost(path):
    async with MeteredHistory(path, MONTH_ENDS - HOUR) as meter:
        old = await meter.count(KEY, 640_000.0, MONTH_ENDS + 2 * HOUR, power_w=1000.0, step=STEP)
        old -= 1000 / 12
        meter.wait(HOUR)
        await meter.break_off(KEY, BreakKind.REPLACEMENT, old, 8000.0, old - 8000.0)
        await meter.count(KEY, 8000.0, MONTH_ENDS + 8 * HOUR, power_w=1000.0, step=STEP)
    span = energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS + 8 * HOUR)
    assert span.wh == pytest.approx(7000.0, abs=1000 / 12 + 1)
    [gap] = span.gaps
    assert gap.lost
    assert gap.start_utc == MONTH_ENDS + 2 * HOUR
    assert gap.end_utc - gap.start_utc == HOUR + timedelta(seconds=10)
    assert span.known_frac == pytest.approx(1 - 3610 / (8 * 3600))
    assert not span.complete


async def test_a_break_within_a_quarter_whose_last_reading_is_the_old_one_is_not_counted_twice(path):
    at = MONTH_ENDS + timedelta(minutes=59, seconds=50)
    async with MeteredHistory(path, MONTH_ENDS - HOUR) as meter:
        await meter.count(KEY, 50_000.0, at, power_w=600.0, step=timedelta(seconds=10))
        await meter.break_off(KEY, BreakKind.RESET, 51_198.0, 0.0, 51_198.0)
        await meter.read({KEY: 51_198.0})
        meter.wait(timedelta(seconds=60))
        await meter.count(KEY, 10.0, MONTH_ENDS + 2 * HOUR, power_w=600.0, step=timedelta(seconds=10))
    span = energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS + 2 * HOUR)
    assert span.wh == pytest.approx(1200.0, abs=12)


async def test_a_leap_that_nobody_explains_is_no_energy(path):
    """The record of a break was lost with a disk."""
    async with MeteredHistory(path, MONTH_ENDS - HOUR) as meter:
        await meter.count(KEY, 640_000.0, MONTH_ENDS + 2 * HOUR, power_w=1000.0, step=STEP)
        await meter.count(KEY, 9e8, MONTH_ENDS + 8 * HOUR, power_w=1000.0, step=STEP)
    span = energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS + 8 * HOUR)
    assert span.wh == pytest.approx(8000.0, abs=300)
    assert [gap.lost for gap in span.gaps] == [True]


async def test_a_break_whose_readings_were_lost_with_the_power_is_not_counted_twice(path):
    """The break was stored at once, the last readings before it were not yet."""
    async with MeteredHistory(path, MONTH_ENDS - HOUR) as meter:
        until = MONTH_ENDS + timedelta(minutes=31)
        shown = await meter.count(KEY, 640_000.0, until, power_w=1000.0, step=STEP)
        meter.wait(STEP)
        await meter.break_off(KEY, BreakKind.RESET, shown, 0.0, shown)
        meter.wait(2 * HOUR)
        await meter.count(KEY, 2000.0, MONTH_ENDS + 5 * HOUR, power_w=1000.0, step=STEP)
    span = energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS + 5 * HOUR)
    assert span.wh == pytest.approx(4800.0, abs=200)


async def test_what_came_before_the_first_reading_is_unknown(path):
    async with MeteredHistory(path, MONTH_ENDS + 6 * HOUR) as meter:
        await meter.count(KEY, 3_000_000.0, MONTH_ENDS + 12 * HOUR, power_w=500.0, step=STEP)
    span = energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS + 12 * HOUR)
    assert span.wh == pytest.approx(3000.0, abs=126)
    assert [gap.lost for gap in span.gaps] == [True]
    assert span.known_frac == pytest.approx(0.5, abs=0.03)


async def test_where_nothing_was_read_nothing_is_known(path):
    nothing = energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS + HOUR)
    assert nothing.wh is None
    assert nothing.known_frac == 0.0
    async with MeteredHistory(path, MONTH_ENDS) as meter:
        await meter.read({KEY: 5000.0})
    assert energy_between(path, KEY, MONTH_ENDS - HOUR, MONTH_ENDS + HOUR).wh is None
    assert energy_between(path, KEY, MONTH_ENDS + HOUR, MONTH_ENDS + 2 * HOUR).wh is None


async def test_readings_with_a_stamp_that_was_not_true_count_for_nothing(path):
    async with MeteredHistory(path, MONTH_ENDS) as meter:
        await meter.read({KEY: 9_999_000.0}, synchronised=False)
        meter.wait(HOUR)
        await meter.count(KEY, 5000.0, MONTH_ENDS + 3 * HOUR, power_w=900.0, step=STEP)
    assert energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS + 3 * HOUR).wh == pytest.approx(1800.0, abs=230)


async def test_a_span_may_end_within_a_quarter(path):
    begin = MONTH_ENDS + timedelta(minutes=7, seconds=20)
    async with MeteredHistory(path, MONTH_ENDS - HOUR) as meter:
        step = timedelta(seconds=10)
        await meter.count(KEY, 5000.0, MONTH_ENDS + HOUR, power_w=3600.0, step=step)
    assert energy_between(path, KEY, begin, begin + timedelta(seconds=40)).wh == pytest.approx(40, abs=0.1)
    assert energy_between(path, KEY, begin, begin + 2 * QUARTER).wh == pytest.approx(1800, abs=0.1)


async def test_a_power_is_added_up_as_far_as_it_was_sampled(path):
    key = ("site", "pv_w")
    async with MeteredHistory(path, MONTH_ENDS) as site:
        while site.now < MONTH_ENDS + HOUR:
            silent = timedelta(minutes=15) <= site.now - MONTH_ENDS < timedelta(minutes=45)
            await site.read({key: None if silent else -2000.0})
            site.wait(timedelta(seconds=10))
    span = energy_between(path, key, MONTH_ENDS, MONTH_ENDS + HOUR)
    assert span.wh == pytest.approx(-1000.0)
    assert span.known_frac == pytest.approx(0.5)
    assert span.gaps == (Gap(MONTH_ENDS + QUARTER, MONTH_ENDS + 3 * QUARTER, lost=True),)


async def test_a_feeder_is_told_by_its_counter_or_else_by_its_power(path):
    site = World().site
    feeder = next(feeder for feeder in site.feeders if feeder.meter is not None)
    async with MeteredHistory(path, MONTH_ENDS) as meter:
        await meter.count(
            (feeder.id, "power_w"), 100.0, MONTH_ENDS + HOUR, power_w=0.0, step=timedelta(seconds=10)
        )
    span = (MONTH_ENDS, MONTH_ENDS + HOUR)
    assert feeder_energy(path, site, feeder.id, *span).basis is Basis.POWER
    assert feeder_energy(path, site, feeder.id, *span).energy.wh == pytest.approx(100.0)
    span = (MONTH_ENDS + HOUR, MONTH_ENDS + 2 * HOUR)
    async with MeteredHistory(path, MONTH_ENDS + HOUR) as meter:
        key = (feeder.meter, "energy_import_wh")
        await meter.count(key, 5000.0, MONTH_ENDS + 2 * HOUR, power_w=200.0, step=STEP)
    assert feeder_energy(path, site, feeder.id, *span).basis is Basis.COUNTER
    with pytest.raises(KeyError):
        feeder_energy(path, site, "nobody", *span)


def test_what_cannot_be_asked_is_refused(path):
    with pytest.raises(ValueError, match="empty"):
        energy_between(path, KEY, MONTH_ENDS, MONTH_ENDS)
    with pytest.raises(ValueError, match="aware"):
        energy_between(path, KEY, datetime(2026, 1, 1), MONTH_ENDS)  # noqa: DTZ001
    with pytest.raises(ValueError, match="neither a power"):
        energy_between(path, ("site", "soc_frac"), MONTH_ENDS, MONTH_ENDS + HOUR)
