"""
Reasons are true: each names something that stands in both texts, or two words that are near in the encoder.

The texts are looked at here on their own, not through what made the reasons.
"""

from __future__ import annotations

import unicodedata
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffolder.catalog import Entity
from scaffolder.similar import Query, find_similar
from scaffolder.similar.encoder.words import word_vectors
from scaffolder.similar.entities import profile
from scaffolder.similar.finder import wanted_of
from scaffolder.similar.names import NameFinder, Nearness
from scaffolder.similar.reasons import NEAR, matched, reasons, unmentioned
from scaffolder.similar.text import part, pieces, stem
from scaffolder.similar.vocabulary import ABBREVIATIONS
from tests.similar.catalogs import catalog_of, entity

if TYPE_CHECKING:
    from scaffolder.catalog import Catalog
    from scaffolder.similar import Findings, Match, Reason

# Few words, so that queries and entities often share some; forms, abbreviations, and words that say nothing.
VOCABULARY = (
    "check checker Checks link links Page pages published mgmt management mgr pmt payments svc service api auth "
    "authorization authentication ml machine learning the of user users usr docs document GitHub k8s 検索 café "
    "Cafe reports reporting custom customer v2 stats state author 🔥 \x00 linkCheckerApi user-mgmt alarm alert "
    "alerting invoice bill delete remove staff employees"
)
WORDS = st.sampled_from(VOCABULARY.split(" "))
TEXT = st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=30)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map("-".join)
QUERIES = st.builds(Query, NAMES, TEXT, st.tuples(TEXT), st.tuples(TEXT))


def keys(text: str) -> set[str]:
    return {stem(piece.lower()) for piece in pieces(text)} | set(part(text).keys)


