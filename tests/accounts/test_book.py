"""What a household owes and has, month by month: through rollover, replacement and silence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from accounted_village import write_config
from metered_history import MeteredHistory

from controller.accounts.book import AccountError, Book
from controller.accounts.desk import Desk
from controller.accounts.groups import Groups, of_all
from controller.accounts.ledger import EntryKind, Ledger
from controller.accounts.tariff import Tariff, charge
from controller.accounts.use import Source
from controller.config_file import load_config
from controller.core.counters import BreakKind
from controller.site import site_from
from controller.telemetry.energy import Basis

BANGKOK = ZoneInfo("Asia/Bangkok")
KEY = ("meter_h001", "energy_import_wh")
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
OCTOBER_BEGINS = datetime(2026, 9, 30, 17, tzinfo=UTC)
"""In Bangkok."""
NOVEMBER_BEGINS = datetime(2026, 10, 31, 17, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)


@pytest.fixture
def config(tmp_path):
    return load_config(write_config(tmp_path))


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "accounts.db")


def book_of(config, ledger, now=NOW) -> Book:
    return Book(config.accounts, BANGKOK, ledger, config.storage.telemetry, now)


def enter(config, ledger, make, now=NOW) -> None:
    desk = Desk(book_of(config, ledger, now), ledger.entries())
    made = make(desk)
    ledger.append(made if isinstance(made, list) else [made], now)


async def metered(config, *, until=NOVEMBER_BEGINS + 24 * HOUR, power_w=48.0, begin_wh=812_400.0):
    """A household's meter that is read every quarter of an hour."""
    async with MeteredHistory(config.storage.telemetry, OCTOBER_BEGINS - HOUR) as meter:
        await meter.count(KEY, begin_wh, until, power_w=power_w, step=QUARTER)


async def test_a_month_by_a_meter_on_a_line(config, ledger):
    await metered(config)
    october = book_of(config, ledger).statement("h001", OCTOBER)
    assert october.use.source is Source.METER
    assert october.use.wh == 31 * 24 * 48
    assert october.charge.satang == 3000 + 9000 + round((31 * 24 * 48 - 20_000) * 0.725)
    assert october.use.opening_wh == pytest.approx(812_436, abs=1)
    assert not october.use.gaps
    assert len(october.days) == 31
    assert all(wh == pytest.approx(24 * 48, abs=1) for wh in october.days.values())


async def test_a_replaced_meter_costs_nobody_anything(config, ledger):
    """The new meter begins far above the old one; two hours nobody saw."""
    async with MeteredHistory(config.storage.telemetry, OCTOBER_BEGINS - HOUR) as meter:
        changed = OCTOBER_BEGINS + 10 * 24 * HOUR
        raw_wh = await meter.count(KEY, 812_400.0, changed, power_w=48.0, step=QUARTER) - 12.0
        meter.wait(2 * HOUR)
        await meter.break_off(KEY, BreakKind.REPLACEMENT, raw_wh, 5_000_000.0, raw_wh - 5_000_000.0)
        await meter.count(KEY, 5_000_000.0, NOVEMBER_BEGINS + HOUR, power_w=48.0, step=QUARTER)
    october = book_of(config, ledger).statement("h001", OCTOBER)
    assert october.use.wh == pytest.approx((31 * 24 - 2) * 48, abs=13)
    [gap] = october.use.gaps
    assert gap.lost
    assert [(change.day, change.new_wh) for change in october.use.changes] == [
        (date(2026, 10, 11), 5_000_000.0)
    ]


async def test_a_rollover_is_not_seen_in_the_money(config, ledger):
    modulus_wh = 1e8
    async with MeteredHistory(config.storage.telemetry, OCTOBER_BEGINS - HOUR) as meter:
        over = OCTOBER_BEGINS + 5 * 24 * HOUR
        raw_wh = await meter.count(KEY, modulus_wh - 121 * 48 + 12, over, power_w=48.0, step=QUARTER)
        await meter.break_off(KEY, BreakKind.ROLLOVER, raw_wh - 12, raw_wh - modulus_wh, modulus_wh)
        await meter.count(KEY, raw_wh - modulus_wh, NOVEMBER_BEGINS + HOUR, power_w=48.0, step=QUARTER)
    october = book_of(config, ledger).statement("h001", OCTOBER)
    assert october.use.wh == pytest.approx(31 * 24 * 48, abs=1)
    assert not october.use.gaps


