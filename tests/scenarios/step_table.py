"""Stories as step tables: each row says when, what happens, and what must hold.

A row's `always` holds at every tick from its time until the next row's, its `then` at the end of that
stretch; `within(seconds, check)` must come true in time. Underneath are the village's real physics and the
real `decide`, once a second. Two things hold in every story without being said: no device goes beyond its
limits, and the clinic has power whenever there is a bus to give it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from step_acts import Act
from step_checks import Check, Within, clinic_is_served, within_limits

from controller.core.decide import decide
from controller.core.memory import from_json, to_json
from controller.core.model import Decision, Event, Memory, Plan, ProcessImage
from controller.settings import Config
from simulation.direct import DirectVillage
from simulation.limits import LimitWatch
from simulation.physics.village import Village

ROOT = Path(__file__).resolve().parents[2]
DAY_S = 86_400.0
FEEDERS = ("clinic", "school", "street", "pump", "houses_a", "houses_b", "houses_c", "houses_d")


@dataclass
class Stage:
    """A village in the middle of its story, with its controller."""

    direct: DirectVillage
    start_s: float
    """Local time of day at the village's zero."""
    watch: LimitWatch
    memory: Memory = field(default_factory=Memory)
    plan: Plan | None = None
    decision: Decision | None = None
    log: list[tuple[float, Event]] = field(default_factory=list)
    """What the controller did, by the time since local midnight of the first day."""
    controlled: bool = True
    wall_skew_s: float = 0.0
    """By which the controller's calendar is wrong."""
    boot_s: float = 0.0
    """When its monotonic clock began, on the village's."""
    row_s: float = 0.0
    """When the present row began."""
    unserved_s: float = 0.0
    """For how long the clinic has been without, although there was a bus."""
    ticks: int = 0

    @property
    def now_s(self) -> float:
        """Since local midnight of the first day."""
        return self.start_s + self.direct.village.now_s

    @property
    def monotonic_s(self) -> float:
        """The present on the controller's monotonic clock."""
        return self.direct.monotonic_s - self.boot_s

    @property
    def clock(self) -> str:
        """The local time of day, for people."""
        return str(timedelta(seconds=round(self.now_s % DAY_S)))

    def tick(self, dt_s: float = 1.0) -> None:
        """So much of the village's time, then one tick of the controller where it runs."""
        village = self.direct.village
        self.direct.advance(dt_s)
        self.watch.look(dt_s)
        waits = village.storage.alive and not village.feeders["clinic"].powered
        self.unserved_s = self.unserved_s + dt_s if waits else 0.0
        if self.controlled:
            self.ticks += 1
            self.decide(self._image())

    def decide(self, image: ProcessImage) -> Decision:
        """What the controller makes of an image, carried out."""
        decision = decide(image, self.direct.site, self.memory, self.plan)
        self.memory, self.decision = decision.memory, decision
        self.log.extend((self.now_s, event) for event in decision.events)
        self.direct.apply(decision)
        return decision

    def _image(self) -> ProcessImage:
        image = self.direct.image(self.ticks)
        return replace(
            image,
            monotonic_s=self.monotonic_s,
            at=image.at + timedelta(seconds=self.wall_skew_s),
            clock_synchronised=self.wall_skew_s == 0.0,
        )

    def restart(self, *, with_memory: bool = True) -> None:
        """A new controller process after a reboot: what was saved is all that it knows."""
        self.memory = from_json(to_json(self.memory)) if with_memory else Memory()
        self.boot_s = self.direct.monotonic_s - 5.0
        self.plan = None
        self.controlled = True

    def describe(self) -> str:
        """The village at this moment, for a failed check."""
        village = self.direct.village
        state = (
            f"SoC {village.storage.soc_frac:.3f}, inverters {village.storage.ac_power_w / 1000:.1f} kW, "
            f"bus {'alive' if village.storage.alive else 'dead'}, genset {self.memory.genset.phase}, "
            f"mode {self.decision.mode if self.decision else None}"
        )
        lines = [state]
        for feeder_id, line in village.feeders.items():
            reason = self.decision.feeders[feeder_id].reason.code if self.decision else None
            lines.append(f"  {feeder_id:9} {'on ' if line.powered else 'off'} {line.power_w:7.0f} W {reason}")
        alarms = [alarm.code for alarm in self.decision.alarms] if self.decision else []
        strain = {f.name: getattr(self.watch.strain, f.name) for f in fields(self.watch.strain)}
        return "\n".join([*lines, f"  alarms {alarms}", f"  strain {strain}"])


