"""What the tests of the commands share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from served_site import Site, small_site

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with small_site(tmp_path) as served:
        yield served


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example site's config.yaml with all its files in tmp_path."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    for told in ("/run/tawan", "/var/lib/tawan"):
        assert told in text
        text = text.replace(told, str(tmp_path))
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path
