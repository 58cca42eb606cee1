"""After a step that failed, the later ones run whose condition asks how it goes; a task that goes on keeps them."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

from scaffolder.task.journal import Journal, RowStatus, TaskStatus
from tests.task.births import SIMPLE
from tests.task.test_crash import KILLED
from tests.task.test_refused import with_steps

if TYPE_CHECKING:
    from pathlib import Path

    from tests.task.births import Place

FAILS = '    - {id: fails, action: "test:fail", input: {message: no idea}}\n'
SAYING = """\
    - {id: plain, action: "debug:log", input: {message: plain}}
    - {id: always, action: "debug:log", if: "${{ always() }}", input: {message: always}}
    - {id: failure, action: "debug:log", if: "${{ failure() }}", input: {message: failure}}
    - {id: fine, action: "debug:log", if: "${{ not failure() }}", input: {message: fine}}
    - {id: later, action: "debug:log", if: "${{ always() and steps.fails.output.x }}", input: {message: later}}
"""
MARKING = '    - {id: mark, action: "test:mark", if: "${{ always() }}", input: {key: told}}\n'
PUBLISHING = """\
    - {id: out, action: "publish:github", input: {repoUrl: "github.com?owner=local&repo=shop"}}
"""


def logged(place: Place) -> list[str]:
    with closing(Journal(place.state / "tasks.db")) as journal:
        return [line for _, _, line in journal.logged(place.task().id)]


def test_only_steps_that_ask_run_after_a_failure(place: Place) -> None:
    with_steps(place, SIMPLE + FAILS + SAYING)

    place.expect(99)

    assert [text for text in logged(place) if text in {"plain", "always", "failure", "fine", "later"}] == [
        "always",
        "failure",
    ]
    assert place.task().status is TaskStatus.FAILED
    place.is_nothing()


def test_who_finds_the_name_taken_runs_nothing_of_the_template(place: Place) -> None:
    with_steps(place, SIMPLE + MARKING)
    meet = place.home / "meet"
    meet.mkdir()
    other = {"name": "SHOP", "directory": str(place.work / "other")}

    results = place.processes.run(
        place.order(name=".1", meet=str(meet)), place.order(name=".2", meet=str(meet), draft=other)
    )

    assert sorted(result.code for result in results) == [0, 3], results
    assert place.runs() == ["mark told"]


def test_a_step_that_asks_and_writes_files_is_passed_over(place: Place) -> None:
    writes = '    - {id: writes, action: "fs:delete", if: "${{ always() }}", input: {files: [README.md]}}\n'
    with_steps(place, SIMPLE + FAILS + writes)

    place.expect(99)

    assert "step writes is passed over: it writes files, and step fails failed" in logged(place)


def test_what_such_a_step_fails_with_is_told_in_the_log_only(place: Place) -> None:
    each = "${{ 'no list' if failure() else ['a', 'b'] }}"
    wrong = f'    - {{id: wrong, action: "debug:log", if: "${{{{ always() }}}}", each: "{each}"}}\n'
    with_steps(place, SIMPLE + FAILS + wrong)

    result = place.expect(99)

    assert "RuntimeError: no idea" in result.err
    assert any(text.startswith("step wrong failed, too: ") for text in logged(place))


def test_what_ran_after_a_failure_is_not_run_again_when_the_task_goes_on(place: Place) -> None:
    fine = '    - {id: fine, action: "debug:log", if: "${{ not failure() }}", input: {message: fine}}\n'
    with_steps(place, SIMPLE + PUBLISHING + fine + MARKING)
    place.expect(5, hook="repository", hook_at="out-repository")
    assert place.outside() == ["told"]
    assert "fine" not in logged(place)
    assert place.task().status is TaskStatus.STOPPED
    shutil.rmtree(place.repository.path)

    place.expect(0, do="resume", task=place.task().id)

    assert place.task().status is TaskStatus.COMPLETED
    assert place.runs() == ["mark told"]
    assert "fine" in logged(place)


def test_what_ran_after_a_failure_is_taken_back_with_the_rest(place: Place) -> None:
    with_steps(place, SIMPLE + FAILS + MARKING)
    place.expect(5)
    assert place.outside() == ["told"]

    place.expect(0, do="rollback", task=place.task().id)

    place.is_nothing()


def test_a_kill_after_a_failure_is_survived(place: Place, tmp_path: Path) -> None:
    with_steps(place, SIMPLE + PUBLISHING + MARKING)
    facts = {"hook": "repository", "hook_at": "out-repository"}
    whole = place.copied(tmp_path / "whole")
    whole.expect(5, **facts)
    begin = whole.points().index("effect mark")

    for number in range(begin, len(whole.points()) + 1):
        cut = place.copied(tmp_path / str(number))
        assert cut.run(stop_at=number, **facts).code == KILLED
        shutil.rmtree(cut.repository.path)
        cut.expect(0, do="resume", task=cut.task().id)
        assert cut.outside() == ["told"]
        assert {row.status for row in cut.rows()} <= {RowStatus.COMPLETED, RowStatus.SKIPPED, RowStatus.EMPTY}
