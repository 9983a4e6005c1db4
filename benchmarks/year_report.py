"""The figures of the year as a table and as JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from year_tally import Tally, by_class, cost_thb, fairness, households

from controller.core.model import PriorityClass
from controller.settings import Config

RULES, PERFECT = "rules", "perfect"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy made of a village."""

    village: str
    policy: str
    config: Config
    tally: Tally


def figures(outcome: Outcome) -> Json:
    """All figures of one outcome; powers and money as the config's prices have it."""
    config, tally, classes = outcome.config, outcome.tally, by_class(outcome.config, outcome.tally)
    fair, turns = fairness(config, tally), tally.turns
    told = turns.announced or None
    off = turns.came + turns.surprises
    return {
        "days": len(tally.days),
        "unserved_kwh": {kind.value: unserved / 1e3 for kind, (_, unserved) in classes.items()},
        "unserved_frac": {
            kind.value: unserved / wanted if wanted else 0.0 for kind, (wanted, unserved) in classes.items()
        },
        "critical_out_h": tally.critical_out_s / 3600.0,
        "blackout_min": tally.blackout_s / 60.0,
        "diesel_l": tally.litres,
        "genset_starts": tally.genset_starts,
        "genset_h": tally.genset_s / 3600.0,
        "battery_cycles": tally.battery_out_wh / config.battery.energy_wh,
        "stored_kwh": tally.stored_wh / 1e3,
        "pv_unused_frac": 1.0 - tally.pv_wh / tally.pv_offered_wh,
        "switchings_per_feeder_day": _switchings(config, tally),
        "spread_points": None if fair is None else 100.0 * fair.worst_spread_frac,
        "jain": None if fair is None else fair.jain,
        "announced_quarters": turns.announced,
        "came_frac": turns.came / told if told else None,
        "lifted_frac": turns.lifted / told if told else None,
        "kept_frac": told / (told + turns.surprises) if told else None,
        "untold_frac": turns.surprises / off if off else None,
        "by_protection_quarters": turns.protection,
        "cost_thb": cost_thb(config, tally),
        "plans": tally.plans,
        "plans_failed": tally.plans_failed,
        "plan_s": tally.plan_s / tally.plans if tally.plans else None,
        "host_s": tally.host_s,
    }


def gap_closed(costs: Mapping[str, float], policy: str) -> float | None:
    """Of what perfect foresight saves against the rules, the part that a policy saves; None where unknown."""
    if not costs.keys() >= {RULES, PERFECT, policy} or costs[RULES] <= costs[PERFECT]:
        return None
    return (costs[RULES] - costs[policy]) / (costs[RULES] - costs[PERFECT])


def report(outcomes: Sequence[Outcome]) -> Json:
    """Village -> policy -> figures."""
    found: dict[str, dict[str, Json]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.village, {})[outcome.policy] = figures(outcome)
    for policies in found.values():
        costs = {policy: each["cost_thb"] for policy, each in policies.items()}
        for policy, each in policies.items():
            each["gap_closed_frac"] = gap_closed(costs, policy)
    return found


def show(found: Json) -> None:
    """Print a table for each village: a row a figure, a column a policy."""
    console = Console(width=None if sys.stdout.isatty() else 140)  # into a file, no cell is folded
    for village, policies in found.items():
        days = next(iter(policies.values()))["days"]
        table = Table(title=f"{village}, {days} days", title_justify="left")
        table.add_column("")
        for policy in policies:
            table.add_column(policy, justify="right")
        for label, cells in _rows(policies):
            table.add_row(label, *cells)
        console.print(table)


def _rows(policies: Mapping[str, Json]) -> list[tuple[str, list[str]]]:
    rows = [
        (f"unserved, {kind.value}, kWh", _cells(policies, lambda one, k=kind: _unserved(one, k.value)))
        for kind in PriorityClass
    ]
    plain = (
        ("critical without power, h", "critical_out_h", ".2f", 1.0),
        ("blackout, min", "blackout_min", ".0f", 1.0),
        ("diesel, l", "diesel_l", ".0f", 1.0),
        ("genset starts", "genset_starts", "d", 1),
        ("genset hours", "genset_h", ".0f", 1.0),
        ("battery cycles", "battery_cycles", ".1f", 1.0),
        ("sun unused, %", "pv_unused_frac", ".1f", 100.0),
        ("switchings, feeder and day", "switchings_per_feeder_day", ".2f", 1.0),
        ("spread of served share, points", "spread_points", ".2f", 1.0),
        ("Jain index of served shares", "jain", ".4f", 1.0),
        ("cuts announced, feeder quarters", "announced_quarters", "d", 1),
        ("- came as told, %", "came_frac", ".1f", 100.0),
        ("- lifted, %", "lifted_frac", ".1f", 100.0),
        ("cuts not announced, % of all", "untold_frac", ".1f", 100.0),
        ("turns kept (came or lifted), %", "kept_frac", ".1f", 100.0),
        ("cost, THB", "cost_thb", ",.0f", 1.0),
        ("gap closed, %", "gap_closed_frac", ".0f", 100.0),
        ("plans", "plans", "d", 1),
        ("- failed", "plans_failed", "d", 1),
        ("- time of each, s", "plan_s", ".2f", 1.0),
    )
    for label, key, form, factor in plain:
        rows.append((label, _cells(policies, lambda one, k=key, f=form, x=factor: _number(one[k], f, x))))
    return rows


def _cells(policies: Mapping[str, Json], say: Any) -> list[str]:  # noqa: ANN401 - a function of one column
    return [say(one) for one in policies.values()]


def _unserved(one: Json, kind: str) -> str:
    return f"{one['unserved_kwh'][kind]:,.0f} ({100 * one['unserved_frac'][kind]:.1f} %)"


def _number(value: float | None, form: str, factor: float) -> str:
    return "" if value is None else format(value * factor, form)


def _switchings(config: Config, tally: Tally) -> float:
    """Of a household feeder on a day, mean."""
    rows = households(config)
    return float(np.mean([[day.switchings[row] for row in rows] for day in tally.days]))
