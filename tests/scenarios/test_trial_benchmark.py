"""The 100-minute trial as a whole: what must hold does, and control is worth more than none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_in_the_hundred_minutes_the_clinic_is_served_and_no_device_goes_beyond_its_limits() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "trial.py"), "--json"],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    none, rules, plan = (result[name] for name in ("no controller", "rules", "rules and plan"))
    for each in (rules, plan):
        assert each["failures"] == []
        assert each["total"]["critical out s"] == "0"
        assert float(each["total"]["score"]) > float(none["total"]["score"]) + 50
        assert float(each["total"]["dark s"]) < 0.1 * float(none["total"]["dark s"])
        assert each["garbage"]["memories refused"] > 100
    assert plan["garbage"]["plans refused"] > 300
    # A trial in which nothing goes wrong without a controller would show nothing.
    assert none["failures"]
