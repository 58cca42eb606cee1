from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.github.asking import Asking
    from tests.github.server import GitHub
    from tests.github.state import Repository

SHOP = "/repos/acme/shop"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


@pytest.fixture
def shop(github: GitHub, mona: Asking) -> Repository:
    assert mona.token
    return github.add_repository("acme/shop", files={"README.md": b"", "docs/a.md": b""}, private=True)


def test_people_are_let_in(shop: Repository, github: GitHub, mona: Asking) -> None:
    github.add_user("stranger")

    assert mona.put(f"{SHOP}/collaborators/hubot", permission="maintain").status == 204
    invited = mona.put(f"{SHOP}/collaborators/stranger", permission="push")
    assert (invited.status, invited.body["invitee"]["login"], invited.body["permissions"]) == (201, "stranger", "write")
    assert mona.put(f"{SHOP}/collaborators/nobody", permission="push").status == 404
    assert mona.put(f"{SHOP}/collaborators/hubot", permission="owner").status == 422

    assert [each["login"] for each in mona.get(f"{SHOP}/collaborators").body] == ["mona", "hubot"]
    assert mona.get(f"{SHOP}/collaborators/hubot").status == 204
    assert mona.get(f"{SHOP}/collaborators/stranger").status == 404
    assert mona.get(f"{SHOP}/collaborators/hubot/permission").body["role_name"] == "maintain"
    assert mona.delete(f"{SHOP}/collaborators/hubot").status == 204
    assert shop.collaborators == {}


def test_webhooks(shop: Repository, mona: Asking) -> None:
    config = {"url": "https://ci.acme.example/hook", "content_type": "json", "secret": "quiet"}
    made = mona.post(f"{SHOP}/hooks", name="web", config=config, events=["push"])

    assert (made.status, made.body["config"]["secret"]) == (201, "********")
    assert next(iter(shop.hooks.values()))["config"]["secret"] == "quiet"
    again = mona.post(f"{SHOP}/hooks", name="web", config=config, events=["push"])
    assert again.body["errors"][0]["message"] == "Hook already exists on this repository"
    assert mona.post(f"{SHOP}/hooks", config={}).status == 422
    assert len(mona.get(f"{SHOP}/hooks").body) == 1
    assert mona.post(f"{SHOP}/hooks/{made.body['id']}/pings").status == 204
    assert mona.delete(f"{SHOP}/hooks/{made.body['id']}").status == 204
    assert mona.delete(f"{SHOP}/hooks/{made.body['id']}").status == 404


def test_deploy_keys(shop: Repository, mona: Asking) -> None:
    made = mona.post(f"{SHOP}/keys", title="CI", key=f"{KEY} someone@acme", read_only=True).body

    assert (made["key"], made["read_only"]) == (KEY, True)
    assert mona.post(f"{SHOP}/keys", key=KEY).body["errors"][0]["message"] == "key is already in use"
    assert mona.post(f"{SHOP}/keys", key="none").status == 422
    assert [each["title"] for each in mona.get(f"{SHOP}/keys").body] == ["CI"]
    assert mona.delete(f"{SHOP}/keys/{made['id']}").status == 204
    assert shop.keys == {}


def test_autolinks(shop: Repository, mona: Asking) -> None:
    said = {"key_prefix": "SHOP-", "url_template": "https://tickets.acme.example/<num>"}

    assert mona.post(f"{SHOP}/autolinks", **said).body["is_alphanumeric"] is True
    assert mona.post(f"{SHOP}/autolinks", **said).body["errors"][0]["code"] == "already_exists"
    assert mona.post(f"{SHOP}/autolinks", key_prefix="X-", url_template="https://acme.example").status == 422
    assert len(mona.get(f"{SHOP}/autolinks").body) == len(shop.autolinks) == 1


