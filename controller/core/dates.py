"""How dates are written: Buddhist years in Thai, years of the common era in English. Pure.

A language is `th` or `en`, as a string or as `controller.core.language.Language`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

BUDDHIST_OFFSET = 543
"""What a Buddhist year has more."""

_LONG: Mapping[str, str] = MappingProxyType(
    {
        "th": "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
        "en": "January February March April May June July August September October November December",
    }
)
_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "th": "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.",
        "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    }
)


def day_and_month(day: date, language: str) -> str:
    """`21 พ.ย.`, `21 Nov`."""
    return f"{day.day} {_SHORT[language].split()[day.month - 1]}"


def short_date(day: date, language: str) -> str:
    """`21 พ.ย. 2569`, `21 Nov 2026`."""
    return f"{day_and_month(day, language)} {_year(day.year, language)}"


def month_name(year: int, month: int, language: str) -> str:
    """`ตุลาคม 2569`, `October 2026`. year: of the common era; month: 1 to 12."""
    return f"{_LONG[language].split()[month - 1]} {_year(year, language)}"


def _year(year: int, language: str) -> int:
    return year + BUDDHIST_OFFSET if language == "th" else year
