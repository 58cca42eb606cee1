"""Vectors of single words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.encoder.words import WordVectors, word_vectors
from scaffolder.similar.reasons import NEAR


def cosine(one: str, two: str) -> float:
    first, second = word_vectors()([one, two])
    return float(first @ second)


@pytest.mark.parametrize(("one", "two"), [("alarm", "alert"), ("customer", "client"), ("delete", "remove")])
def test_words_of_like_meaning_are_near(one: str, two: str) -> None:
    assert cosine(one, two) >= NEAR


@pytest.mark.parametrize(("one", "two"), [("alarm", "invoice"), ("payment", "calendar"), ("search", "holiday")])
def test_other_words_are_not(one: str, two: str) -> None:
    assert cosine(one, two) < NEAR / 2


@given(st.lists(st.text(st.characters(), max_size=20), max_size=4))
def test_any_word_has_a_vector_of_length_one_or_none(words: list[str]) -> None:
    rows = word_vectors()(words)

    assert rows.shape == (len(words), 384)
    assert rows.dtype == np.float32
    lengths = np.linalg.norm(rows, axis=1)
    assert all(length == 0 or abs(length - 1) < 1e-5 for length in lengths.tolist())


def test_a_word_without_a_known_piece_is_nowhere() -> None:
    assert not word_vectors()(["", " ", "\x00"]).any()


def test_a_word_is_what_its_pieces_are() -> None:
    assert cosine("lampshop", "lampshop") == pytest.approx(1, abs=1e-5)
    assert cosine("microservices", "microservice") > 0.5


def test_what_is_remembered_is_the_same() -> None:
    fresh = WordVectors()

    assert np.array_equal(fresh(["lamp", "post", "lamp"]), word_vectors()(["lamp", "post", "lamp"]))
    assert np.array_equal(fresh(["post"])[0], fresh(["lamp", "post"])[1])
