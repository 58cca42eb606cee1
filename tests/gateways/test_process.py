from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.process import ProgramMissing, ProgramStalled, run

if TYPE_CHECKING:
    from pathlib import Path


def test_tells_how_a_program_ended() -> None:
    script = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"

    done = run([sys.executable, "-c", script])

    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", b"err\n")


def test_feeds_more_than_a_pipe_holds() -> None:
    much = b"x" * 1_000_000

    assert run(["cat"], stdin=much).stdout == much


def test_nothing_to_read_is_an_end_and_not_the_terminal() -> None:
    assert run(["cat"]).stdout == b""


def test_a_missing_program_is_named() -> None:
    with pytest.raises(ProgramMissing, match="no-such-program-here"):
        run(["no-such-program-here"])


def test_a_missing_directory_is_not_blamed_on_the_program(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match="gone"):
        run(["cat"], cwd=tmp_path / "gone")


@pytest.mark.parametrize("script", ["sleep 60", "trap '' TERM; sleep 0.1; echo started; exec sleep 3"])
def test_a_stalled_program_is_stopped(script: str) -> None:
    began = time.monotonic()

    with pytest.raises(ProgramStalled, match="sh did not finish within"):
        run(["sh", "-c", script], timeout=0.2)

    assert time.monotonic() - began < 5
