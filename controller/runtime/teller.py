"""Tells what happened in a tick: image.json, and that the controller is alive."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from controller.core.alarming.book import Standing
from controller.core.model import Alarm, Decision, ProcessImage
from controller.runtime.image_document import ImageDocument, write_atomically
from controller.runtime.systemd import Systemd

_log = logging.getLogger(__name__)


class Teller:
    """Replaces image.json at each tick and pats the watchdog."""

    def __init__(
        self,
        path: Path,
        document: ImageDocument,
        systemd: Systemd,
        tick_summary: Callable[[], dict[str, Any]],
        alarms: Callable[[], Sequence[Standing]],
        diagnoses: Callable[[], Sequence[Alarm]],
    ) -> None:
        self._path = path
        self._document = document
        self._systemd = systemd
        self._tick_summary = tick_summary
        self._alarms = alarms
        self._diagnoses = diagnoses
        self._ready = False
        self._failing = False

    def tell(self, image: ProcessImage, decision: Decision) -> None:
        """Tell one tick. A disk that refuses is logged once; control goes on."""
        document = self._document.build(
            image, decision, self._tick_summary(), self._alarms(), self._diagnoses()
        )
        try:
            write_atomically(self._path, json.dumps(document, ensure_ascii=False).encode())
        except OSError as error:
            if not self._failing:
                _log.error(
                    "%s cannot be written, the page will say that we are not running: %s", self._path, error
                )
            self._failing = True
        else:
            self._failing = False
        if not self._ready:
            self._ready = True
            self._systemd.ready()
        self._systemd.pat_watchdog()
