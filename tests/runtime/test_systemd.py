"""sd_notify, spoken to a real socket."""

from __future__ import annotations

import socket
from pathlib import Path

from controller.runtime.systemd import Systemd


def test_systemd_hears_ready_watchdog_and_stopping(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        systemd = Systemd(str(tmp_path / "notify"))
        systemd.ready()
        systemd.pat_watchdog()
        systemd.stopping()
        assert [listener.recv(64) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_systemd_nothing_happens() -> None:
    Systemd("").pat_watchdog()


def test_a_service_manager_that_went_away_does_not_end_control(tmp_path: Path) -> None:
    Systemd(str(tmp_path / "nobody")).pat_watchdog()
