"""
Every action on GitHub ensures: said twice, or cut short at any request, it leaves what it leaves when all goes well.

`EXAMPLES` has each action once; what is added there is tried with every fault at every request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.actions import github as actions
from scaffolder.errors import TryAgain
from tests.actions.github.steps import Steps, standing
from tests.github.faults import Trouble

if TYPE_CHECKING:
    from scaffolder.task.action import Values
    from tests.github.server import GitHub

SHOP = {"repository": "acme/shop"}
SHOP_URL = {"repoUrl": "github.com?owner=acme&repo=shop"}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ deploy@acme"


@dataclass(frozen=True)
class Example:
    """An action and its input; `files` are in the workspace."""

    action: str
    value: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)

    def prepare(self, steps: Steps) -> None:
        for path, text in self.files.items():
            file = steps.workspace / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)


EXAMPLES = [
    Example(
        "github:settings", {**SHOP, "deleteBranchOnMerge": True, "hasWiki": False, "homepage": "https://a.example"}
    ),
    Example("github:topics", {**SHOP, "topics": ["Python", "payments"]}),
    Example(
        "github:access",
        {
            **SHOP,
            "access": "acme/payments-team",
            "collaborators": [{"user": "user:default/hubot", "access": "push"}],
        },
    ),
    Example("github:variables", {**SHOP, "repoVariables": {"REGION": "eu", "STAGE": "test"}}),
    Example("github:secrets", {**SHOP, "secrets": {"NPM_TOKEN": "s3cr3t"}}),
    Example(
        "github:labels", {**SHOP, "labels": [{"name": "golden", "color": "ffd700"}, {"name": "bug", "color": "ff0000"}]}
    ),
    Example("github:properties", {**SHOP, "customProperties": {"tier": "1"}}),
    Example("github:oidc", {**SHOP, "oidcCustomization": {"useDefault": False, "includeClaimKeys": ["repo"]}}),
    Example("github:subscription", {**SHOP, "subscribe": True}),
    Example(
        "github:environment:create",
        {
            **SHOP_URL,
            "name": "production",
            "deploymentBranchPolicy": {"protected_branches": False, "custom_branch_policies": True},
            "customBranchPolicyNames": ["main", "release/*"],
            "customTagPolicyNames": ["v*"],
            "environmentVariables": {"URL": "https://shop.example"},
            "secrets": {"PASSWORD": "s3cr3t"},
            "waitTimer": 5,
            "reviewers": ["group:default/payments", "user:default/hubot"],
        },
    ),
    Example(
        "github:branch-protection:create",
        {**SHOP_URL, "requiredStatusCheckContexts": ["test"], "requiredCommitSigning": True},
    ),
    Example(
        "github:ruleset:create",
        {
            **SHOP_URL,
            "name": "main",
            "enforcement": "active",
            "conditions": {"refName": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
            "rules": [{"type": "deletion"}],
        },
    ),
    Example("github:webhook", {**SHOP_URL, "webhookUrl": "https://ci.example/hook", "webhookSecret": "s3cr3t"}),
    Example("github:issues:create", {**SHOP_URL, "title": "Set up", "body": "Please", "labels": ["bug"]}),
    Example("github:issues:label", {**SHOP_URL, "number": 1, "labels": ["bug", "new"]}),
    Example(
        "github:deployKey:create",
        {**SHOP_URL, "publicKey": KEY, "privateKey": "s3cr3t", "deployKeyName": "deploy key"},
    ),
    Example("github:autolinks:create", {**SHOP_URL, "keyPrefix": "T-", "urlTemplate": "https://tickets.example/<num>"}),
    Example("github:pages:enable", {**SHOP_URL, "buildType": "legacy"}),
    Example(
        "publish:github:pull-request",
        {
            **SHOP_URL,
            "title": "Add docs",
            "description": "More of them",
            "branchName": "docs",
            "reviewers": ["hubot"],
            "assignees": ["hubot"],
        },
        files={"docs/index.md": "# Docs\n", ".gitignore": "*.log\n", "run.log": "noise"},
    ),
]
WITHOUT_AN_ANSWER = [Trouble.RESET_BEFORE, Trouble.RESET_AFTER, Trouble.BAD_GATEWAY, Trouble.BAD_GATEWAY_AFTER]
MOST_REQUESTS = 24
named = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.action)


@pytest.fixture(autouse=True)
def tiers(github: GitHub) -> None:
    """Let the company know of a property."""
    github.state.organizations["acme"].properties.append({"property_name": "tier", "value_type": "string"})


def begin(example: Example, github: GitHub, steps: Steps, *, round_: int = 0) -> None:
    """Let everything be as it was before the step."""
    if round_:
        github.state.delete(github.repository("acme/shop"))
        github.add_repository("acme/shop", files={"README.md": b"# Shop\n"}, by="mona")
    steps.run("github:issues:create", {**SHOP_URL, "title": "An issue that was there"})
    steps.directory = steps.directory.parent / f"task-{round_}"
    example.prepare(steps)
    github.requests.clear()


def carried_through(example: Example, steps: Steps) -> Values:
    """Run a step; when it stops, do as the person who resumes it."""
    try:
        return steps.run(example.action, example.value)
    except TryAgain:
        return steps.run(example.action, example.value, again=True)


def test_there_is_an_example_of_every_action() -> None:
    """But for the one that is done at most once."""
    every = {action.id for action in actions.scaffolder_actions()}

    assert every - {example.action for example in EXAMPLES} == {"github:actions:dispatch"}


@named
def test_said_twice(example: Example, steps: Steps, github: GitHub) -> None:
    begin(example, github, steps)
    first = steps.run(example.action, example.value)
    once = standing(github.repository("acme/shop"))

    assert steps.run(example.action, example.value, again=True) == first
    assert standing(github.repository("acme/shop")) == once


@pytest.mark.slow
@named
@pytest.mark.parametrize("trouble", WITHOUT_AN_ANSWER)
def test_an_answer_is_lost(example: Example, trouble: Trouble, steps: Steps, github: GitHub) -> None:
    """That of each of its requests, in turn."""
    begin(example, github, steps, round_=1)
    wanted = steps.run(example.action, example.value), standing(github.repository("acme/shop"))
    asked = len(github.requests)
    assert 0 < asked < MOST_REQUESTS

    for nth in range(1, asked + 1):
        begin(example, github, steps, round_=nth + 1)
        fault = github.faults.add(trouble, nth=nth)
        output = carried_through(example, steps)
        github.faults.clear()

        assert fault.fired
        assert (_plain(output), standing(github.repository("acme/shop"))) == (_plain(wanted[0]), wanted[1])


def _plain(output: Values) -> dict[str, Any]:
    """Return an output without numbers and names that differ from run to run."""
    differ = {"rulesetUrl", "commitHash"}
    return {name: value for name, value in output.items() if not name.endswith("Id") and name not in differ}
