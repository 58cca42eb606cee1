from __future__ import annotations

from typing import TYPE_CHECKING

from tests.github.asking import Asking

if TYPE_CHECKING:
    from tests.github.server import GitHub

INFO = {"catalog-info.yaml": b"kind: Component\n"}


def test_descriptions_are_found_by_name(github: GitHub, mona: Asking) -> None:
    for number in range(3):
        github.add_repository(f"acme/service{number}", files=INFO, private=bool(number))
    github.add_repository("acme/mono", files={"a/catalog-info.yaml": b"kind: API\n", "b/README.md": b""})
    github.add_repository("other/service", files=INFO)

    found = mona.get("/search/code?q=filename:catalog-info.yaml+org:acme&per_page=2").body
    assert (found["total_count"], len(found["items"]), found["incomplete_results"]) == (4, 2, False)
    assert found["items"][0]["repository"]["full_name"] == "acme/service0"
    assert mona.get("/search/code?q=kind:+filename:catalog-info.yaml+org:acme+path:/").body["total_count"] == 3
    assert mona.get("/search/code?q=API+org:acme").body["items"][0]["path"] == "a/catalog-info.yaml"
    assert mona.get("/search/code?q=repo:acme/mono+extension:md").body["total_count"] == 1
    assert mona.get("/search/code?q=org:acme+path:a").body["total_count"] == 1
    stranger = Asking(github, github.add_user("stranger"))
    assert stranger.get("/search/code?q=filename:catalog-info.yaml+org:acme").body["total_count"] == 2
    assert Asking(github).get("/search/code?q=x").status == 401


def test_searches_have_limits_of_their_own(github: GitHub, mona: Asking) -> None:
    answer = mona.get("/search/code?q=x")

    assert (answer.headers["X-RateLimit-Resource"], answer.headers["X-RateLimit-Limit"]) == ("code_search", "10")
    assert github.rates.spent["core"] == 0
    assert mona.get("/search/code?q=x&per_page=100&page=11").message.startswith("Only the first 1000")
    for _ in range(8):
        mona.get("/search/code?q=x")
    assert mona.get("/search/code?q=x").status == 403
    assert mona.get("/user").status == 200


def test_repositories_are_found_by_topic(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/shop").topics = ["python"]
    github.add_repository("acme/till", archived=True).topics = ["python"]

    found = mona.get("/search/repositories?q=topic:python+org:acme+archived:false").body

    assert [each["name"] for each in found["items"]] == ["shop"]
    assert mona.get("/search/repositories?q=til+org:acme").body["total_count"] == 1


def test_an_unchanged_tree_costs_nothing(github: GitHub, mona: Asking) -> None:
    shop = github.add_repository("acme/shop", files=INFO)
    place = "/repos/acme/shop/git/trees/HEAD?recursive=1"
    tag = mona.get(place).headers["ETag"]
    spent = github.rates.spent["core"]

    assert mona.get(place, If_None_Match=tag).status == 304
    assert github.rates.spent["core"] == spent
    github.state.write(shop, {"more": b""}, author=shop.creator, message="More")
    assert mona.get(place, If_None_Match=tag).status == 200
