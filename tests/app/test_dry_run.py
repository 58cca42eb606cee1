"""Templates of steps tried out: what runs, what is recorded, what the author is told."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder import action
from scaffolder.app import Scaffolder
from scaffolder.app.dry_run import DryRun, Request, ValuesRefused
from scaffolder.gateways.home import Home
from scaffolder.settings import Settings
from scaffolder.task.evaluate import Environment
from scaffolder.template.dry_run import OutputTaken
from scaffolder.template.manifest import load
from tests.template.golden import HEAD, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scaffolder.task.action import Action

SKELETON = {"skeleton/${{ values.name }}.txt": "${{ values.name }}", "skeleton/old": "x"}
FETCH = "{id: fetch, action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}"


@pytest.fixture
def scaffolder(tmp_path: Path) -> Iterator[Scaffolder]:
    home = Home(*(tmp_path / "home" / name for name in ("config", "data", "state", "cache")))
    with closing(Scaffolder(Settings(), home)) as made:
        yield made


class Tries:
    """Tries templates out, each made of a few lines."""

    def __init__(self, scaffolder: Scaffolder, root: Path) -> None:
        self.scaffolder = scaffolder
        self.root = root
        self.workspace = root / "out"

    def __call__(self, *steps: str, more: str = "", **request: Any) -> DryRun:
        listed = "".join(f"    - {step}\n" for step in steps)
        text = f"{HEAD}  steps:\n{listed}{more}" if steps else f"{HEAD}  steps: []\n{more}"
        found = resolved(self.root, {"template.yaml": text, **SKELETON})
        return self.scaffolder.dry_run(found, load(found), Request(workspace=self.workspace, **request))

    def files(self) -> list[str]:
        return sorted(path.relative_to(self.workspace).as_posix() for path in self.workspace.rglob("*"))


@pytest.fixture
def tried(scaffolder: Scaffolder, tmp_path: Path) -> Tries:
    return Tries(scaffolder, tmp_path)


def said(text: str, step: str = "say", more: str = "") -> str:
    return f"{{id: {step}, action: 'debug:log', input: {{message: '{text}'}}{more}}}"


FAILS = "{id: fails, action: 'fs:rename', input: {files: [{from: nothing, to: x}]}}"


def test_steps_on_files_run_and_others_are_recorded_with_an_example_of_their_output(tried: Tries) -> None:
    made = tried(
        FETCH,
        "{id: rename, action: 'fs:rename', input: {files: [{from: old, to: new}]}}",
        "{id: publish, action: 'publish:github', input: {repoUrl: 'github.com?owner=o&repo=${{ parameters.name }}'}}",
        "{id: r, action: 'catalog:register', input: {repoContentsUrl: '${{ steps.publish.output.repoContentsUrl }}'}}",
        more="  output: {links: [{title: R, url: '${{ steps.publish.output.remoteUrl }}'}]}\n",
        values={"name": "shop"},
    )
    assert made.error is None
    assert tried.files() == ["new", "shop.txt"]
    publish, register = (step.iterations[0] for step in made.steps[2:])
    assert (publish.recorded, publish.input) == (True, {"repoUrl": "github.com?owner=o&repo=shop"})
    assert publish.output == dict.fromkeys(("remoteUrl", "repoContentsUrl", "commitHash"), "<example>")
    assert (register.recorded, register.input) == (True, {"repoContentsUrl": "<example>"})
    assert made.output == {"links": [{"title": "R", "url": "<example>"}]}


def test_after_a_failure_only_who_asks_runs_and_the_first_error_is_the_tasks(tried: Tries) -> None:
    made = tried(
        FETCH,
        FAILS,
        said("a", "plain"),
        said("b", "asks", ", if: '${{ failure() }}'"),
        said("c", "always", ", if: '${{ always() and parameters.no }}'"),
        "{id: again, action: 'fs:readdir', input: {paths: [nothing]}, if: '${{ always() }}'}",
        values={"name": "shop"},
        more="  output: {a: 1}\n",
    )
    assert [step.status for step in made.steps] == ["completed", "failed", "skipped", "completed", "skipped", "failed"]
    assert made.error is not None
    assert "'nothing'" in made.error.message
    assert made.output == {}
    assert tried.files() == ["old", "shop.txt"]


def test_steps_may_have_one_id_and_the_last_that_ran_is_found(tried: Tries) -> None:
    reads = "{{id: one, if: '${{{{ {0} }}}}', action: 'fs:readdir', input: {{paths: ['{1}']}}}}"
    made = tried(
        FETCH,
        reads.format("true", "."),
        reads.format("false", "nothing"),
        said("found ${{ steps.one.output.files | length }}"),
        values={"name": "shop"},
    )
    assert [step.status for step in made.steps] == ["completed", "completed", "skipped", "completed"]
    assert made.steps[-1].iterations[0].input == {"message": "found 2"}


def test_failure_is_false_where_nothing_has_failed(tried: Tries) -> None:
    made = tried(said("a", "a", ", if: '${{ failure() }}'"), said("b", "b", ", if: '${{ always() }}'"))
    assert [step.status for step in made.steps] == ["skipped", "completed"]


def test_an_action_that_is_not_known_is_told_first_and_fails_in_its_turn(tried: Tries) -> None:
    made = tried(FETCH, "{id: own, action: 'acme:ticket'}", values={"name": "shop"})
    assert [step.status for step in made.steps] == ["completed", "failed"]
    assert made.warnings[0].startswith("template.yaml:11: step own: the action 'acme:ticket' is not known here")
    skipped = Tries(tried.scaffolder, tried.root / "b")("{id: own, action: 'acme:ticket', if: false}")
    assert skipped.error is None


def test_every_input_of_a_loop_is_checked_before_its_first_run(tried: Tries) -> None:
    made = tried("{id: a, action: 'debug:log', each: [x, 5], input: {message: '${{ each.value }}'}}")
    assert (made.steps[0].status, made.steps[0].iterations, made.steps[0].log) == ("failed", [], [])


def test_a_hole_in_a_list_is_minded_by_no_schema(tried: Tries) -> None:
    made = tried("{id: a, action: 'fs:delete', input: {files: ['${{ parameters.gone }}', x]}}")
    assert made.error is not None
    assert "undefined" in made.error.message
    assert made.steps[0].iterations[0].input == {"files": [None, "x"]}
    null = Tries(tried.scaffolder, tried.root / "b")("{id: a, action: 'fs:delete', input: {files: [null, x]}}")
    assert null.steps[0].iterations == []


def test_outputs_of_a_loop_are_lists(tried: Tries) -> None:
    made = tried(
        FETCH,
        "{id: list, action: 'fs:readdir', each: ['.', '.'], input: {paths: ['${{ each.value }}']}}",
        more="  output: {n: '${{ steps.list.output.files | length }}', e: '${{ steps.list.output.files[1][0].name }}'}",
        values={"name": "a"},
    )
    assert made.output == {"n": 2, "e": "a.txt"}


def test_secrets_are_seen_by_inputs_and_never_told(tried: Tries) -> None:
    made = tried(
        said("${{ secrets.TOKEN }} ${{ environment.secrets.KEY }} ${{ environment.parameters.region }}"),
        said("x", "if", ", if: '${{ secrets.TOKEN }}'"),
        "{id: bad, action: 'fs:readdir', input: {paths: ['${{ secrets.TOKEN }}']}}",
        secrets={"TOKEN": "hunter2"},
        environment=Environment({"region": "eu"}, {"KEY": "k-e-y"}),
        more="  output: {t: '[${{ secrets.TOKEN }}]'}\n",
    )
    assert made.steps[0].iterations[0].input == {"message": "hunter2 k-e-y eu"}
    assert made.steps[0].log == ["*** *** eu"]
    assert made.steps[1].status == "skipped"
    assert made.error is not None
    assert "hunter2" not in f"{made.error.message}{made.steps[2].reason}{made.warnings}"
    assert tried.workspace.stat().st_mode & 0o077 == 0


def test_a_password_among_the_parameters_is_never_told_either(tried: Tries) -> None:
    made = tried(
        said("${{ parameters.pass }} ${{ parameters.name }}"),
        "{id: bad, action: 'fs:readdir', input: {paths: ['${{ parameters.pass }}']}}",
        more="  parameters: {properties: {name: {type: string}, pass: {type: string, 'ui:widget': password}}}\n",
        values={"name": "a", "pass": "hunter2"},
    )
    assert made.steps[0].iterations[0].input == {"message": "hunter2 a"}
    assert made.steps[0].log == ["*** a"]
    assert made.error is not None
    assert "hunter2" not in f"{made.error.message}{made.steps[1].reason}{made.warnings}"
    assert tried.workspace.stat().st_mode & 0o077 == 0


def test_links_and_texts_lose_their_conditions(tried: Tries) -> None:
    made = tried(
        more="  output: {links: [{title: a, if: false}, {title: b, if: '${{ parameters.gone }}'}, {title: c, if: []},"
        " {title: d, if: 'false'}], text: [{if: true, content: x}], other: [{if: false}]}\n"
    )
    assert made.output == {
        "links": [{"title": "b"}, {"title": "d"}],
        "text": [{"content": "x"}],
        "other": [{"if": False}],
    }


PAGE = "  parameters: {required: [name], properties: {name: {type: string}, kind: {type: string, default: lib}}}\n"


def test_defaults_are_applied_as_the_form_does_or_left_out_aloud(tried: Tries) -> None:
    with_them = tried(said("${{ parameters.kind }}"), more=PAGE, values={"name": "a"})
    assert with_them.steps[0].log == ["lib"]
    without = Tries(tried.scaffolder, tried.root / "b")
    made = without(said("${{ parameters.kind }}"), more=PAGE, values={"name": "a"}, defaults=False)
    assert made.steps[0].iterations[0].input == {}
    assert made.warnings == ["template.yaml:11: the default of kind is not applied"]


@pytest.mark.parametrize("values", [{}, {"name": 5}])
def test_values_that_do_not_fit_are_refused_before_anything_is_made(tried: Tries, values: dict[str, Any]) -> None:
    with pytest.raises(ValuesRefused, match="name"):
        tried(FETCH, more=PAGE, values=values)
    assert not tried.workspace.exists()


def test_secrets_are_held_to_their_schema(tried: Tries) -> None:
    with pytest.raises(ValuesRefused, match="TOKEN"):
        tried(more="  secrets: {schema: {type: object, required: [TOKEN]}}\n")


def test_what_is_in_the_way_stays(tried: Tries) -> None:
    tried.workspace.mkdir()
    (tried.workspace / "mine").touch()
    with pytest.raises(OutputTaken):
        tried(FETCH)
    assert tried.files() == ["mine"]


@pytest.mark.parametrize(
    ("step", "warning"),
    [
        (said("${{ parameters.a | nofilter }}"), "10: '${{ parameters.a | nofilter }}' is used as it is written: "),
        (said("a", more=", if: 'false'"), "10: the step always runs: the condition is the text 'false'"),
        (said("a", more=", if: 0"), "10: the step always runs: of what is no text, only false counts"),
        (
            said("a", more=', if: "${{ parameters.gone }}\\n"'),
            "10: the step always runs: the condition is a text, for a line",
        ),
        (said("a", more=", ift: true"), "10: a step has no ift, and it counts for nothing: did you mean if?"),
        (said("{{ parameters.name }}"), "10: {{ parameters.name }} is a text: an expression begins with a dollar"),
        (said("x ${{ not parameters.a == 3 }}"), "10: `not a == b` is read as `(not a) == b`"),
        (said("a", more=", if: \"${{ 'a' in parameters.gone }}\""), "10: \"${{ 'a' in parameters.gone }}\" is used as"),
        (
            "{id: a, action: 'publish:github', input: {repoUrl: x, allowedHosts: [github.com]}}",
            "10: allowedHosts has no effect, and Backstage refuses it now",
        ),
        (
            "{id: a, action: 'fetch:template', input: {url: ./skeleton, values: {name: a}, copyWithoutRender: [old]}}",
            "10: copyWithoutRender has no effect",
        ),
    ],
)
def test_what_backstage_hides_is_told_with_its_line(tried: Tries, step: str, warning: str) -> None:
    made = tried(step)
    assert made.error is None
    assert made.steps[0].status == "completed"
    assert [one.startswith(f"template.yaml:{warning}") for one in made.warnings] == [True], made.warnings


def test_an_input_of_a_remote_step_that_backstage_refuses_is_refused(tried: Tries) -> None:
    made = tried("{id: a, action: 'publish:github', input: {repoUrl: x, topics: shop}}")
    assert made.steps[0].status == "failed"


def test_a_wait_is_not_waited_for(tried: Tries) -> None:
    made = tried(
        "{id: a, action: 'debug:wait', input: {minutes: 9}}", "{id: b, action: 'debug:wait', input: {minutes: 11}}"
    )
    assert [step.status for step in made.steps] == ["completed", "failed"]
    assert made.steps[0].log == ["would wait for 540 seconds"]


def test_a_plugins_own_dry_run_says_what_it_returns(tried: Tries) -> None:
    output = {"type": "object", "properties": {"number": {"type": "integer"}, "open": {"type": "boolean"}}}

    @action("acme:a", output=output, dry_run=lambda _context, value: {"number": value["n"]})
    def with_one(_context: object, _value: object) -> None:
        raise AssertionError

    @action("acme:b", output=output)
    def without(_context: object, _value: object) -> None:
        raise AssertionError

    known: list[Action] = [vars(one)["scaffolder_action"] for one in (with_one, without)]
    tried.scaffolder.actions = {one.id: one for one in known}
    made = tried("{id: a, action: 'acme:a', input: {n: 7}}", "{id: b, action: 'acme:b'}")
    assert [step.iterations[0].output for step in made.steps] == [{"number": 7}, {"number": 0, "open": False}]
    assert all(step.iterations[0].recorded for step in made.steps)
