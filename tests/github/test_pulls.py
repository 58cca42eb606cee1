from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.github.asking import Asking

if TYPE_CHECKING:
    from tests.github.server import GitHub
    from tests.github.state import Repository

PULLS = "/repos/acme/catalog/pulls"
READY = """mutation Mutation($input: MarkPullRequestReadyForReviewInput!) {
  markPullRequestReadyForReview(input: $input) { clientMutationId pullRequest { isDraft } } }"""


@pytest.fixture
def catalog(github: GitHub, mona: Asking) -> Repository:
    """A repository with one branch that is ahead of the default one."""
    made = github.add_repository("acme/catalog", files={"README.md": b"Ours\n"}, private=True)
    mona.post("/repos/acme/catalog/git/refs", ref="refs/heads/register/shop", sha=made.branches()["main"])
    content = base64.b64encode(b"kind: Location\n").decode()
    place = "/repos/acme/catalog/contents/locations/shop.yaml"
    mona.put(place, message="Register", content=content, branch="register/shop")
    return made


def opened(mona: Asking, *, draft: bool = False) -> int:
    made = mona.post(PULLS, title="Register shop", head="register/shop", base="main", draft=draft)
    assert made.status == 201
    return int(made.body["number"])


def test_one_is_opened_found_by_its_branch_and_never_doubled(catalog: Repository, mona: Asking) -> None:
    number = opened(mona)

    found = mona.get(f"{PULLS}?head=acme:register/shop&state=open").body
    assert [each["number"] for each in found] == [number]
    assert mona.get(f"{PULLS}?head=acme:other").body == []
    assert mona.get(f"{PULLS}?head=elsewhere:register/shop").body == []
    again = mona.post(PULLS, title="Again", head="register/shop", base="main")
    assert again.body["errors"][0]["message"] == "A pull request already exists for acme:register/shop."
    assert mona.post(PULLS, title="None", head="main", base="main").status == 422
    assert mona.post(PULLS, title="None", head="none", base="main").body["errors"][0]["field"] == "head"
    assert list(catalog.pulls) == [number]


def test_one_is_merged(catalog: Repository, mona: Asking) -> None:
    number = opened(mona)
    assert [each["filename"] for each in mona.get(f"{PULLS}/{number}/files").body] == ["locations/shop.yaml"]
    assert [each["commit"]["message"] for each in mona.get(f"{PULLS}/{number}/commits").body] == ["Register"]
    assert mona.put(f"{PULLS}/{number}/merge", sha="0" * 40).status == 409

    merged = mona.put(f"{PULLS}/{number}/merge", merge_method="merge")

    assert merged.body["sha"] == catalog.branches()["main"]
    assert catalog.files()["locations/shop.yaml"] == b"kind: Location\n"
    shown = mona.get(f"{PULLS}/{number}").body
    assert (shown["state"], shown["merged"], shown["merged_by"]["login"]) == ("closed", True, "mona")
    assert mona.put(f"{PULLS}/{number}/merge").status == 405


def test_one_follows_its_branch(catalog: Repository, mona: Asking) -> None:
    number = opened(mona)
    before = mona.get(f"{PULLS}/{number}").body
    place = "/repos/acme/catalog/contents/more.yaml"

    mona.put(place, message="More", content="", branch="register/shop")

    after = mona.get(f"{PULLS}/{number}").body
    assert (before["commits"], after["commits"]) == (1, 2)
    assert after["head"]["sha"] == catalog.branches()["register/shop"] != before["head"]["sha"]
    assert catalog.pulls[number].issue.state == "open"


def test_a_squash_has_one_parent(catalog: Repository, mona: Asking) -> None:
    sha = mona.put(f"{PULLS}/{opened(mona)}/merge", merge_method="squash", commit_title="Shop").body["sha"]

    made = catalog.git.commit(sha)
    assert made is not None
    assert (len(made.parents), made.message) == (1, "Shop")


def test_a_draft_is_merged_only_when_it_is_ready(catalog: Repository, mona: Asking) -> None:
    number = opened(mona, draft=True)
    refused = mona.put(f"{PULLS}/{number}/merge")
    assert (refused.status, refused.message) == (405, "Pull Request is still a draft")
    assert mona.patch(f"{PULLS}/{number}", title="T").body["draft"] is True

    identifier = mona.get(f"{PULLS}/{number}").body["node_id"]
    graphql = mona.github.url + "/api/graphql"
    asked = {"query": READY, "variables": {"input": {"pullRequestId": identifier}}}
    hubot = Asking(mona.github, mona.github.add_token("hubot"))
    assert hubot("POST", graphql, asked).body["errors"][0]["type"] == "FORBIDDEN"
    assert catalog.pulls[number].draft

    said = mona("POST", graphql, asked).body

    assert said["data"]["markPullRequestReadyForReview"]["pullRequest"]["isDraft"] is False
    assert mona.put(f"{PULLS}/{number}/merge").status == 200
    wrong = mona("POST", graphql, {"query": READY, "variables": {"input": {"pullRequestId": "x"}}}).body
    assert wrong["errors"][0]["type"] == "NOT_FOUND"
    assert catalog.pulls[number].merged


def test_conflicts_are_not_merged(catalog: Repository, github: GitHub, mona: Asking) -> None:
    number = opened(mona)
    github.state.write(catalog, {"locations/shop.yaml": b"other\n"}, author=catalog.creator, message="Other")

    assert mona.put(f"{PULLS}/{number}/merge").message == "Pull Request is not mergeable"


def test_one_is_closed_with_its_branch_and_by_hand(catalog: Repository, mona: Asking) -> None:
    number = opened(mona)
    assert mona.patch(f"{PULLS}/{number}", state="closed").body["state"] == "closed"
    assert mona.patch(f"{PULLS}/{number}", state="open", body="Again").body["body"] == "Again"

    assert mona.delete("/repos/acme/catalog/git/refs/heads/register/shop").status == 204

    assert catalog.pulls[number].issue.state == "closed"
    assert mona.get(PULLS).body == []
    assert len(mona.get(f"{PULLS}?state=all").body) == 1


def test_a_protected_branch_wants_a_review(catalog: Repository, github: GitHub, mona: Asking) -> None:
    number = opened(mona)
    catalog.protections["main"] = {"required_pull_request_reviews": {}, "enforce_admins": True}

    refused = mona.put(f"{PULLS}/{number}/merge")

    assert (refused.status, refused.message.partition(" is")[0]) == (405, "At least 1 approving review")
    assert github.repository("acme/catalog").pulls[number].merged is None


def test_reviewers_are_asked(catalog: Repository, github: GitHub, mona: Asking) -> None:
    github.add_team("acme", "platform", members=["lisa"])
    place = f"{PULLS}/{opened(mona)}/requested_reviewers"

    asked = mona.post(place, reviewers=["lisa"], team_reviewers=["platform"]).body

    assert [each["login"] for each in asked["requested_reviewers"]] == ["lisa"]
    assert [each["slug"] for each in asked["requested_teams"]] == ["platform"]
    assert mona.post(place, reviewers=["mona"]).status == 422
    assert mona.post(place, reviewers=["nobody"]).status == 422
    assert catalog.pulls


def test_a_free_plan_has_no_drafts_in_private(catalog: Repository, github: GitHub, mona: Asking) -> None:
    github.state.organizations["acme"].plan = "free"

    refused = mona.post(PULLS, title="T", head="register/shop", base="main", draft=True)

    assert refused.message == "Draft pull requests are not supported in this repository."
    assert not catalog.pulls
