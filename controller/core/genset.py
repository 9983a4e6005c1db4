"""The genset's default rules and the phases of a run.

Conditions are judged anew at every tick and never latched: what keeps it running between the two thresholds
is that it runs. The engine's own controller cranks, warms up and cools down; here its speed is watched, so
that a start that fails is tried a few times and not for ever, and a stop at the panel is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from controller.core.bounds import Bounds, Choice, Wish, Wishes
from controller.core.model import Alarm, GensetMemory, GensetSpec, Reason
from controller.core.situation import Opinion, Situation, hold, named

_AUTO_MODES = (1.0, 4.0)
_TURNING_RPM, _RUNNING_RPM = 100.0, 600.0
_RETRY_PAUSE_S = 30.0
_FAILED_REST_S = 4 * 3600.0
_STOP_GRACE_S = 120.0
_UNSEEN_STOP_S = 1800.0
SUN_COVERS_FRAC = 0.10
"""Surplus of sun, as part of the genset's rated power, that makes it superfluous."""

_ON_PHASES = ("starting", "warming_up", "running")


@dataclass(frozen=True, slots=True)
class _Engine:
    """What is seen of the genset; None: not known."""

    running: bool | None
    turning: bool | None
    auto: bool | None


@dataclass(frozen=True, slots=True)
class GensetStep:
    """What comes of a wish for the genset at one tick."""

    memory: GensetMemory
    run: bool | None
    """What is asked of it; None: it is not ours to command."""
    reason: Reason
    alarm: Alarm | None


