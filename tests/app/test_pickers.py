"""The form's fields that the catalog feeds: what they offer, what they refuse, what they send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.app.pickers import Pickers, labels
from scaffolder.catalog import Catalog
from scaffolder.template.manifest import Page
from scaffolder.template.parameters import questions
from tests.template.golden import loaded

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.template.question import Question

ENTITIES = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: content}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ada}
spec: {memberOf: [payments]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  tags: [python, web]
  annotations: {example.com/tier: "1"}
spec: {type: service, lifecycle: production, owner: payments, dependsOn: ["component:search"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: search, tags: [python]}
spec: {type: library, lifecycle: production, owner: content}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: search, namespace: other}
spec: {type: service, lifecycle: experimental, owner: "user:default/ada"}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: shop}
spec: {type: openapi, lifecycle: production, owner: payments, definition: "x"}
"""
ADA = {"ref": "user:default/ada", "entity": {"spec": {"memberOf": ["payments"]}}}
SHOP, SEARCH, OTHER = "component:default/shop", "component:default/search", "component:other/search"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    file = tmp_path / "catalog-info.yaml"
    file.write_text(ENTITIES)
    found = Catalog(tmp_path / "catalog.db")
    found.add(str(file))
    return found


def picker(field: str, **options: Any) -> Question:
    kind = {"type": "array"} if field in {"MultiEntityPicker", "EntityTagsPicker"} else {"type": "string"}
    page = Page("", "", {"properties": {"a": {**kind, "ui:field": field, "ui:options": options}}})
    [question] = questions(page, {})
    return question


@pytest.mark.parametrize(
    ("written", "refs"),
    [
        ({"kind": "Component"}, {SHOP, SEARCH, OTHER}),
        ({"kind": ["component", "API"], "spec.type": "openapi"}, {"api:default/shop"}),
        ({"kind": "Component", "spec.type": ["Service", "website"]}, {SHOP, OTHER}),
        ([{"kind": "Component", "spec.type": "library"}, {"kind": "API"}], {SEARCH, "api:default/shop"}),
        ({"kind": "Component", "metadata.annotations.example.com/tier": {"exists": True}}, {SHOP}),
        ({"kind": "Component", "metadata.annotations.example.com/tier": {"exists": False}}, {SEARCH, OTHER}),
        ({"kind": "Component", "metadata.tags": "web"}, {SHOP}),
        ({"kind": "Component", "metadata.tags.web": "true"}, {SHOP}),
        ({"kind": "Component", "metadata.namespace": "other"}, {OTHER}),
        ({"kind": "Component", "relations.ownedBy": "group:default/payments"}, {SHOP}),
        ({"kind": "Component", "relations.dependencyOf": SHOP}, {SEARCH}),
        ({"metadata.name": "shop"}, {SHOP, "api:default/shop"}),
        ({"kind": "System"}, set()),
    ],
)
def test_a_catalog_filter_is_as_in_backstage(catalog: Catalog, written: Any, refs: set[str]) -> None:
    offered = Pickers(catalog, {}).offers(picker("EntityPicker", catalogFilter=written))
    assert {str(one.ref) for one in offered} == refs


@pytest.mark.parametrize(
    ("field", "options", "user", "refs"),
    [
        ("OwnerPicker", {}, {}, {"group:default/payments", "group:default/content", "user:default/ada"}),
        ("OwnerPicker", {"allowedKinds": ["Group"]}, {}, {"group:default/payments", "group:default/content"}),
        ("OwnerPicker", {"catalogFilter": {"metadata.name": "ada"}}, {}, {"user:default/ada"}),
        ("MyGroupsPicker", {}, ADA, {"group:default/payments"}),
        ("MyGroupsPicker", {}, {}, {"group:default/payments", "group:default/content"}),
        ("OwnedEntityPicker", {}, ADA, {SHOP, "api:default/shop", OTHER}),
        ("OwnedEntityPicker", {"allowedKinds": ["Component"]}, ADA, {SHOP, OTHER}),
        ("EntityPicker", {"allowedKinds": ["API"]}, {}, {"api:default/shop"}),
    ],
)
def test_each_field_offers_its_own(
    catalog: Catalog, field: str, options: dict[str, Any], user: dict[str, Any], refs: set[str]
) -> None:
    assert {str(one.ref) for one in Pickers(catalog, user).offers(picker(field, **options))} == refs


def test_entities_of_one_name_are_told_apart(catalog: Catalog) -> None:
    offered = Pickers(catalog, {}).offers(picker("EntityPicker", catalogFilter={"kind": ["Component", "API"]}))
    named = labels(offered)
    assert len(set(named.values())) == len(offered)
    alone = Pickers(catalog, {}).offers(picker("EntityPicker", catalogFilter={"spec.type": "library"}))
    assert list(labels(alone).values()) == ["search"]