@dataclass(frozen=True)
class Row:
    """One row of a step table."""

    at: str
    """Local time, HH:MM or HH:MM:SS; earlier than the row before: the next day."""
    what: str
    do: Sequence[Act] = ()
    always: Sequence[Check] = ()
    then: Sequence[Check | Within] = ()
    every: float = 1.0
    """Seconds between the controller's ticks: more than one in a long stretch of calm."""


def stage(
    at: str,
    *,
    soc: float,
    clouds: str = "clear",
    sun: Mapping[str, float] | None = None,
    demand: Mapping[str, float] | None = None,
    month: int = 3,
    seed: int = 1,
) -> Stage:
    """The default village on the 10th of a month of 2026.

    sun: global irradiance [W/m2] by local time, straight lines between. demand: what each feeder wants all
    day [W]; None: its appliances.
    """
    config = ban_wang_won()
    start_s = seconds(at)
    start = datetime(2026, month, 10, tzinfo=UTC) + timedelta(seconds=start_s - 7 * 3600)
    with _recorded("ghi_wm2", sun) as irradiance_csv, _recorded_demand(demand) as load_csv:
        village = Village(
            config, start_utc=start, seed=seed, soc_frac=soc, clouds=clouds,
            irradiance_csv=irradiance_csv, load_csv=load_csv,
        )  # fmt: skip
        village.advance(0.0)
    direct = DirectVillage(config, village, start_utc=start)
    return Stage(direct, start_s, LimitWatch(direct.site, village))


def play(on: Stage, rows: Sequence[Row], *, until: str, strained: bool = False) -> Stage:
    """Play a step table to its end; fails with the time, the row and the state of the village.

    strained: the story is about devices beyond their limits.
    """
    always: list[Check] = [clinic_is_served()]
    if not strained:
        always.append(within_limits())
    ends_s = [*(_moment(on, row.at) for row in rows[1:]), _moment(on, until)]
    for row, end_s in zip(rows, _ascending(ends_s), strict=True):
        on.row_s = on.now_s
        for act in row.do:
            act(on)
        waiting = [check for check in row.then if isinstance(check, Within)]
        while on.now_s < end_s - 1e-6:
            on.tick(row.every)
            _require([*always, *row.always], on, row)
            waiting = [check for check in waiting if not _come_true(check, on, row)]
        _require([check for check in row.then if isinstance(check, Check)], on, row)
        assert not waiting, f"{row.at} {row.what}: the row ended before {waiting[0].check.text}"
    return on


def _require(checks: Sequence[Check], on: Stage, row: Row) -> None:
    for check in checks:
        if not check.holds(on):
            pytest.fail(f"{on.clock} ({row.at} {row.what}): expected {check.text}\n{on.describe()}")


def _come_true(within: Within, on: Stage, row: Row) -> bool:
    if within.check.holds(on):
        return True
    if on.now_s - on.row_s >= within.seconds:
        pytest.fail(
            f"{on.clock} ({row.at} {row.what}): expected {within.check.text} within {within.seconds:g} s\n"
            f"{on.describe()}"
        )
    return False


def seconds(at: str) -> float:
    """Seconds since midnight of HH:MM or HH:MM:SS."""
    hours, minutes, *rest = (int(part) for part in at.split(":"))
    return 3600.0 * hours + 60.0 * minutes + (rest[0] if rest else 0)


def _moment(on: Stage, at: str) -> float:
    return seconds(at) + (DAY_S if seconds(at) < on.start_s else 0.0)


def _ascending(moments_s: Sequence[float]) -> Sequence[float]:
    assert list(moments_s) == sorted(moments_s), "the rows' times do not ascend"
    return moments_s


@cache
def ban_wang_won() -> Config:
    """The config.yaml of the repository."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    return Config.model_validate(YAML(typ="safe").load(text))


@contextmanager
def _recorded(column: str, values: Mapping[str, float] | None) -> Iterator[Path | None]:
    if values is None:
        yield None
        return
    rows = "\n".join(
        f"2026-01-01T{at if at.count(':') == 2 else at + ':00'},{value}" for at, value in values.items()
    )
    with _file(f"time,{column}\n{rows}\n") as path:
        yield path


@contextmanager
def _recorded_demand(demand: Mapping[str, float] | None) -> Iterator[Path | None]:
    if demand is None:
        yield None
        return
    watts = ",".join(str(demand.get(feeder, 0.0)) for feeder in FEEDERS)
    rows = "\n".join(f"2026-01-01T{at},{watts}" for at in ("00:00", "23:59"))
    with _file(f"time,{','.join(FEEDERS)}\n{rows}\n") as path:
        yield path


@contextmanager
def _file(text: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.csv"
        path.write_text(text, encoding="utf-8")
        yield path
