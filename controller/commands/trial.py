"""`tawan test`: does a device read well, and does it obey? With a report to keep."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from controller.clock import SystemClock
from controller.commands.control_plan import shown, unknown
from controller.commands.layout import wrapped
from controller.commands.point_state import PointState
from controller.commands.read import states_of
from controller.commands.set_point import EXIT_INTERRUPTED, ended_by_signals, told
from controller.commands.target import (
    EXIT_FAILED,
    EXIT_USAGE,
    Chosen,
    CommandError,
    Target,
    fail,
    open_or_explain,
    refuse_if_occupied,
    refuse_if_silent,
    target,
)
from controller.commands.trial_checks import Result, Verdict, moving_results, reading_results
from controller.commands.trial_controls import Exercise, Limits, Skipped, plan
from controller.commands.trial_report import Report, as_markdown, as_text
from drivers.controls import Unchanged, Written
from drivers.once import Snapshot, read_once

_HOLD_S = 2.0
"""How long a value is held before the former one is restored."""
_ENGINE_S = 20.0


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """What the command line asked for."""

    chosen: Chosen
    controls: bool = True
    yes: bool = False
    limits: Limits = field(default_factory=Limits)
    apart_s: float = 5.0
    report: Path | None = None
    by: str = ""


def run_trial(options: TrialOptions) -> int:
    """Test a device and print what was found; returns the exit status (1: a check failed)."""
    logging.basicConfig(level=logging.CRITICAL)  # what fails is in the report
    try:
        found = target(options.chosen)
        refuse_if_occupied(found)
        trial = _Trial(found, options)
        asyncio.run(trial.read())
        agreed = list(trial.agreed())
        status = _exercise(trial, agreed)
    except CommandError as error:
        return fail("test", error)
    except KeyboardInterrupt:
        print("tawan test: interrupted; no control point had been written.", file=sys.stderr)
        return EXIT_INTERRUPTED
    report = trial.report()
    print(as_text(report))
    if options.report is not None:
        try:
            options.report.write_text(as_markdown(report), encoding="utf-8")
        except OSError as error:
            return fail("test", CommandError(f"the report cannot be written: {error}; choose another place"))
        print(f"Kept in {options.report}")
    return status or (EXIT_FAILED if report.failed else 0)


def _exercise(trial: _Trial, agreed: list[Exercise]) -> int:
    try:
        asyncio.run(trial.exercise(agreed))
    except (KeyboardInterrupt, asyncio.CancelledError):
        trial.results.append(Result("the trial of the control points", Verdict.SKIPPED, "interrupted"))
        return EXIT_INTERRUPTED
    return 0


class _Trial:
    """One trial of one device."""

    def __init__(self, found: Target, options: TrialOptions) -> None:
        self._found = found
        self._options = options
        self._snapshot = Snapshot({}, ())
        self._at = SystemClock().utc_now()
        self.states: tuple[PointState, ...] = ()
        self.results: list[Result] = []

    async def read(self) -> None:
        """Read everything twice, and check it. Raises CommandError: the device does not answer."""
        found, clock = self._found, SystemClock()
        try:
            await open_or_explain(found)
            print(f"Reading {found.device.id}, twice, {self._options.apart_s:g} s apart ...", file=sys.stderr)
            first = await read_once(found.device, clock)
            refuse_if_silent(found, first)
            before = _values(first)
            self.states = states_of(found, first)
            self.results += reading_results(
                found.device.id, found.settings.role, self.states, first.readings, is_feeder=self._feeds()
            )
            await clock.sleep(self._options.apart_s)
            self._snapshot = await read_once(found.device, clock)
            self.results += moving_results(before, _values(self._snapshot), self._options.apart_s)
        finally:
            found.bus.close()

    def agreed(self) -> Iterator[Exercise]:
        """The control points that may be tried: a person is asked about each, unless --yes was given.

        Raises CommandError: one was named that there is not.
        """
        options, profile = self._options, self._found.profile()
        if not options.controls:
            return
        for name in sorted(options.limits.named - profile.writes.keys()):
            raise CommandError(unknown(profile, name), EXIT_USAGE)
        for each in plan(
            self._found.device.id, profile, _values(self._snapshot), self._found.config, options.limits
        ):
            name = each.point.name
            if isinstance(each, Skipped):
                self.results.append(Result(f"{name} obeys", Verdict.SKIPPED, each.why))
            elif (options.yes and not each.needs_yes) or _asked(each.question):
                yield each
            else:
                self.results.append(Result(f"{name} obeys", Verdict.SKIPPED, "not agreed to"))

    async def exercise(self, agreed: list[Exercise]) -> None:
        """Write each control point, look, and restore it."""
        try:
            with ended_by_signals():
                for each in agreed:
                    await self._try(each)
        finally:
            self._found.bus.close()

    def report(self) -> Report:
        """All that was found."""
        found, config = self._found, self._found.config
        profile = found.profile()
        return Report(
            at=self._at,
            by=self._options.by,
            site="" if config is None else config.site.name.en,
            device=found.device.id,
            role=found.settings.role.value,
            profile=profile.model,
            title=profile.title,
            verified=profile.verified,
            bus=found.bus_settings.model_dump(exclude_defaults=True),
            unit=found.settings.unit,
            states=self.states,
            results=tuple(self.results),
        )

    def _feeds(self) -> bool:
        """Whether it is the meter of a feeder."""
        config = self._found.config
        return config is not None and any(
            feeder.meter == self._found.device.id for feeder in config.feeders.values()
        )

    async def _try(self, each: Exercise) -> None:
        point, device = each.point, self._found.device
        print(f"{point.name}: {shown(point, each.value)} ...", file=sys.stderr)
        try:
            outcome = await device.write(point.name, each.value)
            held_s = _ENGINE_S if point.name == "run" and each.value else _HOLD_S
            if each.value != each.back:
                await SystemClock().sleep(held_s)
        finally:
            restored = await device.write(point.name, each.back)
        good = isinstance(outcome, Written | Unchanged)
        back = isinstance(restored, Written | Unchanged)
        detail = told(point, outcome)
        if each.value != each.back:
            detail += f"; then {told(point, restored)}"
        if not back:
            detail += ". IT WAS NOT RESTORED: look at it now"
        verdict = Verdict.PASS if good and back else Verdict.FAIL
        self.results.append(Result(f"{point.name} obeys", verdict, detail))


def _values(snapshot: Snapshot) -> Mapping[str, float | None]:
    return {name: reading.value for name, reading in snapshot.readings.items()}


def _asked(question: str) -> bool:
    """Ask a person; anything but yes is no."""
    try:
        answer = input(f"{wrapped(question)}\nTry it? [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes", "ใช่")
