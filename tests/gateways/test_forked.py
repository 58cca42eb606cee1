"""A copy of this process does its work, and never anything else."""

from __future__ import annotations

import subprocess
import sys

INTERRUPTED = """
import os, signal
from scaffolder.gateways.forked import forked
us, fork = os.getpid(), os.fork

def interrupted():
    pid = fork()
    if not pid:
        os.kill(os.getpid(), signal.SIGINT)
    return pid

os.fork = interrupted
try:
    forked(lambda _line: os.write(1, b"worked")).let_go()
finally:
    os.write(1, b"us" if os.getpid() == us else b"a copy")
"""


def test_a_copy_that_is_interrupted_at_its_start_does_not_go_on_as_this_process() -> None:
    done = subprocess.run((sys.executable, "-c", INTERRUPTED), capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"us", b"")
