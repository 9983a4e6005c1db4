"""A demo in the background for the stories: started, looked at, stopped by its process id."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import pytest

from simulation.control import ControlClient

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
SHORTER = {
    "min_on_s: 900": "min_on_s: 10",
    "min_off_s: 600": "min_off_s: 10",
    "min_run_s: 1800": "min_run_s: 200",
}
"""Least times of the default village, shortened so that no story takes long."""
RULES_ALONE = MappingProxyType({"planning:\n": "planning:\n  enabled: false\n"})
"""Changes of a demo in which somebody is to go without at once: a plan would start the genset instead."""


@contextmanager
def demo(
    folder: Path, *options: str, changes: Mapping[str, str] = MappingProxyType({})
) -> Iterator[subprocess.Popen[str]]:
    """A demo of the default village with `SHORTER` times; changes: more of its config.yaml, old -> new."""
    config = folder / "site.yaml"
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    for usual, short in {**SHORTER, **changes}.items():
        assert usual in text
        text = text.replace(usual, short)
    config.write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "controller", "demo", "--headless", "--json",
            "--config", str(config), "--state", str(folder / "state"), *options,
        ],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_for(what, reason: str):
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        try:
            if found := what():
                return found
        except (OSError, ValueError, LookupError):
            pass
        time.sleep(0.1)
    pytest.fail(f"not within {PATIENCE_S} s: {reason}")


def image(folder: Path) -> dict:
    return json.loads((folder / "image.json").read_text(encoding="utf-8"))


def closed_states(folder: Path) -> list[bool | None]:
    return [feeder["closed"] for feeder in image(folder)["feeders"]]


def feeder_ids(folder: Path) -> list[str]:
    return [feeder["id"] for feeder in image(folder)["feeders"]]


def contactors(village: ControlClient) -> dict[str, bool]:
    return {name: feeder["closed"] for name, feeder in village.truth()["feeders"].items()}


def page(folder: Path, path: str) -> str:
    port = re.search(r"web:\n(?:.*\n)*?\s+port: (\d+)", (folder / "config.yaml").read_text())[1]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return answer.read().decode()
