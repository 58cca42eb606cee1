from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from nacl.public import PublicKey, SealedBox

if TYPE_CHECKING:
    from tests.github.asking import Asking, Said
    from tests.github.server import GitHub
    from tests.github.state import Repository

SHOP = "/repos/acme/shop"


@pytest.fixture
def shop(github: GitHub, mona: Asking) -> Repository:
    assert mona.token
    workflows = {".github/workflows/ci.yml": b"on: workflow_dispatch\n", ".github/workflows/x.yml": b"on: push\n"}
    return github.add_repository("acme/shop", files=workflows, private=True)


def sealed(mona: Asking, place: str, text: str) -> dict[str, str]:
    key = mona.get(f"{place}/public-key").body
    value = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(text.encode())
    return {"encrypted_value": base64.b64encode(value).decode(), "key_id": key["key_id"]}


def test_variables(shop: Repository, mona: Asking) -> None:
    place = f"{SHOP}/actions/variables"

    assert mona.post(place, name="region", value="eu").status == 201
    refused = mona.post(place, name="REGION", value="us")
    assert (refused.status, refused.message) == (409, "Already exists - Variable already exists")
    assert mona.patch(f"{place}/REGION", value="us").status == 204
    assert mona.patch(f"{place}/NONE", value="us").status == 404
    assert mona.post(place, name="GITHUB_X", value="").status == 422
    listed = mona.get(place).body
    assert (listed["total_count"], listed["variables"][0]["value"]) == (1, "us")
    assert list(shop.variables) == ["REGION"]


def test_secrets_are_sealed(shop: Repository, mona: Asking) -> None:
    place = f"{SHOP}/actions/secrets"

    def put(**said: str) -> Said:
        return mona.put(f"{place}/DEPLOY_KEY", **said)

    assert put(**sealed(mona, place, "quiet")).status == 201
    assert put(**sealed(mona, place, "silent")).status == 204
    assert shop.secrets["DEPLOY_KEY"]["value"] == "silent"
    assert put(encrypted_value=base64.b64encode(b"plain text").decode(), key_id="1").status == 422
    wrong = {**sealed(mona, place, "x"), "encrypted_value": base64.b64encode(b"plain text" * 9).decode()}
    assert put(**wrong).status == 422
    assert [each["name"] for each in mona.get(place).body["secrets"]] == ["DEPLOY_KEY"]
    assert "value" not in mona.get(place).body["secrets"][0]


def test_environments(shop: Repository, github: GitHub, mona: Asking) -> None:
    team = github.add_team("acme", "ops")
    place = f"{SHOP}/environments/production"
    reviewers = [{"type": "Team", "id": team.id}]
    policy = {"protected_branches": False, "custom_branch_policies": True}

    made = mona.put(place, wait_timer=5, reviewers=reviewers, deployment_branch_policy=policy)

    rules = made.body["protection_rules"]
    assert [each["type"] for each in rules] == ["wait_timer", "required_reviewers", "branch_policy"]
    assert rules[1]["reviewers"][0]["reviewer"]["slug"] == "ops"
    assert mona.post(f"{place}/deployment-branch-policies", name="main").status == 200
    assert mona.post(f"{place}/deployment-branch-policies", name="main").status == 303
    assert mona.post(f"{place}/variables", name="region", value="eu").status == 201
    assert mona.put(f"{place}/secrets/KEY", **sealed(mona, f"{place}/secrets", "quiet")).status == 201
    assert mona.put(place, wait_timer=0).body["protection_rules"] == []
    kept = shop.environments["production"]
    assert (kept["variables"]["REGION"]["value"], kept["secrets"]["KEY"]["value"]) == ("eu", "quiet")
    assert mona.get(f"{SHOP}/environments").body["total_count"] == 1
    assert mona.get(place).body["name"] == "production"

    assert mona.put(place, reviewers=[{"type": "User", "id": 1}]).status == 422
    github.state.organizations["acme"].plan = "free"
    assert "billing plan" in mona.put(place, reviewers=reviewers).message
    assert mona.delete(place).status == 204
    assert mona.get(place).status == 404


def test_workflows_are_started(shop: Repository, mona: Asking) -> None:
    place = f"{SHOP}/actions/workflows"

    assert mona.post(f"{place}/ci.yml/dispatches", ref="main", inputs={"a": "1"}).status == 204
    assert mona.post(f"{place}/ci.yml/dispatches", ref="main", return_run_details=True).body["html_url"]
    assert mona.post(f"{place}/none.yml/dispatches", ref="main").status == 404
    assert mona.post(f"{place}/x.yml/dispatches", ref="main").status == 422
    assert mona.post(f"{place}/ci.yml/dispatches", ref="none").status == 422
    assert mona.post(f"{SHOP}/dispatches", event_type="built", client_payload={"a": 1}).status == 204
    assert [each.get("inputs") for each in shop.dispatches] == [{"a": "1"}, {}, None]


def test_what_a_workflow_says_it_is(shop: Repository, mona: Asking) -> None:
    place = f"{SHOP}/actions/oidc/customization/sub"

    assert mona.get(place).body == {"use_default": True}
    assert mona.put(place, use_default=False, include_claim_keys=["repo"]).status == 201
    assert mona.get(place).body["include_claim_keys"] == ["repo"]
    assert shop.oidc["use_default"] is False
