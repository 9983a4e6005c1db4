"""`python -m controller.outside.messages.sending`: sends a few messages by apprise, and ends.

A process of its own because apprise, with all its plugins, takes more memory than the services beside it, and
because a process can be ended when a provider keeps it waiting; a thread cannot. Jobs come as one line of
JSON over stdin, what became of each goes out as a line over stdout as soon as it is known.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from typing import Any

import apprise

APP = "Tawan"
"""As providers show who sends."""
_WORKERS = 4
_UNPARSABLE = "apprise knows no service of such a URL, or part of it is missing"


def main() -> None:
    """Do the jobs on stdin."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what a plugin prints is no answer
    talk = logging.getLogger("apprise")
    talk.setLevel(logging.DEBUG)  # captured for each message; nothing goes to the journal
    talk.propagate = False
    jobs = json.loads(sys.stdin.readline())
    with ThreadPoolExecutor(_WORKERS) as pool:
        for done in as_completed([pool.submit(_send, job) for job in jobs]):
            with suppress(BrokenPipeError):  # whoever asked is gone; the other messages go out all the same
                os.write(answers, json.dumps(done.result()).encode() + b"\n")


def _send(job: Mapping[str, Any]) -> dict[str, Any]:
    """Send one message; `number`, `url`, `title` and `body` are given."""
    asset = apprise.AppriseAsset(app_id=APP, app_desc=APP, image_url_mask="", image_url_logo="")
    service = apprise.Apprise.instantiate(job["url"], asset=asset, suppress_exceptions=True)
    if service is None:
        return {"number": job["number"], "sent": False, "usable": False, "log": [["ERROR", _UNPARSABLE]]}
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    log: list[tuple[str, str]] = []
    result = sender.notify(
        body=job["body"],
        title=job["title"],
        body_format=apprise.NotifyFormat.TEXT,
        log_callback=lambda entry, _service: log.append((entry.level, entry.message)),
        log_level=logging.DEBUG,
    )
    return {"number": job["number"], "sent": bool(result), "usable": True, "log": log}


if __name__ == "__main__":
    main()
