import math
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.telemetry.averaging import SampleAverager
from controller.telemetry.schema import PERIOD_S

PV, LOAD, SOC = ("site", "pv_w"), ("site", "load_w"), ("site", "soc_frac")
NOON_S = 1_795_237_200  # a multiple of ten


def means(periods):
    return {(p.at_s, p.synchronised, key): mean for p in periods for key, mean in p.means()}


def test_ten_seconds_become_one_mean():
    averager = SampleAverager()
    for second in range(10):
        averager.add(NOON_S + second, True, {PV: -1000.0 * second})
    assert means(averager.take_all()) == {(NOON_S, True, PV): -4500.0}


def test_missing_values_are_not_averaged():
    averager = SampleAverager()
    for second, value in enumerate([None, 4.0, None, 6.0]):
        averager.add(NOON_S + second, True, {PV: value, LOAD: None})
    assert means(averager.take_all()) == {(NOON_S, True, PV): 5.0}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_makes_its_mean_missing(value):
    averager = SampleAverager()
    averager.add(NOON_S, True, {PV: 1.0, LOAD: 1.0})
    averager.add(NOON_S + 1, True, {PV: value, LOAD: 3.0})
    assert means(averager.take_all()) == {(NOON_S, True, LOAD): 2.0}


def test_the_period_in_progress_is_kept_back():
    averager = SampleAverager()
    averager.add(NOON_S + 9.999, True, {PV: 1.0})
    averager.add(NOON_S + 10.0, True, {PV: 2.0})
    assert means(averager.take_closed()) == {(NOON_S, True, PV): 1.0}
    averager.add(NOON_S + 11.0, True, {PV: 4.0})
    assert means(averager.take_all()) == {(NOON_S + 10, True, PV): 3.0}


def test_a_clock_that_steps_back_joins_the_period_it_names():
    averager = SampleAverager()
    for second, value in ((0, 1.0), (40, 10.0), (3, 3.0), (41, 20.0)):
        averager.add(NOON_S + second, True, {PV: value})
    assert means(averager.take_all()) == {(NOON_S, True, PV): 2.0, (NOON_S + 40, True, PV): 15.0}


def test_false_stamps_do_not_mix_with_true_ones():
    averager = SampleAverager()
    averager.add(NOON_S, False, {PV: 1.0})
    averager.add(NOON_S + 1, True, {PV: 9.0})
    assert means(averager.take_all()) == {(NOON_S, False, PV): 1.0, (NOON_S, True, PV): 9.0}


def test_what_could_not_be_stored_is_the_first_to_be_given_up():
    averager = SampleAverager(max_periods=3)
    for period in range(3):
        averager.add(NOON_S + 10 * period, True, {PV: float(period), LOAD: 1.0})
    refused = averager.take_closed()
    for period in range(3, 5):
        averager.add(NOON_S + 10 * period, True, {PV: float(period)})
    averager.put_back(refused)
    assert averager.dropped == 4
    assert [at_s for at_s, _, key in means(averager.take_all()) if key == PV] == [
        NOON_S + 10 * period for period in (2, 3, 4)
    ]


def test_a_period_begun_again_while_its_first_part_was_refused_is_one():
    averager = SampleAverager()
    averager.add(NOON_S, True, {PV: 1.0})
    averager.add(NOON_S + 10, True, {PV: 0.0})
    refused = averager.take_closed()
    averager.add(NOON_S + 1, True, {PV: 4.0, SOC: 0.5})  # the clock stepped back
    averager.put_back(refused)
    averager.add(NOON_S + 2, True, {PV: 4.0})
    found = means(averager.take_all())
    assert found[NOON_S, True, PV] == 3.0
    assert found[NOON_S, True, SOC] == 0.5


SAMPLES = st.lists(
    st.tuples(
        st.floats(0, 100),
        st.booleans(),
        st.dictionaries(st.sampled_from([PV, LOAD, SOC]), st.none() | st.floats(-1e6, 1e6)),
        st.sampled_from(["go on", "commit", "refuse"]),
    ),
    max_size=60,
)


@given(samples=SAMPLES)
def test_however_the_clock_steps_and_the_disk_refuses_no_sample_is_lost_or_misplaced(samples):
    averager = SampleAverager()
    expected = defaultdict(list)
    total, count = defaultdict(float), defaultdict(int)

    def store(periods):
        for period in periods:
            for key in period.sums:
                total[period.at_s, period.synchronised, key] += period.sums[key]
                count[period.at_s, period.synchronised, key] += period.counts[key]

    for at_s, synchronised, values, then in samples:
        averager.add(at_s, synchronised, values)
        for key, value in values.items():
            if value is not None:
                expected[math.floor(at_s / PERIOD_S) * PERIOD_S, synchronised, key].append(value)
        if then == "commit":
            store(averager.take_closed())
        elif then == "refuse":
            averager.put_back(averager.take_closed())
    store(averager.take_all())
    assert count == {key: len(values) for key, values in expected.items()}
    for key, values in expected.items():
        assert total[key] == pytest.approx(math.fsum(values), abs=1e-6)
    assert averager.dropped == 0


@given(at_s=st.lists(st.floats(0, 1e6), max_size=50))
def test_memory_is_bounded_and_what_is_given_up_is_counted(at_s):
    averager = SampleAverager(max_periods=4)
    for instant_s in at_s:
        averager.add(instant_s, True, {PV: 1.0})
    assert len(averager) <= 4
    kept = len(means(averager.take_all()))
    assert kept + averager.dropped >= len({math.floor(s / PERIOD_S) for s in at_s})
