"""Words that a golden path wrote, left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.catalog import Entity, EntityRef
from scaffolder.similar import Query, find_similar, query_like
from scaffolder.similar.own_words import TEMPLATE_WORDS, left, own
from scaffolder.similar.text import stem
from tests.similar.catalogs import catalog_of, entity

if TYPE_CHECKING:
    from pathlib import Path

NOTED = {TEMPLATE_WORDS: "service python fastapi started golden"}


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("A Python service with FastAPI: counts boats", ": counts boats"),
        ("Counts boats for the services", "Counts boats"),
        ("Counts boats for the harbour", "Counts boats for the harbour"),
        ("The harbour of the golden boats", "The harbour boats"),
        ("Started from a golden path, and nothing else", "path, and nothing else"),
        ("", ""),
    ],
)
def test_what_only_joined_them_goes_with_them(text: str, rest: str) -> None:
    words = {stem(word) for word in NOTED[TEMPLATE_WORDS].split()}

    assert " ".join(left(text, words).split()) == rest


@given(st.text(max_size=200), st.sets(st.sampled_from(["boat", "of", "the", "harbour"])))
def test_nothing_is_added(text: str, words: set[str]) -> None:
    rest = left(text, words)

    assert len(rest) <= len(text)
    assert left(text, set()) == text
    assert not {stem(word.lower()) for word in rest.split()} & words


def test_an_entity_without_a_note_is_as_it_is() -> None:
    made = Entity(entity("Component", "boats", "A python service", tags=["python"]))

    assert own(made) is made


def test_tags_and_definitions_lose_them_too() -> None:
    document = entity("API", "boats", "Golden boats.", tags=["python", "fastapi-boats"], annotations=NOTED)
    made = own(Entity({**document, "spec": {"definition": "paths:\n  /golden/boats: {}\n"}}))

    assert (made.description, list(made.tags)) == (" boats.", ["boats"])
    assert made.spec == {"definition": "paths:\n  //boats: {}\n"}


def test_they_are_no_reason_and_no_question(tmp_path: Path) -> None:
    born = entity("Component", "boats", "A python service with fastapi. Counts boats.", annotations=NOTED)
    catalog = catalog_of(tmp_path, born, entity("Component", "tills", "Counts what tills hold."))
    query = Query("trams", "Counts trams, as a python service with fastapi")

    (found,) = (match for match in find_similar(catalog, query).matches if match.ref.name == "boats")
    assert {word.lower() for reason in found.reasons for word in reason.words} == {"counts"}
    assert "python" not in found.matched

    same = catalog.get(EntityRef("component", "boats"))
    assert same is not None
    assert "python" not in query_like(catalog, same).purpose
