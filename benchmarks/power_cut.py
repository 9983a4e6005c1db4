"""What a disk may hold after a power cut: a process's writes and syncs, recorded and played again in part.

The record is made by strace (a Debian package), so that SQLite and the journal are seen as they are.
The model of the disk:

- What a file was told before its last fsync or fdatasync is there.
- What came later is there or not, each sector of 512 bytes by itself and in any order; so is each change of
  its length.
- A file that was made since, removed or renamed is so for certain once its folder, or it itself, was synced.
- What processes share in memory (-shm) is gone.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

SECTOR_BYTES = 512
_CALLS = "openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,unlink"
_LINE = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_PATH = re.compile(r"<((?:\\x[0-9a-f]{2})*)>")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing asked of the disk, or one acknowledgement."""

    what: str
    """write, resize, sync, sync_folder, create, unlink, or told."""
    name: str = ""
    """The file, within the recorded folder."""
    at: int = 0
    """Offset of a write; the length after a resize."""
    data: bytes = b""


def available() -> bool:
    """Whether a record can be made on this host."""
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode
        == 0
    )


def recorded(command: Sequence[str], trace: Path, folder: Path) -> list[Event]:
    """Run a command and return all that it asked of the files of a folder, and what it printed."""
    tracer = ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "1000000", "-e", f"trace={_CALLS}"]
    subprocess.run([*tracer, "-o", str(trace), *command], check=True, stdout=subprocess.PIPE)
    events: list[Event] = []
    begun: dict[str, str] = {}
    with trace.open(encoding="ascii") as lines:
        for line in lines:
            events += _events(line.rstrip("\n"), begun, folder)
    if not events:
        msg = f"{trace}: nothing was asked of {folder}"
        raise RuntimeError(msg)
    return events


def _events(line: str, begun: dict[str, str], folder: Path) -> list[Event]:
    """The event of a line; a call that another thread's interrupts stands on two."""
    matched = _LINE.match(line)
    if matched is None:
        return []
    thread, resumed, call, rest = matched.groups()
    if rest.endswith("<unfinished ...>"):
        begun[thread] = rest.removesuffix("<unfinished ...>")
        return []
    if resumed is not None:
        call, rest = resumed, begun.pop(thread, "") + rest
    arguments, _, result = rest.rpartition(" = ")
    if not result or result.startswith("-"):
        return []
    event = _event(call, arguments, result, folder)
    return [] if event is None else [event]


def _event(call: str, arguments: str, result: str, folder: Path) -> Event | None:
    if call in {"openat", "unlink", "rename"}:
        names = [_within(folder, _bytes(each).decode()) for each in _STRING.findall(arguments)]
        if call == "rename":
            raise ValueError("the store renames nothing while it runs")
        if names[-1] is None or (call == "openat" and "O_CREAT" not in arguments):
            return None
        return Event("create" if call == "openat" else "unlink", names[-1])
    opened = _PATH.search(arguments)
    path = _bytes(opened.group(1)).decode() if opened else ""
    if call == "write" and arguments.startswith("1<"):
        return Event("told", data=_bytes(_STRING.search(arguments).group(1)))  # type: ignore[union-attr]
    if call in {"fsync", "fdatasync"} and path == str(folder):
        return Event("sync_folder")
    name = _within(folder, path)
    if name is None:
        return None
    if call in {"fsync", "fdatasync"}:
        return Event("sync", name)
    last = int(arguments.rstrip(")").rpartition(", ")[2])
    if call == "ftruncate":
        return Event("resize", name, last)
    if call != "pwrite64":
        raise ValueError(f"{name} is written by {call}")
    data = _bytes(_STRING.search(arguments).group(1))[: int(result)]  # type: ignore[union-attr]
    return Event("write", name, last, data)


def _within(folder: Path, path: str) -> str | None:
    file = Path(path)
    return file.name if file.parent == folder and not file.name.endswith("-shm") else None


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def acknowledged_before(trace: Sequence[Event], moment: int) -> list[int]:
    """The numbers that the process had printed when the power failed."""
    return [int(each) for event in trace[:moment] if event.what == "told" for each in event.data.split()]


def cut_points(trace: Sequence[Event], count: int, chance: random.Random) -> list[int]:
    """Moments at which the power fails: before so many events; a third of them while the files are made."""
    early = min(60, len(trace))
    moments = [chance.randint(1, early if number % 3 == 0 else len(trace)) for number in range(count)]
    return sorted(moments)


@dataclass
class _File:
    """What is surely on the disk, and what may be."""

    content: bytearray = field(default_factory=bytearray)
    later: list[Event] = field(default_factory=list)

    def synced(self) -> None:
        for event in self.later:
            _apply(self.content, event)
        self.later.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        """One of the many contents that a power cut may leave."""
        content, kept_frac = bytearray(self.content), chance.choice([0.0, 0.1, 0.5, 0.9, 1.0])
        for event in self.later:
            for sector in _sectors(event):
                if chance.random() < kept_frac:
                    _apply(content, sector)
        return bytes(content)


class Disk:
    """A folder of files under a cache that forgets when the power fails."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._unsure: dict[str, _File | None] = {}
        """Name -> what it named before it was made or removed, where the disk may not know of that yet."""

    def take(self, event: Event) -> None:
        """Do what was asked."""
        name = event.name
        match event.what:
            case "create" if name not in self._files:
                self._unsure.setdefault(name, None)
                self._files[name] = _File()
            case "unlink":
                self._unsure.setdefault(name, self._files.pop(name))
            case "sync_folder":
                self._unsure.clear()
            case "sync":
                self._files[name].synced()
                self._unsure.pop(name, None)
            case "write" | "resize":
                self._files[name].later.append(event)

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """Name -> content, as the next boot may find them."""
        undone = {name: before for name, before in self._unsure.items() if chance.random() < 0.5}
        files: dict[str, _File | None] = {**self._files, **undone}
        return {name: file.after_cut(chance) for name, file in files.items() if file is not None}


@dataclass(frozen=True, slots=True)
class Remains:
    """What a power cut left."""

    files: dict[str, bytes]

    def put(self, folder: Path) -> None:
        """Write it into a folder."""
        folder.mkdir(exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


def disk_after(trace: Sequence[Event], moment: int, chance: random.Random) -> Remains:
    """What may be on the disk when the power fails after so many events."""
    disk = Disk()
    for event in trace[:moment]:
        disk.take(event)
    return Remains(disk.after_cut(chance))


def _sectors(event: Event) -> list[Event]:
    if event.what == "resize":
        return [event]
    begin, end = event.at, event.at + len(event.data)
    edges = [begin, *range(begin // SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES, end, SECTOR_BYTES), end]
    return [
        Event("write", event.name, left, event.data[left - begin : right - begin])
        for left, right in pairwise(edges)
    ]


def _apply(content: bytearray, event: Event) -> None:
    end = event.at + len(event.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if event.what == "resize":
        del content[event.at :]
    content[event.at : end] = event.data
