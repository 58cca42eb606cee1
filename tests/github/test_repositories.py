from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.github.asking import Asking

if TYPE_CHECKING:
    from tests.github.server import GitHub


def test_a_repository_is_made_changed_and_deleted(github: GitHub, mona: Asking) -> None:
    made = mona.post("/orgs/acme/repos", name="shop", description="Sells things", private=True)
    assert (made.status, made.body["full_name"], made.body["private"]) == (201, "acme/shop", True)
    assert made.body["clone_url"] == github.clone_url("acme/shop")

    assert mona.patch("/repos/acme/shop", has_wiki=False, homepage="https://acme.example").body["has_wiki"] is False
    assert mona.put("/repos/acme/shop/topics", names=["Python"]).body == {"names": ["python"]}

    shown = mona.get("/repos/Acme/SHOP").body
    assert (shown["description"], shown["has_wiki"], shown["topics"]) == ("Sells things", False, ["python"])
    assert github.repository("acme/shop").topics == ["python"]
    assert mona.delete("/repos/acme/shop").status == 204
    assert mona.get("/repos/acme/shop").status == 404
    assert github.names() == []


@pytest.mark.parametrize("name", ["shop", "SHOP", "Shop"])
def test_a_name_is_taken_in_any_letter_case(github: GitHub, mona: Asking, name: str) -> None:
    github.add_repository("acme/shop", private=True, archived=True)

    refused = mona.post("/orgs/acme/repos", name=name)

    assert (refused.status, refused.message) == (422, "Repository creation failed.")
    assert refused.body["errors"][0] == {
        "resource": "Repository",
        "field": "name",
        "code": "custom",
        "message": "name already exists on this account",
    }


def test_of_many_who_ask_at_once_one_gets_the_name(github: GitHub, mona: Asking) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: mona.post("/orgs/acme/repos", name="shop").status, range(8)))

    assert sorted(statuses) == [201] + [422] * 7
    assert github.names() == ["acme/shop"]


def test_a_renamed_one_is_found_by_its_old_name_until_somebody_takes_that(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/shop", private=True)
    number = mona.patch("/repos/acme/shop", name="store").body["id"]

    moved = mona.get("/repos/acme/shop/topics?page=2")
    assert (moved.status, moved.headers["Location"]) == (
        301,
        f"{github.api_url}/repositories/{number}/topics?page=2",
    )
    assert mona.get(moved.headers["Location"]).body == {"names": []}
    assert mona.patch("/repos/acme/shop", has_wiki=False).status == 307

    assert mona.post("/orgs/acme/repos", name="shop").status == 201
    assert mona.get("/repos/acme/shop").body["id"] != number


def test_an_archived_one_can_only_be_read_unarchived_or_deleted(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/old", archived=True)

    refused = mona.put("/repos/acme/old/topics", names=["a"])

    assert (refused.status, refused.message) == (403, "Repository was archived so is read-only.")
    assert mona.patch("/repos/acme/old", archived=False).status == 200
    assert mona.put("/repos/acme/old/topics", names=["a"]).status == 200


def test_odd_characters_of_a_name_become_dashes(mona: Asking) -> None:
    assert mona.post("/orgs/acme/repos", name="our shop!").body["name"] == "our-shop-"


def test_a_private_one_is_not_there_for_others(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/secret", private=True)
    stranger = Asking(github, github.add_user("stranger"))

    assert stranger.get("/repos/acme/secret").status == 404
    assert Asking(github).get("/repos/acme/secret").status == 404
    assert mona.get("/repos/acme/secret").status == 200
    assert stranger.delete("/repos/acme/secret").status == 404


def test_members_make_repositories_only_where_the_company_lets_them(github: GitHub, mona: Asking) -> None:
    github.state.organizations["acme"].policy["members_can_create_private_repositories"] = False
    hubot = Asking(github, github.add_token("hubot"))

    refused = hubot.post("/orgs/acme/repos", name="shop", private=True)

    assert (refused.status, refused.message) == (
        403,
        "You need admin access to the organization before adding a repository to it.",
    )
    assert hubot.post("/orgs/acme/repos", name="shop", private=False).status == 201
    assert mona.post("/orgs/acme/repos", name="till", private=True).status == 201


def test_a_company_s_repositories_are_listed_in_pages(github: GitHub, mona: Asking) -> None:
    for number in range(5):
        github.add_repository(f"acme/shop{number}", private=bool(number % 2))

    first = mona.get("/orgs/acme/repos?per_page=2&sort=full_name")
    assert [each["name"] for each in first.body] == ["shop0", "shop1"]
    assert first.headers["Link"] == (
        f'<{github.api_url}/orgs/acme/repos?per_page=2&sort=full_name&page=2>; rel="next", '
        f'<{github.api_url}/orgs/acme/repos?per_page=2&sort=full_name&page=3>; rel="last"'
    )
    last = mona.get("/orgs/acme/repos?per_page=2&sort=full_name&page=3")
    assert [each["name"] for each in last.body] == ["shop4"]
    assert 'rel="next"' not in last.headers["Link"]
    assert len(Asking(github).get("/orgs/acme/repos").body) == 3
