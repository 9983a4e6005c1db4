"""What is kept of each tick: the sums, the feeders, and why less was measured than sun or people wanted."""

from __future__ import annotations

from core_world import World

from controller.core.model import Role
from controller.runtime.journal import StoreJournal


class Samples:
    """A store that remembers the newest samples."""

    def __init__(self) -> None:
        self.values: dict = {}

    async def append_decisions(self, records, memory_json) -> None:
        raise AssertionError("nothing was decided")

    def add_samples(self, at_utc, synchronised, values) -> None:
        self.values = dict(values)


class Shown:
    """Counters that are believed whatever they show."""

    def readings(self, image) -> dict:
        return {("pv_south", "energy_wh"): image.value("pv_south", "energy_wh")}


def _sampled(world: World, seconds: float) -> dict:
    samples = Samples()
    roles = {"pv_south": Role.PV_INVERTER, "sun": Role.IRRADIANCE_SENSOR}
    journal = StoreJournal(samples, world.site, roles, "boot", Shown())
    decision = world.run(seconds)
    journal.sample(world.image(), decision)
    return samples.values


def test_on_an_ordinary_day_nothing_is_held_back_or_unserved() -> None:
    values = _sampled(World(sun_w=9000.0), 5)
    assert values["pv_south", "limit_frac"] == values["pv_east", "limit_frac"] == 1.0
    assert values["site", "blackout"] == 0.0
    assert values["clinic", "closed"] == 1.0
    assert values["pv_south", "power_w"] == -4500.0
    assert values["sun", "irradiance_wm2"] == 225.0


def test_a_full_battery_leaves_the_limit_of_each_array_in_the_record() -> None:
    values = _sampled(World(soc=0.999, sun_w=30_000.0), 60)
    assert values["pv_south", "limit_frac"] < 0.9


def test_a_dark_bus_is_in_the_record() -> None:
    world = World()
    world.run(5)
    world.extra |= {"inverter_state": 0.0, "frequency_hz": 0.0}
    assert _sampled(world, 60)["site", "blackout"] == 1.0
