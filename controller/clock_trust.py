"""Whether the host's wall clock can be believed. Pure: what was seen goes in, a belief comes out.

The monotonic clock cannot be set by anybody. Once the wall clock is believed, the time of day runs on the
monotonic clock; the wall clock merely corrects it, slowly. A wall clock that contradicts what is known is not
believed before it has stood by its word, synchronised, for an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

STEP_S = 300.0
"""More than this is a step, not the drift of a host that saw no time server for weeks (50 ppm: 4 s a day)."""
STANDING_S = 3600.0
"""How long a contradicting wall clock must stand, synchronised, before it is believed."""
LONG_AWAY_S = 30 * 86_400.0
"""A clock that claims, at the start, that the site was dark for longer contradicts what is known."""
SLEW = 0.01
"""Seconds of correction a second: small enough that no period of 10 s goes short."""
SETTLED_S = 0.05
"""Differences below it are left alone: reading two clocks takes its time on a busy host."""
_SAME_S = 2.0
"""A contradicting clock that has moved by more has not stood."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The host's clocks at one instant."""

    monotonic_s: float
    wall_s: float
    """Unix seconds."""
    synchronised: bool
    """What the host says of its wall clock."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the time without any clock."""

    released_s: float
    """When this version was made, Unix seconds: no true clock shows less."""
    newest_s: float | None = None
    """The newest stamp in the store when the controller started, Unix seconds."""

    @property
    def floor_s(self) -> float:
        """No true clock shows less, unless the store's stamps were wrong."""
        return self.released_s if self.newest_s is None else max(self.released_s, self.newest_s)


@dataclass(frozen=True, slots=True)
class Rival:
    """What a contradicting wall clock claims."""

    offset_s: float
    """Its time less the monotonic clock's."""
    since_s: float
    """Since when it has stood by that, synchronised; seconds of the monotonic clock."""


@dataclass(frozen=True, slots=True)
class Belief:
    """The time of day as it is believed."""

    begun_s: float
    """First look, seconds of the monotonic clock; so is at_s."""
    at_s: float
    utc_s: float
    """The time of day at at_s, Unix seconds; without offset_s a guess that may jump."""
    offset_s: float | None = None
    """Believed time less the monotonic clock's; None: never believed yet."""
    rival: Rival | None = None
    """A wall clock that contradicts; None where there is none."""
    stepped_by_s: float | None = None
    """By how much the believed time changed at the last step that was believed; positive is forward."""
    stepped_at_s: float | None = None
    """When that was, seconds of the monotonic clock."""

    @property
    def synchronised(self) -> bool:
        """Whether the time is right as far as can be told."""
        return self.offset_s is not None and self.rival is None


def look(belief: Belief | None, seen: Seen, known: Known) -> Belief:
    """The belief after one more look; None before the first. Looks must not go back on the monotonic clock.

    While the belief is synchronised before and after, utc_s neither goes back nor runs more than SLEW
    faster or slower than the monotonic clock.
    """
    if belief is None:
        belief = Belief(begun_s=seen.monotonic_s, at_s=seen.monotonic_s, utc_s=known.floor_s)
    expected_s = _expected(belief, seen, known)
    if not _contradicts(belief, seen.wall_s - expected_s, known):
        after = _followed(belief, seen)
    else:
        after = _doubted(belief, seen, expected_s, known)
    return replace(after, at_s=seen.monotonic_s, utc_s=_utc(after, seen, known))


def _expected(belief: Belief, seen: Seen, known: Known) -> float:
    """The time as it is known without the wall clock; before the first belief the least that it can be."""
    if belief.offset_s is not None:
        return seen.monotonic_s + belief.offset_s
    return known.floor_s + (seen.monotonic_s - belief.begun_s)


def _contradicts(belief: Belief, ahead_s: float, known: Known) -> bool:
    if belief.offset_s is not None:
        return abs(ahead_s) > STEP_S
    if known.newest_s is None:  # a new site: any time since the release may be right
        return ahead_s < 0
    return not -STEP_S <= ahead_s <= LONG_AWAY_S


def _followed(belief: Belief, seen: Seen) -> Belief:
    """Believe a wall clock that fits; correct slowly."""
    if not seen.synchronised:
        return replace(belief, rival=None)
    told_s = seen.wall_s - seen.monotonic_s
    if belief.offset_s is None:
        return replace(belief, offset_s=told_s, rival=None)
    off_s = told_s - belief.offset_s
    most_s = SLEW * (seen.monotonic_s - belief.at_s)
    correction_s = max(-most_s, min(most_s, off_s)) if abs(off_s) > SETTLED_S else 0.0
    return replace(belief, offset_s=belief.offset_s + correction_s, rival=None)


def _doubted(belief: Belief, seen: Seen, expected_s: float, known: Known) -> Belief:
    """Let a contradicting wall clock stand its time; only then believe it."""
    told_s = seen.wall_s - seen.monotonic_s
    rival = belief.rival
    believable = seen.synchronised and seen.wall_s >= known.released_s
    if rival is None or not believable or abs(told_s - rival.offset_s) > _SAME_S:
        return replace(belief, rival=Rival(told_s, seen.monotonic_s))
    if seen.monotonic_s - rival.since_s <= STANDING_S:
        return belief
    return replace(
        belief,
        offset_s=told_s,
        rival=None,
        stepped_by_s=seen.wall_s - expected_s,
        stepped_at_s=seen.monotonic_s,
    )


def _utc(belief: Belief, seen: Seen, known: Known) -> float:
    if belief.offset_s is not None:
        return seen.monotonic_s + belief.offset_s
    least_s = _expected(belief, seen, known)
    return least_s if belief.rival is not None else max(least_s, seen.wall_s)
