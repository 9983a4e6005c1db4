"""Stories of the village, told to the core: what happens, what it does, and what it says."""

from __future__ import annotations

from core_world import FEEDERS, HOUSES, World

from controller.core.memory import from_json, to_json
from controller.core.modes import SHED_CODES

EVERYONE = {feeder.id for feeder in FEEDERS}


def test_an_evening_that_runs_short() -> None:
    village = World(soc=0.60)
    # (what time it is, SoC, for how long, who must have light, who must not, how many groups of houses)
    story = [
        ("18:00 battery 60 %", 0.60, 1800, {"clinic", "school", "street", "pump"}, set(), 4),
        ("19:00 battery 44 %, the pump rests", 0.44, 1800, {"clinic", "school", "street"}, {"pump"}, 4),
        ("21:00 battery 33 %, houses take turns", 0.33, 1800, {"clinic", "school", "street"}, {"pump"}, 3),
        ("23:00 battery 24 %", 0.24, 1800, {"clinic", "school", "street"}, {"pump"}, 1),
        ("02:00 battery 18 %, houses dark", 0.18, 1800, {"clinic"}, {"pump", *HOUSES}, 0),
        ("04:00 battery 11 %, only the clinic", 0.11, 1800, {"clinic"}, EVERYONE - {"clinic"}, 0),
    ]
    village.genset_mode = 0.0  # out of order tonight
    for when, soc, seconds, lit, dark, houses in story:
        village.soc = soc
        village.run(seconds, dt_s=5)
        assert lit <= village.on(), when
        assert not dark & village.on(), when
        assert len(village.on() & set(HOUSES)) == houses, when
    assert village.decision is not None
    assert village.decision.mode == "saving"
    assert "below the 12 %" in village.says("school").en
    assert "16 %" in village.says("school").en
    assert "ดับไฟเพราะแบตเตอรี่เหลือ 11 %" in village.says("school").th


def test_houses_take_turns_by_the_hour() -> None:
    village = World(soc=0.30)
    village.run(1000, dt_s=5)
    first = village.on() & set(HOUSES)
    village.run(3600, dt_s=5)
    second = village.on() & set(HOUSES)
    assert len(first) == len(second) == 2
    assert not first & second
    village.run(3600, dt_s=5)
    assert village.on() & set(HOUSES) == first


def test_a_battery_that_hovers_at_a_threshold_makes_nobody_flicker() -> None:
    village = World(soc=0.46)
    for minute in range(120):
        village.soc = 0.45 + (0.004 if minute % 2 else -0.004)
        village.run(60, dt_s=5)
    assert len([event for event in village.events("open", "close") if event.subject == "pump"]) == 1


def test_morning_sun_runs_the_pump_although_the_battery_is_low() -> None:
    village = World(soc=0.40)
    village.closed.update(pump=False, houses_c=False)
    village.loads_w["pump"] = 4000.0
    village.run(700)
    assert "pump" not in village.on()
    village.sun_w = 16000.0
    village.run(900)
    assert village.on() == EVERYONE
    assert village.why("pump") == "powered_by_sun"
    # Clouds of two minutes: nobody is switched.
    before = len(village.events("open", "close"))
    for _ in range(8):
        village.sun_w = 2000.0
        village.run(50)
        village.sun_w = 16000.0
        village.run(200)
    assert len(village.events("open", "close")) == before
    # The sun is gone for good: the pump goes first.
    village.sun_w = 0.0
    village.run(1500)
    assert "pump" not in village.on()


def test_a_restart_switches_nothing() -> None:
    village = World(soc=0.33)
    village.run(1500)
    assert len(village.on() & set(HOUSES)) == 3
    before, switched = village.on(), len(village.events("open", "close", "adopt"))
    village.restart(from_json(to_json(village.memory)))
    village.lost = {"relays", "battery"}
    village.run(5)
    village.lost = set()
    village.run(60)
    assert village.on() == before
    assert len(village.events("open", "close", "adopt")) == switched


def test_a_restart_without_memory_takes_feeders_as_they_are() -> None:
    village = World(soc=0.80)
    village.closed.update(houses_b=False)
    decision = village.step()
    adopted = [event for event in decision.events if event.action == "adopt"]
    assert {event.subject for event in adopted} == EVERYONE
    assert all(event.reason.code == "adopted_after_restart" for event in adopted)
    village.run(500)
    assert village.on() == EVERYONE - {"houses_b"}
    village.run(120)
    assert village.on() == EVERYONE


