"""
What a catalog's own words mean, told by where they are used.

A term — a word, two words in a row, a tag — is where the entries are that use it: the mean of their vectors. Where two
teams say `alarm` and `alert` of the same things, the two terms are near each other, whatever a dictionary says. A code
name, or a word of boilerplate, stands with anything: its entries agree on nothing, and it tells nothing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.text import stem
from scaffolder.similar.vectors import Vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from scaffolder.catalog.comparisons import Term, Texts

    Floats = NDArray[np.float32]

LEAST_ENTRIES = 3
MOST_ENTRIES = 30
MOST_SHARE = 15
ENTRIES_AT_ONCE = 4_096
MOST_SAMPLED = 256
"""Entries of a term that are looked at: more would say the same."""


class Centre(NamedTuple):
    """A term: how many entries use it, how alike they are, where they are."""

    entries: int
    agreement: float
    vector: Floats


def terms_of(texts: Texts) -> set[str]:
    """Return the terms of an entry or a wish."""
    found: set[str] = set()
    for text in (texts.name, texts.purpose, texts.tags):
        keys = [stem(word) for word in text.split()]
        found.update(keys)
        found.update(f"{one} {two}" for one, two in pairwise(keys))
    return found


def centred(vectors: Floats, middle: Floats) -> Floats:
    """Return vectors as seen from the middle of all, each of length 1."""
    rows = vectors - middle
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    lengths[lengths == 0] = 1
    rows /= lengths
    return np.asarray(rows, np.float32)


def centres(term_sets: Iterable[set[str]], vectors: Vectors, middle: Floats) -> Iterator[tuple[str, Centre | int]]:
    """Iterate over every term that several entries use: where, or only how many they are when that tells nothing."""
    used: dict[str, list[int]] = {}
    for number, terms in enumerate(term_sets):
        for term in terms:
            used.setdefault(term, []).append(number)
    most = max(MOST_ENTRIES, len(vectors) // MOST_SHARE)
    for term, numbers in used.items():
        if LEAST_ENTRIES <= len(numbers) <= most:
            yield term, _centre(numbers, vectors, middle)
        elif len(numbers) > 1:
            yield term, len(numbers)


def _centre(numbers: Sequence[int], vectors: Vectors, middle: Floats) -> Centre:
    sample = numbers[:: -(-len(numbers) // MOST_SAMPLED)]
    together = centred(vectors.rows(sample), middle).sum(axis=0)
    squared = float(together @ together)
    # the mean cosine of two different ones among them
    agreement = (squared - len(sample)) / (len(sample) * (len(sample) - 1))
    return Centre(len(numbers), max(0.0, agreement), together / np.float32(squared**0.5 or 1.0))


def loaded(terms: Mapping[str, Term], dimensions: int) -> dict[str, Centre]:
    """Return the terms that tell something, of those that were read."""
    telling = {term: about for term, about in terms.items() if about.vector}
    vectors = Vectors([about.vector for about in telling.values()], dimensions).rows(slice(None))
    return {
        term: Centre(about.entries, about.agreement, vector)
        for (term, about), vector in zip(telling.items(), vectors, strict=True)
    }
