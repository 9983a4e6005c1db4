"""Meters and lines that do not answer: one alarm for a line, none for a meter whose feeder is cut."""

from __future__ import annotations

from dataclasses import replace

from alarm_watch import PLACE, codes, only, read, watch
from core_world import World

from controller.core.alarming import Severity
from controller.core.alarming.book import Found
from controller.core.alarming.lines import HouseholdMeters, lost_lines, without_the_lines
from controller.core.alarming.rules import Watch


def silent(*devices: str) -> Watch:
    world = World(lost=set(devices))
    world.run(30)
    return watch(world)


def test_a_whole_line_that_is_lost_is_one_alarm() -> None:
    seen = silent("meter_clinic", "meter_pump")
    raised = [Found.of(alarm) for alarm in seen.decision.memory.alarms.values()]
    assert codes(iter(raised)) == ["device_lost", "device_lost"]
    told = without_the_lines(PLACE, [*raised, *lost_lines(seen, ())])
    assert only(told).subject == "meters"


def test_a_line_is_lost_before_what_is_read_seldom_has_grown_old() -> None:
    seen = silent("meter_clinic", "meter_pump")
    counter = {meter: {"energy_import_wh": read(1000.0)} for meter in ("meter_clinic", "meter_pump")}
    seen = replace(seen, image=replace(seen.image, devices={**seen.image.devices, **counter}))
    assert only(lost_lines(seen, ())).subject == "meters"


def test_one_silent_device_of_a_line_is_that_device() -> None:
    seen = silent("meter_clinic")
    assert not codes(lost_lines(seen, ()))
    raised = [Found.of(alarm) for alarm in seen.decision.memory.alarms.values()]
    assert codes(without_the_lines(PLACE, raised)) == ["device_lost"]


def test_a_line_of_one_device_is_told_by_the_device() -> None:
    assert not codes(lost_lines(silent("sun"), ()))


HOMES = replace(
    PLACE, lines={"homes": ("home_1", "home_2")}, household_meters={"home_1": "houses_a", "home_2": "pump"}
)


def homes(*answering: str, stands: tuple[str, ...] = (), **closed: bool) -> Watch:
    """Two households' meters; the rest of them is silent."""
    points = {meter: {"power_w": 200.0 if meter in answering else None} for meter in HOMES.household_meters}
    seen = watch(place=HOMES, points=points, stands=stands)
    feeders = {
        name: replace(past, closed=closed.get(name, True))
        for name, past in seen.decision.memory.feeders.items()
    }
    memory = replace(seen.decision.memory, feeders=feeders)
    return replace(seen, decision=replace(seen.decision, memory=memory))


def later(seen: Watch, seconds: float) -> Watch:
    return replace(seen, image=replace(seen.image, monotonic_s=seen.image.monotonic_s + seconds))


def test_a_households_meter_that_is_silent_is_a_notice() -> None:
    meters, seen = HouseholdMeters(), homes("home_2")
    assert not codes(meters.look(seen))
    found = only(meters.look(later(seen, 25.0)))
    assert (found.subject, found.reason.code, found.severity) == ("home_1", "device_lost", Severity.NOTICE)
    assert not codes(meters.look(later(homes("home_1", "home_2"), 30.0)))


def test_a_households_meter_is_not_missed_while_its_feeder_is_cut() -> None:
    meters, dark = HouseholdMeters(), homes("home_2", houses_a=False)
    assert not codes(meters.look(dark))
    assert not codes(meters.look(later(dark, 3600.0)))
    back = later(homes("home_2"), 3601.0)
    assert not codes(meters.look(back))  # it has some seconds to answer again
    assert only(meters.look(later(back, 25.0))).subject == "home_1"


def test_a_households_meter_that_was_lost_before_its_feeder_was_cut_stays_lost() -> None:
    dark = homes("home_2", houses_a=False, stands=("device_lost",))
    assert only(HouseholdMeters().look(dark)).subject == "home_1"


def test_a_line_of_households_meters_alone_wakes_nobody() -> None:
    meters, seen = HouseholdMeters(), homes()
    list(meters.look(seen))
    lost = list(meters.look(later(seen, 25.0)))
    line = only(lost_lines(seen, lost))
    assert (line.subject, line.severity) == ("homes", Severity.WARNING)
    assert [each.subject for each in without_the_lines(HOMES, [*lost, line])] == ["homes"]


def test_a_meter_goes_dark_with_its_feeder_and_is_missed_once_power_is_back() -> None:
    world = World(soc=0.30)
    world.run(1000)
    assert "pump" not in world.on()
    world.lost = {"meter_pump"}
    assert world.run(120).alarms == ()
    world.soc = 0.90
    while "pump" not in world.on():
        world.step()
    assert [alarm.params["device"] for alarm in world.run(30).alarms] == ["meter_pump"]


def test_a_meter_that_was_lost_before_its_feeder_was_cut_stays_lost() -> None:
    world = World(soc=0.30, lost={"meter_pump"})
    assert [alarm.params["device"] for alarm in world.run(60).alarms] == ["meter_pump"]
    assert [alarm.params["device"] for alarm in world.run(1000).alarms] == ["meter_pump"]
    assert "pump" not in world.on()
