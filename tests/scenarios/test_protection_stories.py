"""Stories of protection, told to the core: overload, an empty or full battery, a dark village."""

from __future__ import annotations

import itertools

import pytest
from core_world import FEEDERS, HOUSES, World

EVERYONE = {feeder.id for feeder in FEEDERS}


def test_an_overload_is_shed_within_the_tick_and_not_from_the_clinic() -> None:
    village = World(soc=0.90)
    village.run(10)
    village.loads_w.update(houses_a=9000, houses_b=8000, houses_c=8000)
    decision = village.step()
    assert village.load_w <= 0.9 * 24000
    assert {"clinic", "school", "street"} <= village.on()
    shed = {event.subject for event in decision.events if event.action == "open"}
    assert all(decision.feeders[feeder].emergency for feeder in shed)
    assert decision.mode == "emergency"


def test_after_an_overload_feeders_return_with_patience_and_only_where_they_fit() -> None:
    village = World(soc=0.90)
    village.run(10)
    village.loads_w.update(houses_a=9000, houses_b=8000, houses_c=8000)
    village.run(1800)
    assert village.why("houses_a") == "no_headroom"
    assert len([e for e in village.events("alarm") if e.reason.code == "overload_shed"]) == 1
    village.loads_w.update(houses_a=2000, houses_b=2000, houses_c=2000)
    village.run(1800)
    assert village.on() == EVERYONE


def test_an_evening_peak_beyond_the_inverter_is_shared_by_turns() -> None:
    village = World(soc=0.90)
    village.run(10)
    village.loads_w.update(dict.fromkeys(HOUSES, 8500.0))
    village.run(5 * 3600, dt_s=5)
    without = [village.memory.feeders[house].ledger.window.without_s for house in HOUSES]
    assert max(without) - min(without) <= 4500
    assert len([e for e in village.events("alarm") if e.reason.code == "overload_shed"]) == 1


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ({"overload_alarm": 2.0}, "overload_alarm_shed"),
        ({"overload_alarm": 2.0, "ac_power_w": None}, "overload_alarm_shed"),
        ({"frequency_hz": 48.0}, "frequency_shed"),
    ],
)
def test_the_inverters_other_cries_for_help_are_heard_at_once(points: dict[str, float], code: str) -> None:
    village = World(soc=0.90)
    village.run(10)
    village.extra = points
    decision = village.step()
    assert decision.feeders["pump"].closed is False
    assert decision.feeders["pump"].reason.code == code
    assert decision.feeders["clinic"].closed is True


def test_a_mere_warning_of_overload_must_last_before_anything_is_shed() -> None:
    village = World(soc=0.90)
    village.run(10)
    village.extra = {"overload_alarm": 1.0}
    assert village.run(3).feeders["pump"].closed is True
    assert village.run(2).feeders["pump"].closed is False


def test_an_alarm_that_stays_at_its_worst_is_met_with_more_before_the_inverters_trip() -> None:
    """The culprit's meter has not been read yet: what was shed first was not enough."""
    village = World(soc=0.80)
    village.loads_w = dict.fromkeys(EVERYONE, 2500.0)
    village.run(60)
    village.extra = {"overload_alarm": 2.0}
    village.step(0.2)
    first = EVERYONE - village.on()
    village.step(0.65)
    second = EVERYONE - village.on()
    assert first < second
    assert "clinic" in village.on()


def test_the_clinic_is_cut_only_when_an_overload_persists_without_everybody_else() -> None:
    village = World(soc=0.90)
    village.run(10)
    village.extra = {"overload_alarm": 2.0}
    village.run(8)
    assert "clinic" in village.on()
    village.run(60)
    assert village.on() == set()


def test_with_all_meters_silent_an_overload_still_sheds_everything_but_the_clinic() -> None:
    village = World(soc=0.90)
    village.run(10)
    village.lost = {f"meter_{feeder}" for feeder in EVERYONE}
    village.loads_w["houses_a"] = 26000.0
    village.step()
    assert village.on() == {"clinic"}


