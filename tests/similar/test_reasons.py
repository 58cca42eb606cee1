"""Reasons are true: each word of a reason stands, in one of its forms, in the query and in that part of the entity."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from scaffolder.catalog import Entity
from scaffolder.similar import Query
from scaffolder.similar.entities import profile
from scaffolder.similar.finder import wanted_of
from scaffolder.similar.reasons import matched, reasons, unmentioned
from scaffolder.similar.text import part, pieces, stem

# Few words, so that queries and entities often share some; forms, abbreviations, and words that say nothing.
VOCABULARY = (
    "check checker Checks link links Page pages published mgmt management mgr pmt payments svc service api auth "
    "authorization authentication ml machine learning the of user users usr docs document GitHub k8s 検索 café "
    "Cafe reports reporting custom customer v2 stats state author 🔥 \x00 linkCheckerApi user-mgmt"
)
WORDS = st.sampled_from(VOCABULARY.split(" "))
TEXT = st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=30)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map("-".join)


def keys(text: str) -> set[str]:
    return {stem(piece.lower()) for piece in pieces(text)} | set(part(text).keys)


@given(st.builds(Query, NAMES, TEXT, st.tuples(TEXT), st.tuples(TEXT)), NAMES, TEXT, st.lists(WORDS, max_size=3), NAMES)
def test_reasons_are_true(query: Query, name: str, description: str, tags: list[str], system: str) -> None:
    metadata = {"name": name, "description": description, "tags": tags}
    entity = Entity({"kind": "Component", "metadata": metadata, "spec": {"owner": "a", "system": system}})
    wanted, held = wanted_of(query), profile(entity)
    texts = {
        "name": name,
        "purpose": description,
        "tags": " ".join(tags),
        "system": entity.system.name if entity.system else "",
    }
    asked = unicodedata.normalize("NFC", " ".join((query.name, query.purpose, *query.tags, *query.apis)))

    for reason in reasons(wanted, held):
        for word in reason.words:
            assert word in asked
            assert part(word).keys <= keys(texts[reason.kind])

    everything = " ".join(texts.values())
    assert not {stem(word.lower()) for word in unmentioned(wanted, held)} & set(part(everything).keys)
    assert not set(matched(wanted, held)) & set(unmentioned(wanted, held))
