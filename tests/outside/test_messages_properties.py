"""Whatever happens, in whatever order: nobody is told twice, nothing critical is lost, no quota exceeded."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from message_village import CONFIG, NO_NETWORK, QUOTA_SPENT, SENT, WRONG_TOKEN, Clock, Phones

from controller.outside.messages.memory import MessageMemory
from controller.outside.messages.model import Kind, Outgoing
from controller.outside.messages.refusal import Answer, Outcome
from controller.outside.messages.service import Messages
from controller.outside.notebook import Notebook
from controller.settings.messages import MessagesSettings
from controller.telemetry.alarm_log import AlarmRecord, Severity

LIMIT = 12
SETTINGS = MessagesSettings.model_validate(
    {
        "people": {
            "somchai": {"channels": ["somchai", "group"]},
            "team": {"channels": ["group"], "severities": ["critical", "warning"]},
            "malee": {"channels": ["malee"], "level": 2},
        },
        "channels": {
            "somchai": {"url": "json://127.0.0.1:9/somchai", "quota": "line"},
            "group": {"url": "json://127.0.0.1:9/group", "quota": "line", "recipients": 3},
            "malee": {"url": "json://127.0.0.1:9/malee"},
        },
        "quotas": {"line": {"messages_per_month": LIMIT, "reserve_frac": 0.25}},
        "quiet_hours": {"begin": "22:00", "end": "06:00"},
    }
)
RULES_REPEAT = timedelta(seconds=SETTINGS.repeat_after_s)
ANSWERS = {"works": SENT, "away": NO_NETWORK, "refuses": WRONG_TOKEN, "spent": QUOTA_SPENT}
ANSWERS["slow"] = Answer(Outcome.UNCERTAIN, "it did not answer in time")

KEYS = st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("raise"), KEYS, st.sampled_from(list(Severity))),
    st.tuples(st.sampled_from(["clear", "acknowledge", "worsen"]), KEYS, st.none()),
    st.tuples(st.just("wait"), st.sampled_from([30, 90, 600, 3600, 20_000]), st.none()),
    st.tuples(
        st.just("provider"), st.sampled_from(["somchai", "group", "malee"]), st.sampled_from(list(ANSWERS))
    ),
    st.tuples(st.just("restart"), st.none(), st.none()),
)


class Watched(MessageMemory):
    """Notes what was sent, and when."""

    def __init__(self, notebook: Notebook, log: list[tuple[Outgoing, Any]]) -> None:
        super().__init__(notebook)
        self.log = log

    def sent(self, message: Outgoing, now: Any) -> None:
        self.log.append((message, now))
        super().sent(message, now)


@dataclass
class World:
    """The service without a store: alarms are handed to its memory."""

    clock: Clock = field(default_factory=Clock)
    phones: Phones = field(default_factory=Phones)
    notebook: Notebook = field(default_factory=lambda: Notebook(Path(":memory:")))
    sent: list[tuple[Outgoing, Any]] = field(default_factory=list)
    standing: dict[int, AlarmRecord] = field(default_factory=dict)
    count: int = 0
    change: int = 0

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.memory = Watched(self.notebook, self.sent)
        nowhere = Path("/nonexistent/telemetry.db")
        self.service = Messages(CONFIG, SETTINGS, nowhere, self.memory, self.phones, self.clock)

    def keep(self, record: AlarmRecord) -> None:
        self.change += 1
        self.memory.take_in([record], self.change, self.clock.utc_now())

    def act(self, what: str, which: Any, more: Any) -> None:
        record = self.standing.get(which)
        if what == "raise" and record is None:
            self.count += 1
            code = f"alarm_{which}"
            self.standing[which] = AlarmRecord(self.count, code, "site", more, {}, self.clock.utc_now())
            self.keep(self.standing[which])
        elif what == "clear" and record is not None:
            self.keep(replace(record, cleared_utc=self.clock.utc_now()))
            del self.standing[which]
        elif what == "acknowledge" and record is not None:
            self.standing[which] = replace(record, acknowledged_utc=self.clock.utc_now())
            self.keep(self.standing[which])
        elif what == "worsen" and record is not None:
            self.standing[which] = replace(record, severity=Severity.CRITICAL, acknowledged_utc=None)
            self.keep(self.standing[which])
        elif what == "provider":
            self.phones.answers[which] = ANSWERS[more]
        elif what == "wait":
            self.clock.at += timedelta(seconds=which)
        elif what == "restart":
            self.restart()

    def check(self) -> None:
        self.nobody_was_told_twice()
        self.nothing_critical_is_lost()
        self.no_quota_is_exceeded()
        self.nobody_was_woken_for_nothing()

    def nobody_was_told_twice(self) -> None:
        told = Counter(
            (message.person, item.alarm.record.id, item.kind, item.alarm.record.severity)
            for message, _ in self.sent
            for item in message.items
        )
        assert not told or max(told.values()) == 1

    def nothing_critical_is_lost(self) -> None:
        status = self.service.status()
        waiting = {(one["person"], one["code"]) for one in status["waiting"]}
        beliefs = self.memory.told()
        for record in self.standing.values():
            if record.severity is not Severity.CRITICAL or record.acknowledged_utc is not None:
                continue
            for person in ("somchai", "team", "malee"):
                belief = beliefs.get((person, (record.code, "site")))
                knows = belief is not None and (belief.alarm_id, belief.severity) == (
                    record.id,
                    record.severity,
                )
                assert knows or (person, record.code) in waiting

    def no_quota_is_exceeded(self) -> None:
        by_month: Counter[str] = Counter()
        for message, at in self.sent:
            if message.channel == "malee":
                continue
            month = f"{at + timedelta(hours=7):%Y-%m}"
            by_month[month] += message.cost
            assert by_month[month] <= (LIMIT if message.urgent else LIMIT * 3 // 4)

    def nobody_was_woken_for_nothing(self) -> None:
        for message, at in self.sent:
            if not 6 <= (at + timedelta(hours=7)).hour < 22:
                assert message.urgent
                assert any(
                    item.kind is Kind.RAISED and item.alarm.record.severity is Severity.CRITICAL
                    for item in message.items
                )


async def lived(steps: list[tuple[str, Any, Any]]) -> World:
    world = World()
    for step in steps:
        world.act(*step)
        await world.service.look()
        world.check()
    return world


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_whatever_happens(steps: list[tuple[str, Any, Any]]) -> None:
    asyncio.run(lived(steps))


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, max_size=20))
def test_once_all_is_well_again_everybody_knows_what_is_true(steps: list[tuple[str, Any, Any]]) -> None:
    async def then_all_is_well() -> None:
        world = await lived(steps)
        world.phones.answers.clear()
        world.clock.at += timedelta(days=40)  # another month, with a quota of its own
        for _ in range(60):
            world.clock.at += timedelta(minutes=31)
            await world.service.look()
        beliefs = world.memory.told()
        for record in world.standing.values():
            if record.severity is Severity.CRITICAL and record.acknowledged_utc is None:
                assert beliefs[("somchai", (record.code, "site"))].alarm_id == record.id
        standing = {record.code for record in world.standing.values()}
        for (_, (code, _)), belief in beliefs.items():
            assert code in standing or belief.cleared_told is not None
        assert all(
            alarm.record.code in standing for alarm in world.memory.followed()
        )  # nothing is followed for ever

    asyncio.run(then_all_is_well())
