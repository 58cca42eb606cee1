from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.github.asking import Asking
    from tests.github.server import GitHub
    from tests.github.state import Repository

MAIN = "/repos/acme/shop/branches/main/protection"
NOTHING = {
    "required_status_checks": None,
    "enforce_admins": None,
    "required_pull_request_reviews": None,
    "restrictions": None,
}
RULESET: dict[str, Any] = {
    "name": "Reviewed",
    "target": "branch",
    "enforcement": "active",
    "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
    "rules": [{"type": "deletion"}, {"type": "non_fast_forward"}],
}


@pytest.fixture
def shop(github: GitHub, mona: Asking) -> Repository:
    assert mona.token
    return github.add_repository("acme/shop", files={"a": b""}, private=True)


def test_a_branch_is_protected(shop: Repository, github: GitHub, mona: Asking) -> None:
    github.add_team("acme", "ops", members=["lisa"])
    assert mona.get(MAIN).message == "Branch not protected"
    reviews = {
        "required_approving_review_count": 2,
        "require_code_owner_reviews": True,
        "bypass_pull_request_allowances": {"users": ["lisa"], "teams": ["ops"]},
        "dismissal_restrictions": {"users": ["lisa"]},
    }
    checks = {"strict": True, "contexts": ["build"]}
    who = {"users": ["lisa", "nobody"], "teams": ["ops"], "apps": []}

    said = {"required_pull_request_reviews": reviews, "required_status_checks": checks, "restrictions": who}
    made = mona.put(MAIN, **{**NOTHING, **said, "enforce_admins": True})

    assert made.status == 200
    assert made.body["required_pull_request_reviews"]["required_approving_review_count"] == 2
    assert [each["context"] for each in made.body["required_status_checks"]["checks"]] == ["build"]
    assert [each["login"] for each in made.body["restrictions"]["users"]] == ["lisa"]
    assert mona.get("/repos/acme/shop/branches/main").body["protected"] is True
    assert mona.post(f"{MAIN}/required_signatures").body["enabled"] is True
    assert mona.delete(f"{MAIN}/enforce_admins").status == 204
    assert mona.get(MAIN).body["enforce_admins"]["enabled"] is False
    assert mona.post(f"{MAIN}/enforce_admins").body["enabled"] is True
    assert mona.put(MAIN, **NOTHING).body["required_signatures"]["enabled"] is True
    assert "restrictions" not in mona.get(MAIN).body
    assert mona.delete(MAIN).status == 204
    assert shop.protections == {}


def test_what_is_not_there_or_not_paid_for_is_not_protected(shop: Repository, github: GitHub, mona: Asking) -> None:
    assert mona.put("/repos/acme/shop/branches/none/protection", **NOTHING).message == "Branch not found"
    github.state.organizations["acme"].plan = "free"

    for refused in (mona.put(MAIN, **NOTHING), mona.post("/repos/acme/shop/rulesets", **RULESET), mona.get(MAIN)):
        assert (refused.status, refused.message) == (
            403,
            "Upgrade to GitHub Pro or make this repository public to enable this feature.",
        )
    shop.private = False
    assert mona.put(MAIN, **NOTHING).status == 200


def test_rulesets(shop: Repository, mona: Asking) -> None:
    place = "/repos/acme/shop/rulesets"
    made = mona.post(place, **RULESET)
    assert (made.status, made.body["source"]) == (201, "acme/shop")

    again = mona.post(place, **RULESET)
    assert (again.status, again.body["errors"]) == (422, ["Name must be unique"])
    assert [each["name"] for each in mona.get(place).body] == ["Reviewed"]
    assert "rules" not in mona.get(place).body[0]
    rules = mona.get("/repos/acme/shop/rules/branches/main").body
    assert [(each["type"], each["ruleset_id"]) for each in rules] == [
        ("deletion", made.body["id"]),
        ("non_fast_forward", made.body["id"]),
    ]
    assert mona.get("/repos/acme/shop/rules/branches/other").body == []
    changed = mona.put(f"{place}/{made.body['id']}", enforcement="disabled")
    assert (changed.body["enforcement"], changed.body["name"]) == ("disabled", "Reviewed")
    assert mona.get(f"{place}/{made.body['id']}").body["rules"] == RULESET["rules"]
    assert mona.get("/repos/acme/shop/rules/branches/main").body == []
    assert mona.get(f"{place}/1").status == 404
    assert list(shop.rulesets) == [made.body["id"]]
