"""A village with accounts: the example config with two households, one with a meter on a line."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
ACCOUNTS = """
accounts:
  since: "2026-10"
  groups:
    homes:
      name: {th: บ้านเรือน, en: Homes}
      feeders: [houses_a, houses_b]
      monthly_thb: 30
      thb_per_kwh: 4.5
      beyond: {kwh: 20, thb_per_kwh: 7.25}
      prepaid: {low_thb: 60}
    shops:
      name: {th: ร้านค้า, en: Shops}
      feeders: [houses_c]
      monthly_thb: 100
  households:
    h001: {name: ลุงสมชาย, feeder: houses_a, meter: meter_h001}
    h002: {name: ป้านก, feeder: houses_b}
    shop: {feeder: houses_c, since: "2026-11"}
"""
_METER = "  meter_h001: {role: meter, profile: eastron-sdm120, bus: meters, unit: 21}\n"


def write_config(folder: Path, accounts: str = ACCOUNTS) -> Path:
    """config.yaml of the village in a folder, which also holds what it records."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    text = text.replace("/var/lib/tawan", str(folder)).replace("/run/tawan", str(folder / "run"))
    if "meter_h001" in accounts:
        text = text.replace("  sun: {role: irradiance_sensor", f"{_METER}  sun: {{role: irradiance_sensor", 1)
    path = folder / "config.yaml"
    path.write_text(text + accounts, encoding="utf-8")
    return path
