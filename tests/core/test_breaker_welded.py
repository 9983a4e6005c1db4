"""A breaker to the grid that was told to open and did not."""

from __future__ import annotations

from dataclasses import replace

from core_world import read
from grid_world import GridWorld, grid_site, outage

from controller.core.model import Decision, ProcessImage


class WeldedBreaker(GridWorld):
    """Its relay obeys and says so; its contacts stay closed."""

    told: bool = True

    def image(self) -> ProcessImage:
        image = super().image()
        devices = {
            **image.devices,
            "relays": {**image.devices["relays"], "channel_9": read(float(self.told))},
        }
        return replace(image, devices=devices)

    def step(self, dt_s: float = 1.0) -> Decision:
        decision = super().step(dt_s)
        self.told, self.joined = self.joined, True
        return decision


def alarms(world: GridWorld) -> set[str]:
    assert world.decision is not None
    return {reason.code for reason in world.decision.alarms}


def test_a_breaker_whose_contacts_have_welded_is_an_alarm() -> None:
    site = grid_site(breaker=True, outages=(outage(120.0, 3600.0),))
    world = WeldedBreaker(site=site, soc=0.8)
    world.run(60)
    assert "breaker_stuck_closed" not in alarms(world)
    world.run(90)
    assert "breaker_stuck_closed" in alarms(world)
    obedient = GridWorld(site=site, soc=0.8)
    obedient.run(150)
    assert not obedient.joined
    assert "breaker_stuck_closed" not in alarms(obedient)
