"""Site files: what they give, and that every fault is told with its place and the remedy."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from trial_files import write_site

from controller.config.faults import ConfigError
from forecasting.backtest.site_file import read_site

ROOT = Path(__file__).resolve().parents[3]


def told(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_site(path)
    return str(caught.value)


def test_a_place_is_enough(tmp_path: Path) -> None:
    site = read_site(write_site(tmp_path / "site.yaml"))
    assert site.place.country == "TH"
    assert (site.rated_w, site.hours, site.stamp_marks_end) == (None, None, False)
    assert site.weather_known_from == time(12)
    assert [array.dc_w for array in site.pv_site.arrays] == [None]


def test_the_size_of_all_panels_is_what_errors_are_related_to(tmp_path: Path) -> None:
    site = read_site(
        write_site(tmp_path / "a.yaml", "pv: {east: {dc_w: 3000}, west: {dc_w: 2000, tilt_deg: 9}}")
    )
    assert site.rated_w == 5000
    unknown = read_site(write_site(tmp_path / "b.yaml", "pv: {east: {dc_w: 3000}, west: {}}"))
    assert unknown.rated_w is None


def test_a_column_may_be_named_in_one_word(tmp_path: Path) -> None:
    more = "columns: {pv_w: power_kw}\nloads: {mill: mill_kw, school: {column: s, scale: 2}}\n"
    site = read_site(write_site(tmp_path / "site.yaml", more))
    assert site.columns["pv_w"].column == "power_kw"
    assert site.loads["mill"].column == "mill_kw"
    assert site.loads["school"].scale == 2


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            "pv: {roof: {dc_kw: 3}}",
            "pv.roof.dc_kw\n    found the key dc_kw; there is no such key: did you mean dc_w?",
        ),
        (
            "rated_w: 8,000",
            "rated_w\n    found 8,000; allowed is a number. Hint: write 8000 without separators",
        ),
        ("rated_w: -5", "found -5; allowed is a number above 0"),
        ("hours: [16, 7]", "first the earlier hour: write [7, 16]"),
        ("hours: [7]", "allowed is a list of 2 values"),
        ("stamp: middle", "allowed is one of 'start' or 'end'"),
        ("stamp_timezone: Asia/Bankok", "there is no such time zone: did you mean Asia/Bangkok?"),
        ("weather_known_from: noon", 'allowed is a time of day in quotes, such as "12:00"'),
        ("columns: {pv: power}", "columns.pv\n    found the key pv; there is no such quantity: use 'pv_w'"),
        ("loads: {mill: {scale: 1}}", "loads.mill.column\n    found nothing; column is missing"),
        ("loads: {mill: {column: m, kind: houses}}", "a first guess needs rated_w beside kind"),
        ("rated_w: 1\nrated_w: 2", "the same key stands in line 2 already"),
    ],
)
def test_faults_are_named_with_their_place_and_the_remedy(tmp_path: Path, more: str, expected: str) -> None:
    assert expected in told(write_site(tmp_path / "site.yaml", f"{more}\n"))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("site: {latitude_deg: 95, longitude_deg: 99, timezone: Bangkok}\nhours: [1, 25]\n")
    faults = told(path)
    for part in ("site.latitude_deg", "site.timezone", "hours.1"):
        assert part in faults


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (ROOT / "benchmarks/forecast_data").glob("*.yaml"))
)
def test_the_site_files_of_the_measured_sets_are_good(name: str) -> None:
    assert read_site(ROOT / "benchmarks/forecast_data" / name).place.timezone


def test_every_key_is_documented() -> None:
    text = (ROOT / "docs" / "backtest.md").read_text(encoding="utf-8")
    from forecasting.backtest import site_schema

    for model in (site_schema.SiteFile, site_schema.SiteFacts, site_schema.ArrayFacts, site_schema.LoadFacts):
        for key in model.model_fields:
            assert key in text, key
