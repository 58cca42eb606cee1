"""Whatever is wrong, it is said with the way out and the right exit code, and nothing is written anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.bad_input.situations import SITUATIONS, Situation
from tests.bad_input.ways import can_mount, new
from tests.bad_input.world import World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path, home: Path) -> World:
    return World(home, tmp_path).made()


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_says_what_is_wrong_and_writes_nothing(world: World, situation: Situation) -> None:
    if "unshare" in situation.prefix and not can_mount():
        pytest.skip("mounting in a name space of one's own is not permitted here")
    environ = situation.arrange(world) or {}
    before = world.state()

    done = world.start(*situation.command, "--json", prefix=situation.prefix, **environ)

    assert done.returncode == situation.code, done.stderr
    for words in situation.says:
        assert words in done.stderr
    assert "\nerror: " in f"\n{done.stderr}"
    error = json.loads(done.stdout)["error"]
    assert error["exitCode"] == situation.code
    assert error["message"].splitlines()[0] in done.stderr
    assert error["hint"] or ".yaml" in error["message"]
    assert world.state() == before


def test_the_command_that_every_situation_changes_works(world: World) -> None:
    before = world.state()

    done = world.start(*new())

    assert done.returncode == 0, done.stderr
    assert world.state() != before