@pytest.mark.parametrize(
    ("field", "options", "value", "problem"),
    [
        ("OwnerPicker", {}, "payments", ""),
        ("OwnerPicker", {}, "Group:Default/Payments", ""),
        ("OwnerPicker", {}, "paymints", "paymints does not exist in the catalog: did you mean payments?"),
        ("OwnerPicker", {}, SHOP, f"{SHOP} is not one of those that the template wants here"),
        ("OwnerPicker", {"allowArbitraryValues": True}, "anybody", ""),
        ("EntityPicker", {"catalogFilter": {"kind": "System"}}, "anything", ""),  # there is none to choose
        (
            "MultiEntityPicker",
            {"allowedKinds": ["Component"]},
            [SHOP, "nothing"],
            "nothing does not exist in the catalog",
        ),
        ("EntityNamePicker", {}, "a b", "a name has letters, digits, '-', '_' and '.'"),
        ("EntityNamePicker", {}, "fresh", ""),
        ("EntityTagsPicker", {}, ["a-b", "c++"], ""),
        ("EntityTagsPicker", {}, ["a--b"], "a--b: a tag has small letters"),
        ("EntityTagsPicker", {}, ["a" * 64], f"{'a' * 64}: a tag has small letters"),
        ("RepoUrlPicker", {}, "github.com?owner=a&repo=b", ""),
        ("RepoUrlPicker", {}, "github.com", "a repository is github.com?owner=OWNER&repo=REPOSITORY"),
        (
            "RepoUrlPicker",
            {"allowedHosts": ["a.example"]},
            "github.com?owner=a&repo=b",
            "github.com is not one of: a.example",
        ),
        ("RepoUrlPicker", {"allowedOwners": ["x"]}, "github.com?owner=a&repo=b", "a is not one of: x"),
        ("RepoUrlPicker", {}, "github.com?repo=b", "a repository is github.com?owner=OWNER&repo=REPOSITORY"),
        ("RepoUrlPicker", {}, "git.example?repo=b", ""),
        ("RepoUrlPicker", {}, "bitbucket.org?workspace=a&project=b&repo=c", ""),
        (
            "RepoUrlPicker",
            {},
            "bitbucket.org?owner=a&repo=c",
            "a repository is bitbucket.org?workspace=WORKSPACE&project=PROJECT&repo=REPOSITORY",
        ),
        ("RepoUrlPicker", {}, "github.com?owner=a&repo=b!", "'b!': a repository's name has letters"),
        ("RepoUrlPicker", {"allowedRepos": ["x"]}, "github.com?owner=a&repo=b", "b is not one of: x"),
        ("RepoBranchPicker", {}, "main", ""),
        ("RepoBranchPicker", {}, "a..b", "'a..b'"),
        ("RepoOwnerPicker", {"allowedOwners": ["x"]}, "y", "y is not one of: x"),
        ("RepoOwnerPicker", {"excludedOwners": ["x"]}, "x", "the template does not want x here"),
        ("OfSomeCompany", {}, "anything", ""),
    ],
)
def test_what_is_refused_is_said_in_words(
    catalog: Catalog, field: str, options: dict[str, Any], value: Any, problem: str
) -> None:
    found = Pickers(catalog, {}).problem(picker(field, **options), value)
    assert problem in found
    assert bool(problem) == bool(found)


def test_a_name_that_is_taken_is_refused(catalog: Catalog) -> None:
    assert "shop" in Pickers(catalog, {}).problem(picker("EntityNamePicker"), "shop")


def test_tags_in_use_come_with_their_number(catalog: Catalog) -> None:
    pickers = Pickers(catalog, {})
    assert pickers.tags(picker("EntityTagsPicker")) == [("python", 2), ("web", 1)]
    assert pickers.tags(picker("EntityTagsPicker", kinds=["API"])) == []


def test_a_whole_template_sends_refs_in_full(catalog: Catalog, tmp_path: Path) -> None:
    owner = {"type": "string", "ui:field": "OwnerPicker"}
    rules = {
        "name": {"ui:field": "EntityNamePicker"},
        "team": owner,
        "inside": {"type": "object", "properties": {"team": owner}},
        "teams": {"type": "array", "items": owner},
        "people": {"type": "array", "items": {"type": "object", "properties": {"who": owner}}},
        "any": {"ui:field": "EntityPicker", "ui:options": {"allowArbitraryValues": True, "defaultKind": "Resource"}},
    }
    template = loaded(tmp_path, [{"properties": rules}])
    given = {
        "name": "shop",
        "team": "payments",
        "inside": {"team": "ada"},
        "teams": ["content", "nobody"],
        "people": [{"who": "ada"}],
        "any": "db",
    }
    values, wrong = Pickers(catalog, {}).settled(template, given, but={"name"})
    assert values == {
        "name": "shop",
        "team": "group:default/payments",
        "inside": {"team": "user:default/ada"},
        "teams": ["group:default/content", "nobody"],
        "people": [{"who": "user:default/ada"}],
        "any": "resource:default/db",
    }
    assert wrong == ["teams.1: nobody does not exist in the catalog"]
