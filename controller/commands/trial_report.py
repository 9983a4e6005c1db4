"""The report of `tawan test`, to read and to keep. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.commands.layout import wrapped
from controller.commands.point_state import PointState, shown
from controller.commands.trial_checks import Result, Verdict
from controller.core.points import meaning

_FIRMWARE = ("firmware", "device_type")


@dataclass(frozen=True, slots=True)
class Report:
    """What a trial found."""

    at: datetime
    by: str
    site: str
    device: str
    role: str
    profile: str
    title: str
    verified: str
    bus: Mapping[str, object]
    unit: int
    states: tuple[PointState, ...]
    results: tuple[Result, ...]

    @property
    def failed(self) -> int:
        """How many checks failed."""
        return sum(each.verdict is Verdict.FAIL for each in self.results)

    def count(self, verdict: Verdict) -> int:
        """How many checks ended so."""
        return sum(each.verdict is verdict for each in self.results)


def as_text(report: Report) -> str:
    """For the terminal: what matters, the worst last."""
    order = (Verdict.PASS, Verdict.SKIPPED, Verdict.NOTE, Verdict.FAIL)
    results = sorted(report.results, key=lambda each: order.index(each.verdict))
    lines = [
        wrapped(f"{each.what}{': ' if each.detail else ''}{each.detail}", f"{each.verdict:8}")
        for each in results
    ]
    return "\n".join((*lines, "", wrapped(_summary(report))))


def as_markdown(report: Report) -> str:
    """To keep: date, place, every point, every check."""
    return "\n".join(_document(report)) + "\n"


def _document(report: Report) -> Iterator[str]:
    bus = ", ".join(f"{key} {value}" for key, value in report.bus.items())
    firmware = [f"{each.name} {shown(each)}" for each in report.states if each.name in _FIRMWARE]
    yield f"# Test of {report.device}"
    yield ""
    yield f"- date: {report.at.isoformat(timespec='seconds')}"
    yield f"- by: {report.by or 'not said'}"
    yield f"- site: {report.site or 'not said'}"
    yield f"- device: {report.title or report.profile}, {report.role}"
    yield f"- profile: {report.profile}, {report.verified}"
    yield f"- where: {bus}, unit {report.unit}"
    yield f"- it says: {', '.join(firmware) or 'nothing of its firmware'}"
    yield f"- result: {_summary(report)}"
    yield ""
    yield "| check | result | detail |"
    yield "| --- | --- | --- |"
    for each in report.results:
        yield f"| {_cell(each.what)} | {each.verdict} | {_cell(each.detail)} |"
    yield ""
    yield "| point | value | registers | meaning | agreed |"
    yield "| --- | --- | --- | --- | --- |"
    for state in sorted(report.states, key=lambda each: each.name):
        words = " ".join(f"{word:04X}" for word in state.words or ())
        what = meaning(state.name) or ""
        cells = (state.name, shown(state), words, what if state.remark is None else f"{what}: {state.remark}")
        yield f"| {' | '.join(_cell(each) for each in cells)} | {_cell(state.agreed)} |"


def _summary(report: Report) -> str:
    passed, notes = report.count(Verdict.PASS), report.count(Verdict.NOTE)
    skipped = report.count(Verdict.SKIPPED)
    verdict = "FAILED" if report.failed else "passed"
    return (
        f"{verdict}: {passed} checks passed, {report.failed} failed, {notes} to look at, {skipped} skipped; "
        f"{sum(each.value is not None for each in report.states)} of {len(report.states)} points have a value"
    )


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")
