"""
What a catalog's own words mean, learnt from where it uses them.

A term's direction is the mean of the vectors of all entities that use it: `alarm` and `alert` point the same way where
a company uses both for one thing. How much those entities agree says how much the term tells: `billing` has a
direction, `python` and a code name have none.

Loads numpy: imported only where groups are looked for.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from scaffolder.similar.encoder.arrays import np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scaffolder.similar.groups import Said

    Matrix = NDArray[np.float32]

MOST_TERMS = 14
"""Terms of an entity that are compared: those that tell most."""

LEAST_USES = 1
"""Entities that use a term before it has a direction of its own."""

LARGEST_SHARE = 1 / 15
LEAST_CAP = 30
TRUST = 1.0
USUAL_AGREEMENT = 0.03
"""How alike the entities are that use a term, before any was seen; it counts like `TRUST` pairs of them."""

DIMENSIONS = 128
"""Numbers kept of a direction where it is only compared: enough to tell directions apart, a third of the work."""


@dataclass(frozen=True, slots=True)
class Terms:
    """
    The terms of a catalog: a row of `directions` for each, and how much it tells.

    `of` holds for each entity the rows of its terms, those that tell most first, -1 where it has fewer; `uses` is
    how many entities use each.
    """

    directions: Matrix
    tells: Matrix
    of: NDArray[np.int32]
    uses: NDArray[np.int32]
    names: tuple[str, ...]


def unit(rows: Matrix) -> Matrix:
    """Return rows of length 1; zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Matrix = rows / np.maximum(lengths, np.float32(1e-9))
    return scaled


def centred(rows: Matrix) -> Matrix:
    """Return rows without what they all have in common."""
    return unit(rows - rows.mean(axis=0, dtype=np.float32))


def terms_of(said: Said) -> list[str]:
    """Return words and pairs of neighbouring words, each once."""
    found: dict[str, None] = {}
    for part in (said.name, said.purpose, said.tags):
        found.update(dict.fromkeys(part))
        found.update(dict.fromkeys(map(" ".join, pairwise(part))))
    return list(found)


def learn(entities: Sequence[Said], vectors: Matrix) -> Terms:
    """Return the terms of a catalog; `vectors` are centred, a row for each entity."""
    used = [terms_of(said) for said in entities]
    counts = Counter(term for terms in used for term in terms)
    cap = max(LEAST_CAP, int(len(entities) * LARGEST_SHARE))
    names = [term for term, count in counts.items() if LEAST_USES <= count <= cap]
    places = {term: place for place, term in enumerate(names)}
    rows = [[places[term] for term in terms if term in places] for terms in used]
    directions, agreement = _directions(rows, len(names), vectors)
    rarity = [math.log(1 + len(entities) / (counts[term] + 1)) for term in names]
    tells = np.sqrt(agreement) * np.array(rarity, np.float32)
    return Terms(
        directions=directions,
        tells=tells,
        of=_padded(rows, tells),
        uses=np.array([counts[term] for term in names], np.int32),
        names=tuple(names),
    )


def expanded(vectors: Matrix, terms: Terms) -> Matrix:
    """Return each entity's vector moved towards what its terms mean throughout the catalog."""
    meant = np.zeros_like(vectors)
    for place, rows in enumerate(terms.of):
        kept = rows[rows >= 0]
        if len(kept):
            meant[place] = np.sqrt(terms.tells[kept]) @ terms.directions[kept]
    return unit(vectors + unit(meant))


def compact(rows: Matrix, dimensions: int = DIMENSIONS) -> Matrix:
    """Return rows turned so that their first few numbers hold nearly all, and only those, of length 1."""
    if rows.shape[1] <= dimensions or not len(rows):
        return rows
    step = max(1, len(rows) // 20_000)
    sample = rows[::step].astype(np.float64)
    _, turned = np.linalg.eigh(sample.T @ sample)
    return unit(rows @ turned[:, ::-1][:, :dimensions].astype(np.float32))


def _directions(rows: Sequence[Sequence[int]], number: int, vectors: Matrix) -> tuple[Matrix, Matrix]:
    sums = np.zeros((number, vectors.shape[1]), np.float32)
    for term, users in _users(rows, number):
        sums[term] = vectors[users].sum(axis=0)
    counts = np.bincount([term for terms in rows for term in terms], minlength=number).astype(np.float32)
    pairs = counts * (counts - 1)
    alike = np.maximum(np.einsum("ij,ij->i", sums, sums) - counts, 0)
    return unit(sums), ((alike + 2 * TRUST * USUAL_AGREEMENT) / (pairs + 2 * TRUST)).astype(np.float32)


def _users(rows: Sequence[Sequence[int]], number: int) -> Iterator[tuple[int, list[int]]]:
    users: list[list[int]] = [[] for _ in range(number)]
    for place, terms in enumerate(rows):
        for term in terms:
            users[term].append(place)
    yield from enumerate(users)


def _padded(rows: Sequence[Sequence[int]], tells: Matrix) -> NDArray[np.int32]:
    padded = np.full((len(rows), MOST_TERMS), -1, np.int32)
    for place, terms in enumerate(rows):
        best = sorted(terms, key=lambda term: -tells[term])[:MOST_TERMS]
        padded[place, : len(best)] = best
    return padded
