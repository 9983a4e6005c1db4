import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.telemetry.packing import DamagedBlockError, pack, per_unit, scaled, unpack

STEPS = st.lists(st.none() | st.integers(-(2**53) + 1, 2**53 - 1), max_size=80)


@given(STEPS)
def test_what_was_packed_comes_out_again(steps):
    present = np.array([step is not None for step in steps], bool)
    packed = pack(np.array([step or 0 for step in steps], np.int64), present)
    found, there = unpack(packed, len(steps))
    assert [int(step) if is_there else None for step, is_there in zip(found, there, strict=True)] == steps


@given(data=st.binary(max_size=60), count=st.integers(0, 50))
def test_rubbish_is_damage_and_nothing_else(data, count):
    try:
        steps, present = unpack(data, count)
    except DamagedBlockError:
        return
    assert steps.shape == present.shape == (count,)


@given(at=st.integers(1, 200), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found(at, bit):
    steps = np.arange(0, 5000, 17, dtype=np.int64) ** 2
    packed = bytearray(pack(steps))
    packed[at % len(packed)] ^= 1 << bit
    try:
        found, _ = unpack(bytes(packed), 295)
    except DamagedBlockError:
        return
    assert np.array_equal(found, steps), "some bits of zlib's say nothing"


@pytest.mark.parametrize(
    ("point", "value", "stored"),
    [
        ("power_w", -1234.56, -1234.6),
        ("energy_import_wh", 9_876_543_210.4, 9_876_543_210.0),
        ("cell_voltage_max_v", 3.3214, 3.321),
        ("battery_soc_frac", 0.123456, 0.12346),
        ("closed", 1.0, 1.0),
        ("voltage_l1_v", 1e300, None),
        ("power_w", float("nan"), None),
    ],
)
def test_values_are_kept_finer_than_any_device_measures(point, value, stored):
    scale = per_unit([("meter", point)])
    steps, present = scaled(np.array([value]), scale)
    assert present[0] == (stored is not None)
    if stored is not None:
        assert steps[0] / scale[0] == pytest.approx(stored, abs=1e-12)


def test_a_quiet_hour_takes_next_to_nothing():
    assert len(pack(np.full(360, 2300, np.int64))) < 30
