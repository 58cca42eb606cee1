from __future__ import annotations

from typing import TYPE_CHECKING

from tests.github.asking import Asking
from tests.github.server import GitHub

if TYPE_CHECKING:
    import pytest


def test_who_am_i(github: GitHub, mona: Asking) -> None:
    assert mona.get("/user").body["login"] == "mona"
    assert Asking(github).get("/user").status == 401
    assert Asking(github, "ghp_wrong").get("/user").message == "Bad credentials"
    assert mona.get("/users/HUBOT").body["login"] == "hubot"
    assert mona.get("/users/nobody").status == 404
    assert mona.get(f"/user/{mona.get('/user').body['id']}").body["login"] == "mona"


def test_a_company_shows_its_policy_to_members_only(github: GitHub, mona: Asking) -> None:
    github.state.organizations["acme"].policy["members_can_create_repositories"] = False

    assert mona.get("/orgs/Acme").body["members_can_create_repositories"] is False
    assert mona.get("/orgs/acme").body["plan"]["name"] == "team"
    stranger = Asking(github, github.add_user("stranger"))
    assert "members_can_create_repositories" not in stranger.get("/orgs/acme").body
    assert stranger.get("/orgs/acme/teams").status == 403
    assert stranger.get("/user/memberships/orgs/acme").status == 404
    assert mona.get("/user/memberships/orgs/acme").body["role"] == "admin"
    assert [each["login"] for each in mona.get("/user/orgs").body] == ["acme"]
    assert mona.get("/orgs/nowhere").status == 404


def test_teams_and_members(github: GitHub, mona: Asking) -> None:
    github.add_team("acme", "payments", name="Payments", members=["hubot", "lisa"])
    github.add_team("acme", "cards", parent="payments")

    assert [each["slug"] for each in mona.get("/orgs/acme/teams").body] == ["payments", "cards"]
    assert mona.get("/orgs/acme/teams").body[1]["parent"]["slug"] == "payments"
    assert mona.get("/orgs/acme/teams/payments").body["members_count"] == 2
    assert [each["login"] for each in mona.get("/orgs/acme/teams/payments/members").body] == ["hubot", "lisa"]
    assert [each["login"] for each in mona.get("/orgs/acme/members").body] == ["mona", "hubot", "lisa"]
    assert [each["login"] for each in mona.get("/orgs/acme/members?role=admin").body] == ["mona"]
    assert mona.get("/orgs/acme/teams/nobody").status == 404

    assert mona.post("/orgs/acme/teams", name="Till & Cash").body["slug"] == "till-cash"
    assert mona.post("/orgs/acme/teams", name="Till & Cash").status == 422
    assert mona.put("/orgs/acme/teams/cards/memberships/lisa", role="maintainer").body["role"] == "maintainer"


def test_a_team_is_given_a_repository(github: GitHub, mona: Asking) -> None:
    github.add_team("acme", "payments", members=["lisa"])
    github.add_repository("acme/shop", private=True)
    lisa = Asking(github, github.add_token("lisa"))
    github.state.organizations["acme"].base_role = "none"
    place = "/orgs/acme/teams/payments/repos/acme/shop"
    assert lisa.get("/repos/acme/shop").status == 404
    assert mona.get(place).status == 404

    assert mona.put(place, permission="push").status == 204

    assert github.repository("acme/shop").teams == {"payments": "write"}
    assert mona.get(place).status == 204
    assert mona.get(place, Accept="application/vnd.github.v3.repository+json").body["permissions"]["push"] is True
    assert [each["name"] for each in mona.get("/orgs/acme/teams/payments/repos").body] == ["shop"]
    assert mona.get("/repos/acme/shop/teams").body[0]["permission"] == "push"
    assert lisa.get("/repos/acme/shop").body["permissions"]["push"] is True
    assert lisa.put(place, permission="admin").status == 403
    assert Asking(github, github.add_token("hubot")).get("/repos/acme/shop").status == 404


