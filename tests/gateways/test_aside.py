"""A private directory goes with all that is in it, whatever somebody did to it and to us."""

from __future__ import annotations

import os
import signal
import stat
import time
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.aside import aside
from scaffolder.gateways.forked import forked
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = 65534


def test_it_is_for_its_owner_only_and_goes(tmp_path: Path) -> None:
    with aside("code-", within=tmp_path) as place:
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert place.parent == tmp_path
        (place / "deep").mkdir()
        (place / "deep" / "file").write_text("x")
        (place / "link").symlink_to(tmp_path)
        time.sleep(0.2)  # nobody takes it away meanwhile
        assert (place / "deep" / "file").read_text() == "x"
    assert list(tmp_path.iterdir()) == []


def test_it_goes_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), aside("code-", within=tmp_path):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_it_goes_where_the_system_has_its_programs_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "defpath", str(tmp_path / "bin"))
    with aside("code-", within=tmp_path) as place:
        (place / "file").write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_it_goes_where_nobody_waits_for_processes_that_have_ended(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with aside("code-", within=tmp_path):
            pass
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert list(tmp_path.iterdir()) == []


def test_it_goes_although_its_directories_were_locked(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents[:2]:
        parent.chmod(parent.stat().st_mode | 0o011)

    def work(_line: int) -> None:
        if os.geteuid() == 0:  # whom no mode keeps from anything
            os.setuid(NOBODY)
        with aside("code-", within=tmp_path) as place:
            (place / "a" / "b").mkdir(parents=True)
            (place / "a" / "b" / "file").write_text("x")
            for locked in (place / "a" / "b", place / "a", place):
                locked.chmod(0)

    os.waitpid(forked(work)._pid, 0)  # noqa: SLF001 - it ends by itself
    assert list(tmp_path.iterdir()) == []


def test_it_goes_when_we_are_killed(tmp_path: Path) -> None:
    us = os.fork()
    if not us:
        with aside("outer-", within=tmp_path) as place, aside("inner-", within=place) as inner:
            (inner / "file").write_text("x")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(us, 0)
    wait_until(lambda: not list(tmp_path.iterdir()), "nobody takes it away")