async def test_a_meter_that_falls_silent_is_paid_for_when_it_is_heard_again(config, ledger):
    async with MeteredHistory(config.storage.telemetry, OCTOBER_BEGINS - HOUR) as meter:
        silent = NOVEMBER_BEGINS - 48 * HOUR
        raw_wh = await meter.count(KEY, 1000.0, silent, power_w=48.0, step=QUARTER)
        meter.wait(96 * HOUR)
        await meter.count(KEY, raw_wh + 96 * 48, NOVEMBER_BEGINS + 72 * HOUR, power_w=48.0, step=QUARTER)
    book = book_of(config, ledger, NOVEMBER_BEGINS + 72 * HOUR)
    october, november = book.statement("h001", OCTOBER), book.statement("h001", NOVEMBER)
    assert october.use.wh == pytest.approx(29 * 24 * 48, abs=1)
    assert [gap.lost for gap in october.use.gaps] == [True]
    assert november.use.wh == pytest.approx((48 + 72) * 48, abs=13)
    assert [gap.lost for gap in november.use.gaps] == [False]


def test_a_month_by_readings_typed_in(config, ledger):
    enter(config, ledger, lambda desk: desk.reading("h002", "1200.0", "นก", OCTOBER, None))
    enter(config, ledger, lambda desk: desk.reading("h002", "1231.5", "นก", NOVEMBER, None))
    october = book_of(config, ledger).statement("h002", OCTOBER)
    assert october.use.source is Source.HAND
    assert october.use.wh == 31_500
    assert october.charge.satang == 20_338
    assert october.days == {}


def test_the_balance_goes_from_month_to_month(config, ledger):
    enter(config, ledger, lambda desk: desk.payment("h002", 10_000, "นก", date(2026, 10, 5), "17"))
    enter(config, ledger, lambda desk: desk.payment("h002", 5_000, "นก", date(2026, 11, 5), None))
    book = book_of(config, ledger)
    october, november = book.statement("h002", OCTOBER), book.statement("h002", NOVEMBER)
    assert (october.before_satang, october.paid_satang, october.after_satang) == (0, 10_000, 7_000)
    assert november.before_satang == 7_000
    assert november.after_satang == 7_000 + 5_000 - 3_000
    assert not november.low


def test_a_prepaid_balance_that_runs_low_is_a_notice(config, ledger):
    assert book_of(config, ledger).statement("h002", NOVEMBER).low
    shop = book_of(config, ledger).statement("shop", NOVEMBER)
    assert shop.after_satang == -10_000
    assert not shop.low  # paid afterwards


def test_a_closed_month_does_not_change_with_the_price(tmp_path, ledger):
    config = load_config(write_config(tmp_path))
    enter(config, ledger, lambda desk: desk.reading("h002", "100", "นก", OCTOBER, None))
    enter(config, ledger, lambda desk: desk.reading("h002", "110", "นก", NOVEMBER, None))
    ledger.append(book_of(config, ledger).closing(OCTOBER, "นก"), NOW)
    dearer = config.accounts.model_dump()
    dearer["groups"]["homes"]["thb_per_kwh"] = 9.0
    accounts = type(config.accounts).model_validate(dearer)
    book = Book(accounts, BANGKOK, ledger, config.storage.telemetry, NOW)
    october = book.statement("h002", OCTOBER)
    assert october.closed
    assert october.charge.satang == 3000 + 4500
    assert book.statement("h002", NOVEMBER).before_satang == -7500
    assert book.closing(OCTOBER, "นก") == []
    with pytest.raises(AccountError, match="closed for h002"):
        enter(config, ledger, lambda desk: desk.reading("h002", "120", "นก", NOVEMBER, None))


def test_a_month_is_closed_once_it_is_over_and_in_order(config, ledger):
    with pytest.raises(AccountError, match="not over yet"):
        book_of(config, ledger).closing(NOVEMBER, "นก")
    december = datetime(2026, 12, 2, tzinfo=UTC)
    with pytest.raises(AccountError, match="2026-10 is still open"):
        book_of(config, ledger, december).closing(NOVEMBER, "นก")
    october = book_of(config, ledger, december).closing(OCTOBER, "นก")
    assert [entry.household for entry in october] == ["h001", "h002"]  # the shop came later
    ledger.append(october, december)
    ledger.append(book_of(config, ledger, december).closing(NOVEMBER, "นก"), december)
    closed = [entry for entry in ledger.entries() if entry.kind is EntryKind.CHARGE]
    with pytest.raises(AccountError, match="later month"):
        enter(config, ledger, lambda desk: desk.cancel(closed[0].number, "นก", "a slip"), december)
    enter(config, ledger, lambda desk: desk.cancel(closed[-1].number, "นก", "a slip"), december)
    assert [entry.household for entry in book_of(config, ledger, december).closing(NOVEMBER, "นก")] == [
        "shop"
    ]


