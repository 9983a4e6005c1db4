"""The register dump decoder, as a person would call it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sunspec_device import COMMON, INVERTER_103, MPPT_160, STATUS_122, THREE_PHASE, body, chain

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


def test_a_long_chain_of_curves_and_controls_is_walked_to_its_end(tmp_path: Path) -> None:
    ids = [11, 12, 13, 120, 121, 122, 123, 124, 126, 127, 128, 129, 130, 131, 132, 134, 160, 103]
    curve = {"ActCrv": 1, "NCrv": 2, "NPt": 4, "V_SF": -1, "V1[2]": 925, "ActPt[2]": 4}
    special = {103: INVERTER_103, 126: body(126, curve, {"curve": 2})[1], 160: MPPT_160}
    models = [(1, COMMON), *((id_, special.get(id_) or body(id_)[1]) for id_ in ids)]
    found = json.loads(run(dump(dict(chain(*models))), tmp_path).stdout.splitlines()[-1])
    assert found["models"] == [1, *ids]
    assert (found["faults"], found["complete"]) == ([], True)
    assert found["values"]["126"]["V1[2]"] == 92.5
    assert found["values"]["103"]["PhVphC"] == 230.5
    assert "WRtg" in found["not_implemented"]["120"]


def test_a_night_is_reported_register_by_register_and_the_rest_is_decoded(tmp_path: Path) -> None:
    night = body(103, {"Hz": 5000, "Hz_SF": -2, "WH": 21707970, "WH_SF": 0, "St": 2})[1]
    registers: dict[int, int | None] = {**chain((1, COMMON), (103, night), (122, STATUS_122))}
    start = 40002 + 2 + 66 + 2
    lost = [start + 12, *range(start + 29, start + 33), start + 40, start + 41]
    registers |= dict.fromkeys(lost)
    found = json.loads(run(dump(registers), tmp_path).stdout.splitlines()[-1])
    assert found["models"] == [1, 103, 122]
    assert found["unreadable_registers"] == lost
    assert found["unreadable"]["103"] == ["W", "DCW", "TmpCab", "TmpSnk", "Evt2"]
    assert found["values"]["103"] == {"Hz": 50.0, "WH": 21707970, "St": "SLEEPING"}
    assert "model 103 at 40070" in found["faults"][0]


def test_a_dump_of_something_else_is_refused(tmp_path: Path) -> None:
    done = run("0 0001\n1 0002\n", tmp_path)
    assert done.returncode == 1
    assert "no SunSpec marker" in done.stderr
