"""How long a monthly report takes: three months of a village of 300 series, and the report of one.

The months are made up (report_month.py): sun, use, a battery with its losses, turns, a genset, gaps. Beside
them stand ten years of decisions, four weeks of hourly forecasts, and series that no report reads.
Run: python benchmarks/report.py [--keep FOLDER] [--series 300] [--pdf]
With --keep the store and the reports stay, to be looked at; --pdf also prints them by Chromium.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from report_month import ROOT, SITE, MadeMonth

from controller.reports.figures.month import Month
from controller.telemetry.alarm_log import AlarmRecord, Severity
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.decision_log import DecisionRecord
from controller.telemetry.issued import IssuedForecast
from controller.telemetry.stocking import stock_quarters

MONTH = Month(2026, 10)
OLD_DECISIONS = 200_000
"""Some 55 a day for ten years."""
_BATCH = 5000
CHROMIUM = "/usr/bin/chromium"
_CHILD = """
import atexit, re, time
from pathlib import Path
from controller.cli import app
def tell():
    peak_kb = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
    print(time.process_time(), peak_kb)
atexit.register(tell)
app()
"""
"""`tawan` itself, which at its end tells processor time [s] and peak memory [kB]."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", type=Path, help="Work in this folder and leave all there.")
    parser.add_argument("--series", type=int, default=300)
    parser.add_argument("--decisions", type=int, default=OLD_DECISIONS)
    parser.add_argument("--pdf", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        config, store = write_config(folder), folder / "telemetry.db"
        begun_s = time.monotonic()
        fill(store, options.series, options.decisions)
        size_mb = sum(path.stat().st_size for path in folder.glob("telemetry.db*")) / 1e6
        print(f"{options.series} series of three months, {options.decisions:,} decisions: {size_mb:.1f} MB,")
        took_s = time.monotonic() - begun_s
        print(f"made in {took_s:.0f} s; {os.cpu_count()} cores, Python {sys.version.split()[0]}")
        print("\n| language | wall s | cpu s | peak MB | file kB |\n| --- | --- | --- | --- | --- |")
        for lang in ("th", "en"):
            print(measure(config, folder, lang, pdf=options.pdf))


def write_config(folder: Path) -> Path:
    """The default village, with its store in the folder."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    path = folder / "config.yaml"
    path.write_text(text.replace("/var/lib/tawan", str(folder.absolute())), encoding="utf-8")
    return path


def fill(store: Path, series: int, old_decisions: int) -> None:
    """The month, the month before and the same month a year earlier, and what else a store holds."""
    random = np.random.default_rng(1)
    months = [
        MadeMonth(each, seed=each.month + each.year, issued_every=4)
        for each in (MONTH.year_before, MONTH.before, MONTH)
    ]
    months[-1].gap(1000, 1020)
    months[-1].gap(1500, 1700, "pump")
    for made in months:
        count = made.steps.count
        others = {
            (f"device_{number // 5}", f"point_{number % 5}_w"): 1000.0 * random.random(count)
            for number in range(max(0, series - len(made.values)))
        }
        stock_quarters(store, {**made.values, **others}, made.steps.start_s)
    log = list(_old(months[0].steps.start_s, old_decisions))
    for made in months[1:]:
        log += _decisions(made)
    database = TelemetryDatabase(store)
    database.open("benchmark", datetime.now(UTC))
    for first in range(0, len(log), _BATCH):
        database.append_decisions(log[first : first + _BATCH], "{}")
    database.keep_forecasts(_forecasts(months[-1]))
    database.keep_alarms(_alarms(months[-1]))
    database.close()


def measure(config: Path, folder: Path, lang: str, *, pdf: bool) -> str:
    """One report by the command line, as a row of the table."""
    out = folder / f"report-{lang}.html"
    command = ["report", "--config", str(config), "--month", str(MONTH), "--lang", lang, "--out", str(out)]
    begun_s = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-c", _CHILD, *command], check=True, cwd=ROOT, capture_output=True, text=True
    ).stdout
    wall_s = time.monotonic() - begun_s
    cpu_s, peak_kb = told.split()[-2:]
    if pdf:
        _print(out)
    size_kb = out.stat().st_size / 1000
    return f"| {lang} | {wall_s:.1f} | {float(cpu_s):.1f} | {int(peak_kb) / 1000:.0f} | {size_kb:.0f} |"


def _print(page: Path) -> None:
    target = f"--print-to-pdf={page.with_suffix('.pdf')}"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    subprocess.run(
        [CHROMIUM, *flags, target, page.absolute().as_uri()], check=True, stderr=subprocess.DEVNULL
    )


def _old(before_s: int, count: int) -> Sequence[DecisionRecord]:
    """Switching of years ago, every 25 minutes."""
    feeders = [feeder.id for feeder in SITE.feeders]
    return [
        _record(before_s - 1500.0 * (count - number), feeders[number // 2 % len(feeders)], action, code)
        for number in range(count)
        for action, code in ((("open", "class_rationed"), ("close", "powered"))[number % 2],)
    ]


def _decisions(made: MadeMonth) -> list[DecisionRecord]:
    switched = [
        (each.at_s, each.feeder, "close" if each.closed else "open", each.code, dict(each.params))
        for each in made.switchings
    ]
    genset = "" if SITE.genset is None else SITE.genset.id
    switched += [
        (at_s, genset, "start" if starts else "stop", "genset_needed", {})
        for at_s, starts in made.genset_switchings
    ]
    return [_record(*each) for each in sorted(switched, key=lambda each: each[0])]


def _record(
    at_s: float, subject: str, action: str, code: str, params: dict[str, object] | None = None
) -> DecisionRecord:
    return DecisionRecord(
        datetime.fromtimestamp(at_s, UTC), "benchmark", 0.0, subject, action, code, params or {}
    )


def _forecasts(made: MadeMonth) -> list[IssuedForecast]:
    return [
        IssuedForecast(kind, each.issued_s, each.start_s, 900, tuple(map(tuple, each.values_w.tolist())))
        for kind, forecasts in (made.material().forecasts or {}).items()
        for each in forecasts
    ]


def _alarms(made: MadeMonth) -> list[AlarmRecord]:
    def moment(at_s: float | None) -> datetime | None:
        return None if at_s is None else datetime.fromtimestamp(at_s, UTC)

    return [
        AlarmRecord(
            number,
            each.code,
            each.subject,
            Severity(each.severity),
            dict(each.params),
            datetime.fromtimestamp(each.raised_s, UTC),
            moment(each.cleared_s),
            moment(each.acknowledged_s),
        )
        for number, each in enumerate(made.alarms(), start=1)
    ]


if __name__ == "__main__":
    main()
