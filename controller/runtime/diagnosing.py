"""Has the devices' readings cross-checked every few ticks, and keeps what was found."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from controller.core.diagnosis import Diagnostician
from controller.core.model import Alarm, Decision, ProcessImage, Reading
from controller.core.reasons import render

_log = logging.getLogger(__name__)


class DiagnosedDevice(Protocol):
    """What the checks need of a device besides its readings."""

    @property
    def id(self) -> str:
        """The device id of config.yaml."""
        ...

    @property
    def worn(self) -> Iterable[str]:
        """Control points in flash that were written too often today."""
        ...

    def texts(self, readings: Mapping[str, Reading]) -> Mapping[str, str]:
        """What its states and flags say, in English."""
        ...


class Diagnosing:
    """Diagnoses are for technicians: they are told, and never change what is decided."""

    def __init__(self, diagnostician: Diagnostician, devices: Sequence[DiagnosedDevice]) -> None:
        self.current: tuple[Alarm, ...] = ()
        """What is wrong at present, the longest-standing first."""
        self._diagnostician = diagnostician
        self._devices = tuple(devices)

    def tell(self, image: ProcessImage, _decision: Decision) -> None:
        """Look at a tick when it is time to; what is new goes into the log too."""
        if not self._diagnostician.is_due(image.monotonic_s):
            return
        known = {_key(alarm) for alarm in self.current}
        texts = {device.id: device.texts(image.devices[device.id]) for device in self._devices}
        worn = {device.id: device.worn for device in self._devices}
        self.current = self._diagnostician.look(image, texts, worn)
        for alarm in self.current:
            if _key(alarm) not in known:
                _log.warning("%s", render(alarm.reason).en)


def _key(alarm: Alarm) -> tuple[str, object]:
    return alarm.key, alarm.reason.params.get("point")
