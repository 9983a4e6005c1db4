"""The worked example of the planner's page runs as it stands and prints what is printed there."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "planner.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Another microgrid\n", 1)[1].split("\n## ", 1)[0]


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_example_prints_what_the_page_says() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block("python"), "docs/planner.md", "exec"), {})
    assert printed.getvalue() == block("text")


def test_every_benchmark_and_setting_that_the_page_names_is_there() -> None:
    root = Path(__file__).resolve().parents[2]
    for name in re.findall(r"`(benchmarks/\w+\.py)`", SECTION):
        assert (root / name).exists(), name
    stepwise = (root / "controller" / "planning" / "stepwise.py").read_text(encoding="utf-8")
    problem = (root / "controller" / "planning" / "problem.py").read_text(encoding="utf-8")
    for name in re.findall(r"`(\w+_(?:price_per_wh|price_per_h|frac|w|up))`", SECTION):
        assert name in stepwise + problem, name