def test_a_contactor_that_does_not_follow_raises_an_alarm_and_is_left_in_peace() -> None:
    village = World(soc=0.80, stuck={"pump"})
    village.run(10)
    village.soc = 0.40
    village.run(1000)
    assert village.decision is not None
    assert "contactor_stuck_closed" in {alarm.code for alarm in village.decision.alarms}
    commands = sum(village.step().feeders["pump"].closed is not None for _ in range(600))
    assert 10 <= commands <= 60
    village.stuck = set()
    village.run(120)
    assert "pump" not in village.on()
    assert "contactor_stuck_closed" not in {alarm.code for alarm in village.decision.alarms}


def test_a_battery_that_went_silent_cuts_nobody_but_the_pump() -> None:
    village = World(soc=0.80)
    village.run(10)
    village.lost = {"battery"}
    assert village.run(500).feeders["pump"].closed is True
    assert "battery_unseen" in {alarm.code for alarm in village.decision.alarms}
    village.run(3600)
    assert village.on() == EVERYONE - {"pump"}
    assert village.why("pump") == "battery_unseen"


def test_a_battery_not_seen_for_a_moment_does_not_end_the_saving() -> None:
    village = World(soc=0.40)
    village.run(1000, dt_s=5)
    assert village.decision is not None
    assert village.decision.mode == "saving"
    before = len(village.events("mode"))
    village.soc = None
    village.run(20)
    village.soc = 0.40
    village.run(20)
    assert len(village.events("mode")) == before


def test_nobody_says_that_all_is_well_while_nothing_is_seen() -> None:
    village = World(soc=0.60)
    village.run(60)
    village.lost = {"battery"}
    village.run(60)
    assert village.decision is not None
    assert village.decision.mode == "unknown"
    village.lost = set()
    village.run(60)
    assert village.decision.mode == "normal"


def test_a_pv_inverter_asleep_at_night_is_no_fault_but_one_silent_by_day_is() -> None:
    village = World(soc=0.80, lost={"pv_south", "pv_east"})
    assert village.run(60).alarms == ()
    village.sun_w = 20000.0
    assert [alarm.code for alarm in village.run(60).alarms] == ["device_lost", "device_lost"]


def test_the_genset_runs_while_it_is_needed_and_no_longer() -> None:
    village = World(soc=0.30)
    assert village.run(60).genset_run is False
    village.soc = 0.21
    village.run(3)
    assert village.memory.genset.phase == "warming_up"
    village.run(200)
    assert village.memory.genset.phase == "running"
    village.soc = 0.41
    village.run(600)
    assert village.decision is not None
    assert village.decision.genset_reason is not None
    assert village.decision.genset_reason.code == "genset_minimum_run"
    village.run(1200)
    assert village.memory.genset.phase == "stopped"
    village.soc = 0.21
    assert village.run(300).genset_run is False
    assert village.run(900).genset_run is True


def test_the_genset_stops_once_the_sun_covers_the_load() -> None:
    village = World(soc=0.21)
    village.run(1900)
    assert village.memory.genset.phase == "running"
    village.sun_w = 20000.0
    village.run(600)
    assert village.decision is not None
    assert village.decision.genset_run is False
    assert village.decision.genset_reason is not None
    assert village.decision.genset_reason.code == "genset_sun_covers"


def test_a_genset_that_does_not_start_is_not_cranked_for_ever() -> None:
    village = World(soc=0.21, genset_starts=False)
    village.run(3600)
    starts = [event for event in village.events("start") if event.subject == "genset"]
    assert len(starts) == 3
    assert village.memory.genset.phase == "failed"
    assert "genset_failed" in {alarm.code for alarm in village.decision.alarms}
    village.genset_mode, village.genset_starts = 0.0, True  # a technician at the panel
    assert village.run(5).genset_run is None
    village.genset_mode = 1.0
    village.run(1000)
    assert village.memory.genset.phase in ("warming_up", "running")


def test_a_genset_stopped_at_the_panel_is_not_fought() -> None:
    village = World(soc=0.21)
    village.run(300)
    village.genset_mode, village.rpm, village.genset_w = 0.0, 0.0, 0.0
    decision = village.run(10)
    assert decision.genset_run is None
    assert "genset_not_automatic" in {alarm.code for alarm in decision.alarms}


def test_protection_is_what_makes_an_emergency() -> None:
    village = World(soc=0.90)
    village.run(10)
    village.loads_w["houses_a"] = 25000.0
    decision = village.step()
    assert decision.mode == "emergency"
    assert decision.mode_reason.code in SHED_CODES
