from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffolder.catalog.search import pieces
from tests.catalog.files import component, write

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.catalog import Catalog, Entity

SERVICES = {
    "link-checker-v2": "Crawls pages and reports dead links.",
    "userProfileAPI": "Who somebody is.",
    "oauth2proxy": "Signs people in.",
    "köln-café": "Bestellt Kaffee.",
    "reports": "Mentions link-checker-v2 in passing.",
}


@pytest.fixture
def filled(catalog: Catalog, tmp_path: Path) -> Catalog:
    legal = {name: text for name, text in SERVICES.items() if name.isascii()}
    documents = [component(name, more=f"  description: {text}\n") for name, text in legal.items()]
    documents.append(component("koeln", more="  title: Köln Café\n  tags: [kaffee, c++]\n"))
    write(tmp_path, {"a.yaml": "---\n".join(documents)})
    catalog.add(str(tmp_path / "a.yaml"))
    return catalog


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("linkCheckerV2", ["link", "checker", "v", "2"]),
        ("HTTPServer", ["http", "server"]),
        ("snake_case-kebab.dot", ["snake", "case", "kebab", "dot"]),
        ("Größe42", ["größe", "42"]),
        ("", []),
    ],
)
def test_identifiers_are_split(text: str, words: list[str]) -> None:
    assert pieces(text) == words


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("link checker", "link-checker-v2"),
        ("linkchecker", "link-checker-v2"),
        ("LinkChecker", "link-checker-v2"),
        ("checking links", "link-checker-v2"),
        ("chec", "link-checker-v2"),
        ("user profile", "userProfileAPI"),
        ("oauth", "oauth2proxy"),
        ("proxy", "oauth2proxy"),
        ("cafe", "koeln"),
        ("CAFÉ", "koeln"),
        ("kaffee", "koeln"),
        ("reports", "reports"),
        ("dead zebra", "link-checker-v2"),  # nothing has both words: what has one of them
    ],
)
def test_the_best_comes_first(filled: Catalog, text: str, first: str) -> None:
    assert filled.search(text)[0].ref.name == first


def test_a_search_can_be_narrowed(filled: Catalog) -> None:
    assert filled.search("link", kind="api") == []
    assert len(filled.search("link", limit=1)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "a AND",
        "NEAR(a b)",
        "name:x",
        "*",
        "^a",
        "a-b",
        "(",
        '"a" OR',
        "-",
        "\x00",
        "😀",
        "{name} : x",
        "a" * 10_000,
    ],
)
def test_a_question_is_never_syntax(filled: Catalog, text: str) -> None:
    known = {*SERVICES, "koeln"}

    assert {each.ref.name for each in filled.search(text)} <= known
    assert {entity.name for entity in _candidates(filled, text)} <= known
    assert len(filled.entities()) == len(known) - 1  # köln-café is no legal name


def _candidates(catalog: Catalog, *terms: str) -> list[Entity]:
    return [entity for _, entity in catalog.comparisons.entities(catalog.candidate_ids(terms, limit=5))]


@given(st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_any_question_has_an_answer(filled: Catalog, text: str) -> None:
    assert len(filled.search(text, limit=3)) <= 3


def test_candidates_have_any_of_the_words_the_best_first(filled: Catalog) -> None:
    assert [entity.name for entity in _candidates(filled, "links", "dead", "unheard")] == ["link-checker-v2", "reports"]
    assert len(filled.candidate_ids(["links"], limit=1)) == 1


def test_api_paths_are_found(catalog: Catalog, tmp_path: Path) -> None:
    api = (
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: a}\nspec:\n  type: openapi\n"
        "  lifecycle: production\n  owner: x\n  definition: |\n    paths:\n      /leave-requests/{id}: {}\n"
    )
    write(tmp_path, {"a.yaml": api})
    catalog.add(str(tmp_path / "a.yaml"))

    assert [each.ref.name for each in catalog.search("leave-requests")] == ["a"]
