"""What the config file says is what the core works with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bad_configs import DEFAULT, default_text, swap, without

from controller.config_file import load_config
from controller.core.model import GridBreaker, Outage, PriorityClass, SwitchPoint, Text
from controller.site import site_from


def test_feeders_keep_their_order_names_and_switches() -> None:
    site = site_from(load_config(DEFAULT))
    clinic, school, *_ = site.feeders
    assert [feeder.id for feeder in site.feeders][:3] == ["clinic", "school", "street"]
    assert clinic.name == Text(th="สถานีอนามัย", en="Clinic")
    assert clinic.priority is PriorityClass.CRITICAL
    assert clinic.switch == SwitchPoint("relays", 1, closed_when_energised=False)
    assert clinic.switch.point == "channel_1"
    assert school.meter == "meter_school"
    assert sum(feeder.households for feeder in site.feeders) == 64


def test_a_contactor_that_needs_its_coil_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    text = swap("channel: 1, closed_when: released", "channel: 1, closed_when: energised")(default_text())
    path.write_text(text, encoding="utf-8")
    assert site_from(load_config(path)).feeders[0].switch.closed_when_energised


def test_every_number_arrives_where_it_belongs() -> None:
    config = load_config(DEFAULT)
    site = site_from(config)
    assert site.battery.energy_wh == config.battery.energy_wh
    assert [inverter.ac_w for inverter in site.pv] == [18000, 18000]
    assert site.genset is not None
    assert config.genset is not None
    for key in ("rated_w", "start_below_soc_frac", "min_rest_s", "start_timeout_s", "max_start_attempts"):
        assert getattr(site.genset, key) == getattr(config.genset, key)
    for key in type(config.protection).model_fields:
        assert getattr(site.protection, key) == getattr(config.protection, key)
    assert site.sharing.turn_s == config.sharing.turn_s
    assert site.sharing.classes[PriorityClass.ESSENTIAL].off_below_soc_frac == 0.12


def test_a_village_without_genset_and_sensor_has_none(tmp_path: Path) -> None:
    text = without("genset:")(without("  genset: {role")(without("  sun: {role")(default_text())))
    path = tmp_path / "config.yaml"
    path.write_text(swap("irradiance_sensor: sun\n", "")(text), encoding="utf-8")
    site = site_from(load_config(path))
    assert site.genset is None
    assert site.irradiance_sensor is None


HYBRID = swap(
    "battery: {role: battery_inverter, profile: victron-gx, bus: gx, unit: 100, "
    "units: {system: 100, vebus: 227, battery: 225}}",
    "battery: {role: hybrid_inverter, profile: a-hybrid, bus: gx, unit: 1}\n"
    "  bms: {role: battery, profile: a-battery, bus: gx, unit: 2}\n"
    "  charger: {role: solar_charger, profile: a-charger, bus: gx, unit: 3}",
)
ROOF = "dc_w: 6000, ac_w: 5000, tilt_deg: 12, azimuth_deg: 180}"


def test_panels_behind_a_hybrid_and_a_battery_of_its_own(tmp_path: Path) -> None:
    text = HYBRID(default_text())
    text = swap("  device: battery\n", "  device: battery\n  bms: bms\n")(text)
    roofs = f"\n  battery: {{name: {{th: ก, en: A}}, {ROOF}\n  charger: {{name: {{th: ข, en: B}}, {ROOF}\n"
    text = swap("\nbattery:\n", f"{roofs}\nbattery:\n")(text)
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    site = site_from(load_config(path))
    assert site.battery.bms == "bms"
    assert [(pv.power_point, pv.limitable) for pv in site.pv] == [
        ("power_w", True),
        ("power_w", True),
        ("pv_power_w", False),
        ("pv_power_w", False),
    ]


GRID = """grid:
  device: meter_grid
  import_w: 10000
  outages:
    - {begin: "2026-12-02 09:00", end: "2026-12-02 12:00"}
    - {begin: "2026-12-01 09:00", end: "2026-12-01 12:00"}
  breaker:
    switch: {device: relays, channel: 9, closed_when: energised}
    sync_check: {device: relays, input: 2}
"""
GRID_METER = "  meter_grid: {role: meter, profile: eastron-sdm630, bus: meters, unit: 11}\n"


def test_a_village_without_a_grid_has_none() -> None:
    assert site_from(load_config(DEFAULT)).grid is None


def test_the_grid_with_its_breaker_and_outages_arrives_in_utc_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    text = swap("irradiance_sensor: sun\n", f"irradiance_sensor: sun\n{GRID}")(default_text())
    text = swap("  relays: {role: switch", f"{GRID_METER}  relays: {{role: switch")(text)
    path.write_text(text, encoding="utf-8")
    grid = site_from(load_config(path)).grid
    assert grid is not None
    assert (grid.device, grid.prefix, grid.import_w, grid.export_w) == ("meter_grid", "", 10000, 0)
    assert grid.outages[0] == Outage(
        datetime(2026, 12, 1, 2, 0, tzinfo=UTC), datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
    )
    assert grid.breaker == GridBreaker(
        SwitchPoint("relays", 9, closed_when_energised=True), "relays", "input_2"
    )
    assert not grid.parallel_genset


def test_an_inverter_tells_of_the_grid_at_its_input(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    grid = "irradiance_sensor: sun\ngrid: {device: battery, import_w: 10000}\n"
    path.write_text(swap("irradiance_sensor: sun\n", grid)(default_text()), encoding="utf-8")
    connection = site_from(load_config(path)).grid
    assert connection is not None
    assert (connection.prefix, connection.breaker) == ("grid_", None)
