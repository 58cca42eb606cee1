"""Families, with what tells which member stays: owners, dependants, docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.app.groups import Families, find
from scaffolder.catalog.entity import EntityRef
from scaffolder.similar.encoder import built_in
from tests.similar.catalogs import catalog_of, entity
from tests.similar.test_groups import CHECKER, FINDER, OTHERS, SHORTENER

if TYPE_CHECKING:
    from pathlib import Path

DOCS = [{"url": "https://docs.example.com/links", "title": "Docs"}]


def families(directory: Path, *documents: Any, kind: str = "", owner: str = "", limit: int | None = None) -> Families:
    catalog = catalog_of(directory, *OTHERS, *documents)
    whose = EntityRef.parse(owner) if owner else None
    return find(catalog, built_in(), kind=kind, owner=whose, limit=limit, progress=lambda _done, _total: None)


def changed(document: Any, *, metadata: Any = None, spec: Any = None) -> Any:
    return {
        **document,
        "metadata": {**document["metadata"], **(metadata or {})},
        "spec": {**document["spec"], **(spec or {})},
    }


def test_the_most_used_and_the_best_documented_are_marked(tmp_path: Path) -> None:
    used = changed(FINDER, spec={"providesApis": ["dead-links"]})
    documented = changed(CHECKER, metadata={"links": DOCS})
    (family,) = families(
        tmp_path,
        used,
        documented,
        entity("API", "dead-links", "Dead links of pages"),
        entity(
            "Component",
            "beacon",
            "Blinks at ships that come too near to the rocks",
            spec={"consumesApis": ["dead-links"]},
        ),
        entity(
            "Component",
            "gardener",
            "Waters the roses of the park when it has not rained",
            spec={"dependsOn": ["component:dead-link-finder"]},
        ),
    ).families

    first, second = family.members
    assert [first.ref.name, second.ref.name] == ["dead-link-finder", "link-checker"]
    assert [ref.name for ref in first.dependants] == ["beacon", "gardener"]
    assert (first.is_most_used, first.is_best_documented) == (True, False)
    assert (second.is_most_used, second.is_best_documented) == (False, True)


def test_who_uses_both_ways_counts_once(tmp_path: Path) -> None:
    (family,) = families(
        tmp_path,
        changed(FINDER, spec={"providesApis": ["dead-links"]}),
        CHECKER,
        entity("API", "dead-links", "Dead links of pages"),
        entity(
            "Component",
            "beacon",
            "Blinks at ships that come too near to the rocks",
            spec={"consumesApis": ["dead-links"], "dependsOn": ["dead-link-finder"]},
        ),
    ).families

    assert [ref.name for ref in family.members[0].dependants] == ["beacon"]


def test_where_nothing_tells_them_apart_none_is_marked(tmp_path: Path) -> None:
    said = "Crawls published pages and reports dead links"
    (family,) = families(tmp_path, entity("Component", "links-a", said), entity("Component", "links-b", said)).families

    assert not any(member.is_most_used or member.is_best_documented for member in family.members)


@pytest.mark.parametrize("through", ["dependsOn", "consumesApis"])
def test_a_member_that_depends_on_another_says_so(tmp_path: Path, through: str) -> None:
    target = "dead-link-finder" if through == "dependsOn" else "dead-links"
    (family,) = families(
        tmp_path,
        changed(FINDER, spec={"providesApis": ["dead-links"]}),
        changed(CHECKER, spec={through: [target]}),
        entity("API", "dead-links", "Dead links of pages"),
    ).families

    depends = {member.ref.name: [ref.name for ref in member.depends_on] for member in family.members}
    assert depends == {"dead-link-finder": [], "link-checker": ["dead-link-finder"]}


def test_an_owner_sees_families_with_a_member_of_theirs(tmp_path: Path) -> None:
    mine = changed(CHECKER, spec={"owner": "group:default/mine"})

    assert families(tmp_path, mine, FINDER, owner="group:default/Mine").found == 1
    assert families(tmp_path, mine, FINDER, owner="group:default/theirs").found == 0


def test_a_kind_chooses_families(tmp_path: Path) -> None:
    assert families(tmp_path, CHECKER, FINDER, kind="Component").found == 1
    assert families(tmp_path, CHECKER, FINDER, kind="resource").found == 0


def test_a_limit_leaves_the_surest_and_tells_how_many_there_are(tmp_path: Path) -> None:
    said = "Rings the bells of the town hall"
    bells = [entity("Component", name, said) for name in ("bell-ringer", "ring-bells")]
    found = families(tmp_path, CHECKER, FINDER, *bells, limit=1)

    assert (len(found.families), found.found, found.compared) == (1, 2, len(OTHERS) + 4)
    assert {member.ref.name for member in found.families[0].members} == {"bell-ringer", "ring-bells"}


def test_the_published_form(tmp_path: Path) -> None:
    (family,) = families(tmp_path, CHECKER, FINDER, SHORTENER).families

    row = family.to_json()

    assert row["group"] == 1
    assert set(row["members"]) == {"component:default/link-checker", "component:default/dead-link-finder"}
    assert row["members"] == [member["entityRef"] for member in row["details"]]
    assert 0 < row["confidence"] <= 1
    assert all(reason.keys() == {"kind", "text"} for reason in row["reasons"])
