"""The days' chart: what it draws, and that it draws nothing where nothing is known."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.axis import axis_top
from web.charts import WIDTH, DayChart, Fan, Panel, draw_days

kilowatts = st.lists(st.none() | st.floats(0, 600), min_size=1, max_size=288)


def fan(start_h: float, values: list[float]) -> Fan:
    low, lower, upper, high = ([value * k for value in values] for k in (0.5, 0.8, 1.2, 1.5))
    return Fan(start_h, 0.25, low, lower, values, upper, high)


def chart(*panels: Panel, now_h: float = 12.0, days: tuple[str, ...] = ("Today",)) -> ET.Element:
    drawing = DayChart(300, panels, now_h, days, title="T <b>", desc="D")
    return ET.fromstring(str(draw_days(drawing)))


def drawn(svg: ET.Element, name: str) -> list[str]:
    return [path.attrib["d"] for path in svg.iter("path") if path.attrib["class"] == name]


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"[\d.]+", path)]


def stretches(values) -> int:
    return sum(value is not None and (i == 0 or values[i - 1] is None) for i, value in enumerate(values))


@given(kilowatts, st.lists(st.floats(0, 600), min_size=1, max_size=192), st.floats(0, 24))
def test_every_stretch_and_every_band_is_drawn_inside_the_canvas(measured, expected, now_h) -> None:
    svg = chart(
        Panel("pv", "Panels", measured, fan(now_h, expected)), now_h=now_h, days=("Today", "Tomorrow")
    )
    height = float(svg.attrib["viewBox"].split()[3])
    assert len(drawn(svg, "measured")) == stretches(measured)
    for name in ("measured", "outer", "inner", "expected"):
        for path in drawn(svg, name):
            assert all(0 <= number <= max(WIDTH, height) for number in numbers(path))


def test_nothing_known_draws_axes_only() -> None:
    svg = chart(Panel("pv", "Panels", [None, None]))
    assert not drawn(svg, "measured")
    assert not drawn(svg, "outer")
    assert drawn(svg, "grid")


def test_a_single_value_between_gaps_still_shows() -> None:
    assert drawn(chart(Panel("load", "Use", [None, 5.0, None])), "measured")


def test_the_scale_is_a_round_number_above_the_peak_of_the_fan() -> None:
    svg = chart(Panel("pv", "Panels", [0.0, 6.6], fan(12.0, [13.8])), days=("Today", "Tomorrow"))
    labels = [text.text for text in svg.iter("text")]
    assert "30" in labels
    assert "15" in labels


@pytest.mark.parametrize(
    ("highest", "top"), [(0.0, 1.0), (1.01, 1.5), (20.6, 30.0), (100.0, 100.0), (730.0, 800.0)]
)
def test_tops_of_scales(highest: float, top: float) -> None:
    assert axis_top(highest) == top


def test_the_fan_begins_at_now_and_ends_with_the_axis() -> None:
    svg = chart(Panel("pv", "Panels", [], fan(10.0, [5.0] * 200)), now_h=12.0, days=("Today", "Tomorrow"))
    xs = numbers(drawn(svg, "expected")[0])[::2]
    now_x = numbers(drawn(svg, "now")[0])[0]
    assert min(xs) >= now_x
    assert max(xs) <= WIDTH


def test_two_days_are_named_and_parted_by_midnight() -> None:
    svg = chart(Panel("pv", "Panels", [1.0]), days=("Today", "Tomorrow"))
    texts = [text.text for text in svg.iter("text")]
    assert {"Today", "Tomorrow", "00:00", "12:00", "24:00"} <= set(texts)
    assert len(drawn(svg, "midnight")) == 1


def test_a_reserve_is_a_line_of_its_own() -> None:
    assert drawn(chart(Panel("soc", "Battery", [40.0], full=100.0, level=20.0)), "limit")


def test_title_and_description_come_first_and_are_escaped() -> None:
    svg = chart(Panel("pv", "Panels", [1.0]))
    assert [child.tag for child in svg][:2] == ["title", "desc"]
    assert svg[0].text == "T <b>"
