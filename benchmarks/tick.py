"""How punctual and how light the controller is, with many people looking at the page.

Starts the default village at speed 1 and holds the event stream with many clients. Prints how late ticks are,
the controller's share of a core and its memory, and whether it loaded what only the planner may.
Run: python benchmarks/tick.py [--seconds 120] [--clients 100] [--json]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from village_run import ROOT, Json, VillageRun, finish, running_village

SETTLE_S = 10.0
PLANNER_ONLY = ("pandas", "scipy", "pvlib", "highspy")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Processor time that a process has used so far [s]."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def rss_mb(pid: int) -> float:
    """Resident memory [MB]."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) * 1024 / 1e6, 1)
    raise ProcessLookupError(pid)


def loaded(pid: int) -> list[str]:
    """Planner-only libraries whose compiled parts are mapped into the process."""
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return [name for name in PLANNER_ONLY if f"/{name}/" in maps]


def measure(seconds: float, clients: int) -> Json:
    """Run the village with clients and take the figures."""
    with running_village() as run:
        time.sleep(SETTLE_S)
        pids = {
            "controller": run.pid_of("controller", "run"),
            "web": run.pid_of("controller", "web"),
            "village": run.pid_of("simulation"),
        }
        stream = _clients(run, clients, seconds)
        begun = {name: cpu_s(pid) for name, pid in pids.items()}
        begun_s = time.monotonic()
        stream.wait()
        elapsed_s = time.monotonic() - begun_s
        image = run.image()
        return {
            "seconds": round(elapsed_s, 1),
            "clients": clients,
            "ticks": image["tick"]["number"],
            "ticks_skipped": image["tick"]["skipped"],
            "tick_lateness_ms": image["tick"]["lateness_ms"],
            "cpu_pct_of_a_core": {
                name: round(100 * (cpu_s(pid) - begun[name]) / elapsed_s, 1) for name, pid in pids.items()
            },
            "rss_mb": {name: rss_mb(pid) for name, pid in pids.items()},
            "planner_only_libraries_in_controller": loaded(pids["controller"]),
            "requests": {bus["id"]: {"ok": bus["ok"], "failed": bus["failed"]} for bus in image["buses"]},
        }


def _clients(run: VillageRun, clients: int, seconds: float) -> subprocess.Popen[bytes]:
    url = f"http://127.0.0.1:{run.port()}"
    return subprocess.Popen(
        [
            sys.executable, str(ROOT / "benchmarks" / "stream.py"),
            "--url", url, "--clients", str(clients), "--seconds", str(seconds), "--json",
        ],
        stdout=sys.stderr,
    )  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    finish(measure(arguments.seconds, arguments.clients), as_json=arguments.json)
