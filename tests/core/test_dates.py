"""How dates are written in Thai and English."""

from __future__ import annotations

from datetime import date

from controller.core.dates import day_and_month, month_name, short_date
from controller.core.language import Language


def test_dates_have_buddhist_years_in_thai() -> None:
    day = date(2026, 11, 21)
    assert short_date(day, "th") == short_date(day, Language.TH) == "21 พ.ย. 2569"
    assert short_date(day, "en") == short_date(day, Language.EN) == "21 Nov 2026"


def test_every_month_has_its_name() -> None:
    assert day_and_month(date(2026, 1, 1), "th") == "1 ม.ค."
    assert day_and_month(date(2026, 12, 31), "en") == "31 Dec"
    assert (month_name(2026, 10, "th"), month_name(2026, 10, "en")) == ("ตุลาคม 2569", "October 2026")
    assert len({month_name(2026, month, lang) for month in range(1, 13) for lang in ("th", "en")}) == 24
