"""Our client, asked what others asked GitHub, reads what GitHub answered them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.github import issues, protection
from scaffolder.gateways.github.access import Grant, give
from scaffolder.gateways.github.forge import GitHubForge
from scaffolder.gateways.github.labels import set_label
from scaffolder.gateways.github.refusals import RefusedByGitHub
from scaffolder.gateways.github.repository_api import RepositoryApi
from tests.npm import package
from tests.octokit.recordings import OWNER, RECORDED_AT, Replay, recorded, replaying, scenarios

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tests.octokit.recordings import Recording

NOT_JSON = {
    "get-archive": "an archive",
    "get-content": "a file as it is",
    "markdown": "text",
    "release-assets": "files, for another host",
    "release-assets-conflict": "files, for another host",
}
"""Scenarios in which not everything is JSON: what is, is asked for."""
SCENARIOS = scenarios()
if not SCENARIOS:
    pytest.skip(str(package("@octokit/fixtures")), allow_module_level=True)


def scenario(name: str) -> AbstractContextManager[Replay]:
    return replaying(recorded(SCENARIOS[name]))


def test_all_scenarios_are_there() -> None:
    assert len(SCENARIOS) == 22
    silent = {name for name, file in SCENARIOS.items() if not all(one.is_json for one in recorded(file))}
    assert silent == set(NOT_JSON)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_request_that_was_recorded_is_understood(name: str) -> None:
    spoken = [one for one in recorded(SCENARIOS[name]) if one.is_json]
    with replaying(spoken) as github:
        client = github.client()
        while github.left:
            one = github.left[0]
            last = _where_it_leads(one, github.left)

            answer = client.request(one.verb, one.path, one.body, expect=(last.status,))

            assert answer.status == last.status
            assert answer.body == (None if last.answer == "" else _here(last.answer, github.url))
        client.close()


def test_a_refusal_names_the_field() -> None:
    with scenario("errors") as github, pytest.raises(RefusedByGitHub) as caught:
        github.client().request("POST", f"/repos/{OWNER}/errors/labels", {"name": "foo", "color": "invalid"})

    assert "color" in "\n".join([caught.value.message, *caught.value.details])


def test_pages_are_followed_to_the_last() -> None:
    with scenario("paginate-issues") as github:
        found = github.client().pages(f"/repos/{OWNER}/paginate-issues/issues", {"per_page": "3"})

        assert [one["title"] for one in found] == [f"Test issue {number}" for number in range(13, 0, -1)]
        assert github.left == []


def test_what_is_not_there_is_not_found() -> None:
    with scenario("branch-protection") as github:
        assert github.client().find(f"/repos/{OWNER}/branch-protection/branches/main/protection") is None


def test_an_old_name_leads_to_the_new_one() -> None:
    old = f"{OWNER}/rename-repository"
    with scenario("rename-repository") as github:
        client = github.client()
        client.request("PATCH", f"/repos/{old}", {"name": "rename-repository-newname"})

        facts = GitHubForge(client).facts(old)

        assert facts is not None
        assert facts["full_name"] == f"{old}-newname"
        asked = {"name": "rename-repository-newname", "description": "test description"}
        assert client.request("PATCH", f"/repos/{old}", asked).body["description"] == "test description"
        assert github.left == []


def test_the_budget_is_read() -> None:
    with scenario("get-repository") as github:
        client = github.client()
        client.get(f"/repos/{OWNER}/hello-world")

    assert client.budget is not None
    assert (client.budget.limit, client.budget.remaining) == (5000, 4999)


def test_an_organisation_is_told_from_a_person() -> None:
    with scenario("get-organization") as github:
        assert GitHubForge(github.client()).accounts.is_organization(OWNER)


# -- by the functions that make a repository what a company wants it to be


def test_a_branch_is_protected() -> None:
    """By what was recorded: no rule at all, then all of them, then off again."""
    nothing = {
        "required_status_checks": None,
        "required_pull_request_reviews": None,
        "restrictions": None,
        "enforce_admins": False,
    }
    with scenario("branch-protection") as github:
        repository = RepositoryApi(github.client(), f"{OWNER}/branch-protection")
        full = next(one.body for one in github.left if one.body and one.body["enforce_admins"])

        protection.protect(repository, "main", nothing, signed=False)
        protection.protect(repository, "main", full, signed=False)

        assert [one.verb for one in github.left] == ["GET", "DELETE"]


def test_a_label_is_made() -> None:
    with scenario("labels") as github:
        repository = RepositoryApi(github.client(), f"{OWNER}/labels")

        set_label(repository, {"name": "test-label", "color": "663399"})
        found = repository.find("/labels/test-label")

        assert (found["name"], found["color"]) == ("test-label", "663399")
        assert "bug" in [one["name"] for one in repository.find("/labels")]


def test_a_label_that_cannot_be_is_told() -> None:
    with scenario("errors") as github, pytest.raises(RefusedByGitHub, match="making the label foo was refused") as told:
        set_label(RepositoryApi(github.client(), f"{OWNER}/errors"), {"name": "foo", "color": "invalid"})

    assert "color" in "\n".join([told.value.message, *told.value.details])


def test_labels_are_put_on_an_issue() -> None:
    with scenario("add-labels-to-issue") as github:
        repository = RepositoryApi(github.client(), f"{OWNER}/add-labels-to-issue")
        made = repository.request("POST", "/issues", {"title": "Issue without a label"}).body

        issues.add_labels(repository, made["number"], ["Foo", "bAr", "baZ"])

        assert github.left == []


def test_a_person_is_let_in_who_has_to_accept() -> None:
    invited = next(one for one in recorded(SCENARIOS["add-and-remove-repository-collaborator"]) if one.verb == "PUT")
    with replaying([replace(invited, body={"permission": "push"})]) as github:
        repository = RepositoryApi(github.client(), f"{OWNER}/add-and-remove-repository-collaborator")

        assert not give(repository, Grant("person", "octokit-fixture-user-b", "push"))


def _where_it_leads(one: Recording, following: list[Recording]) -> Recording:
    if "location" not in one.headers or one.status not in (301, 302, 307):
        return one
    path = one.headers["location"].removeprefix(RECORDED_AT)
    return next(other for other in following if other.fits(one.verb, path, one.body))


def _here(answer: object, url: str) -> object:
    return json.loads(json.dumps(answer).replace(RECORDED_AT, url))
