"""Where nothing may flow into the grid the panels are held back, and stay so while the sun is too much."""

from __future__ import annotations

from itertools import pairwise

from grid_world import GridWorld

from controller.core.interlocks import export_slack_w


def village_with_too_much_sun() -> GridWorld:
    """16 kW more than the feeders draw, and a battery that rests."""
    return GridWorld(sun_w=20_000.0, loads_w=dict.fromkeys(GridWorld().loads_w, 500.0))


def test_panels_that_are_held_back_are_not_let_go_at_the_next_tick() -> None:
    world = village_with_too_much_sun()
    world.run(30)
    assert world.site.grid is not None
    slack_w = export_slack_w(world.site.grid)
    exported_w, limits = [], []
    for _ in range(60):
        decision = world.step()
        exported_w.append(-world.grid_w)
        limits.append(decision.pv_limit_frac["pv_south"])
    assert max(exported_w) <= slack_w
    assert max(limits) - min(limits) <= 0.04
    assert decision.pv_reason is not None
    assert decision.pv_reason.code == "pv_export_held"


def test_panels_are_let_go_slowly_once_the_village_takes_all_they_give() -> None:
    world = village_with_too_much_sun()
    world.run(30)
    world.sun_w, world.loads_w = 10_000.0, dict.fromkeys(world.loads_w, 1_500.0)
    limits = [world.step().pv_limit_frac["pv_south"] for _ in range(90)]
    assert limits[0] < 0.2
    assert limits[-1] == 1.0
    assert all(later - earlier <= 0.021 for earlier, later in pairwise(limits))
