"""Cross-checks: what does not fit together is named, with a remedy, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from core_world import NOON, World, read

from controller.core.diagnosis import Diagnostician, facts_of
from controller.core.diagnosis.between import sun_elevation_deg
from controller.core.model import Alarm, ProcessImage, Role
from controller.core.reasons import render

MIDNIGHT = datetime(2026, 4, 1, 17, 0, tzinfo=UTC)  # in Thailand
ROLES = {
    "battery": Role.BATTERY_INVERTER,
    "pv_south": Role.PV_INVERTER,
    "pv_east": Role.PV_INVERTER,
    "genset": Role.GENSET,
    "meter_clinic": Role.METER,
    "meter_school": Role.METER,
    "sun": Role.IRRADIANCE_SENSOR,
}
Points = dict[str, dict[str, float | None]]


class Watch:
    """A technician's view of a village whose devices say something beside the truth."""

    def __init__(self, **world: object) -> None:
        self.world = World(**world)
        self.diagnostician = Diagnostician(facts_of(self.world.site, ROLES, 12.4, 99.8))
        self.noon = NOON
        self.synchronised = True
        self.found: tuple[Alarm, ...] = ()

    def image(self, more: Points) -> ProcessImage:
        image = self.world.image()
        devices = {name: dict(points) for name, points in image.devices.items()}
        for device, points in more.items():
            devices[device] |= {name: read(value) for name, value in points.items()}
        at = self.noon + timedelta(seconds=self.world.now_s)
        return replace(image, devices=devices, at=at, clock_synchronised=self.synchronised)

    def see(
        self,
        minutes: float,
        more: Points | Callable[[float], Points],
        texts: dict | None = None,
        step_s: float = 2.0,
    ) -> set[tuple[str, str]]:
        """Let time pass; the diagnoses at its end as (device, code)."""
        for step in range(round(minutes * 60 / step_s)):
            self.world.now_s += step_s
            # Loads are never quite the same twice.
            self.world.loads_w = {
                name: load + 1e-3 * (-1) ** step for name, load in self.world.loads_w.items()
            }
            points = more(step * step_s) if callable(more) else more
            self.found = self.diagnostician.look(self.image(points), texts or {}, {})
        return {(alarm.subject, alarm.reason.code.removeprefix("diagnosis_")) for alarm in self.found}


def phases(*watts: float, total: float | None = None) -> dict[str, float | None]:
    parts = {f"power_l{number}_w": value for number, value in enumerate(watts, 1)}
    return {**parts, "power_w": sum(watts) if total is None else total}


def test_a_sound_village_has_no_diagnoses() -> None:
    watch = Watch(sun_w=9000)

    def sound(at_s: float) -> Points:
        meter = {**phases(100, 90, 110), "voltage_l1_v": 230 + at_s % 3, "current_l1_a": 0.5}
        battery_w = watch.world.battery_w
        battery = {"battery_voltage_v": 52.0, "battery_current_a": battery_w / 52.0}
        return {"meter_clinic": meter, "battery": battery}

    assert watch.see(30, sound) == set()


