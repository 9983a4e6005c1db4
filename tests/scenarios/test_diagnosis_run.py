"""A profile that the site got wrong is found out while the village runs."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from demo_run import demo, image, page, wait_for


def wrong_way_round() -> str:
    """Our SDM630 profile, but with the sign of its total power turned."""
    text = resources.files("drivers.profiles").joinpath("eastron-sdm630.yaml").read_text(encoding="utf-8")
    old = "power_w: {table: input, address: 52, type: float32,"
    assert old in text
    return text.replace(old, f"{old} scale: -1,")


def test_a_sign_that_is_wrong_in_a_sites_own_profile_is_diagnosed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "eastron-sdm630.yaml").write_text(wrong_way_round(), encoding="utf-8")
    with demo(tmp_path, "--speed", "20", "--start", "18:30"):
        found = wait_for(
            lambda: [each for each in image(state)["diagnoses"] if each["subject"] == "meter_houses_a"],
            "the meter is diagnosed",
        )
        assert {each["code"] for each in found} <= {"diagnosis_parts_sign", "diagnosis_meter_reversed"}
        assert all(each["th"] and each["en"] for each in found)
        assert '"diagnoses":[{"' in page(state, "/api/status").replace(" ", "")
