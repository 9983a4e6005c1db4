"""`tawan set`: writes one control point, or says what it would write."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from controller.clock import SystemClock
from controller.commands.control_plan import (
    ValueFault,
    describe_point,
    holding,
    requests,
    shown,
    starts_engine,
    unknown,
    value_of,
    wire_text,
)
from controller.commands.layout import wrapped
from controller.commands.target import (
    EXIT_USAGE,
    Chosen,
    CommandError,
    Target,
    fail,
    open_or_explain,
    refuse_if_occupied,
    target,
)
from controller.commands.trial_controls import feeds
from controller.core.model import Role
from drivers.codec import signed16
from drivers.controls import Refused, Unchanged, Unreachable, WriteOutcome, Written
from drivers.errors import DriverError, WriteRefusedError
from drivers.model import WritePoint
from drivers.once import read_once

EXIT_INTERRUPTED = 130
_REPEATS = 3.0
"""A value that expires is looked after so many times within its time."""


@dataclass(frozen=True, slots=True)
class SetOptions:
    """What the command line asked for."""

    chosen: Chosen
    point: str
    value: str
    write: bool = False
    restore_after_s: float | None = None
    engine: bool = False


def set_point(options: SetOptions) -> int:
    """Say what would be written, or write it; returns the exit status."""
    logging.basicConfig(level=logging.CRITICAL)  # what fails is told in sentences
    try:
        found = target(options.chosen)
        refuse_if_occupied(found)
        return asyncio.run(_set(found, options))
    except CommandError as error:
        return fail("set", error)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return EXIT_INTERRUPTED


async def _set(found: Target, options: SetOptions) -> int:
    try:
        await open_or_explain(found)
        point = await control_point(found, options.point)
        value = _value(options, point)
        now = await present(found, point)
        _tell(found, point, value, now, await _exponent(found, point))
        if not options.write:
            print(wrapped("Nothing was written: this was a dry run. --write carries it out, with read-back."))
            return 0
        if starts_engine(point, value) and found.settings.role is Role.GENSET and not options.engine:
            raise CommandError("this may start the engine: give --engine when nobody is near it")
        with ended_by_signals():
            return await _carry_out(found, point, value, now, options.restore_after_s)
    finally:
        found.bus.close()


async def control_point(found: Target, name: str) -> WritePoint:
    """A control point of the device, which is asked what it is if need be. Raises CommandError."""
    try:
        await found.device.prepare()
    except DriverError as err:
        raise CommandError(f"{found.device.id}: {err}") from err
    profile = found.profile()
    if name not in profile.writes:
        raise CommandError(unknown(profile, name), EXIT_USAGE)
    return profile.writes[name]


async def present(found: Target, point: WritePoint) -> float | None:
    """What the device holds at a control point now; None: it cannot be read. Raises CommandError."""
    if point.readback is None:
        return None
    snapshot = await read_once(found.device, SystemClock(), {point.readback})
    if found.device.answered_s is None:
        raise CommandError(f"{found.device.id} does not answer: {'; '.join(snapshot.errors)}")
    return snapshot.readings[point.readback].value


async def write(found: Target, point: WritePoint, value: float) -> bool:
    """Write a value and say what became of it; whether the device has it now."""
    outcome = await found.device.write(point.name, value)
    print(told(point, outcome))
    return isinstance(outcome, Written | Unchanged)


def told(point: WritePoint, outcome: WriteOutcome) -> str:
    """What became of a write."""
    match outcome:
        case Written(value, None):
            return f"written: {shown(point, value)} (the device does not show what it took)"
        case Written(value, read_back):
            seen = value if read_back is None else read_back
            return f"written: {shown(point, value)}; read back: {shown(point, seen)}"
        case Unchanged(value):
            return f"the device has {shown(point, value)} already; nothing was sent"
        case Refused(reason):
            return f"NOT written: {reason}"
        case Unreachable(reason):
            return f"no answer, the value may hold or not: {reason}"


def _value(options: SetOptions, point: WritePoint) -> float:
    try:
        return value_of(options.value, point)
    except ValueFault as fault:
        raise CommandError(str(fault), EXIT_USAGE) from fault


async def _exponent(found: Target, point: WritePoint) -> int | None:
    """The power of ten of a SunSpec setpoint, read if need be."""
    if point.scale_address is None:
        return None
    try:
        words = await found.bus.read(found.settings.unit, point.table, point.scale_address, 1)
    except DriverError as err:
        raise CommandError(f"the scale of {point.name} cannot be read: {err}") from err
    return signed16(words[0])


def _tell(found: Target, point: WritePoint, value: float, now: float | None, exponent: int | None) -> None:
    """The plan, before anything is written. Raises CommandError: the value is not allowed."""
    try:
        plan = requests(point, value, exponent)
    except WriteRefusedError as err:
        raise CommandError(f"{err}. {describe_point(point)}") from err
    print(wrapped(f"{found.device.id}, {describe_point(point)}", then="  "))
    print(f"  now:    {'not known' if now is None else shown(point, now)}")
    print(f"  new:    {shown(point, value)}")
    for request in plan:
        print(wrapped(wire_text(request), "  wire:   "))
    for sentence in (*feeds(found.device.id, point, found.config), *holding(point)):
        print(wrapped(sentence, "  note:   "))
    if point.note is not None:
        print(wrapped(point.note, "  note:   "))


async def _carry_out(
    found: Target, point: WritePoint, value: float, now: float | None, restore_after_s: float | None
) -> int:
    former = now if now is not None else point.release
    if restore_after_s is not None and former is None:
        raise CommandError(
            f"{point.name} is write-only and nothing releases it, so it could not be restored: leave "
            "--restore-after away if it shall stay"
        )
    good = await write(found, point, value)
    if restore_after_s is None or former is None:
        return 0 if good else 1
    try:
        if good:
            print(f"It is restored in {restore_after_s:g} s, or at once with Ctrl+C.")
            await _hold(found, point, value, restore_after_s)
    finally:
        restored = await write(found, point, former)
    return 0 if good and restored else 1


async def _hold(found: Target, point: WritePoint, value: float, for_s: float) -> None:
    """Keep a value in force, repeating it before it expires."""
    clock = SystemClock()
    until_s = clock.monotonic() + for_s
    step_s = for_s if point.expires_s is None else point.expires_s / _REPEATS
    while (left_s := until_s - clock.monotonic()) > 0:
        await clock.sleep(min(step_s, left_s))
        if point.expires_s is not None and clock.monotonic() < until_s:
            await found.device.write(point.name, value)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """A lost terminal (SIGHUP) or SIGTERM ends the task like Ctrl+C, so that what was set is restored."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    signals = (signal.SIGTERM, signal.SIGHUP)
    if task is not None:
        for number in signals:
            loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
