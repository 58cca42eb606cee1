"""Vectors of a byte for each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.vectors import ROWS_AT_ONCE, Vectors, written

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIMENSIONS = 384


def unit(number: int, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(number, DIMENSIONS)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@given(st.integers(0, 10_000))
def test_cosines_are_what_they_were_but_for_a_trifle(seed: int) -> None:
    rows, (other,) = unit(20, seed), unit(1, seed + 1)
    held = Vectors([written(row) for row in rows], DIMENSIONS)

    assert len(held) == 20
    assert np.allclose(held.cosines(other), rows @ other, atol=2e-3)
    assert np.allclose(held.rows([3, 7]), rows[[3, 7]], atol=2e-3)
    assert np.allclose(held.mean(), rows.mean(axis=0), atol=1e-3)


@pytest.mark.parametrize("number", [0, 1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, 2 * ROWS_AT_ONCE + 1])
def test_every_row_counts_however_they_come(number: int) -> None:
    rows = [written(row) for row in unit(7)] * (number // 7 + 1)
    rows = rows[:number]
    held = Vectors([b"".join(rows[:5]), b"".join(rows[5:])], DIMENSIONS)
    every = held.rows(slice(None))

    assert len(held) == len(every) == number
    assert np.allclose(held.cosines(unit(1)[0]), every @ unit(1)[0], atol=1e-5)
    assert np.allclose(held.mean(), every.mean(axis=0) if number else 0, atol=1e-5)


def test_what_is_nothing_stays_nothing() -> None:
    held = Vectors([written(np.zeros(DIMENSIONS, np.float32))], DIMENSIONS)

    assert not held.rows(slice(None)).any()
    assert held.cosines(unit(1)[0]).tolist() == [0]
