from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.physics.battery import Battery
from simulation.physics.curves import Curve


def test_charging_raises_its_voltage_and_discharging_lowers_it() -> None:
    battery = Battery(120_000.0, 0.5, 28.0)
    rest_v = battery.voltage_v
    battery.apply(15_000.0, 1.0, 28.0)
    charging_v, charging_a = battery.voltage_v, battery.current_a
    battery.apply(-15_000.0, 1.0, 28.0)
    assert battery.voltage_v < rest_v < charging_v
    assert charging_a > 0.0 > battery.current_a
    assert charging_v * charging_a == pytest.approx(15_000.0)


def test_a_full_cycle_returns_most_of_its_energy() -> None:
    battery = Battery(120_000.0, 0.2, 28.0)
    put_in_wh = taken_out_wh = 0.0
    while battery.soc_frac < 0.8:
        battery.apply(15_000.0, 10.0, 28.0)
        put_in_wh += 15_000.0 / 360.0
    while battery.soc_frac > 0.2:
        battery.apply(-15_000.0, 10.0, 28.0)
        taken_out_wh += 15_000.0 / 360.0
    assert 0.94 < taken_out_wh / put_in_wh < 0.99


@given(
    soc_frac=st.floats(0.02, 0.99),
    powers_w=st.lists(st.floats(-40_000.0, 30_000.0), min_size=1, max_size=20),
    dt_s=st.floats(0.01, 1.0),
)
def test_energy_is_stored_or_lost_and_losses_are_never_gains(
    soc_frac: float, powers_w: list[float], dt_s: float
) -> None:
    battery = Battery(120_000.0, soc_frac, 28.0)
    before_wh, given_wh, lost_wh = battery.stored_wh, 0.0, 0.0
    for power_w in powers_w:
        loss_w = battery.apply(power_w, dt_s, 28.0)
        assert loss_w >= 0.0
        given_wh += power_w * dt_s / 3600.0
        lost_wh += loss_w * dt_s / 3600.0
    assert battery.stored_wh - before_wh == pytest.approx(given_wh - lost_wh, abs=1e-6)


@given(st.floats(0.0, 1.0))
def test_cells_spread_around_the_mean_within_what_lfp_can_be(soc_frac: float) -> None:
    battery = Battery(120_000.0, soc_frac, 28.0)
    assert 2.4 < battery.cell_voltage_min_v < battery.voltage_v / 16 < battery.cell_voltage_max_v < 3.50


def test_it_takes_less_and_less_when_nearly_full_or_cold_or_hot() -> None:
    assert Battery(120_000.0, 0.5, 28.0).charge_limit_w == pytest.approx(60_000.0)
    assert 0.0 < Battery(120_000.0, 0.99, 28.0).charge_limit_w < 15_000.0
    assert Battery(120_000.0, 1.0, 28.0).charge_limit_w == 0.0
    assert Battery(120_000.0, 0.5, -5.0).charge_limit_w == 0.0
    assert Battery(120_000.0, 0.5, 60.0).charge_limit_w == 0.0


def test_hard_work_warms_it_and_rest_cools_it_again() -> None:
    battery = Battery(120_000.0, 0.9, 28.0)
    for _ in range(3600):
        battery.apply(-24_000.0, 1.0, 28.0)
    warm_c = battery.temperature_c
    for _ in range(3600):
        battery.apply(0.0, 10.0, 28.0)
    assert 30.0 < warm_c < 35.0
    assert battery.temperature_c < warm_c - 0.5


def test_a_curve_is_linear_between_its_points_and_constant_beyond() -> None:
    curve = Curve((0.0, 1.0), (2.0, 5.0))
    assert [curve(x) for x in (-1.0, 0.0, 1.0, 2.0, 3.0)] == [1.0, 1.0, 3.0, 5.0, 5.0]


@pytest.mark.parametrize("points", [(), ((0.0, 1.0), (0.0, 2.0))])
def test_a_curve_needs_ascending_points(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="ascending"):
        Curve(*points)
