"""The village year: what a plan is worth, with the real control code against the simulated physics.

Two villages live through the same sun and the same demand under each policy: no control, the rules alone,
plans without and with a weather service, and plans with perfect foresight. By default one week of every
month. What the figures mean: docs/year.md.
Run: python benchmarks/year.py [--full] [--village koh-jik] [--policies rules,plan] [--months 1,7]
     [--lean] [--no-genset] [--fuel-price 90] [--seed 1] [--replan 7200] [--processes 2] [--json] [--svg FILE]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from pathlib import Path
from queue import Empty
from typing import Any

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as the controller starts its planner

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from year_chain import POLICIES, Chain, live
from year_report import Outcome, report, show
from year_svg import picture
from year_tally import Tally
from year_truth import find_truth
from year_villages import VILLAGES, Stretch, Variant, stretches, truth_span, village_config

from controller.settings import Config

_DAYS: Any = None
"""In a worker: the queue on which each day that is over is told."""


def main() -> None:
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="year-") as folder:
        truths = {village: Path(folder) / f"{village}.npz" for village in args.village}
        chains = [
            Chain(village, policy, args.months, args.full, _variant(args), args.seed, args.replan, truth)
            for policy in reversed(args.policies)  # those that take longest first
            for village, truth in truths.items()
        ]
        tallies = run(args, chains, truths)
    order = {policy: place for place, policy in enumerate(POLICIES)}
    outcomes = sorted(
        (
            Outcome(chain.village, chain.policy, village_config(chain.village, chain.variant), tally)
            for chain, tally in zip(chains, tallies, strict=True)
        ),
        key=lambda outcome: (args.village.index(outcome.village), order[outcome.policy]),
    )
    found = report(outcomes)
    if args.svg:
        args.svg.write_text(picture(outcomes), encoding="utf-8")
    if args.json:
        print(json.dumps(found))
    else:
        show(found)


def run(args: argparse.Namespace, chains: Sequence[Chain], truths: dict[str, Path]) -> list[Tally]:
    """Live through all chains, each in a process of its own, as many at once as were asked for."""
    context = multiprocessing.get_context("spawn")
    days = context.Queue()
    lived = {village: _stretches(args, village) for village in truths}
    total = sum(stretch.days for chain in chains for stretch in lived[chain.village])
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} days"),
    )
    with (
        ProcessPoolExecutor(args.processes, context, _begin, (days,)) as pool,
        Progress(*columns, console=Console(stderr=True)) as bar,
    ):
        task = bar.add_task("sky and demand", total=None)
        looks = [
            pool.submit(
                _look,
                village_config(village, _variant(args)),
                truth_span(lived[village]),
                args.seed,
                file,
            )
            for village, file in truths.items()
        ]
        _await(looks, lambda: None)
        bar.update(task, description="living", total=total)
        futures = [pool.submit(_live, chain) for chain in chains]

        def advance() -> None:
            try:
                while True:
                    bar.advance(task, days.get_nowait())
            except Empty:
                return

        _await(futures, advance)
        return [future.result() for future in futures]


def _variant(args: argparse.Namespace) -> Variant:
    return Variant(args.lean, not args.no_genset, args.fuel_price)


def _stretches(args: argparse.Namespace, village: str) -> tuple[Stretch, ...]:
    return stretches(village_config(village, _variant(args)), args.months, full=args.full)


def _await(futures: Sequence[Future[Any]], meanwhile: Callable[[], None]) -> None:
    """Until all are done; a failure is raised at once."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=0.5)
        meanwhile()
        for future in done:
            future.result()


def _begin(days: Any) -> None:  # noqa: ANN401 - a queue of multiprocessing
    global _DAYS  # noqa: PLW0603 - a queue can only be handed to a worker as it starts
    _DAYS = days


def _look(config: Config, span: Stretch, seed: int, file: Path) -> None:
    find_truth(config, span.start_utc, span.days, seed).save(file)


def _live(chain: Chain) -> Tally:
    return live(chain, _DAYS.put)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="all days of the months, not a week of each")
    parser.add_argument("--village", type=_names(tuple(VILLAGES)), default=list(VILLAGES))
    parser.add_argument("--policies", type=_names(POLICIES), default=list(POLICIES))
    parser.add_argument("--months", type=_months, default=tuple(range(1, 13)), help="such as 1,7")
    parser.add_argument("--lean", action="store_true", help="with 70 %% of the panels")
    parser.add_argument("--no-genset", action="store_true", help="turns are all there is")
    parser.add_argument("--fuel-price", type=float, help="THB a litre, if not as in config.yaml")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replan", type=float, default=7200.0, help="seconds between plans; on the Pi 900")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    parser.add_argument("--svg", type=Path, help="write a picture to this file")
    return parser.parse_args()


def _names(known: tuple[str, ...]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        given = [name.strip() for name in text.split(",")]
        unknown = [name for name in given if name not in known]
        if unknown:
            msg = f"{', '.join(unknown)}; there are {', '.join(known)}"
            raise argparse.ArgumentTypeError(msg)
        return [name for name in known if name in given]

    return names


def _months(text: str) -> tuple[int, ...]:
    months = tuple(sorted({int(month) for month in text.split(",")}))
    if not all(1 <= month <= 12 for month in months):
        raise argparse.ArgumentTypeError("months are 1 to 12")
    return months


if __name__ == "__main__":
    main()
