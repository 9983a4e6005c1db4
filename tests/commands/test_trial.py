"""`tawan test`: what it says of a good device and of a bad one, and how gently it tries control points."""

from __future__ import annotations

from pathlib import Path

from served_site import Site


def test_a_good_meter_passes_and_leaves_a_report(site: Site, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    result = site.tawan(
        "test", "meter_clinic", "--seconds", "0", "--report", str(report), "--by", "Somchai", "--read-only"
    )
    assert result.exit_code == 0, result.output
    text = report.read_text(encoding="utf-8")
    for part in (
        "# Test of meter_clinic",
        "by: Somchai",
        "Ban Wang Won",
        "| power_w | 690 | 442C 8000",
        "confirmed",
    ):
        assert part in text
    assert "the parts of power_w add up" in text
    assert "energy_import_wh does not go backwards" in text


def test_a_phase_that_does_not_add_up_fails_with_the_remedy(site: Site) -> None:
    site.devices["meter"].cells["input", 52] = 0x459C  # 5000 W in all, 690 W in parts
    result = site.tawan("test", "meter_clinic", "--seconds", "0", "--read-only")
    assert result.exit_code == 1
    assert "FAIL" in result.output
    assert "add up to" in result.output


def test_control_points_are_tried_and_restored(site: Site) -> None:
    device = site.devices["hybrid"]
    before = dict(device.cells)
    result = site.tawan("test", "meter_school", "--seconds", "0", "--yes", "--flash")
    assert (
        "limit_w obeys: written: 4940; read back: 4940; then written: 5000; read back: 5000" in result.output
    )
    assert "battery_setpoint_w obeys: written: -100" in result.output
    assert device.written == 4
    assert device.cells == before


def test_flash_and_what_stops_the_device_are_left_alone(site: Site) -> None:
    result = site.tawan("test", "meter_school", "--seconds", "0", "--yes")
    for part in (
        "limit_w obeys: it is stored in flash",
        "work_mode obeys: it may stop the device or darken what hangs on it: --point work_mode tries it",
        "enabled obeys: it may stop the device",
    ):
        assert part in result.output
    assert site.devices["hybrid"].cells["holding", 12] == 0


def test_a_mode_is_tried_when_it_is_named_and_nothing_else_is(site: Site) -> None:
    device = site.devices["hybrid"]
    before = dict(device.cells)
    result = site.tawan("test", "meter_school", "--seconds", "0", "--yes", "--flash", "--point", "work_mode")
    assert "work_mode obeys: written: 1 (backup); read back: 1 (backup)" in result.output
    assert "limit_w obeys" not in result.output
    assert device.written == 2
    assert device.cells == before


def test_a_control_point_that_there_is_not_is_answered_with_those_that_there_are(site: Site) -> None:
    result = site.tawan("test", "meter_school", "--seconds", "0", "--point", "work_mod")
    assert result.exit_code == 2
    assert (
        "no control point 'work_mod'; it has battery_setpoint_w, enabled, limit_w, work_mode" in result.output
    )


def test_nothing_is_tried_without_a_yes(site: Site) -> None:
    result = site.tawan("test", "relays", "--seconds", "0", answers="n\n" * 16)
    assert "THE FEEDER Clinic (สถานีอนามัย) IS SWITCHED" in result.output
    assert site.devices["relays"].written == 0


def test_a_yes_to_everything_switches_no_feeder_but_one_that_is_named(site: Site) -> None:
    relays = site.devices["relays"]
    site.tawan("test", "relays", "--seconds", "0", "--yes", answers="y\n")
    assert relays.written == 2  # the first channel, to and fro; the others got no answer
    site.tawan("test", "relays", "--seconds", "0", "--yes", "--point", "channel_3")
    assert relays.written == 4
    assert not any(relays.cells.values())


def test_a_device_that_does_not_answer_is_told_with_what_to_look_at(site: Site) -> None:
    result = site.tawan("test", "meter_street", "--read-only")
    assert result.exit_code == 1
    assert "does not answer" in result.output
    assert "tawan discover" in result.output


def test_what_the_device_itself_reports_is_noted(site: Site) -> None:
    result = site.tawan("test", "meter_school", "--seconds", "0", "--read-only")
    assert "the device reports: fan, heat" in result.output
