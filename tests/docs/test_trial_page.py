"""docs/trial.md names tests and phases that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "trial.md").read_text(encoding="utf-8")


def test_every_test_that_the_page_names_exists() -> None:
    known = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", PAGE))
    assert len(named) > 20
    assert named <= known


def test_every_phase_of_the_trial_is_told() -> None:
    script = (ROOT / "benchmarks" / "trial_script.py").read_text(encoding="utf-8")
    phases = [
        node.args[0].value
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Phase"
        if isinstance(node.args[0], ast.Constant)
    ]
    assert len(phases) == 10
    assert [phase for phase in phases if f"| {phase} |" not in PAGE] == []
