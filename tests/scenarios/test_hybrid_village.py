"""A village on a hybrid inverter and a battery that speaks for itself: other roles, the same controller."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from block_server import load_block, serving
from demo_run import ROOT, image, wait_for

ROOF = "dc_w: 6000, ac_w: 5000, tilt_deg: 12, azimuth_deg: 180}"


def config_of(folder: Path, hybrid_port: int, bms_port: int) -> Path:
    """The default village with another battery; what else it has does not answer."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith("  battery: {role")]
    swaps = {
        "  gx: {type: tcp, host: 192.168.10.20}\n": (
            f"  hybrid: {{type: tcp, host: 127.0.0.1, port: {hybrid_port}}}\n"
            f"  bms: {{type: tcp, host: 127.0.0.1, port: {bms_port}}}\n"
        ),
        "devices:\n": (
            "devices:\n"
            "  hybrid: {role: hybrid_inverter, profile: deye-hybrid-3p-lv, bus: hybrid, unit: 1}\n"
            "  bms: {role: battery, profile: pylontech-force-h, bus: bms, unit: 1}\n"
        ),
        "\nbattery:\n  device: battery\n": (
            f"\n  hybrid: {{name: {{th: แผงหลังคา, en: Roof}}, {ROOF}\n"
            "\nbattery:\n  device: hybrid\n  bms: bms\n"
        ),
        "/run/tawan/": f"{folder}/",
        "/var/lib/tawan/": f"{folder}/",
        "192.168.10.1": "127.0.0.1",
    }
    text = "".join(kept)
    for old, new in swaps.items():
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_hybrid_and_its_battery_carry_a_village(tmp_path: Path) -> None:
    hybrid, bms = load_block("deye-hybrid-3p-lv"), load_block("pylontech-force-h")
    with serving(hybrid, {"": 1}) as (_, hybrid_port), serving(bms, {"": 1}) as (_, bms_port):
        config = config_of(tmp_path, hybrid_port, bms_port)
        command = [sys.executable, "-m", "controller", "run", "--config", str(config)]
        controller = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        try:
            seen = wait_for(lambda: _whole(image(tmp_path)), "hybrid and battery are seen")
        finally:
            controller.terminate()
            _, err = controller.communicate(timeout=30)
    assert controller.returncode == 0, err
    assert seen["battery"]["soc_frac"] == bms.expect["battery_soc_frac"]
    roof = next(each for each in seen["pv"] if each["id"] == "hybrid")
    assert roof["power_w"] == hybrid.expect["pv_power_w"] <= 0
    assert roof["limit_frac"] is None, "a hybrid looks after a full battery by itself"
    assert seen["summary"]["inverter_w"] == hybrid.expect["ac_power_w"]
    codes = {each["code"] for each in seen["diagnoses"]}
    assert codes <= {"diagnosis_soc", "diagnosis_reports", "diagnosis_parts"}, seen["diagnoses"]


def _whole(document: dict) -> dict | None:
    known = document["battery"]["soc_frac"] is not None and document["summary"]["inverter_w"] is not None
    return document if known and document["tick"]["number"] >= 5 else None
