"""Looks at every image, and tells what has been wrong for long enough to be no accident."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from controller.core.diagnosis.between import site_findings
from controller.core.diagnosis.checks import device_findings
from controller.core.diagnosis.finding import Facts, Finding, Points
from controller.core.diagnosis.history import DeviceHistory
from controller.core.model import Alarm, ProcessImage, Reason
from controller.core.points import tells_trouble

_EVERY_S = 2.0
_RIGHT_AGAIN = 3
"""A finding is withdrawn after it was right so many times in a row; one that needs no patience, at once."""
_FORGOTTEN_S, _FORGOTTEN_RARE_S = 900.0, 21_600.0
"""So is one that could not be judged for so long; those that need no patience are judged rarely."""


@dataclass(slots=True)
class _Case:
    finding: Finding
    judged_s: float
    wrong: int = 0
    right: int = 0
    told: bool = False


class Diagnostician:
    """Keeps the cases of one site. No clock: time is the image's."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._feeders = {feeder.meter for feeder in facts.site.feeders}
        self._histories = {device: DeviceHistory(device, facts.rated_w.get(device)) for device in facts.roles}
        self._cases: dict[tuple[str, str, str], _Case] = {}
        self._looked_s = float("-inf")

    def is_due(self, now_s: float) -> bool:
        """Whether it is time to look again, on the image's clock."""
        return now_s - self._looked_s >= _EVERY_S

    def look(
        self,
        image: ProcessImage,
        texts: Mapping[str, Mapping[str, str]],
        worn: Mapping[str, Iterable[str]],
    ) -> tuple[Alarm, ...]:
        """What is wrong, the longest-standing first.

        Args:
            image: this tick's readings.
            texts: device id -> point -> what its state or flags say.
            worn: device id -> control points in flash that are written too often.
        """
        if self.is_due(image.monotonic_s):
            self._looked_s = image.monotonic_s
            for finding in self._findings(image, texts, worn):
                self._note(finding, image.monotonic_s)
            self._forget(image.monotonic_s)
        return tuple(
            Alarm(case.finding.device, Reason(case.finding.code, {"device": device, **case.finding.params}))
            for (device, _, _), case in self._cases.items()
            if case.told
        )

    def _findings(
        self,
        image: ProcessImage,
        texts: Mapping[str, Mapping[str, str]],
        worn: Mapping[str, Iterable[str]],
    ) -> Iterator[Finding]:
        for device, history in self._histories.items():
            points = Points.of(image, device)
            yield from device_findings(points, is_feeder=device in self._feeders)
            yield from history.look(points, image.monotonic_s)
            yield from _reports(points, texts.get(device, {}))
            names = ", ".join(sorted(worn.get(device, ())))
            yield Finding(device, "diagnosis_flash", bool(names), params={"points": names}, patience=1)
        yield from site_findings(image, self._facts)

    def _forget(self, now_s: float) -> None:
        for key, case in tuple(self._cases.items()):
            rare = case.finding.patience == 1
            if now_s - case.judged_s > (_FORGOTTEN_RARE_S if rare else _FORGOTTEN_S):
                del self._cases[key]

    def _note(self, finding: Finding, now_s: float) -> None:
        case = self._cases.get(finding.key)
        if case is None:
            if not finding.wrong:
                return
            case = self._cases[finding.key] = _Case(finding, now_s)
        case.judged_s = now_s
        if finding.wrong:
            case.finding, case.right = finding, 0
            case.wrong += 1
            case.told = case.told or case.wrong >= finding.patience
        else:
            case.right += 1
            if not case.told or case.right >= (1 if finding.patience == 1 else _RIGHT_AGAIN):
                del self._cases[finding.key]


def _reports(points: Points, texts: Mapping[str, str]) -> Iterator[Finding]:
    """What the device itself complains of."""
    for name in points.names():
        if tells_trouble(name):
            value = points.good(name)
            if value is not None:
                said = texts.get(name, f"code {value:.0f}")
                params = {"point": name, "said": said}
                yield Finding(points.device, "diagnosis_reports", value != 0, name, params, patience=2)
