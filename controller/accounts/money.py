"""Money in whole satang (1 baht = 100 satang): never a binary fraction. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

SATANG_PER_BAHT = 100
MOST_THB = 1_000_000
"""More in one payment is a slip of the finger."""

_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


def exact(value: float) -> Decimal:
    """The decimal number that somebody wrote into config.yaml, as it was written."""
    return Decimal(repr(value))


def rounded_satang(baht: Decimal) -> int:
    """An amount [THB] in whole satang; half a satang is rounded up."""
    return int((baht * SATANG_PER_BAHT).quantize(Decimal(1), ROUND_HALF_UP))


def parse_baht(text: str) -> int:
    """What somebody typed [THB], in satang: `200`, `1,250.50`, `๒๐๐`. Raises ValueError with the remedy."""
    try:
        baht = Decimal(text.strip().translate(_THAI_DIGITS).replace(",", ""))
    except InvalidOperation:
        raise ValueError(f"{text!r} is no amount of money: write baht as 200 or 200.50") from None
    satang = baht * SATANG_PER_BAHT
    if not baht.is_finite() or satang != satang.to_integral_value():
        raise ValueError(f"{text!r} is finer than a satang: write two decimals at most, as 200.50")
    if not 0 < baht <= MOST_THB:
        raise ValueError(f"{text!r}: an amount lies above 0 and is at most {MOST_THB:,} baht")
    return int(satang)


def baht_text(satang: int) -> str:
    """An amount as people write it, without its sign: `1,250.50`."""
    baht, rest = divmod(abs(satang), SATANG_PER_BAHT)
    return f"{baht:,}.{rest:02d}"