@pytest.mark.parametrize(
    ("code", "device", "points"),
    [
        ("parts", "meter_clinic", phases(500, 480, 510, total=900)),
        ("parts_sign", "meter_clinic", phases(500, 480, 510, total=-1490)),
        ("meter_reversed", "meter_clinic", phases(-500, -480, -510)),
        ("meter_reversed", "meter_clinic", {"power_w": -300}),
        ("phase_reversed", "meter_clinic", phases(500, -480, 510)),
        ("beyond_va", "meter_clinic", {"power_l1_w": 900, "voltage_l1_v": 230, "current_l1_a": 1.0}),
        ("units", "meter_clinic", {"power_l1_w": 2300, "voltage_l1_v": 23.0, "current_l1_a": 10.0}),
        (
            "battery_sign",
            "battery",
            {"battery_power_w": 2600, "battery_voltage_v": 52, "battery_current_a": -50},
        ),
        ("units", "battery", {"battery_power_w": 2600, "battery_voltage_v": 52, "battery_current_a": 500}),
        (
            "battery_power",
            "battery",
            {"battery_power_w": 2600, "battery_voltage_v": 52, "battery_current_a": 20},
        ),
        ("pv_sign", "pv_south", {"power_w": 4000}),
        ("parts", "pv_south", {"pv_power_w": -4000, "pv1_power_w": -1000, "pv2_power_w": -1000}),
        ("missing", "meter_clinic", {"power_w": None, "frequency_hz": 50.0}),
    ],
)
def test_what_does_not_fit_is_named(code: str, device: str, points: dict[str, float | None]) -> None:
    watch = Watch(sun_w=9000)
    assert watch.see(0.1, {device: points}) == set(), "one odd moment is no diagnosis"
    assert (device, code) in watch.see(5, {device: points})
    for alarm in watch.found:
        assert render(alarm.reason).th


def test_a_diagnosis_goes_when_the_clamp_is_turned() -> None:
    watch = Watch()
    assert watch.see(1, {"meter_clinic": {"power_w": -300}}) == {("meter_clinic", "meter_reversed")}
    assert watch.see(1, {}) == set()


def test_a_case_that_can_no_longer_be_judged_is_withdrawn() -> None:
    watch = Watch()
    watch.see(1, {"meter_clinic": {"power_w": -300}})
    watch.world.lost = {"meter_clinic"}
    assert ("meter_clinic", "meter_reversed") in watch.see(10, {})
    assert watch.see(10, {}) == set()


def test_panels_that_give_power_at_night_are_told() -> None:
    watch = Watch()
    watch.noon = MIDNIGHT
    assert watch.see(1, {"pv_east": {"power_w": -2000}}) == {("pv_east", "pv_at_night")}


def test_without_a_clock_night_is_known_by_its_darkness() -> None:
    watch = Watch()
    watch.synchronised = False
    assert watch.see(1, {"pv_east": {"power_w": -2000}}) == {("pv_east", "pv_at_night")}
    assert watch.see(1, {"sun": {"irradiance_wm2": 300.0}, "pv_east": {"power_w": -2000}}) == set()


def test_a_counter_that_runs_backwards_is_told_for_an_hour() -> None:
    watch = Watch()

    def replaced(at_s: float) -> Points:
        return {"meter_clinic": {"energy_import_wh": 812_000.0 if at_s < 60 else 3_000.0}}

    assert watch.see(2, replaced) == {("meter_clinic", "counter_back")}
    assert "812.0 kWh to 3.0 kWh" in render(watch.found[0].reason).en
    after: Points = {"meter_clinic": {"energy_import_wh": 3_000.0}}
    assert watch.see(50, after) == {("meter_clinic", "counter_back")}
    assert watch.see(12, after) == set()


def test_a_counter_that_jumps_further_than_power_can_flow_is_told() -> None:
    watch = Watch()
    jump: Callable[[float], Points] = lambda at_s: {  # noqa: E731
        "meter_clinic": {"energy_import_wh": 812_000.0 + (65_536_000 if at_s > 60 else 0)}
    }
    assert watch.see(2, jump) == {("meter_clinic", "counter_jump")}


@pytest.mark.parametrize(("scale", "code"), [(1.0, None), (10.0, "counter_units"), (0.25, "counter_power")])
def test_a_counter_is_held_against_its_power(scale: float, code: str | None) -> None:
    watch = Watch(sun_w=12000)

    def counting(at_s: float) -> Points:
        return {"pv_south": {"energy_wh": 500_000 + scale * 6000 * at_s / 3600}}

    found = watch.see(30, counting)
    assert found == (set() if code is None else {("pv_south", code)})


def test_a_counter_that_shows_nothing_is_no_counter() -> None:
    watch = Watch(sun_w=12000)
    assert watch.see(60, {"pv_south": {"energy_wh": 0.0}}) == set()


