"""What a step table may ask of the village, each check with words for when it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.core.reasons import render

if TYPE_CHECKING:
    from step_table import Stage

HOUSES = ("houses_a", "houses_b", "houses_c", "houses_d")
EVERYBODY = ("clinic", "school", "street", "pump", *HOUSES)
_CLINIC_WAITS_S = 30.0
"""After a black start: the bus must first be stable, then the clinic comes first."""


@dataclass(frozen=True)
class Check:
    """Something that is so or not."""

    text: str
    holds: Callable[[Stage], bool]


@dataclass(frozen=True)
class Within:
    """Something that comes true in time, counted from the row's beginning."""

    seconds: float
    check: Check


def within(seconds: float, check: Check) -> Within:
    """The check comes true at most so long after the row's time."""
    return Within(seconds, check)


def on(*feeders: str) -> Check:
    """People on these feeders have power, as the contactors and the bus really are."""
    return Check(
        f"{', '.join(feeders)} on",
        lambda stage: all(stage.direct.village.feeders[feeder].powered for feeder in feeders),
    )


def off(*feeders: str) -> Check:
    """People on these feeders have none."""
    return Check(
        f"{', '.join(feeders)} off",
        lambda stage: not any(stage.direct.village.feeders[feeder].powered for feeder in feeders),
    )


def houses_on(count: int) -> Check:
    """So many of the four groups of houses have power."""
    return Check(
        f"{count} groups of houses on",
        lambda stage: sum(stage.direct.village.feeders[feeder].powered for feeder in HOUSES) == count,
    )


def because(feeder: str, *codes: str) -> Check:
    """The controller's reason for a feeder's state."""
    return Check(
        f"reason {' or '.join(codes)} at {feeder}",
        lambda stage: stage.decision is not None and stage.decision.feeders[feeder].reason.code in codes,
    )


def says(feeder: str, words: str) -> Check:
    """What the page tells of a feeder in English holds these words."""
    return Check(
        f"{feeder}'s sentence to say {words!r}",
        lambda stage: (
            stage.decision is not None and words in render(stage.decision.feeders[feeder].reason).en
        ),
    )


def mode(*codes: str) -> Check:
    """The site's mode."""
    return Check(
        f"mode {' or '.join(codes)}",
        lambda stage: stage.decision is not None and stage.decision.mode in codes,
    )


def voice(name: str) -> Check:
    """Who decides: plan or rules."""
    return Check(
        f"the {name} deciding", lambda stage: stage.decision is not None and stage.decision.voice == name
    )


def alarm(code: str) -> Check:
    """An alarm stands."""
    return Check(f"alarm {code}", lambda stage: code in _alarms(stage))


def no_alarm(*codes: str) -> Check:
    """None of these alarms stands; none given: no alarm at all."""
    return Check(
        f"no alarm {' or '.join(codes)}",
        lambda stage: not (_alarms(stage) & set(codes) if codes else _alarms(stage)),
    )


def _alarms(stage: Stage) -> set[str]:
    return set() if stage.decision is None else {each.code for each in stage.decision.alarms}


def bus(*, alive: bool) -> Check:
    """Whether the grid-forming inverters hold the bus."""
    return Check(
        f"the bus {'alive' if alive else 'dead'}", lambda stage: stage.direct.village.storage.alive is alive
    )


def genset(*phases: str) -> Check:
    """The phase of the genset as the controller sees it."""
    return Check(f"genset {' or '.join(phases)}", lambda stage: stage.memory.genset.phase in phases)


def genset_says(*codes: str) -> Check:
    """Why the genset is as it is."""
    return Check(
        f"genset because of {' or '.join(codes)}",
        lambda stage: (
            stage.decision is not None
            and stage.decision.genset_reason is not None
            and stage.decision.genset_reason.code in codes
        ),
    )


def starts_tried(count: int) -> Check:
    """How often the engine has been asked to start since the story began."""
    return Check(
        f"{count} starts tried",
        lambda stage: (
            sum(event.subject == "genset" and event.action == "start" for _, event in stage.log) == count
        ),
    )


def nobody_switched(*feeders: str) -> Check:
    """Of these feeders (none given: of all) none was switched since the row began."""
    wanted = set(feeders or EVERYBODY)
    return Check(
        f"nobody of {', '.join(sorted(wanted))} switched",
        lambda stage: (
            not any(
                at_s >= stage.row_s and event.subject in wanted and event.action in ("open", "close")
                for at_s, event in reversed(stage.log)
            )
        ),
    )


def switched_at_most(times: int, *feeders: str) -> Check:
    """Since the row began none of these feeders was opened or closed more often."""
    wanted = set(feeders or EVERYBODY)

    def holds(stage: Stage) -> bool:
        moves = [e.subject for at_s, e in stage.log if at_s >= stage.row_s and e.action in ("open", "close")]
        return all(moves.count(feeder) <= times for feeder in wanted)

    return Check(f"nobody switched more than {times} times", holds)


def real_soc(at_least: float) -> Check:
    """What the battery really holds."""
    return Check(
        f"SoC really at least {at_least}", lambda stage: stage.direct.village.storage.soc_frac >= at_least
    )


def charging() -> Check:
    """Power flows into the battery."""
    return Check("the battery charging", lambda stage: stage.direct.village.storage.battery_power_w > 0.0)


def pv_limited(*, below: float) -> Check:
    """Some array is held to less than this part of its rated power."""
    return Check(
        f"PV limited below {below}",
        lambda stage: any(
            plant.limit_enabled and plant.limit_frac < below for plant in stage.direct.village.pv.values()
        ),
    )


def clinic_is_served() -> Check:
    """The critical feeder has power whenever there is a bus, but for the moment in which that comes up."""
    return Check("the clinic on while there is a bus", lambda stage: stage.unserved_s <= _CLINIC_WAITS_S)


def within_limits() -> Check:
    """No device has gone beyond its limits so far."""
    return Check("every device within its limits", lambda stage: stage.watch.strain.total() == 0)
