"""Every model that the SunSpec Alliance has published, held against an encoder of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sunspec_device import (
    COMMON,
    COPIES,
    MODELS,
    Device,
    body,
    chain,
    coded,
    counters,
    leaves,
    nothing,
    published,
    values_of,
)

from drivers.sunspec import Gap, describe, walk
from drivers.sunspec.coding import decode_raw, scaled

SILENT = ("sunssf", "pad")
OWN_NUMBERS = 64000


def raw_values(point: Mapping[str, Any]) -> st.SearchStrategy[int | float | str]:
    """Every raw value that a point can hold and that is implemented."""
    kind, size = point["type"], point["size"]
    if kind == "string":
        visible = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
        return st.text(visible, min_size=1, max_size=2 * size)
    if kind.startswith("float"):
        return st.floats(width=32, allow_nan=False, allow_infinity=False)
    if kind.startswith("acc"):
        return st.integers(1, (1 << 16 * size) - 1)
    if kind == "sunssf":
        return st.integers(-10, 10)
    if kind.startswith("int"):
        return st.integers(-(1 << 16 * size - 1) + 1, (1 << 16 * size - 1) - 1)
    return st.integers(0, (1 << 16 * size) - 2)


def factor_of(label: str, points: Mapping[str, Mapping[str, Any]]) -> str | int:
    """Where a point's power of ten stands, in its own copy of a group or in the model; or that power."""
    factor = points[label].get("sf", 0)
    _, bracket, index = label.partition("[")
    beside = f"{factor}{bracket}{index}"
    return beside if beside in points else factor


NETWORK = ("ipaddr", "ipv6addr", "eui48")


@pytest.mark.parametrize("model", [model for model in MODELS if model < OWN_NUMBERS])
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
async def test_whatever_a_model_holds_is_decoded(model: int, data: st.DataObject) -> None:
    points = dict(leaves(published(model), COPIES))
    fixed = counters(model)
    chosen = st.sampled_from([label for label, point in points.items() if point["type"] not in NETWORK])
    labels = data.draw(st.lists(chosen, max_size=8, unique=True), label="points that are implemented")
    raw = {label: data.draw(raw_values(points[label]), label=label) for label in labels if label not in fixed}
    raw |= fixed
    factors = {label: factor_of(label, points) for label in raw}
    for factor in sorted({each for each in factors.values() if isinstance(each, str)} - raw.keys()):
        raw[factor] = data.draw(st.integers(-10, 10), label=factor)
    found = await walk(Device(chain((1, COMMON), body(model, raw, COPIES))).read)
    values = values_of(found, model)
    assert found.complete
    assert set(values) == {label for label, point in points.items() if point["type"] not in SILENT}
    for label, value in values.items():
        if label not in raw:
            assert (value.value, value.gap) == (None, Gap.NOT_IMPLEMENTED), label
            continue
        expected, factor = raw[label], factors[label]
        exponent = raw[factor] if isinstance(factor, str) else factor
        if isinstance(expected, str):
            assert value.value == expected
        else:
            assert value.value == pytest.approx(expected * 10.0**exponent, rel=1e-12), label


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.integers(-10, 10))
def test_whole_numbers_stay_exact_however_long(raw: int, exponent: int) -> None:
    assert decode_raw("int64", coded("int64", 4, raw)) == raw
    if exponent >= 0:
        assert scaled(raw, exponent) == raw * 10**exponent


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        ("uint16", [0xFFFE], 65534),
        ("int16", [0x8001], -32767),
        ("acc16", [7], 7),
        ("count", [3], 3),
        ("raw16", [0xABCD], 0xABCD),
        ("enum32", [0, 5], 5),
        ("bitfield64", [0, 0, 0, 9], 9),
        ("int32", [0xFFFF, 0xFFFE], -2),
        ("uint64", [0, 0, 1, 0], 65536),
        ("float64", [0x4009, 0x21FB, 0x5444, 0x2D18], math.pi),
        ("ipaddr", [0xC0A8, 0x0001], "192.168.0.1"),
        ("ipv6addr", [0x2001, 0xDB8, 0, 0, 0, 0, 0, 1], "2001:db8::1"),
        ("eui48", [0, 0x0040, 0xADA9, 0x9576], "00:40:AD:A9:95:76"),
        ("string", [0x4162, 0x2000], "Ab"),
        ("string", [0xC3BC, 0x0041], "ü"),
    ],
)
def test_each_type_is_decoded_as_the_standard_says(kind: str, words: list[int], value: object) -> None:
    assert decode_raw(kind, words) == value


@pytest.mark.parametrize(
    ("kind", "size"),
    [(kind, 1) for kind in ("uint16", "int16", "acc16", "enum16", "bitfield16", "count", "sunssf", "raw16")]
    + [(kind, 2) for kind in ("uint32", "int32", "acc32", "enum32", "bitfield32", "float32", "ipaddr")]
    + [(kind, 4) for kind in ("uint64", "int64", "acc64", "bitfield64", "float64", "eui48")]
    + [("ipv6addr", 8), ("string", 16)],
)
def test_each_type_can_say_that_it_is_not_implemented(kind: str, size: int) -> None:
    assert decode_raw(kind, nothing(kind, size)) is None


