"""What would fail later is told before, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.errors import TryAgain
from scaffolder.gateways.forge import Level, RepositorySpec, Wish
from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.forge import GitHubForge
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.server import Server
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.github.description import Description

SHOP = RepositorySpec("acme", "shop")
WISH = Wish(SHOP, teams=("payments",), people=("hubot",), protects=True, workflows=True, requests=16)


@pytest.fixture
def github(tmp_path: Path, description: Description | None) -> Iterator[GitHub]:
    with serving(tmp_path / "github", description=description) as github:
        github.add_organization("acme", members={"mona": "admin", "hubot": "member"})
        github.add_team("acme", "payments", members=["mona"])
        yield github


def found(github: GitHub, token: str, wish: Wish = WISH) -> list[tuple[Level, str]]:
    time = [0.0]
    clock = Clock(lambda: time[0], lambda seconds: time.__setitem__(0, time[0] + seconds))
    forge = GitHubForge(Client(Server.of(api_base_url=github.api_url), lambda: token, clock))
    try:
        found = forge.preflight(wish)
    finally:
        forge.client.close()
    assert {one.method for one in github.requests if not one.git} <= {"GET"}
    assert all(error.hint for error in found.errors)
    return [(finding.level, finding.text) for finding in found.findings]


def errors(github: GitHub, token: str, wish: Wish = WISH) -> list[str]:
    return [text for level, text in found(github, token, wish) if level is Level.ERROR]


def spec(**changes: Any) -> Wish:
    return replace(WISH, repository=replace(SHOP, **changes))


def test_nothing_stands_in_the_way(github: GitHub) -> None:
    assert found(github, github.add_user("mona")) == []
    assert len([one for one in github.requests if not one.git]) == 6


# -- the token


def test_a_token_that_holds_no_more_is_told_once(github: GitHub) -> None:
    assert errors(github, "ghp_old") == ["github.com does not know the token: it has ended, or was withdrawn"]


def test_scopes_that_are_missing(github: GitHub) -> None:
    github.add_user("mona")

    assert found(github, github.add_token("mona", scopes=("public_repo", "read:org"))) == [
        (Level.ERROR, "the token may not create the repository: it lacks the scope repo"),
        (Level.ERROR, "the token may not push .github/workflows: it lacks the scope workflow"),
        (Level.WARNING, "if the task is rolled back, its repository stays: the token lacks the scope delete_repo"),
    ]


def test_for_a_public_repository_less_is_enough(github: GitHub) -> None:
    github.add_user("mona")
    token = github.add_token("mona", scopes=("public_repo", "workflow", "read:org", "delete_repo"))

    assert found(github, token, spec(visibility="public")) == []


def test_of_a_fine_grained_token_it_is_said_what_it_needs(github: GitHub) -> None:
    github.add_user("mona")
    [(level, text)] = found(github, github.add_fine_grained_token("mona", {"members": "read", "contents": "write"}))

    assert level is Level.NOTE
    assert text.startswith("a fine-grained token: GitHub does not tell what it may do; it needs the permissions")


def test_a_single_sign_on_is_told(github: GitHub) -> None:
    github.add_user("mona")

    assert "github.com wants a single sign-on (SAML) before this token may be used for the organisation" in errors(
        github, github.add_token("mona", sso="acme")
    )


# -- the owner


def test_a_policy_of_the_organisation(github: GitHub) -> None:
    token = github.add_user("hubot")
    policy = {"members_can_create_private_repositories": False, "members_can_delete_repositories": False}
    github.state.organizations["acme"].policy = policy

    assert found(github, token) == [
        (Level.ERROR, "acme does not let its members create private repositories"),
        (
            Level.WARNING,
            "if the task is rolled back, its repository stays: acme does not let its members delete repositories",
        ),
    ]
    assert errors(github, token, spec(visibility="public")) == []


def test_which_is_not_for_its_owners(github: GitHub) -> None:
    github.state.organizations["acme"].policy = {"members_can_create_repositories": False}

    assert found(github, github.add_user("mona")) == []


def test_somebody_from_outside(github: GitHub) -> None:
    assert "octocat is no member of acme" in errors(github, github.add_user("octocat"))


def test_internal_repositories_are_for_enterprises(github: GitHub) -> None:
    token = github.add_user("mona")
    said = "acme is not part of an enterprise, and has no internal repositories"

    assert errors(github, token, spec(visibility="internal")) == [said]
    github.state.organizations["acme"].plan = "enterprise"
    assert errors(github, token, spec(visibility="internal")) == []


def test_an_owner_who_is_not_there(github: GitHub) -> None:
    said = "github.com knows no organisation or person nobody"

    assert errors(github, github.add_user("mona"), replace(spec(owner="nobody"), teams=())) == [said]


def test_a_persons_account(github: GitHub) -> None:
    token = github.add_user("mona")

    assert errors(github, token, replace(spec(owner="mona"), teams=())) == []
    assert errors(github, token, spec(owner="mona")) == ["mona is a person's account, and has no teams"]
    assert errors(github, token, replace(spec(owner="mona", visibility="internal"), teams=())) == [
        "only an organisation of an enterprise has internal repositories"
    ]
    assert errors(github, token, replace(spec(owner="hubot"), teams=())) == [
        "hubot is another person's account, and the token is mona's"
    ]


# -- the name


@pytest.mark.parametrize("name", ["shop", "SHOP"])
def test_a_name_that_is_taken_in_any_letter_case(github: GitHub, name: str) -> None:
    github.add_repository("acme/Shop", files={"README.md": b""}, by="mona")

    assert errors(github, github.add_user("mona"), spec(name=name)) == [
        "the repository acme/Shop already exists on github.com"
    ]


def test_a_name_that_leads_elsewhere(github: GitHub) -> None:
    github.state.rename(github.add_repository("acme/shop", by="mona"), "store")

    assert errors(github, github.add_user("mona")) == [
        "acme/shop on github.com is the old name of acme/store, and leads there"
    ]


def test_an_archived_repository_has_its_name(github: GitHub) -> None:
    github.add_repository("acme/shop", archived=True, by="mona")

    assert errors(github, github.add_user("mona")) == [
        "the repository acme/shop already exists on github.com, and is archived"
    ]


def test_an_empty_repository(github: GitHub) -> None:
    token = github.add_user("mona")
    github.add_repository("acme/shop", by="mona")

    assert found(github, token) == [(Level.NOTE, "the repository acme/shop exists and is empty: it is published into")]
    assert errors(github, github.add_user("hubot")) == [
        "the token may not push to acme/shop, which exists and is empty"
    ]


def test_a_name_that_github_does_not_take(github: GitHub) -> None:
    assert "does not end with .git or .wiki" in errors(github, github.add_user("mona"), spec(name="shop.git"))[0]


# -- teams, people, plan, budget


def test_teams_and_people_who_are_not_there(github: GitHub) -> None:
    wish = replace(WISH, teams=("payments", "paymets"), people=("hubot", "hubit"))

    assert errors(github, github.add_user("mona"), wish) == [
        "acme has no team paymets, or the token cannot see it",
        "github.com knows nobody called hubit",
    ]


def test_a_plan_without_protection(github: GitHub) -> None:
    token = github.add_user("mona")
    github.state.organizations["acme"].plan = "free"

    assert errors(github, token) == ["the plan of acme (Free) does not protect branches of private repositories"]
    assert errors(github, token, spec(visibility="public")) == []
    assert errors(github, token, replace(WISH, protects=False)) == []


def test_a_budget_that_is_used_up(github: GitHub) -> None:
    token = github.add_user("mona")
    github.rates.window("core").used = 4985

    [said] = errors(github, token)
    assert said == "github.com takes 9 more requests in this hour, and about 16 are needed"


def test_a_github_that_does_not_answer(github: GitHub) -> None:
    github.faults.add(Trouble.BAD_GATEWAY, times=99)

    with pytest.raises(TryAgain):
        found(github, github.add_user("mona"))
