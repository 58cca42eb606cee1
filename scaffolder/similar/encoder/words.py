"""
Vectors of single words, read from the encoder's own table of pieces: no sentence around them, and next to no work.

They tell words that mean nearly the same (`alert`, `alarm`), which whole texts' vectors cannot say of their parts.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.encoder.tokenizer import Tokenizer
from scaffolder.similar.encoder.weights import mapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MOST_REMEMBERED = 50_000
SAMPLED_EVERY = 32


class WordVectors:
    """Gives the vector of a word, of length 1; one of zeros for a word without a piece that is known."""

    def __init__(self) -> None:
        tensors = mapped()
        self._tokenizer = Tokenizer(tensors["vocabulary"].tobytes())
        self._pieces: NDArray[np.int8] = tensors["words.weight"]
        self._scales: Floats = tensors["words.scale"]
        self._middle = self._typical()
        self._known: dict[str, Floats] = {}

    def __call__(self, words: Sequence[str]) -> Floats:
        """Return a row for each word."""
        if not words:
            return np.zeros((0, self._pieces.shape[1]), np.float32)
        if len(self._known) > MOST_REMEMBERED:
            self._known.clear()
        return np.stack([self._vector(word) for word in words])

    def _vector(self, word: str) -> Floats:
        vector = self._known.get(word)
        if vector is None:
            vector = self._known[word] = self._made(word)
        return vector

    def _made(self, word: str) -> Floats:
        tokens = self._tokenizer(word)
        if not self._tokenizer.knows_any(tokens):
            return np.zeros(self._pieces.shape[1], np.float32)
        rows = self._rows(np.array(tokens[1:-1]))
        rows -= self._middle
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        middle = rows.mean(axis=0)
        return np.asarray(middle / (np.linalg.norm(middle) or 1.0), np.float32)

    def _rows(self, numbers: NDArray[np.int64]) -> Floats:
        return self._pieces[numbers] * self._scales[numbers, None]

    def _typical(self) -> Floats:
        """Return the mean of pieces all over the table: what they have in common says nothing."""
        return np.asarray(self._rows(np.arange(1, len(self._pieces), SAMPLED_EVERY)).mean(axis=0), np.float32)


@cache
def word_vectors() -> WordVectors:
    """Return the vectors of this installation."""
    return WordVectors()
