"""Families of near-duplicates over a whole catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.similar import group_pairs
from scaffolder.similar.comparable import Comparable, comparable
from scaffolder.similar.encoder import built_in
from scaffolder.similar.entities import profile
from scaffolder.similar.group_links import Link, families
from scaffolder.similar.groups import Group, find_groups, near_words, reasons
from scaffolder.similar.text import stem
from tests.similar.catalogs import catalog_of, entity

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.catalog import Catalog

OTHERS = [
    entity("Component", name, description)
    for name, description in {
        "bread-baker": "Plans how many loaves each bakery bakes tomorrow",
        "tide-tables": "Publishes when high water comes to every harbour",
        "seat-maps": "Draws the seats of a theatre and colours those that are sold",
        "mail-sorter": "Sorts incoming letters by postcode and street",
        "loan-desk": "Lends museum objects to other museums and tracks their return",
        "noise-meter": "Measures noise at the airport and keeps it for ten years",
        "bike-rental": "Rents bicycles by the hour and finds the nearest free one",
        "menu-board": "Shows today's dishes on the screens of the canteen",
    }.items()
]
CHECKER = entity("Component", "link-checker", "Crawls our published pages every week and reports dead links")
FINDER = entity("Component", "dead-link-finder", "Crawls published pages at night and reports links that are dead")
SHORTENER = entity("Component", "link-shortener", "Makes short links for letters and counts how often each is opened")


def compared(directory: Path, *documents: Any) -> tuple[Catalog, Comparable]:
    catalog = catalog_of(directory, *OTHERS, *documents)
    return catalog, comparable(catalog, built_in(), progress=lambda _done, _total: None)


def names(groups: list[Group]) -> list[set[str]]:
    return [{ref.name for ref in group.members} for group in groups]


def test_two_that_do_one_job_are_a_group_and_another_action_on_the_same_object_is_not_in_it(tmp_path: Path) -> None:
    _, everything = compared(tmp_path, CHECKER, FINDER, SHORTENER)

    (group,) = find_groups(everything)

    assert {ref.name for ref in group.members} == {"link-checker", "dead-link-finder"}
    assert 0.3 <= group.confidence <= 1


def test_services_that_share_nothing_are_in_no_group(tmp_path: Path) -> None:
    assert find_groups(compared(tmp_path)[1]) == []


def test_an_empty_catalog_has_no_groups() -> None:
    none = np.zeros((0, 384), np.float32)
    assert find_groups(Comparable((), none)) == []


def test_a_catalog_of_one_has_no_groups(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, CHECKER)
    assert find_groups(comparable(catalog, built_in(), progress=lambda _done, _total: None)) == []


def test_an_entity_its_api_and_its_system_are_no_group(tmp_path: Path) -> None:
    said = "Crawls published pages and reports dead links"
    _, everything = compared(
        tmp_path,
        entity("Component", "link-checker", said, spec={"providesApis": ["link-checker"], "system": "link-checker"}),
        entity("API", "link-checker", said, spec={"system": "link-checker"}),
        entity("System", "link-checker", said),
    )

    assert find_groups(everything) == []
    assert sorted(str(each.ref) for each in everything.entities if each.ref.name == "link-checker") == [
        "component:default/link-checker",
        "system:default/link-checker",
    ]


def test_apis_that_nobody_provides_are_compared_with_each_other(tmp_path: Path) -> None:
    said = "Crawls published pages and reports dead links"
    _, everything = compared(tmp_path, entity("API", "links", said), entity("API", "dead-links", said))

    assert names(find_groups(everything)) == [{"links", "dead-links"}]


def test_paths_of_an_api_are_its_providers(tmp_path: Path) -> None:
    definition = '{"paths": {"/dead/links": {}}}'
    _, everything = compared(
        tmp_path,
        entity("Component", "crawler", "Crawls", spec={"providesApis": ["crawl"]}),
        entity("API", "crawl", spec={"definition": definition}),
    )

    (crawler,) = (each for each in everything.entities if each.ref.name == "crawler")
    assert {stem("dead"), stem("links")} <= set(crawler.apis)


def test_every_word_of_a_reason_stands_in_the_members(tmp_path: Path) -> None:
    catalog, everything = compared(tmp_path, CHECKER, FINDER, SHORTENER)
    (group,) = find_groups(everything)
    profiles = [profile(catalog.require(ref)) for ref in group.members]

    found = reasons(profiles, group.tells)

    assert found[0].kind == "every"
    assert {stem(word.lower()) for word in found[0].words} & {stem("links"), stem("dead")}
    for reason in found:
        holders = [sum(stem(word.lower()) in each.known for each in profiles) for word in reason.words]
        assert all(number == 2 for number in holders) if reason.kind == "every" else all(holders)
    for pair in near_words(group.near, profiles):
        assert all(any(stem(word.lower()) in each.known for each in profiles) for word in pair)


def test_words_that_most_say_are_counted() -> None:
    said = ["bakes rye bread", "bakes bread", "bread"]
    profiles = [profile(_component(f"x{number}", text)) for number, text in enumerate(said)]

    found = reasons(profiles, {stem("bread"): 1.0, stem("bakes"): 0.9, stem("rye"): 0.8})

    assert [(each.kind, each.text) for each in found] == [("every", "bread"), ("most", "bakes (2 of 3)")]


def test_words_that_tell_little_are_no_reason() -> None:
    profiles = [profile(_component(name, "bakes bread java")) for name in ("x", "y")]

    (reason,) = reasons(profiles, {stem("bread"): 1.0, stem("bakes"): 0.5, stem("java"): 0.1})

    assert reason.words == ("bread", "bakes")


def _component(name: str, description: str) -> Any:
    from scaffolder.catalog import Entity

    return Entity(entity("Component", name, description))


def test_a_chain_does_not_become_a_group() -> None:
    chain = [Link(one, one + 1, 0.9) for one in range(5)]

    assert [family.members for family in families(chain, least=0.5)] == [(0, 1), (2, 3), (4, 5)]


def test_members_join_while_they_are_alike_on_average() -> None:
    (family,) = families([Link(0, 1, 0.9), Link(1, 2, 0.6), Link(0, 2, 0.6)], least=0.5)

    assert family.members == (0, 1, 2)
    assert family.mean == pytest.approx(0.7)


@given(st.dictionaries(st.tuples(st.integers(0, 9), st.integers(0, 9)), st.floats(0, 1), max_size=40))
def test_families_are_alike_enough_and_share_nobody(found: dict[tuple[int, int], float]) -> None:
    known = {(min(pair), max(pair)): value for pair, value in found.items() if pair[0] != pair[1]}

    made = families([Link(*pair, value) for pair, value in known.items()], least=0.4)

    members = [member for family in made for member in family.members]
    assert len(members) == len(set(members))
    for family in made:
        pairs = [(one, other) for one in family.members for other in family.members if one < other]
        probable = [value if (value := known.get(pair, 0)) >= 0.05 else 0 for pair in pairs]
        assert family.mean == pytest.approx(sum(probable) / len(pairs))


def test_the_nearest_are_found_in_slabs_as_by_looking_at_all() -> None:
    rows = np.random.default_rng(0).standard_normal((3_000, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -2)

    found, nearness = group_pairs.nearest(rows, 10)

    np.testing.assert_allclose(nearness, -np.sort(-cosines, axis=1)[:, :10], atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(cosines, found, 1), nearness, atol=1e-6)


def test_a_pair_is_the_same_whichever_comes_first(tmp_path: Path) -> None:
    _, everything = compared(tmp_path, CHECKER, FINDER, SHORTENER)
    turned = Comparable(everything.entities[::-1], everything.full[::-1])

    one, other = (
        {
            frozenset((each.entities[a].ref.name, each.entities[b].ref.name)): row
            for pairs in [group_pairs.pairs_of(each)[0]]
            for a, b, row in zip(pairs.ones, pairs.others, pairs.features, strict=True)
        }
        for each in (everything, turned)
    )

    assert one.keys() == other.keys()
    assert one
    for pair, row in one.items():
        np.testing.assert_allclose(row, other[pair], atol=1e-4)