def test_a_device_whose_values_all_stand_still_is_frozen() -> None:
    watch = Watch()
    still: Points = {"meter_clinic": {"power_w": 310.0, "voltage_l1_v": 231.2, "current_l1_a": 1.4}}
    assert watch.see(9, still) == set()
    assert watch.see(3, still) == {("meter_clinic", "frozen")}
    assert watch.see(1, {}) == set()


def test_an_inverter_that_sleeps_is_not_frozen_for_its_rating() -> None:
    asleep: Points = {"pv_south": {"power_w": 0.0, "voltage_l1_v": 229.9, "rated_power_w": 18000.0}}
    assert Watch().see(30, asleep) == set()


def test_an_idle_device_may_stand_still() -> None:
    watch = Watch(loads_w=dict.fromkeys(World().loads_w, 0.0))
    assert watch.see(30, {"meter_clinic": {"power_w": 0.0, "voltage_l1_v": 231.2}}) == set()


def test_an_inverter_at_dusk_may_show_the_same_few_watts_for_long() -> None:
    watch = Watch()
    assert watch.see(30, {"pv_south": {"power_w": -60.0, "voltage_l1_v": 231.0}}) == set()
    assert watch.see(30, {"pv_south": {"power_w": -400.0, "voltage_l1_v": 231.0}}) == {("pv_south", "frozen")}


def test_a_voltage_that_others_do_not_see_is_told() -> None:
    watch = Watch()
    volts: Points = {
        "meter_clinic": {"voltage_l1_v": 23.1},
        "meter_school": {"voltage_l1_v": 231.0, "voltage_l2_v": 230.4},
    }
    assert watch.see(2, volts) == {("meter_clinic", "voltage_units")}


def test_a_meter_on_the_wrong_scale_unbalances_the_village() -> None:
    watch = Watch(sun_w=9000)
    assert watch.see(8, {"pv_south": {"power_w": -450.0}}) == {("site", "balance")}


def test_what_a_device_itself_reports_is_told_in_words() -> None:
    watch = Watch()
    texts = {"pv_south": {"alarm_word_1": "fan fault, too hot"}}
    assert watch.see(1, {"pv_south": {"alarm_word_1": 9.0}}, texts) == {("pv_south", "reports")}
    assert "fan fault, too hot" in render(watch.found[0].reason).en
    assert watch.see(1, {"pv_south": {"alarm_word_1": 0.0}}) == set()


def test_points_in_flash_that_are_written_too_often_are_told() -> None:
    watch = Watch()
    found = watch.diagnostician.look(watch.image({}), {}, {"battery": ("reserve_soc_frac",)})
    assert [alarm.reason.params["points"] for alarm in found] == ["reserve_soc_frac"]


@pytest.mark.parametrize(
    ("at", "latitude_deg", "longitude_deg", "elevation_deg"),
    [
        # NOAA solar calculator
        (datetime(2026, 3, 20, 5, 28, tzinfo=UTC), 12.4, 99.8, 77.5),
        (datetime(2026, 6, 21, 5, 22, tzinfo=UTC), 12.4, 99.8, 79.0),
        (datetime(2026, 12, 21, 17, 19, tzinfo=UTC), 12.4, 99.8, -79.0),
        (datetime(2026, 6, 21, 12, 2, tzinfo=UTC), 51.48, 0.0, 61.96),
    ],
)
def test_the_sun_stands_where_it_should(
    at: datetime, latitude_deg: float, longitude_deg: float, elevation_deg: float
) -> None:
    assert sun_elevation_deg(at, latitude_deg, longitude_deg) == pytest.approx(elevation_deg, abs=0.7)


def test_a_total_with_the_wrong_sign_is_not_taken_for_a_reversed_clamp() -> None:
    watch = Watch()
    found = watch.see(2, {"meter_clinic": phases(500, 480, 510, total=-1490)})
    assert found == {("meter_clinic", "parts_sign")}
    assert "flows one way in total" in render(watch.found[0].reason).en
