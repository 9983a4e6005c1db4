"""How long an SMS may be: GSM 03.38 and 03.40, as 3GPP TS 23.038 and 23.040 have them now."""

from __future__ import annotations

MOST_SEGMENTS = 2
"""What one message of ours takes at most: each segment is paid for."""
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€")
"""These take an escape as well."""
_GSM_UNITS = (160, 153)
_UCS2_UNITS = (70, 67)
"""Units of a message of one segment, and of each of several: a header takes the rest."""
_ELLIPSIS = "..."


def segments(text: str) -> int:
    """How many segments a text takes, at least 1."""
    alone, of_many = _limits(text)
    units = _units(text)
    return 1 if units <= alone else -(-units // of_many)


def fitted(text: str, most: int = MOST_SEGMENTS) -> str:
    """The text, cut at its end where it takes more segments; Thai marks stay with their letter."""
    if segments(text) <= most:
        return text
    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if segments(text[:middle] + _ELLIPSIS) <= most else (low, middle)
    while low > 0 and _belongs_to_the_one_before(text[low]):
        low -= 1
    return text[:low].rstrip() + _ELLIPSIS


def _belongs_to_the_one_before(sign: str) -> bool:
    """Thai vowels and tone marks that stand above or below a consonant."""
    return sign == "ั" or "ิ" <= sign <= "ฺ" or "็" <= sign <= "๎"


def _limits(text: str) -> tuple[int, int]:
    return _GSM_UNITS if all(sign in _GSM or sign in _GSM_TWICE for sign in text) else _UCS2_UNITS


def _units(text: str) -> int:
    if _limits(text) is _GSM_UNITS:
        return sum(2 if sign in _GSM_TWICE else 1 for sign in text)
    return len(text.encode("utf-16-le")) // 2
