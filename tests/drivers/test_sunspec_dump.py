"""The register dump decoder, as a person would call it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sunspec_device import COMMON, INVERTER_103, THREE_PHASE, chain

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "sunspec_dump.py"


def dump(registers: dict[int, int | None]) -> str:
    lines = ["# a comment", ""]
    lines += [f"{at} {'----' if word is None else f'{word:04X}'}" for at, word in registers.items()]
    return "\n".join(lines)


def run(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "dump.txt"
    file.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(PROGRAM), str(file), "--json"], capture_output=True, text=True, check=False
    )


def test_a_dump_ends_with_its_values_as_one_json_object(tmp_path: Path) -> None:
    done = run(dump(dict(chain(*THREE_PHASE))), tmp_path)
    found = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0
    assert found["models"] == [1, 103, 120, 122, 123, 160]
    assert found["identity"]["serial"] == "SN-0042"
    assert found["values"]["103"]["W"] == 18000
    assert found["values"]["103"]["St"] == "MPPT"
    assert found["values"]["160"]["DCW[2]"] == 8990


def test_unreadable_registers_are_reported_and_the_rest_is_decoded(tmp_path: Path) -> None:
    registers: dict[int, int | None] = {**chain((1, COMMON), (103, INVERTER_103)), 40020: None}
    found = json.loads(run(dump(registers), tmp_path).stdout.splitlines()[-1])
    assert "model 1" in found["faults"][0]
    assert found["values"]["103"]["Hz"] == 50.03


def test_a_dump_of_something_else_is_refused(tmp_path: Path) -> None:
    done = run("0 0001\n1 0002\n", tmp_path)
    assert done.returncode == 1
    assert "no SunSpec marker" in done.stderr
