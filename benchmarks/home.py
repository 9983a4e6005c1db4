"""A published benchmark: a home in Sydney with 4 kWp, a battery of 8 kWh and cheap nights.

The open test bench "solarhome-control-bench" (P. Haessig, CentraleSupélec; Ausgrid customer 12, 2011): each
half hour a controller says what the battery does, knowing the past and that half hour's demand and sun; the
grid costs 0.10 EUR/kWh from 0 to 6 h and 0.20 else, gives 3 kW at most and takes nothing. Published for the
30 days from 2011-11-29 on, in EUR/day: rules 0.563, stochastic dynamic programming 0.523, tuned rules 0.512,
model-predictive control 0.509, perfect foresight 0.354.

Here every controller starts with the days before `--from` and then learns each day as it ends. The settings
of Tawan's (`Likeness` in home_days.py) were chosen on days before 2011-11-29.

Run: python benchmarks/home.py FILE.csv.gz [MORE.csv.gz] [--from 2011-11-29] [--days 30] [--json]
Columns of the files: time_local, load_kw, pv_kw_of_1p04kwp; half-hourly.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
from home_days import BEGUN_WH, STEPS, Days, read_days
from home_policies import Foresight, LikelyDays, MeanPattern, Policy, Rules, live_day, tuned_level_wh
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

LEAST_PAST_DAYS = 14
USUAL_DAYS = 30
TABLE_WIDTH = 90


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """What one controller did, day by day."""

    name: str
    costs: tuple[float, ...]
    """EUR of each day."""
    unserved_wh: float
    left_wh: float
    """In the battery at the end."""
    decision_s: float
    """Host seconds for a decision, with its share of what is prepared once a day."""

    @property
    def eur_per_day(self) -> float:
        """Mean over the days."""
        return sum(self.costs) / len(self.costs)


def walked(name: str, policy: Policy | None, days: Days, first: int, progress: Progress) -> Walk:
    """Let a controller live through the days from `first` on."""
    costs, unserved_wh, energy_wh = [], 0.0, BEGUN_WH
    task = progress.add_task(name, total=len(days) - first)
    begun_s = time.perf_counter()
    for day in range(first, len(days)):
        if policy is not None:
            policy.begin_day(days.pick(slice(0, day)))
        cost, lacked_wh, energy_wh = live_day(policy, days.load_w[day], days.pv_w[day], energy_wh)
        costs.append(cost)
        unserved_wh += lacked_wh
        progress.advance(task)
    decision_s = (time.perf_counter() - begun_s) / len(costs) / STEPS
    return Walk(name, tuple(costs), unserved_wh, 0.0 if policy is None else energy_wh, decision_s)


def compared(days: Days, first: int, progress: Progress) -> list[Walk]:
    """All controllers over the same days."""
    past = days.pick(slice(0, first))
    tuned_wh = tuned_level_wh(past)
    policies: dict[str, Policy | None] = {
        "no battery": None,
        "rules": Rules(),
        f"tuned rules, {tuned_wh / 1000:.1f} kWh": Rules(tuned_wh),
        "mean pattern": MeanPattern(),
        "Tawan": LikelyDays(),
        "perfect foresight": Foresight(days.pick(slice(first, None))),
    }
    return [walked(name, policy, days, first, progress) for name, policy in policies.items()]


def shown(walks: list[Walk], days: Days, first: int) -> Table:
    """The walks as a table; the difference to the tuned rules with its standard error, day by day."""
    table = Table(title=f"{len(walks[0].costs)} days from {days.dates[first]}, {first} days known before")
    for heading in ("controller", "EUR/day", "to tuned rules", "unserved Wh", "left Wh", "ms each"):
        table.add_column(heading, justify="left" if heading == "controller" else "right", no_wrap=True)
    reference = np.array(next(walk.costs for walk in walks if walk.name.startswith("tuned")))
    for walk in walks:
        difference = np.array(walk.costs) - reference
        error = float(difference.std() / np.sqrt(difference.size))
        table.add_row(
            walk.name,
            f"{walk.eur_per_day:.4f}",
            f"{difference.mean():+.3f} ± {error:.3f}",
            f"{walk.unserved_wh:.0f}",
            f"{walk.left_wh:.0f}",
            f"{1000 * walk.decision_s:.2f}",
        )
    return table


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="CSV or CSV.gz; days may be anywhere"
    )
    parser.add_argument("--from", dest="start", type=date.fromisoformat, help="first day that is judged")
    parser.add_argument("--days", type=int, help="how many days are judged: to the end, or the last 30")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    return parser.parse_args()


def stretch(dates: tuple[date, ...], start: date | None, count: int | None) -> tuple[int, int]:
    """First day judged and the one after the last. Raises ValueError for too few before, or none left."""
    usual = len(dates) - (count or USUAL_DAYS)
    first = usual if start is None else sum(day < start for day in dates)
    if first < LEAST_PAST_DAYS:
        raise ValueError(
            f"{max(first, 0)} days before the first one judged: {LEAST_PAST_DAYS} are needed to learn from"
        )
    if first >= len(dates):
        raise ValueError(f"the files end on {dates[-1]}")
    return first, len(dates) if count is None else min(len(dates), first + count)


def main() -> int:
    args = parse()
    try:
        days, left_out = read_days(args.files)
        first, end = stretch(days.dates, args.start, args.days)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if left_out:
        print(f"{left_out} days without all 48 half hours are left out", file=sys.stderr)
    days = days.pick(slice(0, end))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        walks = compared(days, first, progress)
    if args.json:
        figures = [{"name": walk.name, "eur_per_day": walk.eur_per_day, **asdict(walk)} for walk in walks]
        print(json.dumps({"from": str(days.dates[first]), "days": end - first, "controllers": figures}))
    else:
        console = Console()
        console.width = max(console.width, TABLE_WIDTH)
        console.print(shown(walks, days, first))
    return 0


if __name__ == "__main__":
    sys.exit(main())
