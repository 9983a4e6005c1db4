"""How fairly each class was served, as it stands in image.json (docs/architecture.md)."""

from __future__ import annotations

from typing import Any

from controller.core.model import Memory, Site, Tally
from controller.core.sharing.fairness import fairness

Json = dict[str, Any]


def fairness_document(site: Site, memory: Memory) -> Json:
    """By class: how evenly, and what each feeder got and went without; JSON values only."""
    return {
        priority.value: {
            "days": round(each.days, 2),
            "spread_frac": _rounded(each.spread_frac),
            "jain": _rounded(each.jain),
            "feeders": {feeder_id: _account(account) for feeder_id, account in each.accounts.items()},
        }
        for priority, each in fairness(site.feeders, memory).items()
    }


def _account(account: Tally) -> Json:
    return {
        "served_frac": _rounded(account.served_frac),
        "without_h": round(account.without_s / 3600.0, 2),
        "protection_h": round(account.protection_s / 3600.0, 2),
        "wanted_wh": round(account.wanted_wh, 1),
        "without_wh": round(account.without_wh, 1),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
