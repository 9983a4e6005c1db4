"""Debian's mosquitto on a free port, with TLS and an access list: for benchmarks and tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import trustme

_BINARY = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
_PASSWORDS = shutil.which("mosquitto_passwd") or "/usr/bin/mosquitto_passwd"
STARTS_WITHIN_S = 10.0

VILLAGE, TECHNICIAN, VISITOR = "village", "technician", "visitor"
_ACCESS = f"""
user {VILLAGE}
topic readwrite tawan/#
topic readwrite homeassistant/#

user {TECHNICIAN}
topic readwrite tawan/#
topic readwrite homeassistant/#

user {VISITOR}
topic read tawan/+/state/#
topic write tawan/+/state/none
"""


def installed() -> bool:
    """Whether the Debian package is there."""
    return os.access(_BINARY, os.X_OK) and os.access(_PASSWORDS, os.X_OK)


class Broker:
    """One broker; what it retains and which sessions it keeps survive a kill, as on a real one's disk."""

    def __init__(self, folder: Path, *, tls: bool = True) -> None:
        self.folder = folder
        self.tls = tls
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._prepare()

    @property
    def ca_file(self) -> Path:
        """Who vouches for the broker and its clients."""
        return self.folder / "ca.pem"

    def start(self) -> None:
        """Start it, and return once it accepts connections."""
        configuration = str(self.folder / "mosquitto.conf")
        self._process = subprocess.Popen(
            [_BINARY, "-c", configuration], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until_s = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until_s:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("mosquitto did not start")

    def kill(self) -> None:
        """As a power cut does."""
        if self._process is None:
            return
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _prepare(self) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        own = authority.issue_cert("localhost", "127.0.0.1")
        own.private_key_pem.write_to_path(self.folder / "broker.key")
        own.cert_chain_pems[0].write_to_path(self.folder / "broker.pem")
        client = authority.issue_cert("tawan.example.org")
        client.private_key_pem.write_to_path(self.folder / "client.key")
        client.cert_chain_pems[0].write_to_path(self.folder / "client.pem")
        passwords = self.folder / "passwords"
        passwords.write_text("".join(f"{user}:{user}-secret\n" for user in (VILLAGE, TECHNICIAN, VISITOR)))
        passwords.chmod(0o600)
        subprocess.run([_PASSWORDS, "-U", str(passwords)], check=True)
        (self.folder / "access").write_text(_ACCESS)
        (self.folder / "access").chmod(0o600)
        lines = [
            "per_listener_settings false",
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {passwords}",
            f"acl_file {self.folder / 'access'}",
            "persistence true",
            f"persistence_location {self.folder}/",
            "autosave_interval 1",
            "max_inflight_messages 100",
            "max_queued_messages 10000",
            "set_tcp_nodelay true",
        ]
        if os.getuid() == 0:
            lines.append("user root")
        if self.tls:
            lines += [
                f"cafile {self.ca_file}",
                f"certfile {self.folder / 'broker.pem'}",
                f"keyfile {self.folder / 'broker.key'}",
            ]
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