def test_what_a_fine_grained_token_lacks_is_said(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/shop", private=True)
    narrow = Asking(github, github.add_fine_grained_token("mona", {"contents": "write"}, repositories=["acme/shop"]))

    refused = narrow.put("/repos/acme/shop/topics", names=["a"])

    assert (refused.status, refused.message) == (403, "Resource not accessible by personal access token")
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "administration=write"
    assert narrow.post("/orgs/acme/repos", name="other").status == 403
    assert narrow.put("/repos/acme/shop/contents/a", message="m", content="YQ==").status == 201
    github.add_repository("acme/other", private=True)
    assert narrow.get("/repos/acme/other").status == 404
    assert mona.get("/repos/acme/other").status == 200


def test_a_classic_token_needs_its_scopes(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/shop", private=True)
    public = Asking(github, github.add_token("mona", scopes=["public_repo"]))
    careful = Asking(github, github.add_token("mona", scopes=["repo"]))

    assert public.get("/repos/acme/shop").status == 404
    assert careful.delete("/repos/acme/shop").message == "Must have admin rights to Repository."
    assert careful.get("/user").headers["X-OAuth-Scopes"] == "repo"
    assert mona.delete("/repos/acme/shop").status == 204


def test_a_company_may_demand_single_sign_on(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/shop", private=True)
    unauthorised = Asking(github, github.add_token("mona", sso="acme"))

    refused = unauthorised.get("/repos/acme/shop")

    assert (refused.status, refused.message.partition(".")[0]) == (
        403,
        "Resource protected by organization SAML enforcement",
    )
    assert refused.headers["X-GitHub-SSO"].startswith("required; url=http")
    assert mona.get("/repos/acme/shop").status == 200


def test_every_answer_but_an_unchanged_one_costs(github: GitHub, mona: Asking) -> None:
    first = mona.get("/orgs/acme")
    before = github.rates.spent["core"]

    again = mona.get("/orgs/acme", If_None_Match=first.headers["ETag"])

    assert (again.status, again.body, again.headers["ETag"]) == (304, None, first.headers["ETag"])
    assert github.rates.spent["core"] == before
    assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]

    mona.patch("/repos/acme/none")
    assert github.rates.spent["core"] == before + 1
    github.add_team("acme", "new")
    github.state.organizations["acme"].policy["members_can_create_teams"] = False
    assert mona.get("/orgs/acme", If_None_Match=first.headers["ETag"]).status == 200


def test_when_nothing_is_left_the_answer_says_until_when(tmp_path_factory: pytest.TempPathFactory) -> None:
    now = [1_700_000_000.0]
    github = GitHub(tmp_path_factory.mktemp("github"), clock=lambda: now[0])
    github.listen()
    try:
        asking = Asking(github, github.add_user("mona"))
        assert asking.get("/user").headers["X-RateLimit-Reset"] == "1700003600"
        github.rates.windows["core"].used = 5000

        refused = asking.get("/user")

        assert (refused.status, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
        assert refused.message.startswith("API rate limit exceeded")
        assert asking.get("/rate_limit").body["resources"]["core"]["remaining"] == 0
        now[0] = 1_700_003_600
        assert asking.get("/user").status == 200
    finally:
        github.stop()


def test_a_pace_that_is_too_fast_is_refused_when_a_test_wants_that(github: GitHub, mona: Asking) -> None:
    now = [1_700_000_000.0]
    github.rates.clock = lambda: now[0]
    github.rates.paced = True
    github.add_repository("acme/shop")

    def label(number: int) -> int:
        return mona.post("/repos/acme/shop/labels", name=f"l{number}").status

    assert {label(number) for number in range(80)} == {201}
    refused = mona.post("/repos/acme/shop/labels", name="more")
    assert (refused.status, refused.headers["Retry-After"]) == (403, "60")
    assert "secondary rate limit" in refused.message
    github.rates.paced = False
    assert label(80) == 201
    github.rates.paced = True
    assert mona.get("/repos/acme/shop").status == 200
    now[0] += 61
    assert label(81) == 201
    for _ in range(179):
        mona.patch("/repos/acme/shop")
    assert mona.get("/repos/acme/shop").status == 403


def test_a_request_without_a_name_is_turned_away(github: GitHub) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", int(github.url.rpartition(":")[2]))
    connection.request("GET", "/api/v3/rate_limit")
    assert connection.getresponse().status == 403
    connection.close()


def test_what_github_is_behind_it(mona: Asking) -> None:
    assert mona.get("/meta").body["installed_version"] == "3.14.0"
