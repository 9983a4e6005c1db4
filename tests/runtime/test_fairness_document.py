"""What image.json tells of fairness."""

from __future__ import annotations

import json

import pytest
from core_world import HOUSES, World

from controller.core.model import Memory
from controller.runtime.fairness_document import fairness_document


def test_each_class_tells_how_evenly_it_was_served_and_each_feeder_what_it_got() -> None:
    village = World(soc=0.30)
    village.run(3 * 3600, dt_s=10)
    told = json.loads(json.dumps(fairness_document(village.site, village.memory)))
    assert set(told) == {"critical", "essential", "household", "flexible"}
    household = told["household"]
    assert household["days"] == 0.12
    assert set(household["feeders"]) == set(HOUSES)
    served = [each["served_frac"] for each in household["feeders"].values()]
    assert household["spread_frac"] == pytest.approx(max(served) - min(served), abs=2e-4)
    assert 0.5 < household["jain"] < 1.0
    assert told["flexible"]["feeders"]["pump"]["served_frac"] < 0.2
    assert told["critical"]["feeders"]["clinic"]["without_h"] == 0.0


def test_before_anything_was_wanted_nothing_is_said_of_fairness() -> None:
    village = World()
    fresh = {feeder.id: village.memory.feeders.get(feeder.id) for feeder in village.site.feeders}
    assert not any(fresh.values())
    assert fairness_document(village.site, Memory()) == {}
    village.step(0.0)
    household = fairness_document(village.site, village.memory)["household"]
    assert (household["spread_frac"], household["jain"]) == (None, None)
    assert household["feeders"]["houses_a"]["served_frac"] is None
