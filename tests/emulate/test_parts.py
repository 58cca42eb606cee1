"""What is set up in a repository, and pull requests, on an emulator that others wrote."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.forge import RepositorySpec
from scaffolder.gateways.github import attachments, issues
from scaffolder.gateways.github.access import Grant, give
from scaffolder.gateways.github.labels import set_label
from scaffolder.gateways.github.pulls import PullRequests, Wanted
from scaffolder.gateways.github.repository_api import RepositoryApi
from scaffolder.gateways.github.repository_settings import change, set_topics

if TYPE_CHECKING:
    from scaffolder.gateways.github.forge import GitHubForge

BEGAN = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def shop(forge: GitHubForge) -> RepositoryApi:
    """A repository of acme's with one file, which the emulator keeps for itself."""
    forge.ensure_repository(RepositorySpec("acme", "shop", default_branch="main"), marker="task-1")
    written(forge, "README.md", branch="main")
    return RepositoryApi(forge.client, "acme/shop")


def written(forge: GitHubForge, path: str, *, branch: str) -> str:
    """Write a file through the API; return the commit."""
    content = base64.b64encode(b"# Shop\n").decode()
    asked = {"message": f"Add {path}", "content": content, "branch": branch}
    answer = forge.client.request("PUT", f"/repos/acme/shop/contents/{path}", asked)
    return str(answer.body["commit"]["sha"])


def test_settings_and_topics(shop: RepositoryApi) -> None:
    for _ in range(2):
        change(shop, {"hasWiki": False, "deleteBranchOnMerge": True, "allowMergeCommit": False})
        assert set_topics(shop, ["Python", "web", "python"]) == ["python", "web"]

    facts = shop.find("")
    assert (facts["has_wiki"], facts["delete_branch_on_merge"], facts["allow_merge_commit"]) == (False, True, False)
    assert facts["topics"] == ["python", "web"]


def test_a_person_is_let_in(shop: RepositoryApi) -> None:
    for _ in range(2):
        give(shop, Grant("person", "hubot", "push"))

    assert "hubot" in [one["login"] for one in shop.pages("/collaborators")]


def test_a_label_is_made(shop: RepositoryApi) -> None:
    """Once only: of one that is there the emulator does not say so."""
    set_label(shop, {"name": "onboarding", "color": "0e8a16", "description": "First"})

    found = [one for one in shop.pages("/labels") if one["name"] == "onboarding"]
    assert [(one["color"], one["description"]) for one in found] == [("0e8a16", "First")]


def test_an_issue_is_found_again_by_its_mark(shop: RepositoryApi) -> None:
    wanted = {"title": "Look around", "body": "There is much to see."}
    made = [
        issues.ensure_issue(shop, wanted, mark="task-1/issue", since=BEGAN, maybe_there=maybe)
        for maybe in (False, True)
    ]
    issues.add_labels(shop, made[0].number, ["bug"])
    issues.close_issue(shop, made[0].number)

    assert made[0].number == made[1].number
    (found,) = shop.pages("/issues", {"state": "all"})
    assert (found["state"], [one["name"] for one in found["labels"]]) == ("closed", ["bug"])


def test_a_webhook_is_made_once_and_deleted(shop: RepositoryApi) -> None:
    wanted = {
        "name": "web",
        "events": ["push"],
        "config": {"url": "https://ci.acme.example/hook", "content_type": "json"},
    }

    first = attachments.ensure_webhook(shop, wanted)

    assert first.made
    assert attachments.has_webhook(shop, "https://ci.acme.example/hook")
    for _ in range(2):
        attachments.delete(shop, "hooks", first.facts["id"])
    assert list(shop.pages("/hooks")) == []


def test_a_pull_request_is_opened_once_and_merged(shop: RepositoryApi, forge: GitHubForge) -> None:
    begin = shop.find("/git/ref/heads/main")["object"]["sha"]
    shop.request("POST", "/git/refs", {"ref": "refs/heads/register/shop", "sha": begin})
    commit = written(forge, "shop.yaml", branch="register/shop")
    pulls = PullRequests(forge.client, "acme/shop")

    pulls.check()
    opened = pulls.ensure(Wanted("register/shop", "main", "Register shop", "Sells things"))
    again = PullRequests(forge.client, "acme/shop").ensure(Wanted("register/shop", "main", "Register", "Sells things"))
    waits = pulls.merge(again, commit)

    assert (opened.number, again.title, waits) == (again.number, "Register", "")
    merged = pulls.find("register/shop")
    assert merged is not None
    assert merged.merged


def test_a_pull_request_is_closed(shop: RepositoryApi, forge: GitHubForge) -> None:
    begin = shop.find("/git/ref/heads/main")["object"]["sha"]
    shop.request("POST", "/git/refs", {"ref": "refs/heads/register/shop", "sha": begin})
    written(forge, "shop.yaml", branch="register/shop")
    pulls = PullRequests(forge.client, "acme/shop")
    pulls.ensure(Wanted("register/shop", "main", "Register shop", ""))

    for _ in range(2):
        pulls.close("register/shop")

    found = pulls.find("register/shop")
    assert found is not None
    assert not found.open
    assert not found.merged
