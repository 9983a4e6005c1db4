"""A total that only ever grows, through whatever an energy counter does."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.counters import (
    CONFIRMATIONS,
    BreakKind,
    CounterBreak,
    CounterReading,
    CounterSpec,
    CounterWatch,
    moduli_of,
)

EVERY_S = 30.0
SPEC = CounterSpec(max_w=16_000.0, resolution_wh=10.0, moduli_wh=moduli_of(10.0, 32))


class Line:
    """A watch that is handed a reading every half minute."""

    def __init__(self, *raw_wh: float | None, spec: CounterSpec = SPEC) -> None:
        self.watch = CounterWatch(spec)
        self.now_s = 0.0
        self.breaks: list = []
        self.shown = [self.read(each) for each in raw_wh]

    def read(self, raw_wh: float | None) -> float | None:
        self.now_s += EVERY_S
        observed = self.watch.observe(raw_wh, self.now_s)
        if observed.broken is not None:
            self.breaks.append(observed.broken)
        return observed.raw_wh

    @property
    def kinds(self) -> list[BreakKind]:
        return [broken.kind for broken in self.breaks]


def test_a_counter_that_counts_is_believed_as_it_is() -> None:
    line = Line(500_000.0, 500_050.0, 500_090.0)
    assert line.shown == [500_000.0, 500_050.0, 500_090.0]
    assert line.watch.total_wh == 500_090.0
    assert not line.breaks


def test_the_same_reading_handed_in_again_confirms_nothing() -> None:
    watch = CounterWatch(SPEC)
    watch.observe(90_000.0, 30.0)
    for _ in range(30):
        assert watch.observe(5.0, 60.0).raw_wh is None
    assert watch.total_wh == 90_000.0


@pytest.mark.parametrize("nonsense", [0.0, 4_294_967_295.0, -5.0, float("nan"), float("inf"), 499_000.0])
def test_one_nonsensical_reading_is_missing_and_changes_nothing(nonsense: float) -> None:
    line = Line(500_000.0, nonsense, 500_020.0, 500_030.0)
    assert line.shown == [500_000.0, None, 500_020.0, 500_030.0]
    assert line.watch.total_wh == 500_030.0
    assert not line.breaks


def test_nonsense_that_comes_again_each_time_differently_is_never_believed() -> None:
    line = Line(500_000.0, 7e8, 3.0, 9e7, 1e6, 2e9, 500_090.0)
    assert line.shown == [500_000.0, *[None] * 5, 500_090.0]
    assert not line.breaks


def test_a_step_back_by_rounding_is_none() -> None:
    line = Line(500_000.0, 499_990.0, 500_010.0)
    assert line.shown == [500_000.0, 500_000.0, 500_010.0]


@pytest.mark.parametrize(
    ("spec", "last_wh", "first_wh", "modulus_wh"),
    [
        (SPEC, 2.0**32 * 10 - 30, 20.0, 2.0**32 * 10),  # an unsigned register of steps of 10 Wh
        (SPEC, 2.0**31 * 10 - 30, 20.0, 2.0**31 * 10),  # a signed one
        (CounterSpec(16_000.0, 100.0, moduli_of(100.0, 32)), 999_999_900.0, 0.0, 1e9),  # 999 999.9 kWh
        (CounterSpec(16_000.0, 10.0, moduli_of(10.0, None)), 99_999_990.0, 40.0, 1e8),  # 99 999.99 kWh
    ],
)
def test_a_counter_that_passes_its_largest_number_loses_nothing(
    spec: CounterSpec, last_wh: float, first_wh: float, modulus_wh: float
) -> None:
    line = Line(last_wh, first_wh, first_wh + 50, first_wh + 90, spec=spec)
    assert line.kinds == [BreakKind.ROLLOVER]
    assert line.watch.total_wh == pytest.approx(modulus_wh + first_wh + 90)
    assert line.shown == [last_wh, None, None, first_wh + 90]


def test_a_counter_that_forgot_goes_on_from_its_last_reading() -> None:
    line = Line(500_000.0, 20.0, 60.0, 110.0)
    assert line.kinds == [BreakKind.RESET]
    assert line.watch.total_wh == 500_110.0
    assert line.breaks[0].before_wh == 500_000.0
    assert line.breaks[0].after_wh == 20.0


@pytest.mark.parametrize("new_wh", [731_000.0, 212_000.0])
def test_what_another_meter_counted_before_is_not_taken_for_energy(new_wh: float) -> None:
    line = Line(500_000.0, new_wh, new_wh + 40, new_wh + 80)
    assert line.kinds == [BreakKind.REPLACEMENT]
    assert line.watch.total_wh == 500_080.0


def test_a_meter_that_shows_zero_for_a_while_loses_nothing_once_it_remembers() -> None:
    line = Line(500_000.0, 0.0, 0.0, 0.0, 0.0, 500_100.0, 500_120.0, 500_150.0)
    assert line.kinds == [BreakKind.RESET, BreakKind.RETURN]
    assert line.watch.total_wh == 500_150.0


def test_after_long_silence_the_counter_tells_all_that_passed() -> None:
    line = Line(500_000.0, 500_050.0)
    line.now_s += 5 * 86_400
    assert line.read(590_000.0) == 590_000.0
    assert not line.breaks


def test_a_restart_goes_on_where_the_counter_stood() -> None:
    line = Line(500_000.0, 20.0, 60.0, 110.0)
    again = CounterWatch(SPEC, CounterReading(110.0, -600.0), line.breaks[0])
    assert again.observe(400.0, 0.0).raw_wh == 400.0
    assert again.total_wh == 500_400.0


def test_a_replacement_while_the_controller_was_off_is_found() -> None:
    watch = CounterWatch(SPEC, CounterReading(500_000.0, -3600.0))
    seen = [watch.observe(912_000.0 + 10 * turn, 30.0 * turn) for turn in range(CONFIRMATIONS)]
    assert seen[-1].broken is not None
    assert seen[-1].broken.kind is BreakKind.REPLACEMENT
    assert watch.total_wh == 500_000.0 + 10 * (CONFIRMATIONS - 1)


MODULUS_WH = 2.0**32
COUNTING = CounterSpec(16_000.0, 1.0, moduli_of(1.0, 32))


@dataclass
class Story:
    """A meter that counts what passes, and the watch that reads it, through whatever happens."""

    register_wh: float
    power_w: float
    now_s: float = 0.0
    passed_wh: float = 0.0
    """Since the first reading."""
    unsure_wh: float = 4.0
    """How far the total may be off, for what nobody could know."""

    def __post_init__(self) -> None:
        self.watch = CounterWatch(COUNTING)
        self.latest: CounterBreak | None = None
        self.total_wh = 0.0
        self.count(1)
        self.first_wh, self.passed_wh = self.total_wh, 0.0

    def silence(self, turns: int) -> None:
        for _ in range(turns):
            self.now_s += EVERY_S
            wh = self.power_w * EVERY_S / 3600
            self.passed_wh += wh
            self.register_wh = (self.register_wh + wh) % MODULUS_WH

    def count(self, turns: int) -> None:
        for _ in range(turns):
            self.silence(1)
            self._observe(self.register_wh)

    def glitch(self, raw_wh: float) -> None:
        most_wh = COUNTING.most_wh(self.now_s + EVERY_S - self.believed.read_s)
        if -2 <= raw_wh - self.believed.raw_wh <= most_wh:
            return  # it could be true
        self.silence(1)
        self._observe(raw_wh)
        self.count(1)

    def begin_anew(self, at_wh: float) -> None:
        self.count(CONFIRMATIONS)
        if not 1000 < self.register_wh < MODULUS_WH - 1000:
            self.unsure_wh += 1000  # it does so by itself just then: nobody can tell the two apart
        self.register_wh = at_wh
        self.count(CONFIRMATIONS)
        self.unsure_wh += 4 + self.power_w * EVERY_S / 3600

    def restart(self, turns: int) -> None:
        self.count(CONFIRMATIONS)
        self.watch = CounterWatch(COUNTING, self.believed, self.latest)
        self.silence(turns)
        self.count(CONFIRMATIONS)

    def _observe(self, raw_wh: float) -> None:
        observed = self.watch.observe(raw_wh, self.now_s)
        self.latest = observed.broken or self.latest
        if observed.raw_wh is not None:
            self.believed = CounterReading(observed.raw_wh, self.now_s)
        total_wh = self.watch.total_wh
        assert total_wh is not None
        assert total_wh >= self.total_wh - 1e-5
        self.total_wh = total_wh


HAPPENINGS = st.one_of(
    st.tuples(st.just("count"), st.integers(3, 12)),
    st.tuples(st.just("silence"), st.integers(1, 50)),
    st.tuples(st.just("glitch"), st.floats(0, 4e10)),
    st.tuples(st.just("begin_anew"), st.one_of(st.just(0.0), st.floats(1e7, 9e8))),
    st.tuples(st.just("restart"), st.integers(10, 600)),
)


@settings(max_examples=120, deadline=None)
@given(
    happenings=st.lists(HAPPENINGS, max_size=12),
    power_w=st.floats(0, 8000),
    begin_wh=st.one_of(st.floats(1e6, 5e8), st.floats(MODULUS_WH - 5_000, MODULUS_WH - 100)),
)
def test_whatever_happens_the_total_grows_and_is_right_within_what_can_be_known(
    happenings: list, power_w: float, begin_wh: float
) -> None:
    story = Story(begin_wh, power_w)
    for what, much in [*happenings, ("count", 5)]:
        getattr(story, what)(much)
    while story.believed.read_s < story.now_s:
        story.count(1)
    counted_wh = story.total_wh - story.first_wh
    assert counted_wh == pytest.approx(story.passed_wh, abs=story.unsure_wh)
