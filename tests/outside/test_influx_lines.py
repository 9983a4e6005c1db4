"""Line protocol says what was measured, whatever the names, to any reader of it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from influx_village import village
from line_protocol import parse

from controller.outside.influx.lines import Line, Naming, body, quoted

AT_S = 1_795_003_200
TAG_VALUES = st.from_regex(r"[^\x00-\x1f\\]{0,20}[^\x00-\x1f\\ ]", fullmatch=True).filter(
    lambda text: not any(mark in text for mark in "\x85\u2028\u2029")
)
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="\\"), min_size=1
)


@pytest.fixture(scope="module")
def naming(tmp_path_factory: pytest.TempPathFactory) -> Naming:
    return Naming(village("http://127.0.0.1:1", tmp_path_factory.mktemp("site")))


@pytest.mark.parametrize(
    ("subject", "point", "line"),
    [
        ("site", "pv_w", "site,site=ban-wang-won,id=site pv_w=-1200.5 1795003200"),
        ("clinic", "closed", "feeder,site=ban-wang-won,id=clinic closed=-1200.5 1795003200"),
        ("pv_south", "pv_power_w", "pv_inverter,site=ban-wang-won,id=pv_south pv_power_w=-1200.5 1795003200"),
        ("meter_clinic", "power_w", "meter,site=ban-wang-won,id=meter_clinic power_w=-1200.5 1795003200"),
        ("genset", "fuel_frac", "genset,site=ban-wang-won,id=genset fuel_frac=-1200.5 1795003200"),
        ("meter_old", "power_w", "gone,site=ban-wang-won,id=meter_old power_w=-1200.5 1795003200"),
    ],
)
def test_a_thing_is_named_by_what_it_is(naming: Naming, subject: str, point: str, line: str) -> None:
    assert body(naming.lines(AT_S, {(subject, point): -1200.5})).decode() == line


def test_the_points_of_a_thing_share_a_line(naming: Naming) -> None:
    values = {("site", "pv_w"): 1.0, ("clinic", "power_w"): 2.0, ("site", "load_w"): 3.0}
    lines = naming.lines(AT_S, values)
    assert [line.fields for line in lines] == [(("pv_w", "1.0"), ("load_w", "3.0")), (("power_w", "2.0"),)]


def test_what_is_not_finite_is_left_out(naming: Naming) -> None:
    values = {("site", "pv_w"): math.nan, ("site", "load_w"): math.inf, ("clinic", "power_w"): 2.0}
    assert [line.fields for line in naming.lines(AT_S, values)] == [(("power_w", "2.0"),)]


def test_own_tags_go_along_but_never_replace_the_village(tmp_path: Path) -> None:
    config = village("http://127.0.0.1:1", tmp_path, tags={"tambon": "หนองตาแต้ม = 1, 2"})
    (line,) = Naming(config).lines(AT_S, {("site", "pv_w"): 1.0})
    assert parse(line.text).tags == (("site", "ban-wang-won"), ("id", "site"), ("tambon", "หนองตาแต้ม = 1, 2"))


@settings(max_examples=60)
@given(
    subject=NAMES,
    tags=st.dictionaries(NAMES, TAG_VALUES, max_size=3),
    values=st.dictionaries(NAMES, st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5),
    at_s=st.integers(0, 2**40),
)
def test_an_independent_reader_finds_what_was_written(
    naming: Naming, subject: str, tags: dict[str, str], values: dict[str, float], at_s: int
) -> None:
    fields = naming.lines(at_s, {(subject, point): value for point, value in values.items()})[0].fields
    line = Line(naming.head("ม,easure ment", subject, tags), at_s, fields)
    found = parse(line.text)
    assert found.measurement == "ม,easure ment"
    assert dict(found.tags) == {**tags, "site": "ban-wang-won", "id": subject, **tags}
    assert found.fields == values
    assert found.at == at_s


@given(text=st.text())
def test_sentences_stay_on_one_line(text: str) -> None:
    found = parse(f"decision,id=clinic en={quoted(text)} 1")
    assert found.fields["en"] == " ".join(text.split())