def test_infinity_and_text_of_nothing_but_filling_are_no_values() -> None:
    assert decode_raw("float32", [0x7F80, 0]) is None
    assert decode_raw("string", [0x2020, 0x2020]) is None
    assert decode_raw("string", [0xFFFF, 0xFFFF]) is None


async def test_a_state_and_flags_are_told_as_text() -> None:
    device = Device(chain(body(701, {"InvSt": 3, "Alrm": 0b1000_0000_0000_0000_0000_0010, "DERMode": 0})))
    values = values_of(await walk(device.read), 701)
    assert values["InvSt"].meaning == "RUNNING"
    assert values["Alrm"].meaning == "DC_OVER_VOLT, bit 23"
    assert (values["DERMode"].value, values["DERMode"].meaning) == (0, None)


async def test_a_float_model_names_its_states_without_the_slip_of_the_published_file() -> None:
    values = values_of(await walk(Device(chain(body(111, {"St": 4}))).read), 111)
    assert values["St"].meaning == "MPPT"


@pytest.mark.parametrize("factor", [0x8000, 0x7FFF, 11])
async def test_a_number_whose_scale_is_not_told_is_missing(factor: int) -> None:
    values = values_of(await walk(Device(chain(body(103, {"W": 1080, "W_SF": factor}))).read), 103)
    assert (values["W"].value, values["W"].gap) == (None, Gap.NO_SCALE)


async def test_a_scale_that_the_standard_fixes_needs_no_register() -> None:
    values = values_of(await walk(Device(chain(body(308, {"TmpBOM": 453}))).read), 308)
    assert values["TmpBOM"].value == pytest.approx(45.3)


async def test_curves_have_as_many_points_as_the_device_says() -> None:
    counts = {"NCrv": 2, "NPt": 3, "V_SF": -1, "DeptRef_SF": -1, "RspTms_SF": 0}
    raw = counts | {"ActPt[2]": 2, "Pt.V[2][3]": 1080, "Pt.Var[2][3]": -300, "Pt.V[1][1]": 920}
    values = values_of(await walk(Device(chain(body(705, raw, COPIES))).read), 705)
    assert (values["Pt.V[1][1]"].value, values["Pt.V[2][3]"].value) == (92, 108)
    assert values["Pt.Var[2][3]"].value == -30
    assert values["ActPt[2]"].value == 2
    assert "Pt.V[2][4]" not in values


async def test_trip_curves_inside_trip_curves_are_told_apart() -> None:
    raw = {"NCrvSet": 2, "NPt": 3, "V_SF": 0, "Tms_SF": -2, "MustTrip.Pt.Tms[2][3]": 200}
    values = values_of(await walk(Device(chain(body(707, raw, COPIES))).read), 707)
    assert values["MustTrip.Pt.Tms[2][3]"].value == 2
    assert values["MomCess.Pt.Tms[2][3]"].gap is Gap.NOT_IMPLEMENTED


async def test_groups_that_stand_once_are_told_by_their_names() -> None:
    raw = {"PF_SF": -3, "PFWInj.PF": 950, "PFWAbs.Ext": 1}
    values = values_of(await walk(Device(chain(body(704, raw))).read), 704)
    assert values["PFWInj.PF"].value == pytest.approx(0.95)
    assert values["PFWAbs.Ext"].meaning == "UNDER_EXCITED"


async def test_a_model_that_claims_more_copies_than_it_has_room_for_ends_with_its_registers() -> None:
    _, words = body(714, {"NPrt": 2, "DCW_SF": 0, "DCW[2]": 900}, COPIES)
    words[2] = 60000
    values = values_of(await walk(Device(chain((714, words), body(1))).read), 714)
    assert values["DCW[2]"].value == 900
    assert "DCW[3]" not in values


async def test_a_shorter_model_tells_what_it_reaches_and_a_longer_one_no_more_than_is_known() -> None:
    _, words = body(103, {"A": 5, "A_SF": 0, "W": 100, "W_SF": 0})
    short = values_of(await walk(Device(chain((103, words[:13]), body(120))).read), 103)
    assert (short["A"].value, short["W"].value, short["W"].gap) == (5, None, Gap.NO_SCALE)
    assert "Hz" not in short
    long = values_of(await walk(Device(chain((103, [*words, 1, 2, 3]), body(120))).read), 103)
    assert long["W"].value == 100
    assert len(long) == len(values_of(await walk(Device(chain((103, words))).read), 103))


async def test_a_makers_own_number_is_believed_only_with_the_published_length() -> None:
    known = body(64111)
    found = await walk(Device(chain((1, COMMON), known, (64111, [1] * 12), (64999, [7] * 300))).read)
    assert [model.words is None for model in found.models] == [False, False, True, True]
    assert {value.model for value in describe(found).values} == {1, 64111}
    assert found.complete
