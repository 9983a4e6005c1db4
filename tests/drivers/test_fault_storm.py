"""A storm of faults, in short: the benchmark has the whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_wrong_value_is_taken_and_no_line_hangs():
    program = str(ROOT / "benchmarks" / "fault_storm.py")
    command = [sys.executable, program, "--frames", "3000", "--seconds", "1", "--json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == "", "nothing crashed and nothing was left unattended"
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["wrong"], result["stuck"]) == (0, 0)
    assert result["frames"] >= 3000
    for seen in result["single"].values():
        assert seen["right"] > seen["frames"] / 2, "the line stays useful"
        assert seen["kinds"] >= 10
        assert min(seen["written"], seen["unreachable"]) > 0
    for seen in (*result["single"].values(), *result["polled"].values()):
        assert seen["recovery_s"] < 30, "it recovers; the benchmark says how soon"
