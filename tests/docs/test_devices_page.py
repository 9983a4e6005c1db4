"""docs/devices.md says what the profiles say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_devices_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("devices", ROOT / "scripts" / "devices.py")
    assert spec is not None
    assert spec.loader is not None
    devices = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(devices)
    written = devices.PAGE.read_text(encoding="utf-8")
    assert written == devices.page(), "run: .venv/bin/python scripts/devices.py"
