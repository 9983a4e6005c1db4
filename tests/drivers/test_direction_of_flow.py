"""Power and current whose direction stands in a register of its own."""

from __future__ import annotations

import pytest

from drivers.model import Derived, derived_value

FLOW = Derived(("battery_power_abs_w", "battery_direction"), (), "directed", frozenset({1}))
CHARGING, DISCHARGING = 0.0, 1.0


@pytest.mark.parametrize("told_w", [1116.0, -1116.0], ids=["a magnitude", "a signed value"])
def test_the_direction_decides_whatever_sign_the_firmware_gives(told_w: float) -> None:
    assert derived_value(FLOW, [told_w, CHARGING]) == 1116.0
    assert derived_value(FLOW, [told_w, DISCHARGING]) == -1116.0


def test_without_its_direction_a_flow_is_missing() -> None:
    assert derived_value(FLOW, [1116.0, None]) is None
