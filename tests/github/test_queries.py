from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.github.asking import Asking

if TYPE_CHECKING:
    from tests.github.server import GitHub

INFO = {"catalog-info.yaml": b"kind: Component\n", "docs/index.md": b"# Docs\n"}
LISTED = """query($owner: String!, $after: String) { repositoryOwner(login: $owner) {
  __typename
  repositories(first: 2, after: $after, isArchived: false, orderBy: {field: CREATED_AT, direction: ASC}) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id name pushedAt defaultBranchRef { name target { oid } } }
  }
} }"""
TEAMS = """query { organization(login: "acme") { teams(first: 100) { nodes {
  slug combinedSlug parentTeam { slug }
  direct: members(first: 1, membership: IMMEDIATE) { totalCount nodes { login name } }
  all: members(first: 100) { totalCount }
} } } }"""
CONTENTS = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository {
  file: object(expression: "HEAD:catalog-info.yaml") { __typename ... on Blob { text isBinary byteSize } }
  directory: object(expression: "HEAD:docs") { __typename oid }
  nothing: object(expression: "HEAD:none") { oid }
} } }"""


def ask(asking: Asking, query: str, **variables: Any) -> Any:
    said = asking("POST", f"{asking.github.url}/api/graphql", {"query": query, "variables": variables})
    assert said.status == 200
    return said.body


def test_repositories_come_in_pages(github: GitHub, mona: Asking) -> None:
    for name in ("a", "b", "c"):
        github.add_repository(f"acme/{name}", files=INFO if name != "c" else None)
    github.add_repository("acme/old", archived=True)

    first = ask(mona, LISTED, owner="ACME")["data"]["repositoryOwner"]
    page = first["repositories"]
    assert (first["__typename"], page["totalCount"], page["pageInfo"]["hasNextPage"]) == ("Organization", 3, True)
    assert page["nodes"][0]["defaultBranchRef"]["target"]["oid"] == github.repository("acme/a").branches()["main"]
    second = ask(mona, LISTED, owner="acme", after=page["pageInfo"]["endCursor"])["data"]["repositoryOwner"]
    assert [each["name"] for each in second["repositories"]["nodes"]] == ["c"]
    assert second["repositories"]["nodes"][0]["defaultBranchRef"] is None
    assert ask(mona, LISTED, owner="nobody") == {"data": {"repositoryOwner": None}}


def test_files_are_looked_into_by_the_ids_of_repositories(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/a", files=INFO)
    github.add_repository("acme/hidden", private=True)
    ids = [mona.get(f"/repos/acme/{name}").body["node_id"] for name in ("a", "hidden")]

    said = ask(Asking(github, github.add_user("stranger")), CONTENTS, ids=ids)

    shown, hidden = said["data"]["nodes"]
    assert shown["file"] == {"__typename": "Blob", "text": "kind: Component\n", "isBinary": False, "byteSize": 16}
    assert (shown["directory"]["__typename"], shown["nothing"], hidden) == ("Tree", None, None)
    assert (said["errors"][0]["type"], said["errors"][0]["path"]) == ("NOT_FOUND", ["nodes", 1])


def test_teams_have_their_own_members_and_those_below(github: GitHub, mona: Asking) -> None:
    github.add_team("acme", "web", members=["mona"])
    github.add_team("acme", "shop", members=["hubot", "mona"], parent="web")

    shop, web = ask(mona, TEAMS)["data"]["organization"]["teams"]["nodes"]

    assert (shop["combinedSlug"], shop["parentTeam"], web["parentTeam"]) == ("acme/shop", {"slug": "web"}, None)
    assert (web["direct"]["totalCount"], web["all"]["totalCount"]) == (1, 2)
    stranger = Asking(github, github.add_user("stranger"))
    assert ask(stranger, TEAMS)["data"]["organization"]["teams"]["nodes"] == []


def test_a_question_costs_what_it_goes_into(github: GitHub, mona: Asking) -> None:
    github.add_team("acme", "web")
    spent = github.rates.spent["graphql"]
    ask(mona, LISTED, owner="acme")
    assert github.rates.spent["graphql"] == spent + 1
    ask(mona, TEAMS)
    assert github.rates.spent["graphql"] == spent + 3  # 1 + 100 + 100 lists
    assert github.rates.spent["core"] == 0


def test_what_is_asked_must_be_in_the_schema_and_bounded(github: GitHub, mona: Asking) -> None:
    assert (
        "Cannot query field 'stars'" in ask(mona, '{ organization(login: "acme") { stars } }')["errors"][0]["message"]
    )
    for first, kind in (("", "MISSING_PAGINATION_BOUNDARIES"), ("(first: 101)", "EXCESSIVE_PAGINATION")):
        wrong = ask(mona, f'{{ organization(login: "acme") {{ teams{first} {{ totalCount }} }} }}')
        assert wrong["errors"][0]["type"] == kind
    github.rates.window("graphql").used = 5000
    assert ask(mona, TEAMS)["errors"][0]["type"] == "RATE_LIMITED"


@pytest.mark.usefixtures("mona")
def test_a_token_sees_what_it_may(github: GitHub) -> None:
    unscoped = Asking(github, github.add_token("mona", scopes=("repo",)))
    assert ask(unscoped, TEAMS)["errors"][0]["type"] == "INSUFFICIENT_SCOPES"
    assert "data" not in ask(unscoped, TEAMS)
    assert ask(unscoped, LISTED, owner="acme")["data"]["repositoryOwner"]["__typename"] == "Organization"
    fine = Asking(github, github.add_fine_grained_token("mona", {"contents": "read"}))
    said = ask(fine, TEAMS)
    assert (said["data"]["organization"], said["errors"][0]["type"]) == (None, "FORBIDDEN")
    signed = Asking(github, github.add_token("mona", sso="acme"))
    answer = signed("POST", f"{github.url}/api/graphql", {"query": TEAMS})
    assert answer.headers["X-GitHub-SSO"].startswith("required; url=")
    assert answer.body["errors"][0]["extensions"] == {"saml_failure": True}
    assert Asking(github)("POST", f"{github.url}/api/graphql", {"query": TEAMS}).status == 401
