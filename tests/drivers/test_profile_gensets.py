"""What the registers of genset controllers mean where a register is more than a number."""

from __future__ import annotations

import pytest

from controller.core.points import tells_trouble
from drivers.codec import decode, text_of
from drivers.model import derived_value
from drivers.profile import load_profile


@pytest.mark.parametrize(
    ("raw", "mode", "text"), [(0, 0, "off"), (1, 2, "manual"), (2, 1, "auto"), (3, 3, "test")]
)
def test_a_comap_is_in_auto_only_when_its_switch_is(raw: int, mode: float, text: str) -> None:
    """It counts manual before auto; a request to run is heard in mode 1, which is Tawan's auto."""
    profile = load_profile("comap-intelilite")
    how = profile.derived["control_mode"]
    assert derived_value(how, [decode([raw], profile.reads[part]) for part in how.parts]) == mode
    work_mode = profile.reads["work_mode"]
    assert text_of(decode([raw], work_mode), work_mode) == text


@pytest.mark.parametrize(
    ("condition", "value", "text"),
    [
        (0, 0, "none"),  # disabled
        (1, 0, "none"),  # not active
        (2, 1, "low fuel level"),  # warning
        (3, 1, "low fuel level"),  # shutdown
        (4, 2, "low fuel level, tripped"),
        (8, 0, "none"),
        (9, 0, "none"),
        (10, 1, "low fuel level"),  # active indication
        (15, None, None),  # not implemented
    ],
)
def test_a_named_alarm_of_gencomm_is_trouble_when_it_is_raised(
    condition: int, value: float | None, text: str | None
) -> None:
    point = load_profile("deepsea-gencomm").reads["alarm_word_23"]
    assert tells_trouble(point.name)
    told = decode([0x1101 | condition << 4], point)
    assert (told, text_of(told, point)) == (value, text)


def test_gencomm_names_each_alarm_once_and_in_its_own_place() -> None:
    profile = load_profile("deepsea-gencomm")
    alarms = [point for point in profile.reads.values() if point.name.startswith("alarm_word")]
    assert [(point.address - 39425) * 4 for point in alarms[::4]] == list(range(0, 32, 4))
    assert [point.mask for point in alarms[:4]] == [0x6000, 0x0600, 0x0060, 0x0006]
    assert len({point.codes[1] for point in alarms}) == len(alarms) == 31
