"""On a disk that is really full, or really read-only, control goes on and no sample is lost.

The same as benchmarks/disk.py, a little of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

# isort: split
import disk


@pytest.mark.skipif(
    not disk.available(), reason="needs unshare (util-linux), and leave to mount in a namespace"
)
def test_what_waits_while_the_disk_refuses_is_written_when_it_takes_again():
    command = [sys.executable, disk.__file__, "--series", "20", "--minutes", "2"]
    table = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    for what in ("full", "read-only at the start"):
        found = table[what]
        assert found["wrong"] == []
        assert found["periods_stored"] == found["periods_handed_over"] > 10
        assert found["dropped_samples"] == 0
        assert found["decisions_refused"] == 12, "so that the controller knows that nothing is written"
    assert any("the disk is full" in text for text in table["full"]["said"])
