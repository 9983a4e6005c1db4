import random
import subprocess
import sys
from pathlib import Path

from telemetry_village import BOOT, NOON

from controller.telemetry.audit import verify
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.reader import TelemetryReader

HAMMER = Path(__file__).with_name("decision_hammer.py")
KILLS = 8


def acknowledged_until_killed(path, first, patience):
    """Numbers that a writer reported as safe before it was killed with SIGKILL."""
    command = [sys.executable, str(HAMMER), str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        lines = [writer.stdout.readline() for _ in range(patience)]
        writer.kill()
        lines += writer.stdout.readlines()
    return [int(line) for line in lines if line.endswith(b"\n")]


def test_killed_at_any_moment_no_acknowledged_decision_is_lost(tmp_path):
    path = tmp_path / "telemetry.db"
    chance = random.Random(20261121)
    reader = TelemetryReader(path)
    acknowledged = []
    for _ in range(KILLS):
        first = acknowledged[-1] + 2 if acknowledged else 1
        acknowledged += acknowledged_until_killed(path, first, chance.randrange(1, 120))
        report = verify(path)
        assert report.ok, report

        database = TelemetryDatabase(path)
        restored = database.open(BOOT, NOON)
        database.close()
        assert restored.report.defects == ()
        log = [entry.record.params["n"] for entry in reader.decisions(limit=100_000)]
        assert set(acknowledged) <= set(log)
        assert restored.memory == {"n": log[0]}, "memory and decisions are committed together"
        assert all(log.count(number) == 2 for number in log[:10])