def test_slips_are_refused_with_the_remedy(config, ledger):
    enter(config, ledger, lambda desk: desk.payment("h002", 100, "นก", None, "17"))
    enter(config, ledger, lambda desk: desk.reading("h002", "99990", "นก", OCTOBER, None))
    slips = {
        "was entered already": lambda desk: desk.payment("h001", 100, "นก", None, "17"),
        "no household h009": lambda desk: desk.payment("h009", 100, "นก", None, None),
        "1 to 80 characters": lambda desk: desk.payment("h001", 100, "  ", None, None),
        "still to come": lambda desk: desk.payment("h001", 100, "นก", date(2027, 1, 1), None),
        "--rolled-over 100000": lambda desk: desk.reading("h002", "12", "นก", NOVEMBER, None),
        "does not lie above": lambda desk: desk.reading("h002", "12", "นก", NOVEMBER, "9999"),
        "in order": lambda desk: desk.reading("h002", "99995", "นก", date(2026, 9, 9), None),
        "reads by itself": lambda desk: desk.reading("h001", "5", "นก", None, None),
        "is no reading": lambda desk: desk.reading("h002", "a lot", "นก", None, None),
        "between 0 and": lambda desk: desk.reading("h002", "-5", "นก", None, None),
        "cannot have ended": lambda desk: desk.replacement("h002", "5", "0", "นก", None),
        "no entry 99": lambda desk: desk.cancel(99, "นก", "a slip"),
    }
    for says, make in slips.items():
        with pytest.raises(AccountError, match=says):
            enter(config, ledger, make)
    assert len(ledger.entries()) == 2


def test_a_meter_that_rolled_over_may_be_entered(config, ledger):
    enter(config, ledger, lambda desk: desk.reading("h002", "99990", "นก", OCTOBER, None))
    enter(config, ledger, lambda desk: desk.reading("h002", "12", "นก", NOVEMBER, "100000"))
    assert book_of(config, ledger).statement("h002", OCTOBER).use.wh == 22_000


def test_a_clock_that_went_back_enters_nothing_without_a_day(config, ledger):
    enter(config, ledger, lambda desk: desk.payment("h002", 100, "นก", None, None))
    past = NOW - timedelta(days=300)
    with pytest.raises(AccountError, match="set the clock"):
        enter(config, ledger, lambda desk: desk.payment("h002", 100, "นก", None, None), past)


async def test_groups_are_told_feeder_by_feeder(config, ledger):
    async with MeteredHistory(config.storage.telemetry, OCTOBER_BEGINS - HOUR) as meter:
        key = ("meter_houses_b", "energy_import_wh")
        await meter.count(key, 5000.0, NOVEMBER_BEGINS + HOUR, power_w=1000.0, step=QUARTER)
    enter(config, ledger, lambda desk: desk.reading("h002", "100", "นก", OCTOBER, None))
    enter(config, ledger, lambda desk: desk.reading("h002", "110", "นก", NOVEMBER, None))
    homes, shops = Groups(site_from(config), book_of(config, ledger)).month(OCTOBER)
    by_hand = homes.feeders[1]
    assert by_hand.used.basis is Basis.COUNTER
    assert by_hand.used.energy.wh == pytest.approx(31 * 24 * 1000, abs=1)
    assert (by_hand.accounts, by_hand.households_wh, by_hand.due_satang) == (1, 10_000, 7_500)
    assert homes.due_satang == 3_000 + 7_500
    [no_accounts_yet] = shops.feeders
    assert no_accounts_yet.accounts == 0
    assert no_accounts_yet.due_satang == 15 * 10_000


def test_the_blocks_of_many_households_add_up_where_they_share_a_meter():
    tariff = Tariff(3000, Decimal("4.5"), 20_000, Decimal("7.25"))
    together = charge(of_all(tariff, 15), 15 * 25_000)
    assert together.satang == 15 * charge(tariff, 25_000).satang


def test_months_without_an_account_have_no_statement(config, ledger):
    book = book_of(config, ledger)
    for household, month in (("h001", date(2026, 9, 1)), ("shop", OCTOBER), ("h001", date(2026, 12, 1))):
        with pytest.raises(AccountError, match="has an account from"):
            book.statement(household, month)