def test_an_empty_battery_keeps_the_clinic_longest() -> None:
    village = World(soc=0.30)
    village.genset_mode = 0.0
    village.run(1000)
    village.soc = 0.07
    village.run(5)
    assert village.on() == {"clinic"}
    assert village.why("school") == "class_off"
    village.soc = 0.05
    village.run(5)
    assert village.on() == set()
    assert village.why("school") == "battery_empty"
    village.soc = 0.08
    village.run(700)
    assert "school" not in village.on()
    village.soc = 0.60
    village.run(2000)
    assert village.on() == EVERYONE


def test_a_low_cell_counts_although_soc_looks_well() -> None:
    village = World(soc=0.60)
    village.run(10)
    village.extra = {"cell_voltage_min_v": 2.88}
    village.run(4)
    assert village.on() == EVERYONE  # a sag
    village.run(4)
    assert village.on() == {"clinic"}
    assert village.decision is not None
    assert village.decision.genset_reason is not None
    assert village.decision.genset_reason.code == "genset_needed"
    village.run(60)
    assert village.on() == set()
    village.extra = {}
    village.run(290)
    assert village.on() == {"clinic"}  # the genset carries it
    village.run(700)
    assert village.on() == EVERYONE


def test_a_full_battery_curtails_the_panels_smoothly_and_lets_go_with_hysteresis() -> None:
    village = World(soc=0.96, sun_w=30000)
    limits = []
    for soc in (0.96, 0.98, 1.00, 0.98, 0.965):
        village.soc = soc
        previous = village.pv_limit
        for _ in range(100):
            village.step()
            assert abs(village.pv_limit - previous) <= 0.0501
            previous = village.pv_limit
        limits.append(village.pv_limit)
    free, partly, full, again, held = limits
    assert free == 1
    assert full < partly < 1
    assert village.load_w / 36000 == pytest.approx(full, abs=0.03)
    assert full < again <= held < 1
    village.soc = 0.95
    village.run(100)
    assert village.pv_limit == 1
    assert [event.action for event in village.events("limit", "release")] == ["limit", "release"]


def test_a_cold_battery_is_not_charged() -> None:
    village = World(soc=0.50, sun_w=30000)
    village.extra = {"battery_temperature_c": -1.0}
    village.run(60)
    assert village.battery_w <= 0
    assert village.decision is not None
    assert village.decision.pv_reason is not None
    assert village.decision.pv_reason.code == "pv_battery_cold"


def test_a_hot_battery_rests() -> None:
    village = World(soc=0.80)
    village.run(10)
    village.extra = {"battery_temperature_c": 51.0}
    village.run(12)
    assert village.on() == {"clinic", "school", "street"}
    village.extra = {"battery_temperature_c": 49.0}
    village.run(1000)
    assert "pump" not in village.on()
    village.extra = {"battery_temperature_c": 46.0}
    village.run(60)
    assert village.on() == EVERYONE


def test_a_blackout_opens_everything_and_light_returns_in_order() -> None:
    village = World(soc=0.80)
    village.run(10)
    village.extra = {"inverter_state": 0.0}
    assert village.run(5).mode == "blackout"
    assert village.on() == set()
    village.run(30)
    village.extra = {}
    village.run(9)
    assert village.on() == set()
    village.run(120)
    assert village.on() == EVERYONE
    closed = [(at, event.subject) for at, event in village.log if event.action == "close"]
    assert [subject for _, subject in closed] == ["clinic", "school", "street", *HOUSES, "pump"]
    assert all(later - sooner >= 5 for (sooner, _), (later, _) in itertools.pairwise(closed))
    modes = [event.reason.code for event in village.events("mode")]
    assert modes == ["blackout", "black_start", "normal"]


def test_blackouts_that_come_back_are_met_with_more_patience() -> None:
    village = World(soc=0.80)
    village.run(10)
    waits = []
    for _ in range(3):
        village.extra = {"inverter_state": 0.0}
        village.run(20)
        village.extra = {}
        start = village.now_s
        while village.decision is None or village.decision.mode == "blackout":
            village.step()
        waits.append(village.now_s - start)
        village.run(120)
    assert waits[0] < waits[1] < waits[2]