def test_pages(shop: Repository, github: GitHub, mona: Asking) -> None:
    assert mona.get(f"{SHOP}/pages").status == 404
    assert mona.post(f"{SHOP}/pages", source={"branch": "gh-pages"}).status == 422
    made = mona.post(f"{SHOP}/pages", source={"branch": "main", "path": "/docs"}, build_type="legacy")
    assert (made.status, made.body["html_url"]) == (201, "https://acme.github.io/shop/")
    assert mona.post(f"{SHOP}/pages", build_type="workflow").status == 409
    assert mona.put(f"{SHOP}/pages", build_type="workflow").status == 204
    assert mona.get(f"{SHOP}/pages").body["build_type"] == "workflow"
    assert mona.get(SHOP).body["has_pages"] is True

    shop.pages = None
    github.state.organizations["acme"].plan = "free"
    assert mona.post(f"{SHOP}/pages", build_type="workflow").status == 422


def test_custom_properties_are_of_the_company_s_kinds(shop: Repository, github: GitHub, mona: Asking) -> None:
    github.state.organizations["acme"].properties.append({"property_name": "tier", "value_type": "string"})
    assert mona.get("/orgs/acme/properties/schema").body[0]["property_name"] == "tier"

    made = mona.post("/orgs/acme/repos", name="till", custom_properties={"tier": "1"})
    assert made.body["custom_properties"] == {"tier": "1"}
    assert mona.get("/repos/acme/till/properties/values").body == [{"property_name": "tier", "value": "1"}]
    said = {"properties": [{"property_name": "tier", "value": "2"}]}
    assert mona.patch(f"{SHOP}/properties/values", **said).status == 204
    assert shop.properties == {"tier": "2"}
    assert mona.post("/orgs/acme/repos", name="other", custom_properties={"x": "1"}).status == 422


def test_a_repository_is_made_from_a_template(shop: Repository, github: GitHub, mona: Asking) -> None:
    assert mona.post(f"{SHOP}/generate", owner="acme", name="copy").status == 404
    mona.patch(SHOP, is_template=True)

    assert mona.post(f"{SHOP}/generate", owner="acme", name="copy", private=True).status == 201
    assert github.repository("acme/copy").files() == shop.files()


def test_alerts_and_watching(shop: Repository, mona: Asking) -> None:
    assert mona.get(f"{SHOP}/vulnerability-alerts").status == 404
    assert mona.put(f"{SHOP}/vulnerability-alerts").status == 204
    assert mona.get(f"{SHOP}/vulnerability-alerts").status == 204
    assert mona.put(f"{SHOP}/subscription", subscribed=True).body["subscribed"] is True
    assert shop.alerts


def test_labels_and_issues(shop: Repository, github: GitHub, mona: Asking) -> None:
    assert len(mona.get(f"{SHOP}/labels").body) == 9
    assert mona.post(f"{SHOP}/labels", name="team: shop", color="ff0000").body["default"] is False
    assert mona.post(f"{SHOP}/labels", name="BUG").body["errors"][0]["code"] == "already_exists"
    assert mona.patch(f"{SHOP}/labels/team:%20shop", new_name="shop", description="Ours").body["name"] == "shop"
    assert mona.get(f"{SHOP}/labels/SHOP").body["description"] == "Ours"

    made = mona.post(f"{SHOP}/issues", title="Begin", body="Now", labels=["shop", "new"], assignees=["hubot"]).body
    place = f"{SHOP}/issues/{made['number']}"
    assert [each["name"] for each in made["labels"]] == ["shop", "new"]
    assert [each["name"] for each in mona("POST", f"{place}/labels", ["bug"]).body] == ["shop", "new", "bug"]
    assert mona.post(f"{place}/labels", labels=["bug"]).status == 200
    assert mona.post(f"{place}/comments", body="Hello").body["user"]["login"] == "mona"
    assert [each["body"] for each in mona.get(f"{place}/comments").body] == ["Hello"]
    assert mona.patch(place, state="closed").body["comments"] == 1
    assert mona.get(f"{SHOP}/issues").body == []
    assert len(mona.get(f"{SHOP}/issues?state=all&labels=shop").body) == 1
    assert mona.delete(f"{SHOP}/labels/wontfix").status == 204

    hubot = type(mona)(github, github.add_token("hubot"))
    assert hubot.post(f"{SHOP}/issues", title="Mine", labels=["bug"]).body["labels"] == []
    assert hubot.patch(place, title="Other").status == 403
    mona.patch(SHOP, has_issues=False)
    assert mona.post(f"{SHOP}/issues", title="More").status == 410
    assert len(shop.issues) == 2