def written(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def asked_in(query: Query) -> str:
    return written(" ".join((query.name, query.purpose, *query.tags, *query.apis)))


def texts_of(it: Entity, apis: tuple[Entity, ...] = ()) -> dict[str, str]:
    """Return what stands in each part of an entity."""
    offered = (*((it,) if it.kind == "API" else ()), *apis)
    return {
        "name": f"{it.name} {it.title}",
        "purpose": it.description,
        "tags": " ".join(it.tags),
        "system": it.system.name if it.system else "",
        "apis": " ".join(f"{api.name} {api.title} {api.description} {api.spec['definition']}" for api in offered),
    }


def stand_for_each_other(one: str, other: str) -> bool:
    """Tell whether one is an abbreviation of a phrase with the other, or both may be of the same."""
    phrases = [[*ABBREVIATIONS.get(word.lower(), ()), word] for word in (one, other)]
    meant = [{stem(word.lower()) for phrase in each for word in phrase.split()} for each in phrases]
    return not meant[0].isdisjoint(meant[1])


def check_shared(reason: Reason, asked: str, there: str) -> None:
    """Check that each word stands in both texts, or is short there for what stands in the other."""
    for word in reason.words:
        assert word in asked
        assert part(word).keys <= keys(there)
    for shown in reason.text.split(", "):
        word, *counterparts = shown.replace("(", "").replace(")", "").split(" ")
        assert word in asked
        assert (word in reason.words) == (not counterparts)
        for other in counterparts:
            assert other in written(there)
            assert stand_for_each_other(word, other)


def check_meaning(reason: Reason, asked: str, texts: dict[str, str]) -> None:
    """Check that each pair has a word of either text, and that the encoder has them near."""
    there = written(" ".join(texts[kind] for kind in ("name", "purpose", "tags")))
    pairs = [pair.split(" ~ ") for pair in reason.text.split(", ")]
    assert tuple(word for word, _ in pairs) == reason.words
    for word, other in pairs:
        assert word in asked
        assert other in there
        assert not part(word).keys & keys(there), "a word that stands there needs no other"
        one, two = word_vectors()([word.lower(), other.lower()])
        assert float(one @ two) >= NEAR - 1e-5


@given(QUERIES, NAMES, TEXT, st.lists(WORDS, max_size=3), NAMES)
def test_reasons_are_true(query: Query, name: str, description: str, tags: list[str], system: str) -> None:
    metadata = {"name": name, "description": description, "tags": tags}
    it = Entity({"kind": "Component", "metadata": metadata, "spec": {"owner": "a", "system": system}})
    wanted, held = wanted_of(query), profile(it)
    texts = texts_of(it)

    for reason in reasons(wanted, held):
        if reason.kind == "meaning":
            check_meaning(reason, asked_in(query), texts)
        else:
            check_shared(reason, asked_in(query), texts[reason.kind])

    everything = " ".join(texts.values())
    assert not {stem(word.lower()) for word in unmentioned(wanted, held)} & set(part(everything).keys)
    assert not set(matched(wanted, held)) & set(unmentioned(wanted, held))


# of a whole catalog

ACTIONS = ("check", "alert", "bill", "delete", "approve", "search", "sync")
OBJECTS = ("links", "users", "payments", "documents", "staff", "reports")
ASKABLE = (
    "checks checking alarm alerting invoices remove removing approval finding synchronise hyperlinks customers "
    "usr mgmt pmt docs employees reporting the of service api pages link user"
)
ASKED = st.lists(st.sampled_from(ASKABLE.split(" ")), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Return a catalog in which every action is done to every object, here and there behind an API."""
    found = []
    for number, (action, thing) in enumerate(product(ACTIONS, OBJECTS)):
        name = f"{thing}-{action}er"
        paths = {"definition": f"info:\n  title: {action}\npaths:\n  /{thing}/{{id}}/{action}: {{}}\n"}
        spec = {"providesApis": [f"{name}-api"]} if number % 3 == 0 else {}
        description = f"We {action} {thing} of other teams." if number % 2 else ""
        found.append(entity("Component", name, description, spec={**spec, "system": f"{thing}-desk"}, tags=[thing]))
        if number % 3 < 2:
            found.append(entity("API", f"{name}-api", f"To {action} one.", spec=paths))
    return catalog_of(tmp_path_factory.mktemp("catalog"), *found)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.builds(Query, ASKED.map("-".join), ASKED.map(" ".join), ASKED.map(tuple), st.just(("/users/{id}/check",))))
def test_every_reason_of_an_answer_is_true(catalog: Catalog, query: Query) -> None:
    found = find_similar(catalog, query, limit=10)

    assert found.matches
    for match in found.matches:
        check_match(catalog, query, match)
    check_uncovered(query, found)


def check_match(catalog: Catalog, query: Query, match: Match) -> None:
    it = catalog.require(match.ref)
    provided = [each.target for each in catalog.relations(match.ref) if each.type == "providesApi"]
    texts = texts_of(it, tuple(api for ref in provided if (api := catalog.get(ref))))
    for reason in match.reasons:
        if reason.kind == "meaning":
            check_meaning(reason, asked_in(query), texts)
        elif not reason.words and reason.text.startswith(f"{query.name} ~ "):
            check_alike(query.name, reason.text.partition(" ~ ")[2], it, texts)
        else:
            check_shared(reason, asked_in(query), texts[reason.kind])
    whole = keys(" ".join(texts.values()))
    for word in match.matched:
        assert word in asked_in(query)
        assert keys(word) & whole or any(
            stand_for_each_other(word, other) for other in pieces(" ".join(texts.values()))
        )
    for word in match.unmentioned:
        assert word in query.purpose
        assert not keys(word) & whole


def check_alike(asked: str, name: str, it: Entity, texts: dict[str, str]) -> None:
    assert name in {it.name, it.title} or name in texts["apis"]
    assert NameFinder(asked).nearness(name) is not Nearness.APART


def check_uncovered(query: Query, found: Findings) -> None:
    missing = [set(match.unmentioned) for match in found.matches]
    assert set(found.uncovered) == set.intersection(*missing)
    assert all(word in query.purpose for word in found.uncovered)


def test_a_word_of_like_meaning_is_shown_with_what_it_was_taken_for() -> None:
    it = Entity({"kind": "Component", "metadata": {"name": "a", "description": "Sends an alarm."}})

    (reason,) = reasons(wanted_of(Query(purpose="nightly alert")), profile(it))

    assert (reason.kind, reason.text, reason.words) == ("meaning", "alert ~ alarm", ("alert",))
    assert unmentioned(wanted_of(Query(purpose="nightly alert")), profile(it)) == ("nightly",)
