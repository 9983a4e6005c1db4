"""What of a forecast the alarm rules need: whether the battery lasts until the next sunrise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from controller.core.alarming.facts import NightOutlook


def night_of(document: Mapping[str, Any]) -> NightOutlook | None:
    """The outlook of a forecast document; None where it holds none, or none that makes sense."""
    try:
        outlook = document["outlook"]
        prob, reached = outlook["lasts_until_sunrise_prob"], outlook.get("reserve_reached_utc", {})
        if prob is None:
            return None
        return NightOutlook(
            sunrise_utc=_moment(outlook["sunrise_utc"]),
            lasting_prob=min(1.0, max(0.0, float(prob))),
            reserve_utc=None if reached.get("p50") is None else _moment(reached["p50"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        msg = f"the stamp {text} has no time zone"
        raise ValueError(msg)
    return at