def genset_rules(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: run the genset while the battery is low and the sun does not help. Judges the present alone."""
    del bounds
    spec = situation.site.genset
    if spec is None:
        return Opinion(Wishes(), situation.memory)
    unseen = situation.plant.soc_frac is None
    memory, unseen_s = hold(situation.memory, "genset_soc_unseen", unseen, situation.dt_s)
    return Opinion(Wishes(genset=_wish(situation, spec, unseen_s)), memory)


def runs(memory: GensetMemory) -> bool:
    """Whether it has been asked to run and has not failed to."""
    return memory.phase in _ON_PHASES


def run_genset(situation: Situation, spec: GensetSpec, choice: Choice) -> GensetStep:
    """Carry the genset's phases one tick on, towards what the voices left of it."""
    past, dt_s = situation.memory.genset, situation.dt_s
    engine = _look(situation, spec)
    want = choice.settled is True
    why = choice.reason or Reason("genset_soc_unseen")
    aged = replace(
        past,
        phase_s=past.phase_s + dt_s,
        ran_s=past.ran_s + dt_s if past.phase in _ON_PHASES else past.ran_s,
    )
    after, alarm = _advance(aged, spec, engine, want, urgent=choice.urgent)
    run = None if after.phase == "manual" else after.phase in _ON_PHASES
    reason = _explain(after, spec, alarm, why, want=want)
    return GensetStep(
        replace(after, requested=run), run, reason, None if alarm is None else Alarm(spec.id, alarm)
    )


def _look(situation: Situation, spec: GensetSpec) -> _Engine:
    rpm = situation.image.value(spec.id, "engine_speed_rpm")
    mode = situation.image.value(spec.id, "control_mode")
    return _Engine(
        running=None if rpm is None else rpm >= _RUNNING_RPM,
        turning=None if rpm is None else rpm >= _TURNING_RPM,
        auto=None if mode is None else mode in _AUTO_MODES,
    )


def _wish(situation: Situation, spec: GensetSpec, unseen_s: float) -> Wish:
    running = runs(situation.memory.genset)
    guards, plant, surplus_w = situation.memory.guards, situation.plant, situation.memory.surplus_w
    if plant.soc_frac is None:
        return Wish(running and unseen_s < _UNSEEN_STOP_S, Reason("genset_soc_unseen"))
    params = {
        "soc_frac": plant.soc_frac,
        "start_frac": spec.start_below_soc_frac,
        "stop_frac": spec.stop_above_soc_frac,
    }
    if guards.get("soc_low", 0) or guards.get("cell_low", 0):
        return Wish(True, Reason("genset_needed", params), urgent=True)
    if plant.soc_frac >= spec.stop_above_soc_frac:
        return Wish(False, Reason("genset_not_needed", params))
    if surplus_w is not None and surplus_w >= SUN_COVERS_FRAC * spec.rated_w:
        return Wish(False, Reason("genset_sun_covers", {"surplus_w": surplus_w}))
    if plant.soc_frac < spec.start_below_soc_frac or running:
        return Wish(True, Reason("genset_needed", params))
    return Wish(False, Reason("genset_not_needed", params))


def _advance(
    past: GensetMemory, spec: GensetSpec, engine: _Engine, want: bool, *, urgent: bool
) -> tuple[GensetMemory, Reason | None]:
    """The phase one tick on, and what a technician should know."""
    if engine.auto is False:
        manual = past if past.phase == "manual" else _phase(past, "manual", attempts=0)
        return manual, Reason("genset_not_automatic", {"genset": named(spec.name)})
    match past.phase:
        case "manual":
            return (past if engine.auto is None else _at_rest(past, engine)), None
        case "stopped":
            return _from_stopped(past, spec, engine, want, urgent=urgent)
        case "starting":
            return _from_starting(past, spec, engine, want)
        case "warming_up" | "running":
            return _from_running(past, spec, engine, want, urgent=urgent)
        case "cooling_down":
            return _from_cooling_down(past, spec, engine)
        case _:
            return _from_failed(past, spec)


def _phase(
    past: GensetMemory, phase: str, *, attempts: int | None = None, ran_s: float = 0.0
) -> GensetMemory:
    return replace(
        past, phase=phase, phase_s=0.0, attempts=past.attempts if attempts is None else attempts, ran_s=ran_s
    )


def _at_rest(past: GensetMemory, engine: _Engine) -> GensetMemory:
    """Back in automatic: taken as it is found."""
    return _phase(past, "running" if engine.running else "stopped", attempts=0)


def _from_stopped(
    past: GensetMemory, spec: GensetSpec, engine: _Engine, want: bool, *, urgent: bool
) -> tuple[GensetMemory, Reason | None]:
    if engine.running:
        return _phase(past, "running", attempts=0), None
    # Without news of the engine nobody can tell whether a start worked.
    if (
        want
        and past.phase_s >= _rest_s(past, spec, urgent=urgent)
        and engine.running is False
        and engine.auto
    ):
        return _phase(past, "starting", attempts=past.attempts + 1), None
    if not past.attempts:
        return past, None
    # Not sooner: a wish that comes and goes must not begin to count anew (endless cranking).
    if not want and past.phase_s >= _FAILED_REST_S:
        return replace(past, attempts=0), None
    return past, Reason("genset_start_failed", {"genset": named(spec.name), "attempts": past.attempts})


def _rest_s(past: GensetMemory, spec: GensetSpec, *, urgent: bool) -> float:
    """How long it stands still before the next start; shorter between two attempts."""
    return min(_RETRY_PAUSE_S, spec.min_rest_s) if past.attempts or urgent else spec.min_rest_s


def _from_starting(
    past: GensetMemory, spec: GensetSpec, engine: _Engine, want: bool
) -> tuple[GensetMemory, Reason | None]:
    if engine.running:
        return _phase(past, "warming_up"), None
    if not want:
        return _phase(past, "stopped", attempts=0), None
    if past.phase_s < spec.start_timeout_s:
        return past, None
    return _after_failure(past, spec)


def _from_running(
    past: GensetMemory, spec: GensetSpec, engine: _Engine, want: bool, *, urgent: bool
) -> tuple[GensetMemory, Reason | None]:
    if engine.running is False and past.phase == "warming_up":
        return _after_failure(past, spec)
    if engine.running is False:
        return _phase(past, "stopped"), Reason("genset_stopped_by_itself", {"genset": named(spec.name)})
    if not want and (urgent or past.ran_s >= spec.min_run_s):
        return _phase(past, "cooling_down", attempts=0), None
    if past.phase == "warming_up" and past.phase_s >= spec.warm_up_s:
        return _phase(past, "running", attempts=0, ran_s=past.ran_s), None
    return past, None


def _after_failure(past: GensetMemory, spec: GensetSpec) -> tuple[GensetMemory, Reason]:
    """Try again after a pause, or give up: endless cranking destroys the starter."""
    if past.attempts >= spec.max_start_attempts:
        failed = _phase(past, "failed")
        return failed, _failed(failed, spec)
    return _phase(past, "stopped"), Reason(
        "genset_start_failed", {"genset": named(spec.name), "attempts": past.attempts}
    )


def _from_cooling_down(
    past: GensetMemory, spec: GensetSpec, engine: _Engine
) -> tuple[GensetMemory, Reason | None]:
    if engine.turning is False:
        return _phase(past, "stopped"), None
    if past.phase_s >= spec.cool_down_s + _STOP_GRACE_S and engine.turning:
        return past, Reason("genset_does_not_stop", {"genset": named(spec.name)})
    return past, None


def _from_failed(past: GensetMemory, spec: GensetSpec) -> tuple[GensetMemory, Reason | None]:
    if past.phase_s >= _FAILED_REST_S:
        return _phase(past, "stopped", attempts=0), None
    return past, _failed(past, spec)


def _failed(past: GensetMemory, spec: GensetSpec) -> Reason:
    return Reason("genset_failed", {"genset": named(spec.name), "attempts": past.attempts})


def _explain(
    after: GensetMemory, spec: GensetSpec, alarm: Reason | None, why: Reason, *, want: bool
) -> Reason:
    """Why the genset is as it is: why it is wanted or not, unless something stands against that."""
    if alarm is not None:
        return alarm
    if want and after.phase == "stopped":
        rest_s = _rest_s(after, spec, urgent=False)
        return Reason("genset_resting", {"wait_s": max(0.0, rest_s - after.phase_s)})
    if not want and after.phase in _ON_PHASES:
        return Reason("genset_minimum_run", {"wait_s": max(0.0, spec.min_run_s - after.ran_s)})
    return why
