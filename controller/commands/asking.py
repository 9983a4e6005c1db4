"""Asking the controller for something from the command line, by the same queue as everybody else."""

from __future__ import annotations

import getpass
import json
import sys
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.commands.configuration import load_or_explain
from controller.core.reasons import render
from controller.requests.box import FILE_NAME, BoxFullError, Request, RequestBox
from controller.requests.kinds import TIMED_KINDS
from controller.requests.outcomes import Outcome, read_outcome
from controller.telemetry.schema import StorageError

PATIENCE_S = 6.0
_LOOK_EVERY_S = 0.1


def ask(config_path: Path, kind: str, params: Mapping[str, Any]) -> int:
    """Put a request and wait for what becomes of it; returns the exit status.

    0: done; 1: refused, or it could not be put; 2: nobody answered (is the controller running?).
    """
    config = load_or_explain(config_path, with_profiles=False)
    telemetry = config.storage.telemetry
    box_path = telemetry.with_name(FILE_NAME)
    request = Request(uuid.uuid4().hex, _now(config.storage.image), "cli", getpass.getuser(), kind, params)
    try:
        RequestBox(box_path).put(request)
        outcome = _wait_for(telemetry, request.id)
    except (BoxFullError, StorageError, OSError) as error:
        print(f"The request could not be made: {error}", file=sys.stderr)
        return 1
    if outcome is None:
        print(
            f"Nobody has answered within {PATIENCE_S:g} s: is the controller running? "
            "The request lapses within 5 minutes of being made, if it is an order.",
            file=sys.stderr,
        )
        return 2
    text = render(outcome.reason)
    done = outcome.outcome == "done"
    # Of an order the reason says how its subject stands now, which need not be as ordered.
    word = ("Taken" if kind in TIMED_KINDS else "Done") if done else "Refused"
    print(f"{word}. {text.en}\n{text.th}")
    return 0 if done else 1


def _now(image: Path) -> datetime:
    """The controller's time, which in a demonstration is not the host's."""
    try:
        document = json.loads(image.read_text(encoding="utf-8"))
        return datetime.fromisoformat(document["clock"]["utc"]) if document["demo"] else datetime.now(UTC)
    except (OSError, ValueError, KeyError, TypeError):
        return datetime.now(UTC)


def _wait_for(telemetry: Path, request_id: str) -> Outcome | None:
    give_up_s = time.monotonic() + PATIENCE_S
    while (outcome := read_outcome(telemetry, request_id)) is None and time.monotonic() < give_up_s:
        time.sleep(_LOOK_EVERY_S)
    return outcome
