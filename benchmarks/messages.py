"""Messages while their process is killed at random moments: none is lost, none comes twice without a kill.

The outside process runs as in the power house, with apprise and a provider on this machine that speaks ntfy.
Critical alarms are raised all the time; the process gets SIGKILL at random moments and is started again. At
the end everybody must have heard of every alarm. Half of the kills come within 0.1 s of a message's arrival,
where it may not be noted yet. What a killed process had handed over and not yet noted
comes again: once for each kill at most. Memory and processor time are those of the outside process; the child
that sends is counted by itself.

Run: python benchmarks/messages.py [--kills 50] [--seed 1]
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from controller.clock import ScaledClock
from controller.config_file import load_config
from controller.runtime.child_wire import packed
from controller.settings import Config
from controller.settings.messages import MessagesSettings
from controller.telemetry.alarm_log import AlarmRecord, Severity
from controller.telemetry.database import TelemetryDatabase

ROOT = Path(__file__).resolve().parent.parent
SPEED = 30.0
"""How much faster than life the process's clock goes: messages are gathered for 5 s."""
SETTLE_S = 60.0
_ALARM = re.compile(r"alarm_(\d+)\b")


class Sink:
    """Takes messages as ntfy does, and remembers which alarms they told of."""

    def __init__(self) -> None:
        self.told: Counter[int] = Counter()
        self.messages = 0
        self.arrived = threading.Event()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                sink.messages += 1
                sink.told.update({int(number) for number in _ALARM.findall(text)})
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
                sink.arrived.set()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so there
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def config_in(folder: Path, port: int) -> Config:
    """The usual village, with one technician."""
    config = load_config(ROOT / "config.yaml")
    messages = MessagesSettings.model_validate(
        {
            "people": {"somchai": {"channels": ["ntfy"], "lang": "en"}},
            "channels": {"ntfy": {"url": f"ntfy://127.0.0.1:{port}/somchai", "quota": "all"}},
            "quotas": {"all": {"messages_per_month": 100_000}},
            "digest": {"gather_s": 5.0},
        }
    )
    places = {"image": folder / "image.json", "telemetry": folder / "telemetry.db"}
    return config.model_copy(
        update={"storage": config.storage.model_copy(update=places), "messages": messages}
    )


def started(config: Config, clock: ScaledClock) -> subprocess.Popen[bytes]:
    """One life of the outside process."""
    process = subprocess.Popen([sys.executable, "-m", "controller.outside"], stdin=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    process.stdin.write(packed({"config": config.model_dump_json(), "clock": clock.spec()}))
    process.stdin.flush()
    return process


def resources(pid: int) -> tuple[float, float]:
    """Resident memory [MB] and processor time [s] of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    times = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    ticks = int(times[11]) + int(times[12])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, ticks / os.sysconf("SC_CLK_TCK")


def child_memory_mb(pid: int) -> float:
    """Peak memory of the children of a process that live now [MB]."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    peaks = [0.0]
    for child in children:
        try:
            status = Path(f"/proc/{child}/status").read_text(encoding="ascii")
        except OSError:
            continue
        peak = re.search(r"VmHWM:\s+(\d+)", status)
        peaks.append(int(peak[1]) / 1e3 if peak else 0.0)
    return max(peaks)


def main() -> int:
    """Kill, count, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    sink = Sink()
    clock = ScaledClock.starting(datetime.now(UTC), SPEED)
    child_mb = 0.0
    with tempfile.TemporaryDirectory(prefix="tawan-bench-") as name:
        config = config_in(Path(name), sink.server.server_port)
        database = TelemetryDatabase(config.storage.telemetry)
        database.open("bench", clock.utc_now())
        raised = 0

        def raise_one() -> None:
            nonlocal raised
            raised += 1
            subject = f"alarm_{raised}"
            record = AlarmRecord(raised, "line_lost", subject, Severity.CRITICAL, {}, clock.utc_now())
            database.keep_alarms([record])

        process = started(config, clock)
        for kill in range(options.kills):
            ends_s = time.monotonic() + chance.uniform(0.2, 3.0)
            sink.arrived.clear()
            raise_one()
            while time.monotonic() < ends_s:
                if kill % 2 and sink.arrived.wait(0.02):
                    time.sleep(chance.uniform(0.0, 0.1))
                    break
                time.sleep(0.02)
                child_mb = max(child_mb, child_memory_mb(process.pid))
            process.kill()
            process.wait()
            process = started(config, clock)
        give_up_s = time.monotonic() + SETTLE_S
        while len(sink.told) < raised and time.monotonic() < give_up_s:
            time.sleep(0.2)
        before_s = resources(process.pid)[1]
        time.sleep(10.0)
        memory_mb, after_s = resources(process.pid)
        process.kill()
        process.wait()
        database.close()
    lost = raised - len(sink.told)
    once = sum(1 for times in sink.told.values() if times == 1)
    most = max(sink.told.values())
    load = 100 * (after_s - before_s) / 10
    print(f"{options.kills} kills, {raised} critical alarms, {sink.messages} messages, clock x{SPEED:g}")
    print(f"alarms nobody heard of   {lost}")
    print(f"told once                {once}")
    print(f"told again after a kill  {len(sink.told) - once} (at most {most} times)")
    print(f"outside process          {memory_mb:.0f} MB, {load:.1f} % of a core")
    print(f"child that sends, peak   {child_mb:.0f} MB")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
