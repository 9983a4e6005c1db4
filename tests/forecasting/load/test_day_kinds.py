"""Which days resemble each other."""

from datetime import date

import numpy as np
import pytest

from forecasting.load.calendar import DayKind, day_kinds


def kind_of(on: date, country: str | None = "TH") -> DayKind:
    return DayKind(int(day_kinds(np.array([(on - date(1970, 1, 1)).days]), country)[0]))


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        (date(2026, 6, 8), DayKind.WEEKDAY),
        (date(2026, 6, 6), DayKind.SATURDAY),
        (date(2026, 6, 7), DayKind.REST),
        (date(2026, 4, 12), DayKind.REST),  # the Sunday before Songkran
        (date(2026, 4, 13), DayKind.FESTIVAL),
        (date(2026, 4, 15), DayKind.FESTIVAL),
        (date(2026, 4, 16), DayKind.WEEKDAY),
    ],
)
def test_days_of_a_thai_week_and_songkran(on, kind) -> None:
    assert kind_of(on) is kind


@pytest.mark.parametrize("on", [date(2026, 3, 3), date(2026, 7, 29), date(2026, 7, 30), date(2025, 5, 12)])
def test_buddhist_holy_days_are_days_of_rest(on) -> None:
    assert kind_of(on) is DayKind.REST
    assert kind_of(on, country=None) is DayKind.WEEKDAY


def test_a_holiday_on_a_saturday_is_a_day_of_rest() -> None:
    assert kind_of(date(2026, 12, 5)) is DayKind.REST


@pytest.mark.parametrize("country", [None, "XX", "ZZ"])
def test_an_unknown_country_has_weekends_only(country) -> None:
    year = np.arange(20_454, 20_454 + 364)
    kinds = day_kinds(year, country)
    weekday = (year + 3) % 7
    np.testing.assert_array_equal(kinds == DayKind.REST, weekday == 6)
    np.testing.assert_array_equal(kinds == DayKind.SATURDAY, weekday == 5)


def test_another_country_keeps_its_own_holidays() -> None:
    bastille = date(2026, 7, 14)
    assert kind_of(bastille, "FR") is DayKind.REST
    assert kind_of(bastille, "TH") is DayKind.WEEKDAY
