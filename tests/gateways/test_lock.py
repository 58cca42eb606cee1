from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.lock import Busy, locked

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys, time
from pathlib import Path
from scaffolder.gateways.lock import locked
with locked(Path(sys.argv[1]), patience=5):
    print("held", flush=True)
    time.sleep(60)
"""


def test_only_one_holds_it_and_the_kernel_takes_it_back_from_the_dead(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(Busy), locked(lock, patience=0.05):
            pytest.fail("two hold one lock")

        holder.kill()

    with locked(lock, patience=1):
        assert lock.exists()
