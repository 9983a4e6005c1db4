"""What the controller and its child processes say to each other: JSON objects, each behind its length.

Four bytes, big-endian, give the number of bytes that follow. JSON and no pickle: whatever comes out of the
pipe can be looked at, and can do nothing. Both sides import this module and nothing of each other.
"""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

HEADER_BYTES = 4
MAX_BYTES = 8_000_000
"""A forecast of 8 arrays and 12 feeders is some 200 kB: more is no message."""


class WireError(Exception):
    """What came over the pipe is no message; the text says why."""


def packed(message: Json) -> bytes:
    """A message as it goes over the pipe. Raises ValueError or TypeError for what JSON has no word for."""
    body = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return len(body).to_bytes(HEADER_BYTES, "big") + body


def body_length(header: bytes) -> int:
    """How many bytes follow a header. Raises WireError."""
    length = int.from_bytes(header, "big")
    if length > MAX_BYTES:
        msg = f"a message of {length} bytes was announced: this is garbage"
        raise WireError(msg)
    return length


def unpacked(body: bytes) -> Json:
    """The message of a body. Raises WireError."""
    try:
        message = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        msg = f"not JSON: {error}"
        raise WireError(msg) from error
    if not isinstance(message, dict):
        msg = f"an object is expected, not a {type(message).__name__}"
        raise WireError(msg)
    return message


def _no_constant(name: str) -> float:
    msg = f"{name} is no JSON"
    raise ValueError(msg)
