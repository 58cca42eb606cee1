"""A template's own steps on GitHub, in a birth: planned, run, stopped, taken back; and elsewhere."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.errors import Stopped
from scaffolder.task.action import ForgeLacks
from scaffolder.task.journal import TaskStatus
from tests.actions.github.steps import standing
from tests.app.test_births_on_github import Desk, desk
from tests.github.faults import Trouble

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["desk"]  # a fixture

URL = '"github.com?owner=acme&repo=${{ parameters.name }}"'
STEPS = f"""\
    - id: publish
      action: publish:github
      input: {{repoUrl: {URL}, protectDefaultBranch: false}}
    - id: issue
      action: github:issues:create
      input:
        repoUrl: {URL}
        title: Look after ${{{{ parameters.name }}}}
        body: See ${{{{ steps.publish.output.remoteUrl }}}}
    - id: label
      action: github:issues:label
      input: {{repoUrl: {URL}, number: "${{{{ steps.issue.output.issueNumber }}}}", labels: [new]}}
    - id: hook
      action: github:webhook
      input: {{repoUrl: {URL}, webhookUrl: "https://ci.example/hook", webhookSecret: "${{{{ secrets.token }}}}"}}
    - id: link
      action: github:autolinks:create
      input: {{repoUrl: {URL}, keyPrefix: T-, urlTemplate: "https://tickets.example/<num>"}}
    - id: stage
      action: github:environment:create
      input: {{repoUrl: {URL}, name: test, secrets: {{PASSWORD: "${{{{ secrets.token }}}}"}}}}
    - id: rules
      action: github:ruleset:create
      input: {{repoUrl: {URL}, name: main, enforcement: active, rules: [{{type: deletion}}]}}
    - id: pages
      action: github:pages:enable
      input: {{repoUrl: {URL}}}
    - id: deploy
      action: publish:github:pull-request
      input:
        repoUrl: github.com?owner=acme&repo=gitops
        branchName: add-${{{{ parameters.name }}}}
        title: Deploy ${{{{ parameters.name }}}}
        description: It is new
        targetPath: apps/${{{{ parameters.name }}}}
    - id: say
      action: debug:log
      input: {{message: "deployed by ${{{{ steps.deploy.output.remoteUrl }}}}"}}
"""


@pytest.fixture
def company(desk: Desk) -> Desk:
    """Somebody whose golden path does all of it, and the repository that deploys things."""
    desk.github.add_repository("acme/gitops", files={"README.md": b"# What runs\n"}, by="mona")
    desk.template(STEPS)
    return desk


def make(company: Desk) -> Any:
    return company.make(secrets={"token": "s3cr3t-of-hooks"})


def test_a_birth_with_all_of_them(company: Desk) -> None:
    assert make(company).status is TaskStatus.COMPLETED

    shop = company.github.repository("acme/shop")
    assert (shop.issues[1].title, shop.issues[1].labels) == ("Look after shop", ["new"])
    assert [hook["config"]["secret"] for hook in shop.hooks.values()] == ["s3cr3t-of-hooks"]
    assert shop.environments["test"]["secrets"]["PASSWORD"]["value"] == "s3cr3t-of-hooks"
    assert (len(shop.autolinks), len(shop.rulesets), shop.pages is not None) == (1, 1, True)
    gitops = company.github.repository("acme/gitops")
    assert "apps/shop/README.md" in gitops.files("add-shop")
    assert f"deployed by {company.github.url}/acme/gitops/pull/1" in company.said


def test_the_plan_names_them(company: Desk) -> None:
    plan = company.plan(secrets={"token": "s3cr3t-of-hooks"})

    assert plan.preview.outside == [
        *("github:issues:create", "github:issues:label", "github:webhook", "github:autolinks:create"),
        *("github:environment:create", "github:ruleset:create", "github:pages:enable", "publish:github:pull-request"),
    ]


def test_it_is_taken_back_as_a_whole(company: Desk) -> None:
    make(company)

    assert company.rollback() == []

    assert company.github.names() == ["acme/gitops"]
    gitops = company.github.repository("acme/gitops")
    assert list(gitops.branches()) == ["main"]
    assert gitops.issues[1].state == "closed"


@pytest.mark.parametrize("path", ["*/issues", "*/hooks", "*/rulesets", "*/pages", "*/gitops/pulls", "*/test"])
def test_a_limit_stops_it_and_it_goes_on(company: Desk, path: str) -> None:
    fault = company.github.faults.add(Trouble.TOO_MANY, path=path, retry_after=9_000)
    with pytest.raises(Stopped):
        make(company)
    stopped = company.task().id

    with closing(company.program()) as program:
        done = program.resume(stopped, secrets={"token": "s3cr3t-of-hooks"})

    assert (fault.fired, done.status) == (1, TaskStatus.COMPLETED)
    shop = standing(company.github.repository("acme/shop"))
    assert [len(shop[name]) for name in ("issues", "hooks", "rulesets", "environments")] == [1, 1, 1, 1]


def test_what_is_wrong_elsewhere_is_told_before_anything_is_made(company: Desk) -> None:
    company.github.state.delete(company.github.repository("acme/gitops"))

    with pytest.raises(Exception, match="acme/gitops"):
        make(company)

    assert company.github.names() == []


def test_on_the_local_forge_steps_are_refused_together_and_can_be_skipped(company: Desk, tmp_path: Path) -> None:
    company.settings = replace(company.settings, forge="local", forge_root=tmp_path / "forge")
    every = ["issue", "label", "hook", "link", "stage", "rules", "pages", "deploy"]
    with pytest.raises(ForgeLacks) as raised:
        make(company)
    assert raised.value.message == (
        "step issue (github:issues:create) needs GitHub, and so do label, hook, link, stage, rules, pages, deploy; "
        "the forge is the local forge"
    )
    assert raised.value.hint.endswith(f"--skip {' --skip '.join(every)}")

    done = company.make(secrets={"token": "s3cr3t"}, skip=every)

    assert done.status is TaskStatus.COMPLETED
