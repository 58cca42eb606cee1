"""What is compared of an entry: what is its own, in words that any text gives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.catalog import Entity
from scaffolder.similar import Query
from scaffolder.similar.description import (
    LEAST_REPEATED,
    LONGEST_TEXT,
    MOST_PATH_WORDS,
    REPEATED_SHARE,
    Description,
    name_lines,
    of_entity,
    of_query,
    repeated_sentences,
    sentences,
)
from scaffolder.similar.own_words import TEMPLATE_WORDS
from scaffolder.similar.text import MOST_WORDS
from tests.similar.catalogs import entity

DEFINITION = """\
openapi: 3.0.0
info:
  title: "Leave of absence"
paths:
  /leave-requests: {}
  /leave-requests/{id}/approve: {}
"""

HOSTILE = (
    "\x00\x1b[31m\u202e lamps",
    '" OR name:* NEAR(lamps b) AND NOT ^x - ( ) *',
    "'; DROP TABLE claim; --",
    "🔥🔗✅",
    "проверка ссылок",
    "リンク確認",
    "\ud800 lamps \udfff",
    "lamps\ttabs\nlines\r\n",
    "x" * 20_000,
    "check lamps. " * 2_000,
    "a-b_C.d/e " * 5_000,
)


def described(kind: str, name: str, description: str = "", **more: Any) -> Description:
    return of_entity(Entity(entity(kind, name, description, **more)), frozenset())


def test_an_entry_is_its_words_part_by_part() -> None:
    made = described("Component", "lamp-shop", "Sells the lamps of others.", tags=["retail", "e-commerce"])

    assert made.texts.names == "lampshop\tlamp-shop"
    assert made.texts.name == "lamp shop"
    assert made.texts.purpose == "sells lamps others"
    assert made.texts.tags == "retail commerce"
    assert made.texts.apis == ""
    assert made.said == "lamp shop. Sells the lamps of others."
    assert made.name == "lamp shop"
    assert made.labels == "retail e commerce"


def test_a_title_counts_with_the_name() -> None:
    made = described("Component", "ls-2", title="Lamp  Shop")

    assert made.texts.names == "lampshop\tLamp Shop\nls2\tls-2"
    assert made.texts.name == "lamp shop ls"


@pytest.mark.parametrize("name", ["lamp-shop-v2", "lampShopV2", "lamp_shop_2", "lamp.shop.v1.2", "lamp-shop"])
def test_a_version_says_nothing(name: str) -> None:
    assert described("Component", name).name == "lamp shop"


def test_words_that_the_golden_path_wrote_are_left_out_in_any_form() -> None:
    annotations = {TEMPLATE_WORDS: "Services golden starters"}
    made = described(
        "Component",
        "golden-shop",
        "A golden starter service that sells lamps.",
        tags=["golden", "retail"],
        annotations=annotations,
    )

    assert made.texts.purpose == "sells lamps"
    assert made.texts.tags == made.labels == "retail"
    assert made.texts.name == "golden shop", "a name was chosen by somebody"
    assert "starter" not in made.said


def test_sentences_that_the_catalog_repeats_are_left_out() -> None:
    body = entity("Component", "shop", "Sells lamps. Runs on OUR platform!\nAsk us.")
    made = of_entity(Entity(body), {"runs on our platform", "ask us"})

    assert made.said == "shop. Sells lamps."
    assert made.texts.purpose == "sells lamps"


def test_a_sentence_is_repeated_when_so_many_entries_have_it() -> None:
    house = ["Runs on our platform. Runs on our platform."] + ["runs on our platform"] * (LEAST_REPEATED - 1)
    large = round(LEAST_REPEATED * 2 / REPEATED_SHARE)

    assert repeated_sentences(house, len(house)) == {"runs on our platform"}
    assert repeated_sentences(house[:-1], len(house)) == frozenset(), "one entry may say it twice"
    assert repeated_sentences(house, large) == frozenset()
    assert repeated_sentences(house * 2, large) == {"runs on our platform"}


def test_an_api_says_what_its_definition_offers() -> None:
    made = described("API", "absence", spec={"definition": DEFINITION})

    assert made.texts.purpose == "leave absence"
    assert set(made.texts.apis.split()) == {"leave", "requests", "id", "approve"}
    assert made.said == "absence. Leave of absence"
    assert described("Component", "absence", spec={"definition": DEFINITION}).texts.apis == ""


def test_paths_are_said_where_nothing_else_is() -> None:
    bare = described("API", "absence", spec={"definition": "paths:\n  /leave-requests: {}\n"})

    assert bare.said.split() == ["absence.", "leave", "requests"]


def test_only_so_much_of_a_definition_counts() -> None:
    paths = "".join(f"  /thing{'abcdefghij'[at % 10]}{'klmnopqrst'[at // 10]}: {{}}\n" for at in range(60))

    assert len(described("API", "a", spec={"definition": f"paths:\n{paths}"}).texts.apis.split()) == MOST_PATH_WORDS


def test_versions_say_nothing_but_in_whole_names() -> None:
    made = described("Component", "payments-v2", "The second of 3 versions.")

    assert made.texts.name == "payments"
    assert "2" not in made.name
    assert made.texts.names == "paymentsv2\tpayments-v2"


def test_abbreviations_are_what_they_stand_for() -> None:
    made = described("Component", "user-mgmt", "Mgmt of users.")

    assert made.name == made.texts.name == "user management"
    assert made.texts.purpose == "management users"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_ordinary(text: str) -> None:
    for made in (
        of_query(Query(text, text, (text,), (text,)), frozenset()),
        described("API", "a", text, title=text, tags=[text], spec={"definition": text}),
    ):
        check(made)


@given(st.text(st.characters(), max_size=80), st.sets(st.text(max_size=5)))
def test_any_text_has_a_description(text: str, without: set[str]) -> None:
    check(of_query(Query(text, text, (text,), (text,)), without))
    check(described("API", text, text, annotations={TEMPLATE_WORDS: " ".join(without)}))


def check(made: Description) -> None:
    for words in made.texts[1:]:
        assert words == " ".join(words.split())
        words.encode()  # SQLite takes it
    assert len(made.texts.purpose.split()) <= 3 * MOST_WORDS
    assert len(made.said) <= 3 * LONGEST_TEXT + 100
    for line in made.texts.names.split("\n"):
        flattened, tab, written = line.partition("\t")
        assert tab
        assert "\t" not in written
        assert " " not in flattened
    assert len(made.digest) == 16
    assert made.digest == Description(*made).digest


@given(st.text(max_size=30), st.text(max_size=60), st.lists(st.text(max_size=8), max_size=3).map(tuple))
def test_a_wish_is_described_as_the_entry_it_would_be(name: str, purpose: str, tags: tuple[str, ...]) -> None:
    wish = of_query(Query(name, purpose, tags), frozenset())

    made = of_entity(
        Entity({"kind": "Component", "metadata": {"name": name, "description": purpose, "tags": list(tags)}}),
        frozenset(),
    )
    assert made == wish


@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9), st.text(max_size=9)), min_size=2, max_size=2))
def test_other_texts_have_another_digest(texts: list[tuple[str, str, str]]) -> None:
    # what a text and a name are made of holds no zero
    one, two = (
        Description(of_query(Query(), ()).texts, (), *(each.replace("\0", "") for each in text)) for text in texts
    )

    assert (one.digest == two.digest) == (one[1:] == two[1:])


def test_sentences_end_where_readers_see_it() -> None:
    assert sentences("One. Two!  Three?\n\nFour v1.2 e.g.five\n") == ["One.", "Two!", "Three?", "Four v1.2 e.g.five"]
    assert sentences(" \n ") == []


def test_names_are_kept_a_line_each() -> None:
    assert name_lines(["Lamp\n Shop\t2", "lamp-shop", "lamp-shop"]) == "lampshop2\tLamp Shop 2\nlampshop\tlamp-shop"
