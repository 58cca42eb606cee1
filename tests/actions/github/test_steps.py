"""What each action on GitHub makes of its input: defaults, what is checked beforehand, what is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.actions.github.attachments import AutolinkInvalid, KeyInvalid
from scaffolder.actions.github.environment import PolicyMissing, ReviewerUnknown
from scaffolder.actions.github.inputs import RepositoryUnknown, RepoUrlInvalid, repo_url
from scaffolder.actions.github.protection import PatternInvalid
from scaffolder.actions.github.workflows import NotDispatchable
from scaffolder.errors import Conflict
from scaffolder.gateways.forge import RepositorySpec
from scaffolder.gateways.github.attachments import AlreadyDifferent
from scaffolder.gateways.github.refusals import NotAllowed, RefusedByGitHub
from scaffolder.task.evaluate import StepInvalid
from tests.actions.github.steps import ACTIONS, Steps, Time, asked, forge_of
from tests.github.faults import Trouble

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.catalog import Catalog
    from tests.github.server import GitHub
    from tests.github.state import Repository

SHOP = {"repository": "acme/shop"}
SHOP_URL = {"repoUrl": "github.com?owner=acme&repo=shop"}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ deploy@acme"
DEPLOY_KEY = {**SHOP_URL, "publicKey": KEY, "privateKey": "private half", "deployKeyName": "deploy key"}
HOOK = {**SHOP_URL, "webhookUrl": "https://ci.example/hook"}
AUTOLINK = {**SHOP_URL, "keyPrefix": "T-", "urlTemplate": "https://tickets.example/<num>"}
RULESET = {**SHOP_URL, "name": "main", "enforcement": "active", "rules": [{"type": "deletion"}]}
DISPATCH = {**SHOP_URL, "workflowId": "deploy.yml", "branchOrTagName": "main"}


@pytest.fixture
def shop(github: GitHub) -> Repository:
    return github.repository("acme/shop")


@pytest.fixture
def made(steps: Steps, github: GitHub) -> Repository:
    """A repository that this very task has made, acme/new."""
    steps.forge.ensure_repository(RepositorySpec("acme", "new"), marker="task-1")
    steps.repository = "acme/new"
    return github.repository("acme/new")


# -- which repository, and who asks


def test_repo_url() -> None:
    assert repo_url("git.acme.example", "acme/shop") == "git.acme.example?owner=acme&repo=shop"


@pytest.mark.parametrize(
    "url",
    ["github.com?owner=acme", "github.com?repo=shop", "acme/shop", "", "gitlab.com?owner=acme&repo=shop"],
)
def test_a_repo_url_that_means_nothing_here(steps: Steps, url: str) -> None:
    with pytest.raises(RepoUrlInvalid):
        steps.check("github:webhook", {**HOOK, "repoUrl": url})


def test_order_and_case_do_not_matter(steps: Steps, shop: Repository) -> None:
    steps.run("github:webhook", {**HOOK, "repoUrl": "GitHub.com?repo=Shop&owner=ACME"})

    assert len(shop.hooks) == 1


def test_a_repository_that_is_not_there(steps: Steps) -> None:
    with pytest.raises(RepositoryUnknown):
        steps.check("github:webhook", {**HOOK, "repoUrl": "github.com?owner=acme&repo=shoop"})


def test_one_that_the_task_makes_need_not_be_there(steps: Steps, github: GitHub) -> None:
    steps.repository = "acme/later"

    steps.check("github:webhook", {**HOOK, "repoUrl": "github.com?owner=acme&repo=later", "webhookSecret": "s3cr3t"})

    assert asked(github) == []


def test_it_is_waited_for_when_it_was_just_made(steps: Steps, made: Repository, github: GitHub) -> None:
    fault = github.faults.add(Trouble.NOT_FOUND, "PUT", "/repos/acme/new/topics", times=3)

    steps.run("github:topics", {"repository": "acme/new", "topics": ["payments"]})

    assert (fault.fired, made.topics) == (3, ["payments"])


def test_the_inputs_own_token_is_used(github: GitHub, catalog: Catalog, tmp_path: Path, time: Time) -> None:
    nobody = forge_of(github, github.add_user("passer-by"), time)
    steps = Steps(github, nobody, catalog, tmp_path / "task")
    with pytest.raises(NotAllowed):
        steps.run("github:webhook", HOOK)

    steps.run("github:webhook", {**HOOK, "token": github.add_token("mona")})

    assert len(github.repository("acme/shop").hooks) == 1
    nobody.client.close()


@pytest.mark.parametrize("action", [one for one in ACTIONS if one.startswith(("github:", "publish:github"))])
def test_it_is_for_github_alone(action: str) -> None:
    assert ACTIONS[action].forge == "github"


# -- what publishing sets up


def test_requests_are_counted_beforehand(steps: Steps, github: GitHub) -> None:
    values: dict[str, dict[str, Any]] = {
        "github:settings": {**SHOP, "hasWiki": False},
        "github:topics": {**SHOP, "topics": ["a", "b"]},
        "github:access": {**SHOP, "access": "hubot", "collaborators": [{"team": "payments-team", "access": "push"}]},
        "github:variables": {**SHOP, "repoVariables": {"A": "1", "B": "2"}},
        "github:secrets": {**SHOP, "secrets": {"A": "1", "B": "2"}},
        "github:labels": {**SHOP, "labels": [{"name": "new"}]},
        "github:branch-protection:create": {**SHOP_URL, "branch": "main"},
        "github:environment:create": {**SHOP_URL, "name": "test", "environmentVariables": {"A": "1"}},
        "github:webhook": HOOK,
        "github:deployKey:create": DEPLOY_KEY,
        "github:autolinks:create": AUTOLINK,
        "github:ruleset:create": RULESET,
        "github:pages:enable": SHOP_URL,
        "github:issues:create": {**SHOP_URL, "title": "New"},
        "github:actions:dispatch": DISPATCH,
    }
    for action, value in values.items():
        github.requests.clear()
        steps.run(action, value)
        assert len(github.requests) == ACTIONS[action].requests(value), action


def test_a_variable_becomes_what_is_asked_for(steps: Steps, shop: Repository) -> None:
    for region in ("eu", "us"):
        steps.run("github:variables", {**SHOP, "repoVariables": {"REGION": region}})

    assert [one["value"] for one in shop.variables.values()] == ["us"]


def test_secrets_are_sealed(steps: Steps, shop: Repository, github: GitHub) -> None:
    steps.run("github:secrets", {**SHOP, "secrets": {"NPM_TOKEN": "s3cr3t"}})

    assert shop.secrets["NPM_TOKEN"]["value"] == "s3cr3t"
    assert not any("s3cr3t" in repr(one) for one in github.requests)


def test_the_first_team_administers_and_others_may_push(steps: Steps, shop: Repository) -> None:
    steps.run(
        "github:access",
        {**SHOP, "access": "hubot", "collaborators": [{"team": "group:payments-team", "access": "push"}]},
    )

    assert (shop.collaborators, shop.teams) == ({"mona": "admin", "hubot": "admin"}, {"payments-team": "write"})


def test_the_owner_of_their_own_repository_is_not_invited(steps: Steps, github: GitHub) -> None:
    github.add_repository("mona/own", by="mona")

    steps.run("github:access", {"repository": "mona/own", "access": "mona"})

    assert asked(github) == []


def test_somebody_from_outside_is_invited(steps: Steps, github: GitHub, shop: Repository) -> None:
    github.add_user("passer-by")

    steps.run("github:access", {**SHOP, "collaborators": [{"user": "passer-by", "access": "pull"}]})

    assert list(shop.invitations) == ["passer-by"]
    assert steps.said == ["passer-by was invited, and has to accept first"]


def test_what_was_set_goes_with_the_repository(steps: Steps, made: Repository) -> None:
    """Nothing is said of a repository that is deleted, and of another one what it keeps."""
    assert steps.undo("github:topics", {"repository": made.full_name, "topics": []}, {}) == ""
    assert steps.undo("github:topics", {**SHOP, "topics": []}, {}) == "acme/shop keeps its topics"
    assert steps.undo("github:topics", {"repository": "acme/gone", "topics": []}, {}) == ""


# -- protection


def test_a_branch_is_protected_as_backstage_does(steps: Steps, shop: Repository) -> None:
    assert steps.run("github:branch-protection:create", SHOP_URL) == {"branch": "main"}

    assert shop.protections["main"] == {
        "required_status_checks": {"strict": True, "contexts": []},
        "enforce_admins": True,
        "required_pull_request_reviews": {
            "required_approving_review_count": 1,
            "require_code_owner_reviews": False,
            "dismiss_stale_reviews": False,
            "require_last_push_approval": False,
        },
        "restrictions": None,
        "required_conversation_resolution": False,
        "required_linear_history": False,
        "block_creations": False,
        "required_signatures": False,
    }


def test_who_alone_may_push(steps: Steps, shop: Repository) -> None:
    steps.run("github:branch-protection:create", {**SHOP_URL, "restrictions": {"teams": ["payments-team"]}})

    assert shop.protections["main"]["restrictions"] == {"users": [], "teams": ["payments-team"]}


def test_a_ruleset_of_somebody_else_is_left_alone(steps: Steps, shop: Repository) -> None:
    steps.run("github:ruleset:create", RULESET)
    (before,) = shop.rulesets.values()

    with pytest.raises(RefusedByGitHub) as raised:
        steps.run("github:ruleset:create", {**RULESET, "rules": []})

    assert raised.value.details == ("Name must be unique",)

    assert before["rules"] == [{"type": "deletion"}]


def test_a_pattern_that_is_none(steps: Steps) -> None:
    conditions = {"refName": {"include": ["main"], "exclude": []}}

    with pytest.raises(PatternInvalid):
        steps.check("github:ruleset:create", {**RULESET, "conditions": conditions})


# -- environments


def test_reviewers_are_found_by_annotation_and_by_name(steps: Steps, shop: Repository, github: GitHub) -> None:
    value = {**SHOP_URL, "name": "test", "reviewers": ["group:default/payments", "user:default/hubot"]}

    steps.run("github:environment:create", value)

    team = github.state.organizations["acme"].teams["payments-team"].id
    said = shop.environments["test"]["said"]["reviewers"]
    assert said == [{"type": "Team", "id": team}, {"type": "User", "id": github.state.users["hubot"].id}]


def test_a_reviewer_who_is_not_on_github(steps: Steps, github: GitHub) -> None:
    del github.state.organizations["acme"].teams["payments-team"]

    with pytest.raises(ReviewerUnknown):
        steps.check("github:environment:create", {**SHOP_URL, "name": "test", "reviewers": ["group:default/payments"]})


def test_patterns_that_would_be_ignored(steps: Steps) -> None:
    with pytest.raises(PolicyMissing):
        steps.check("github:environment:create", {**SHOP_URL, "name": "test", "customBranchPolicyNames": ["main"]})


def test_a_variable_that_was_there_stays(steps: Steps, shop: Repository) -> None:
    value = {**SHOP_URL, "name": "test", "environmentVariables": {"A": "1"}}
    steps.run("github:environment:create", value)

    steps.run("github:environment:create", {**value, "environmentVariables": {"A": "2"}})

    assert shop.environments["test"]["variables"]["A"]["value"] == "1"
    assert steps.said == ["the variable A of test was there, and is left as it is"]


# -- webhooks, deploy keys, autolinks, pages


def test_a_webhook_is_made_as_backstage_does(steps: Steps, shop: Repository) -> None:
    steps.run("github:webhook", {**HOOK, "webhookSecret": "s3cr3t"})

    (hook,) = shop.hooks.values()
    assert (hook["events"], hook["active"]) == (["push"], True)
    assert hook["config"] == {
        "url": "https://ci.example/hook",
        "content_type": "form",
        "insecure_ssl": "0",
        "secret": "s3cr3t",
    }


def test_a_webhook_without_a_secret_is_told(steps: Steps) -> None:
    steps.check("github:webhook", HOOK)

    assert steps.said == [
        "the webhook https://ci.example/hook has no webhookSecret: who knows the address can call it, too"
    ]


@pytest.mark.parametrize(("action", "value"), [("github:webhook", HOOK), ("github:deployKey:create", DEPLOY_KEY)])
def test_what_was_there_is_left_and_stays(steps: Steps, shop: Repository, action: str, value: dict[str, Any]) -> None:
    steps.run(action, value)
    output = steps.run(action, value)
    assert output["created"] is False

    steps.undo(action, value, output)

    assert len(shop.hooks) + len(shop.keys) == 1


@pytest.mark.parametrize(("action", "value"), [("github:webhook", HOOK), ("github:deployKey:create", DEPLOY_KEY)])
def test_what_was_made_is_taken_back(steps: Steps, shop: Repository, action: str, value: dict[str, Any]) -> None:
    output = steps.run(action, value)

    for _ in range(2):
        said = steps.undo(action, value, output)
        assert said == ("" if action == "github:webhook" else "acme/shop keeps the secret DEPLOY_KEY_PRIVATE_KEY")

    assert not shop.hooks
    assert not shop.keys


def test_one_from_before_the_task_is_not_taken_for_ours(steps: Steps, shop: Repository) -> None:
    """Also when a process was cut short just before it could have made its own."""
    steps.run("github:webhook", HOOK)
    (hook,) = shop.hooks.values()
    hook["created_at"] = "2020-01-01T00:00:00Z"

    assert steps.run("github:webhook", HOOK, again=True)["created"] is False


@pytest.mark.parametrize(
    ("action", "value", "what"),
    [
        ("github:webhook", HOOK, "a webhook https://ci.example/hook that may be this task's"),
        ("github:deployKey:create", DEPLOY_KEY, "a deploy key deploy key that may be this task's"),
    ],
)
def test_what_may_be_ours_is_told(steps: Steps, action: str, value: dict[str, Any], what: str) -> None:
    steps.run(action, value)

    assert steps.undo(action, value, {}) == f"acme/shop keeps {what}"


def test_the_private_half_is_a_secret(steps: Steps, shop: Repository) -> None:
    output = steps.run("github:deployKey:create", DEPLOY_KEY)

    assert output["privateKeySecretName"] == "DEPLOY_KEY_PRIVATE_KEY"
    assert shop.secrets["DEPLOY_KEY_PRIVATE_KEY"]["value"] == "private half"
    assert [one["read_only"] for one in shop.keys.values()] == [False]


def test_a_key_that_is_none(steps: Steps) -> None:
    with pytest.raises(KeyInvalid):
        steps.check("github:deployKey:create", {**DEPLOY_KEY, "publicKey": "-----BEGIN"})


def test_a_key_of_another_repository(steps: Steps, github: GitHub) -> None:
    steps.run("github:deployKey:create", DEPLOY_KEY)
    github.add_repository("acme/other", by="mona")

    with pytest.raises(RefusedByGitHub) as raised:
        steps.run("github:deployKey:create", {**DEPLOY_KEY, "repoUrl": "github.com?owner=acme&repo=other"})

    assert raised.value.details == ("key is already in use",)


def test_an_autolink_that_leads_elsewhere(steps: Steps) -> None:
    steps.run("github:autolinks:create", AUTOLINK)
    assert steps.run("github:autolinks:create", AUTOLINK) == {"created": False}

    with pytest.raises(AlreadyDifferent):
        steps.run("github:autolinks:create", {**AUTOLINK, "urlTemplate": "https://elsewhere.example/<num>"})


def test_an_autolink_without_a_place_for_the_number(steps: Steps) -> None:
    with pytest.raises(AutolinkInvalid):
        steps.check("github:autolinks:create", {**AUTOLINK, "urlTemplate": "https://tickets.example/"})


def test_pages_that_are_others(steps: Steps, shop: Repository) -> None:
    steps.run("github:pages:enable", SHOP_URL)
    assert shop.pages
    assert shop.pages["build_type"] == "workflow"

    assert steps.run("github:pages:enable", SHOP_URL) == {"created": False}
    with pytest.raises(Conflict):
        steps.run("github:pages:enable", {**SHOP_URL, "buildType": "legacy"})


# -- issues


def test_an_issue_is_known_by_its_mark(steps: Steps, shop: Repository) -> None:
    value = {**SHOP_URL, "title": "Set up", "body": "Please"}

    output = steps.run("github:issues:create", value)

    assert output == {"issueUrl": f"{steps.github.url}/acme/shop/issues/1", "issueNumber": 1}
    text, mark = (shop.issues[1].body or "").split("\n\n")
    assert text == "Please"
    assert mark.startswith("<!-- scaffolder: task task-1, issue ")


def test_each_item_gets_its_issue(steps: Steps, shop: Repository) -> None:
    for title in ("One", "Two", "One"):
        steps.run("github:issues:create", {**SHOP_URL, "title": title}, again=True)

    assert [one.title for one in shop.issues.values()] == ["One", "Two"]


@pytest.mark.parametrize("heard", [True, False])
def test_an_issue_is_closed(steps: Steps, shop: Repository, *, heard: bool) -> None:
    """Also one of which we never heard."""
    value = {**SHOP_URL, "title": "Set up"}
    output = steps.run("github:issues:create", value)

    assert steps.undo("github:issues:create", value, output if heard else {}) == ""

    assert shop.issues[1].state == "closed"


def test_a_plan_has_something_in_its_place(steps: Steps) -> None:
    predicted = steps.predict("github:issues:create", {**SHOP_URL, "title": "Set up"})

    steps.check("github:issues:label", {**SHOP_URL, "number": predicted["issueNumber"], "labels": ["new"]})


# -- workflows


def test_a_workflow_is_started(steps: Steps, shop: Repository) -> None:
    inputs = {"stage": "test", "count": 3, "dry": True}

    assert steps.run("github:actions:dispatch", {**DISPATCH, "workflowInputs": inputs}) == {"dispatched": "yes"}

    (dispatched,) = shop.dispatches
    assert dispatched["inputs"] == {"stage": "test", "count": "3", "dry": "true"}


def test_which_run_it_is_is_said_where_it_is_asked(steps: Steps, shop: Repository) -> None:
    asked = {**DISPATCH, "returnWorkflowRunDetails": True}

    made = steps.run("github:actions:dispatch", asked)

    number = shop.dispatches[0]["run"]
    assert made["workflowRunId"] == number
    assert made["workflowRunHtmlUrl"].endswith(f"/acme/shop/actions/runs/{number}")
    assert made.keys() == steps.predict("github:actions:dispatch", asked).keys()


@pytest.mark.parametrize("trouble", [Trouble.BAD_GATEWAY, Trouble.BAD_GATEWAY_AFTER])
def test_a_workflow_is_started_at_most_once(steps: Steps, shop: Repository, github: GitHub, trouble: Trouble) -> None:
    github.faults.add(trouble, "POST", "*/dispatches")

    assert steps.run("github:actions:dispatch", DISPATCH) == {"dispatched": "unknown"}
    assert steps.run("github:actions:dispatch", DISPATCH, again=True) == {"dispatched": "unknown"}

    assert len(shop.dispatches) == (trouble is Trouble.BAD_GATEWAY_AFTER)
    assert all(line.endswith(f"look at {github.url}/acme/shop/actions") for line in steps.said)


@pytest.mark.parametrize(
    ("workflow", "text"), [("other.yml", ""), ("deploy.yml", "on: push\n"), ("../workflows/deploy.yml", "")]
)
def test_a_workflow_that_nobody_can_start(steps: Steps, github: GitHub, workflow: str, text: str) -> None:
    if text:
        shop = github.repository("acme/shop")
        github.state.write(shop, {".github/workflows/deploy.yml": text.encode()}, author=shop.creator, message="x")

    with pytest.raises(NotDispatchable):
        steps.check("github:actions:dispatch", {**DISPATCH, "workflowId": workflow})


def test_a_workflow_of_the_new_repository_is_looked_for_in_the_workspace(steps: Steps, github: GitHub) -> None:
    steps.repository = "acme/new"
    value = {**DISPATCH, "repoUrl": "github.com?owner=acme&repo=new"}
    with pytest.raises(NotDispatchable):
        steps.check("github:actions:dispatch", value)
    (steps.workspace / ".github/workflows").mkdir(parents=True)
    (steps.workspace / ".github/workflows/deploy.yml").write_text("on: workflow_dispatch\n")

    steps.check("github:actions:dispatch", value)

    assert asked(github) == []


# -- inputs


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("github:webhook", {"webhookUrl": "https://ci.example"}),
        ("github:webhook", {**HOOK, "contentType": "xml"}),
        ("github:issues:create", SHOP_URL),
        ("github:issues:create", {**SHOP_URL, "title": "x", "milestone": "next"}),
        ("github:access", {**SHOP, "collaborators": [{"access": "push"}]}),
        ("github:topics", {"repository": "shop", "topics": []}),
        ("github:ruleset:create", {**RULESET, "enforcement": "on"}),
        ("github:pages:enable", {**SHOP_URL, "sourcePath": "/site"}),
    ],
)
def test_an_input_that_does_not_fit(steps: Steps, action: str, value: dict[str, Any]) -> None:
    with pytest.raises(StepInvalid):
        steps.check(action, value)
