"""What `tawan test` checks of a device's readings. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from controller.commands.point_state import PointState, State, number
from controller.core.diagnosis import Finding
from controller.core.diagnosis.checks import device_findings
from controller.core.diagnosis.finding import Points
from controller.core.model import Reading, Reason, Role
from controller.core.points import REQUIRED, meaning, tells_trouble
from controller.core.reasons import render

_ENERGY = re.compile(r"(?!.*today).*energy.*_wh|engine_run_s|operating_s|number_of_starts")
_FREQUENCY_HZ = (45.0, 65.0)
_FLOAT_STEP = 1e-6
_TITLES = {
    "diagnosis_parts": "the parts of {} add up",
    "diagnosis_parts_sign": "{} and its parts flow the same way",
    "diagnosis_units": "{} is in the right unit",
    "diagnosis_beyond_va": "{} is within voltage times current",
    "diagnosis_battery_sign": "battery power and current agree in direction",
    "diagnosis_battery_power": "battery power is voltage times current",
    "diagnosis_meter_reversed": "the meter counts what the feeder draws",
    "diagnosis_phase_reversed": "phase {} counts what the feeder draws",
}
_PAIRS = (
    ("cell_voltage_min_v", "cell_voltage_max_v"),
    ("cell_temperature_min_c", "cell_temperature_max_c"),
)


class Verdict(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "FAIL"
    NOTE = "note"
    """Worth a look, but it may be as it should."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """One check and how it ended."""

    what: str
    verdict: Verdict
    detail: str = ""


def reading_results(
    device: str, role: Role, states: Sequence[PointState], readings: Mapping[str, Reading], *, is_feeder: bool
) -> Iterator[Result]:
    """What one reading of all points tells."""
    yield from _required(role, states)
    yield from _present(states)
    yield from _trouble(states)
    values = {each.name: each.value for each in states if each.value is not None}
    yield from _frequencies(values)
    yield from _ordered(values)
    together = {name: _of_one_moment(reading) for name, reading in readings.items()}
    findings = device_findings(Points(device, together), is_feeder=is_feeder)
    yield from (_finding(each) for each in findings)


def moving_results(
    before: Mapping[str, float | None], after: Mapping[str, float | None], apart_s: float
) -> Iterator[Result]:
    """What two readings tell: counters do not go back, and something moves."""
    counters = [name for name in before if _ENERGY.fullmatch(name)]
    for name in sorted(counters):
        first, second = before[name], after.get(name)
        if first is None or second is None:
            continue
        backwards = second < first * (1 - _FLOAT_STEP)
        detail = f"{number(first)}, {apart_s:.0f} s later {number(second)}"
        yield Result(f"{name} does not go backwards", _verdict(good=not backwards), detail)
    moved = [name for name, value in before.items() if value is not None and after.get(name) != value]
    yield Result(
        "the values live",
        Verdict.PASS if moved else Verdict.NOTE,
        f"{len(moved)} points changed within {apart_s:.0f} s"
        + ("" if moved else ": nothing flows, or the device shows old values; look again under load"),
    )


def _required(role: Role, states: Iterable[PointState]) -> Iterator[Result]:
    good = {each.name for each in states if each.value is not None}
    lacking = sorted(REQUIRED[role] - good)
    detail = f"missing: {', '.join(lacking)}. Is it the right profile and unit id?" if lacking else ""
    yield Result(f"all that a {role.replace('_', ' ')} needs is there", _verdict(good=not lacking), detail)


def _present(states: Iterable[PointState]) -> Iterator[Result]:
    for each in states:
        if each.state is State.GOOD:
            continue
        verdict = Verdict.FAIL if each.state is State.IMPLAUSIBLE else Verdict.NOTE
        yield Result(f"{each.name} ({meaning(each.name)})", verdict, f"{each.state}: {each.remark or ''}")


def _trouble(states: Iterable[PointState]) -> Iterator[Result]:
    for each in states:
        if tells_trouble(each.name) and each.value:
            said = each.text or f"code {number(each.value)}"
            yield Result(f"{each.name} is clear", Verdict.NOTE, f"the device reports: {said}")


def _frequencies(values: Mapping[str, float]) -> Iterator[Result]:
    low, high = _FREQUENCY_HZ
    for name, value in values.items():
        if name.endswith("frequency_hz") and value != 0:
            detail = f"{number(value)} Hz"
            yield Result(f"{name} is that of a grid", _verdict(good=low <= value <= high), detail)


def _ordered(values: Mapping[str, float]) -> Iterator[Result]:
    for lower, upper in _PAIRS:
        if lower in values and upper in values:
            detail = f"{number(values[lower])} and {number(values[upper])}"
            good = values[lower] <= values[upper]
            yield Result(f"{lower} is not above {upper}", _verdict(good=good), detail)


def _of_one_moment(reading: Reading) -> Reading:
    """All was read in one go; on a slow line that takes longer than the run-time checks would allow."""
    return reading if reading.age_s is None else replace(reading, age_s=0.0)


def _finding(finding: Finding) -> Result:
    sentence = render(Reason(finding.code, {"device": finding.device, **finding.params})).en
    numbers = ", ".join(
        f"{name} {number(value)}" for name, value in finding.params.items() if isinstance(value, float | int)
    )
    title = _TITLES.get(finding.code, finding.code).format(finding.point)
    return Result(title, _verdict(good=not finding.wrong), sentence if finding.wrong else numbers)


def _verdict(*, good: bool) -> Verdict:
    return Verdict.PASS if good else Verdict.FAIL
