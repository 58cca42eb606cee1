"""What a catalog's own words mean: where the entries are that use them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.catalog.comparisons import Term, Texts
from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.terms_in_use import (
    LEAST_ENTRIES,
    MOST_ENTRIES,
    MOST_SAMPLED,
    MOST_SHARE,
    Centre,
    centred,
    centres,
    loaded,
    terms_of,
)
from scaffolder.similar.vectors import Vectors, written

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOTHING = np.zeros(8, np.float32)


def vectors(number: int, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(number, 8)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def kept(rows: NDArray[np.float32]) -> Vectors:
    return Vectors([written(row) for row in rows], 8)


def test_terms_are_words_and_neighbours_within_a_part() -> None:
    found = terms_of(Texts("lampshop\tlamp-shop", "lamp shops", "sells lamps others", "retail", "orders id"))

    assert found == {"lamp", "shop", "lamp shop", "sel", "other", "sel lamp", "lamp other", "retail"}
    assert terms_of(Texts("", "", "", "", "")) == set()


def test_vectors_are_seen_from_the_middle() -> None:
    rows = vectors(5)
    middle = rows.mean(axis=0)

    seen = centred(rows, middle)

    assert np.allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-6)
    assert np.allclose(seen[0], (rows[0] - middle) / np.linalg.norm(rows[0] - middle), atol=1e-6)
    assert not centred(rows[:1], rows[0]).any(), "one that is the middle is nowhere"


@pytest.mark.parametrize(("entries", "tells"), [(1, None), (2, 2), (LEAST_ENTRIES, "where"), (MOST_ENTRIES, "where")])
def test_a_term_tells_something_when_several_use_it(entries: int, tells: object) -> None:
    rows = vectors(MOST_ENTRIES + 1)
    found = dict(centres([{"lamp"}] * entries + [set()] * (len(rows) - entries), kept(rows), NOTHING))

    if tells == "where":
        about = found["lamp"]
        assert isinstance(about, Centre)
        assert about.entries == entries
    else:
        assert found.get("lamp") == tells


def test_a_term_that_too_many_use_is_only_counted() -> None:
    few, many = MOST_ENTRIES + 1, MOST_ENTRIES * MOST_SHARE * 2
    rows = vectors(many)

    assert dict(centres([{"lamp"}] * few, kept(rows[:few]), NOTHING)) == {"lamp": few}
    assert isinstance(dict(centres([{"lamp"}] * few + [set()] * (many - few), kept(rows), NOTHING))["lamp"], Centre)


@settings(max_examples=30, deadline=None)
@given(st.integers(LEAST_ENTRIES, MOST_ENTRIES), st.integers(0, 1000), st.floats(0, 5))
def test_agreement_is_the_mean_cosine_of_two_of_them(number: int, seed: int, alike: float) -> None:
    held = kept(vectors(number, seed) + alike * vectors(1, seed + 1))
    rows = held.rows(slice(None))
    middle = vectors(1, seed + 2)[0] / np.float32(3)
    (about,) = (each for _, each in centres([{"lamp"}] * number, held, middle))
    assert isinstance(about, Centre)

    seen = centred(rows, middle)
    pairs = [float(seen[one] @ seen[two]) for one in range(number) for two in range(one)]
    assert about.agreement == pytest.approx(max(0, math.fsum(pairs) / len(pairs)), abs=1e-4)
    whole = seen.sum(axis=0)
    assert np.allclose(about.vector, whole / np.linalg.norm(whole), atol=1e-4)


def test_of_very_many_a_sample_is_looked_at() -> None:
    number = MOST_SAMPLED * 2 + 1
    rows = np.repeat(vectors(1), number * MOST_SHARE, axis=0)
    found = dict(centres([{"lamp"}] * number + [set()] * (number * (MOST_SHARE - 1)), kept(rows), NOTHING))

    about = found["lamp"]
    assert isinstance(about, Centre)
    assert about.entries == number
    assert about.agreement == pytest.approx(1, abs=1e-3)


def test_entries_without_a_vector_agree_on_nothing() -> None:
    (about,) = (each for _, each in centres([{"lamp"}] * 3, kept(np.zeros((3, 8), np.float32)), NOTHING))

    assert isinstance(about, Centre)
    assert about.agreement == 0
    assert not about.vector.any()


def test_what_was_read_is_what_tells_something() -> None:
    vector = vectors(1)[0]
    read = loaded({"lamp": Term(3, 0.5, written(vector)), "shop": Term(40, 0.0, b"")}, len(vector))

    assert read.keys() == {"lamp"}
    assert read["lamp"][:2] == (3, 0.5)
    assert np.allclose(read["lamp"].vector, vector, atol=0.005)
