"""Which channel a message takes: the first that works and has quota left; the reserve is for the gravest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from controller.outside.messages.model import (
    Channel,
    ChannelState,
    Person,
    Quota,
    Situation,
    Why,
    elapsed,
)

_WORKS = ChannelState()


@dataclass(frozen=True, slots=True)
class NoChannel:
    """None of the person's channels can be used now."""

    why: Why
    channel: str
    """The first of them."""


@dataclass(slots=True)
class Allowance:
    """What is left of the quotas while messages of one moment are handed out."""

    _quotas: dict[str, Quota]
    _spent: dict[str, int]
    _refused: frozenset[str]

    @classmethod
    def of(cls, situation: Situation, now: datetime) -> Self:
        """As the moment begins."""
        states = situation.quota_states
        refused = frozenset(
            name
            for name, state in states.items()
            if state.refused_until is not None and not _reached(state.refused_until, now)
        )
        return cls(dict(situation.quotas), {name: state.spent for name, state in states.items()}, refused)

    def refusal(self, channel: Channel, *, urgent: bool) -> Why | None:
        """Why the channel's quota does not allow one more message; None: it does."""
        if channel.quota is None:
            return None
        quota = self._quotas[channel.quota]
        after = self._spent.get(quota.id, 0) + channel.cost
        if quota.id in self._refused or after > quota.per_month:
            return Why.QUOTA_SPENT
        return None if urgent or after <= quota.for_others else Why.QUOTA_RESERVED

    def spend(self, channel: Channel) -> None:
        """Take a message of the channel out of its quota."""
        if channel.quota is not None:
            self._spent[channel.quota] = self._spent.get(channel.quota, 0) + channel.cost


def choose(
    situation: Situation, person: Person, allowance: Allowance, *, urgent: bool, now: datetime
) -> Channel | NoChannel:
    """The channel for a message to the person, or why there is none.

    A channel that failed is tried again when its back-off is over. Meanwhile the next one takes its place: at
    once where the quota is used up or the channel refuses for good, after a while where it merely fails and
    the message is urgent; what is not urgent waits for the network.
    """
    none: NoChannel | None = None
    for name in person.channels:
        channel = situation.channels[name]
        why = allowance.refusal(channel, urgent=urgent)
        state = situation.channel_states.get(name, _WORKS)
        if why is None and _may_try(state, now):
            return channel
        none = none or NoChannel(why or Why.CHANNEL, name)
        if why is None and not _passed_over(situation, state, urgent=urgent, now=now):
            break
    assert none is not None  # noqa: S101 - everybody has a channel
    return none


def _may_try(state: ChannelState, now: datetime) -> bool:
    return state.next_try is None or _reached(state.next_try, now)


def _passed_over(situation: Situation, state: ChannelState, *, urgent: bool, now: datetime) -> bool:
    """Whether the person's next channel may stand in for one that is resting after a failure."""
    if state.refuses:
        return True
    since = state.failing_since
    return urgent and since is not None and elapsed(since, now) >= situation.rules.fallback_after


def _reached(moment: datetime, now: datetime) -> bool:
    """Whether a rest is over; one that would last for more than a day was set by a clock that was wrong."""
    return moment <= now or (moment - now).days >= 1
