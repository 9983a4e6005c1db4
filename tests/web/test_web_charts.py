"""The day's chart: what it draws, and that it draws nothing where nothing is known."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from web.charts import HEIGHT, WIDTH, DayChart, draw_day

watts = st.lists(st.none() | st.floats(0, 60_000), min_size=1, max_size=288)
fracs = st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=288)


def chart(pv_w, load_w=(), soc_frac=()) -> ET.Element:
    drawing = DayChart(300, pv_w, load_w, soc_frac, 12.0, title="T <b>", desc="D", kw="kW")
    return ET.fromstring(str(draw_day(drawing)))


def drawn(svg: ET.Element, name: str) -> list[str]:
    return [path.attrib["d"] for path in svg.iter("path") if path.attrib["class"] == name]


def stretches(values) -> int:
    return sum(value is not None and (i == 0 or values[i - 1] is None) for i, value in enumerate(values))


@given(watts, watts, fracs)
def test_every_stretch_between_gaps_is_drawn_inside_the_canvas(pv_w, load_w, soc_frac) -> None:
    svg = chart(pv_w, load_w, soc_frac)
    for name, values in (("pv", pv_w), ("load", load_w), ("soc", soc_frac)):
        paths = drawn(svg, name)
        assert len(paths) == stretches(values)
        for path in paths:
            points = [float(number) for number in re.findall(r"[\d.]+", path)]
            assert all(0 <= number <= max(WIDTH, HEIGHT) for number in points)


def test_nothing_known_draws_axes_only() -> None:
    svg = chart([None, None])
    assert not drawn(svg, "pv")
    assert drawn(svg, "grid")


def test_a_single_value_between_gaps_still_shows() -> None:
    assert drawn(chart([], [None, 5000.0, None]), "load")


def test_the_scale_is_a_round_number_above_the_peak() -> None:
    labels = [text.text for text in chart([0.0, 20_600.0]).iter("text")]
    assert "30" in labels
    assert "15" in labels


def test_title_and_description_come_first_and_are_escaped() -> None:
    svg = chart([1.0])
    assert [child.tag for child in svg][:2] == ["title", "desc"]
    assert svg[0].text == "T <b>"
