"""`tawan demo`: a virtual village, the controller and the page on one shared clock."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from ruamel.yaml import YAML

from controller.clock import ScaledClock
from controller.commands.children import Child
from controller.commands.configuration import PROFILES_FOLDER, load_or_explain
from controller.commands.demo_report import DemoFiles, demo_report, follow_decisions
from controller.settings import Config

START_TIMEOUT_S = 90.0
LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command line asked for."""

    config: Path
    speed: float
    start: time_of_day
    soc_frac: float
    clouds: str
    seed: int
    irradiance_csv: Path | None
    load_csv: Path | None
    port: int | None
    duration_s: float | None
    headless: bool
    as_json: bool
    state: Path | None


class DemoFailedError(Exception):
    """The demo could not start or go on; the message says what to look at."""


def run_demo(options: DemoOptions) -> int:
    """Run until Ctrl+C, SIGTERM or the end of --for; returns the exit status."""
    config = load_or_explain(options.config)
    console = Console(stderr=True, quiet=options.headless)
    with _state_folder(options.state) as folder, _stop_flag() as stop:
        demo = Demo(options, config, DemoFiles(folder), console)
        try:
            demo.start(stop)
            demo.watch(stop)
            report = demo.report()
        except DemoFailedError as error:
            print(f"tawan demo: {error}", file=sys.stderr)
            return 1
        finally:
            demo.stop()
    if options.as_json:
        print(json.dumps(report))
    return 0


class Demo:
    """The three processes of a demo."""

    def __init__(self, options: DemoOptions, config: Config, files: DemoFiles, console: Console) -> None:
        self._options = options
        self._config = config
        self._files = files
        self._console = console
        self._clock = _clock(options, config)
        self._children: dict[str, Child] = {}
        self._started_s = 0.0

    def start(self, stop: list[bool]) -> None:
        """Start village, controller and page, each when the one before is ready."""
        options, files = self._options, self._files
        with self._console.status("Raising the sun over the virtual village ..."):
            self._start_child(
                "village", "-m", "simulation",
                "--config", str(options.config.resolve()), "--clock", self._clock.spec(),
                "--state", str(files.folder),
                "--seed", str(options.seed), "--soc", str(options.soc_frac), "--clouds", options.clouds,
                *_recordings(options),
            )  # fmt: skip
            self._wait_for(files.addresses, "village", stop)
            port = self._write_config()
        with self._console.status("Starting the controller ..."):
            self._start_child(
                "controller",
                "-m",
                "controller",
                "run",
                "--config",
                str(files.config),
                "--clock",
                self._clock.spec(),
            )
            self._start_child("web", "-m", "controller", "web", "--config", str(files.config))
            self._wait_for(files.image, "controller", stop)
        self._started_s = self._clock.monotonic()
        address = f"http://127.0.0.1:{port}/"
        self._console.print(
            f"\n[bold]{self._config.site.name.en}[/bold] runs {options.speed:g} times as fast as life.\n"
            f"Open [bold cyan]{address}[/bold cyan] (Thai) or [bold cyan]{address}en[/bold cyan] (English). "
            f"Ctrl+C ends it.\nLogs and data: {files.folder}\n",
            highlight=False,
        )

    def watch(self, stop: list[bool]) -> None:
        """Keep the processes alive and tell the decisions, until told to stop or the time is over."""
        tell = follow_decisions(self._files, self._config, self._console)
        while not stop[0] and not self._time_is_over():
            for child in self._children.values():
                if child.name == "village" and child.pid is None:
                    raise DemoFailedError(f"the virtual village ended by itself:\n{child.last_words()}")
                child.keep_alive()
            next(tell)
            time.sleep(LOOK_EVERY_S)

    def report(self) -> dict[str, Any]:
        """The figures of the run; the controller is still alive."""
        return demo_report(self._files, {name: child.rss_mb() for name, child in self._children.items()})

    def stop(self) -> None:
        """Stop all, the controller first, so that it can release its devices."""
        for name in ("controller", "web", "village"):
            if name in self._children:
                self._children[name].stop()

    def _time_is_over(self) -> bool:
        duration_s = self._options.duration_s
        return duration_s is not None and self._clock.monotonic() - self._started_s >= duration_s

    def _start_child(self, name: str, *arguments: str) -> None:
        child = Child(name, (sys.executable, *arguments), self._files.folder / f"{name}.log")
        self._children[name] = child
        child.start()

    def _wait_for(self, path: Path, name: str, stop: list[bool]) -> None:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not path.exists():
            child = self._children[name]
            if child.exit_status is not None:
                raise DemoFailedError(f"the {name} did not start:\n{child.last_words()}")
            if stop[0]:
                raise DemoFailedError("stopped before it had started")
            if time.monotonic() > deadline_s:
                raise DemoFailedError(
                    f"the {name} is not ready after {START_TIMEOUT_S:.0f} s:\n{child.last_words()}"
                )
            time.sleep(0.05)

    def _write_config(self) -> int:
        """The site's own config.yaml with the virtual devices' addresses; returns the page's port."""
        yaml = YAML()  # keeps the order of the feeders
        document = yaml.load(self._options.config.read_text(encoding="utf-8-sig"))
        addresses = json.loads(self._files.addresses.read_text(encoding="utf-8"))
        for bus_id, address in addresses.items():
            document["buses"][bus_id].update(address)
        port = _free_port(self._options.port or self._config.web.port)
        document["web"] = {"host": "127.0.0.1", "port": port}
        document["storage"] = {"image": str(self._files.image), "telemetry": str(self._files.telemetry)}
        with self._files.config.open("w", encoding="utf-8") as out:
            yaml.dump(document, out)
        self._link_profiles()
        return port

    def _link_profiles(self) -> None:
        """The controller finds the site's own profiles beside its config.yaml, as in the power house."""
        ours, theirs = (
            self._files.folder / PROFILES_FOLDER,
            self._options.config.parent.resolve() / PROFILES_FOLDER,
        )
        if ours.is_symlink():
            ours.unlink()
        if theirs.is_dir() and not ours.exists():
            ours.symlink_to(theirs, target_is_directory=True)


def _recordings(options: DemoOptions) -> list[str]:
    """The village's arguments for measured series, as far as any were given."""
    given = {"--irradiance-csv": options.irradiance_csv, "--load-csv": options.load_csv}
    return [word for name, path in given.items() if path is not None for word in (name, str(path.resolve()))]


def _clock(options: DemoOptions, config: Config) -> ScaledClock:
    zone = ZoneInfo(config.site.timezone)
    today = datetime.now(UTC).astimezone(zone).date()
    return ScaledClock.starting(
        datetime.combine(today, options.start, zone).astimezone(UTC), speed=options.speed
    )


def _free_port(wanted: int) -> int:
    """The wanted port, or the next free one."""
    for port in (*range(wanted, min(wanted + 20, 65536)), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoFailedError("no free port for the page")


@contextmanager
def _state_folder(wanted: Path | None) -> Iterator[Path]:
    """A folder for the demo's files: the wanted one, kept; or a temporary one, removed."""
    if wanted is not None:
        wanted.mkdir(parents=True, exist_ok=True)
        for name in ("addresses.json", "forecast.json", "image.json", "plan.json", "village.json"):
            (wanted / name).unlink(missing_ok=True)
        yield wanted.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="tawan-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _stop_flag() -> Iterator[list[bool]]:
    """A flag that SIGINT and SIGTERM set."""
    stop = [False]

    def set_flag(_number: int, _frame: FrameType | None) -> None:
        stop[0] = True

    previous = {number: signal.signal(number, set_flag) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
