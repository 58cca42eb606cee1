"""A birth whose template runs code, ended at any moment: the decision is kept with the task."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.task.journal import TaskStatus
from tests.task.births import SKELETON, Place, Processes

if TYPE_CHECKING:
    from pathlib import Path

COOKIE = {
    "cookie/cookiecutter.json": '{"slug": "inner"}',
    "cookie/{{cookiecutter.slug}}/file": "{{ cookiecutter.slug }}",
    "cookie/hooks/post_gen_project.sh": "#!/bin/sh\necho {{ cookiecutter.slug }} > hooked; echo ran >> ~/ran\n",
}
KILLED = -signal.SIGKILL


@pytest.fixture(scope="module")
def prepared(processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("prepared") / "home", processes).prepared({**SKELETON, **COOKIE})


def drafted(place: Place, trust: str = "all") -> dict[str, Any]:
    return {"template": str(place.home / "template/cookie"), "trust": trust}


def ran(place: Place) -> int:
    file = place.home / "ran"
    return len(file.read_text().splitlines()) if file.exists() else 0


def assert_born(place: Place) -> None:
    assert place.task().status is TaskStatus.COMPLETED
    assert place.repositories() == ["local", "local/shop.git"]
    assert place.entities() == ["component:default/shop", "group:default/parcels"]
    place.is_tidy()


def test_nothing_is_begun_without_a_decision(place: Place) -> None:
    assert "wants to run its own code" in place.expect(2, draft=drafted(place, "")).err
    assert not place.tasks()
    assert ran(place) == 0


@pytest.mark.parametrize(("trust", "times"), [("all", 1), ("none", 0), ("extensions", 0)])
def test_what_was_decided_is_done(place: Place, trust: str, times: int) -> None:
    place.expect(0, draft=drafted(place, trust))
    assert_born(place)
    assert ("hooked" in place.files()) is bool(times)
    assert ran(place) == times


@pytest.mark.slow
def test_after_a_kill_at_any_point_it_goes_on_as_it_was_decided(place: Place, tmp_path: Path) -> None:
    whole = place.copied(tmp_path / "whole")
    whole.expect(0, draft=drafted(whole))
    names = whole.points()
    for number in range(1, len(names)):
        cut = place.copied(tmp_path / f"{number}")
        cut.expect(KILLED, stop_at=number, draft=drafted(cut))
        cut.expect(0, do="resume", task=cut.task().id)
        assert_born(cut)
        assert cut.files() == whole.files()
        assert ran(cut) == (1 if "effect render" in names[: number - 1] else 2), "again only where that was lost"


def test_a_hook_that_fails_when_it_runs_again_takes_everything_back(place: Place) -> None:
    hook = place.home / "template/cookie/hooks/post_gen_project.sh"
    hook.write_text("#!/bin/sh\necho ran >> ~/ran; test $(wc -l < ~/ran) = 1\n")
    whole = place.copied(place.home.parent / "whole")
    whole.expect(0, draft=drafted(whole))
    before = whole.points().index("effect render")
    place.expect(KILLED, stop_at=before, draft=drafted(place))
    failed = place.expect(1, do="resume", task=place.task().id)
    assert "post_gen_project.sh failed (exit status 1)" in failed.err
    place.is_nothing()
