"""The village's back door for tests, benchmarks and the demo: a unix socket, one JSON object a line.

Requests (one key each): {"fault": {"device"|"line"|"feeder": ID, "kind": KIND, "for_s", "delay_s",
"probability", "code"}}, {"clear": {} | {"device"|"line"|"feeder": ID, "kind": KIND}},
{"load": {"feeder": ID, "watts": W, "for_s": S}}, {"grid": {"there": BOOL, "for_s"}}, {"panel": "stop"},
{"soc": FRAC}, {"truth": true}. The answer is one JSON
object; {"error": MESSAGE} where the request was not understood. Seconds are the village's.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from simulation.faults import DEVICE_KINDS, LINE_KINDS, Fault, FaultKind

SOCKET_NAME = "control.sock"
_MAX_LINE = 64 * 1024


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Target(_Request):
    device: str | None = None
    line: str | None = None
    feeder: str | None = None

    @property
    def id(self) -> str | None:
        """Whichever is given."""
        return self.device or self.line or self.feeder


class FaultRequest(_Target):
    """Break something."""

    kind: FaultKind
    for_s: float | None = Field(default=None, gt=0)
    delay_s: float = Field(default=0.0, ge=0)
    probability: float = Field(default=1.0, ge=0, le=1)
    code: int = Field(default=4, ge=1, le=255)

    @model_validator(mode="after")
    def _fitting_target(self) -> FaultRequest:
        fits = (
            (self.device is not None and self.kind in DEVICE_KINDS)
            or (self.line is not None and self.kind in LINE_KINDS)
            or (self.feeder is not None and self.kind is FaultKind.STUCK_CONTACTOR)
        )
        if not fits or sum(each is not None for each in (self.device, self.line, self.feeder)) != 1:
            raise ValueError(f"{self.kind} needs one of device, line or feeder, and a fitting one")
        return self

    def fault(self, now_s: float) -> Fault:
        """The fault as it stands from now_s on."""
        until_s = None if self.for_s is None else now_s + self.for_s
        return Fault(self.kind, self.id or "", until_s, self.delay_s, self.probability, self.code)


class ClearRequest(_Target):
    """Heal what matches; nothing given: everything."""

    kind: FaultKind | None = None


class LoadRequest(_Request):
    """Somebody switches something on."""

    feeder: str
    watts: float
    for_s: float = Field(gt=0)


class GridRequest(_Request):
    """Take the public grid away, or give it back."""

    there: bool
    for_s: float | None = Field(default=None, gt=0)
    """How long it stays away; None: until it is given back."""


class ControlRequest(_Request):
    """One line of the socket."""

    fault: FaultRequest | None = None
    clear: ClearRequest | None = None
    load: LoadRequest | None = None
    grid: GridRequest | None = None
    soc: float | None = Field(default=None, ge=0, le=1)
    panel: Literal["stop", "auto", "manual"] | None = None
    """Somebody turns the switch at the genset's panel."""
    truth: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> ControlRequest:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"one of {', '.join(type(self).model_fields)} is needed")
        return self


class ControlRefusedError(Exception):
    """The village could not do what was asked; the message says why."""


async def serve_control(
    directory: Path, handle: Callable[[ControlRequest], Mapping[str, Any]]
) -> asyncio.AbstractServer:
    """Listen on `directory`/control.sock; `handle` may raise ControlRefusedError."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(_answer(line, handle)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):  # gone, or a line without end
            pass
        finally:
            writer.close()

    (directory / SOCKET_NAME).unlink(missing_ok=True)
    with _short(directory) as short:
        return await asyncio.start_unix_server(client, short / SOCKET_NAME, limit=_MAX_LINE)


def _answer(line: bytes, handle: Callable[[ControlRequest], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return handle(ControlRequest.model_validate_json(line))
    except ValidationError as invalid:
        faults = (
            f"{'.'.join(map(str, each['loc'])) or 'request'}: {each['msg']}" for each in invalid.errors()
        )
        return {"error": "; ".join(faults)}
    except ControlRefusedError as refused:
        return {"error": str(refused)}


@contextmanager
def _short(directory: Path) -> Iterator[Path]:
    """A short name for a directory: a socket's path may only have about 100 characters."""
    handle = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


class ControlClient:
    """Talks to a running village; blocking and small."""

    def __init__(self, directory: Path, timeout_s: float = 5.0) -> None:
        """`directory`: the village's state directory. Raises OSError where no village listens."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout_s)
        with _short(directory) as short:
            self._socket.connect(str(short / SOCKET_NAME))
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> ControlClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def request(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Ask and wait for the answer. Raises ControlRefusedError, OSError."""
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        line = self._lines.readline()
        if not line:
            raise ConnectionResetError("the village hung up")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ControlRefusedError(answer["error"])
        return answer

    def truth(self) -> dict[str, Any]:
        """Everything about the village at this moment."""
        return self.request(truth=True)

    def fault(self, kind: FaultKind | str, **details: Any) -> None:  # noqa: ANN401 - JSON
        """Break something: kind and device=, line= or feeder=, for_s=, delay_s=, probability=, code=."""
        self.request(fault={"kind": str(kind), **details})

    def clear(self, **what: Any) -> None:  # noqa: ANN401 - JSON
        """Heal what matches; nothing given: everything."""
        self.request(clear=what)

    def load(self, feeder: str, watts: float, for_s: float) -> None:
        """Somebody on a feeder switches `watts` on."""
        self.request(load={"feeder": feeder, "watts": watts, "for_s": for_s})

    def turn_panel(self, mode: Literal["stop", "auto", "manual"]) -> None:
        """Turn the switch at the genset's panel."""
        self.request(panel=mode)

    def take_grid_away(self, for_s: float | None = None) -> None:
        """Switch the public grid off, for so long or until it is given back."""
        self.request(grid={"there": False, "for_s": for_s})

    def give_grid_back(self) -> None:
        """Switch the public grid on."""
        self.request(grid={"there": True})

    def set_soc(self, soc_frac: float) -> None:
        """Fill or empty the battery."""
        self.request(soc=soc_frac)
