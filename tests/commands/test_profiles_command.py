"""`tawan profiles`, and a site's own profiles in every command."""

from __future__ import annotations

from pathlib import Path

import pytest
from served_site import PROFILE, Site

from drivers.profile import SUNSPEC, available_profiles


def test_the_list_names_every_profile_and_whose_it_is(site: Site) -> None:
    shown = site.tawan("profiles", "list").output
    for name in available_profiles():
        assert name in shown
    assert "acme-hybrid" in shown
    assert "the site's own" in shown


def test_every_profile_can_be_shown_in_words(site: Site) -> None:
    for name in available_profiles():
        result = site.tawan("profiles", "show", name)
        assert result.exit_code == 0, name
        assert name == SUNSPEC or "sources:" in result.output


def test_a_control_point_is_shown_with_what_it_takes_and_how_long_it_holds(site: Site) -> None:
    shown = site.tawan("profiles", "show", "acme-hybrid").output
    assert "work_mode: mode of operation in the maker's code; it takes 0 (self-use), 1 (backup)" in shown
    assert "holds for 60 s after the last write" in shown


def test_coverage_counts_what_each_device_offers(site: Site) -> None:
    result = site.tawan("profiles", "coverage")
    assert result.exit_code == 0
    assert "hybrid_inverter" in result.output


def test_a_good_file_is_said_to_be_good(tmp_path: Path, site: Site) -> None:
    result = site.tawan_alone(
        "profiles", "validate", str(site.config.parent / "profiles" / "acme-hybrid.yaml")
    )
    assert result.exit_code == 0
    assert "is good: meter, 8 points, 4 control points" in result.output


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path, site: Site) -> None:
    path = tmp_path / "acme-hybrid.yaml"
    text = PROFILE.replace("type: int16, range: [-20000", "type: int61, range: [-20000").replace(
        "scale: 0.1", "skale: 0.1"
    )
    path.write_text(text, encoding="utf-8")
    result = site.tawan_alone("profiles", "validate", str(path))
    assert result.exit_code == 1
    assert "read.power_w.type" in result.output
    assert "read.voltage_v.skale" in result.output


def test_check_says_which_of_tawans_profiles_the_site_overrides(site: Site) -> None:
    folder = site.config.parent / "profiles"
    (folder / "imt-si-rs485.yaml").write_text(
        PROFILE.replace("acme-hybrid", "imt-si-rs485")
        .replace("role: meter", "role: irradiance_sensor")
        .replace("  power_w:", "  irradiance_wm2:"),
        encoding="utf-8",
    )
    result = site.tawan("check")
    assert result.exit_code == 0, result.output
    assert "imt-si-rs485.yaml overrides Tawan's own" in result.output.replace("\n", "")


@pytest.mark.parametrize("command", ["check", "run", "read meter_school"])
def test_a_fault_in_a_profile_that_is_used_keeps_every_command_from_starting(
    site: Site, command: str
) -> None:
    path = site.config.parent / "profiles" / "acme-hybrid.yaml"
    path.write_text(PROFILE.replace("address: 0,", "adress: 0,"), encoding="utf-8")
    result = site.tawan(*command.split())
    assert result.exit_code == 78
    assert f"{path}: read.power_w.adress: no such key" in result.output


def test_a_faulty_profile_that_nobody_uses_stops_nothing(site: Site) -> None:
    (site.config.parent / "profiles" / "draft.yaml").write_text("format: 1\n", encoding="utf-8")
    assert site.tawan("check").exit_code == 0


def test_a_sunspec_device_may_be_a_meter(site: Site) -> None:
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(text.replace("profile: acme-hybrid", "profile: sunspec"), encoding="utf-8")
    assert site.tawan("check").exit_code == 0
