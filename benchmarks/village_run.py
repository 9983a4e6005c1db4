"""What the benchmarks share: a demo in the background, its truth, and how figures are printed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from simulation.control import ControlClient

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 120.0

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class VillageRun:
    """A running demo."""

    folder: Path
    control: ControlClient
    process: subprocess.Popen[bytes]

    def image(self) -> Json:
        """The controller's latest image.json."""
        document: Json = json.loads((self.folder / "image.json").read_text(encoding="utf-8"))
        return document

    def truth(self) -> Json:
        """What is really so in the village."""
        return self.control.truth()

    def pid_of(self, module: str, verb: str | None = None) -> int:
        """Process id of one of the demo's children, found by its command line. Raises LookupError."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            if parent == self.process.pid and module in words and (verb is None or verb in words):
                return int(entry.name)
        msg = f"no child {module} {verb or ''} of the demo is running"
        raise LookupError(msg)

    def port(self) -> int:
        """Port of the page."""
        for line in (self.folder / "config.yaml").read_text(encoding="utf-8").splitlines():
            if line.strip().startswith("port:") and "/dev" not in line:
                port = line.split(":")[1].strip()
        return int(port)


@contextmanager
def running_village(
    config: Path = ROOT / "config.yaml", *, speed: float = 1.0, options: Sequence[str] = ()
) -> Iterator[VillageRun]:
    """A demo, stopped at the end; its files are in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="tawan-bench-") as name:
        folder = Path(name)
        command = [
            sys.executable, "-m", "controller", "demo", "--config", str(config), "--speed", str(speed),
            "--headless", "--state", str(folder), *options,
        ]  # fmt: skip
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            deadline_s = time.monotonic() + START_TIMEOUT_S
            while not (folder / "image.json").exists():
                if process.poll() is not None or time.monotonic() > deadline_s:
                    msg = "the demo did not start; see its message above"
                    raise RuntimeError(msg)
                time.sleep(0.1)
            yield VillageRun(folder, ControlClient(folder), process)
        finally:
            process.terminate()
            process.wait(30)


def config_with_sharing(folder: Path, *, houses_rated_w: float | None = None, **sharing: float) -> Path:
    """A copy of the default village with other rules of sharing, or another rating of the houses."""
    yaml = YAML()
    document = yaml.load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    document["sharing"].update(sharing)
    for feeder in document["feeders"].values():
        if houses_rated_w is not None and feeder["kind"] == "houses":
            feeder["rated_w"] = houses_rated_w
    path = folder / "site.yaml"
    with path.open("w", encoding="utf-8") as out:
        yaml.dump(document, out)
    return path


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(percent) // 100) - 1)]


def finish(result: Json, *, as_json: bool) -> None:
    """Print the figures: readable, or as one JSON object in the last line."""
    if as_json:
        print(json.dumps(result))
        return
    for key, value in result.items():
        print(f"{key:32} {value}")
