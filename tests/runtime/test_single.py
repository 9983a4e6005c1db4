"""A second controller of the same site is refused; what is left of a dead one is in nobody's way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from controller.runtime.single import LOCK_NAME, AlreadyRunningError, only_one

HOLDS = """
import sys, time
from pathlib import Path
from controller.runtime.single import only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_one_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    ours = f"process {os.getpid()}"
    with only_one(tmp_path), pytest.raises(AlreadyRunningError, match=ours), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        assert (tmp_path / LOCK_NAME).read_text(encoding="ascii") == str(os.getpid())


def test_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, tmp_path], stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunningError, match=str(first.pid)), only_one(tmp_path):
            pass
        first.send_signal(signal.SIGKILL)
        first.wait()
    with only_one(tmp_path):
        pass


def test_where_no_lock_can_be_made_it_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=LOCK_NAME), only_one(tmp_path / "nowhere"):
        pass
