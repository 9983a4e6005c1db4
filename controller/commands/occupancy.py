"""Whether the controller runs and has a line open: two masters on one line disturb each other."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from controller.settings import BusSettings, Config, RtuBus

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_OLD_AFTER_S = 5.0
"""The controller writes its image every second."""


def running_controller(image: Path) -> int | None:
    """The process id of the controller that keeps this image.json up to date; None: none does."""
    try:
        written = json.loads(image.read_text(encoding="utf-8"))["written"]
        age_s = time.monotonic() - float(written["monotonic_s"])
        same_boot = written["boot_id"] == _BOOT_ID.read_text(encoding="ascii").strip()
        pid = int(written["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if same_boot and 0 <= age_s < _OLD_AFTER_S and _is_alive(pid) else None


def occupied(config: Config, bus: BusSettings) -> str | None:
    """Why a bus must be left alone for now, and what to do; None: it is free."""
    name = next((name for name, each in config.buses.items() if _same_line(each, bus)), None)
    pid = None if name is None else running_controller(config.storage.image)
    if pid is None:
        return None
    return (
        f"the controller (process {pid}) is working on the bus {name}, and two masters on one line disturb "
        "each other. Stop it first: `sudo systemctl stop tawan-controller` (a demo: Ctrl+C), and start it "
        "afterwards: `sudo systemctl start tawan-controller`. The feeders stay as they are meanwhile"
    )


def _same_line(one: BusSettings, other: BusSettings) -> bool:
    if isinstance(one, RtuBus) or isinstance(other, RtuBus):
        return (
            isinstance(one, RtuBus)
            and isinstance(other, RtuBus)
            and os.path.realpath(one.port) == os.path.realpath(other.port)
        )
    return (one.host.lower(), one.port) == (other.host.lower(), other.port)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs as another user
    return True
