"""
Which two entities may do one job: the nearest of each, and how alike each pair is.

A pair is alike when each of the two covers what the other says, its action as well as its object. So what counts is the
term that is covered worst, and the side that is covered less.

Loads numpy: imported only where groups are looked for.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from scaffolder.gateways.process import processors
from scaffolder.similar import group_terms
from scaffolder.similar.encoder.arrays import np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from scaffolder.similar.group_terms import Terms
    from scaffolder.similar.groups import Compared

    Matrix = NDArray[np.float32]
    Numbers = NDArray[np.int64]

T = TypeVar("T")

NEAREST = 30
LEAST_NEARNESS = 0.3
"""Of the cosine of two expanded vectors: what is below has never been one job."""

TOP = 6
"""Terms of an entity, of which the two that are covered worst count."""

SLAB = 32
PAIRS_AT_ONCE = 4_096
CELLS_AT_ONCE = 24_000_000

FEATURES = (
    "meaning",
    "same type",
    "covered, both ways",
    "worst two terms, both ways",
    "nothing missing, both ways",
    "nothing missing",
    "same apis",
)
"""In the order of a pair's numbers; of every one more is more alike."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of entities, by their numbers, the lower one first; `features` has a row for each."""

    ones: Numbers
    others: Numbers
    features: Matrix


def pairs_of(compared: Compared) -> tuple[Pairs, Terms]:
    """Return the pairs of a catalog that may do one job, with the terms they were compared by."""
    vectors = group_terms.centred(compared.full)
    terms = group_terms.learn(compared.entities, vectors)
    meant = group_terms.compact(group_terms.expanded(vectors, terms))
    near = nearest(meant, NEAREST)
    ones, others = _candidates(compared, near)
    features = np.empty((len(ones), len(FEATURES)), np.float32)
    comparer = _Comparer(compared, terms, meant)

    def compare(start: int) -> None:
        here = slice(start, start + PAIRS_AT_ONCE)
        features[here] = comparer.features(ones[here], others[here])

    _shared_out(compare, range(0, len(ones), PAIRS_AT_ONCE))
    return Pairs(ones, others, features), terms


def nearest(rows: Matrix, number: int) -> tuple[Numbers, Matrix]:
    """Return the numbers of the nearest others of each row, the nearest first, and how near they are."""
    total = len(rows)
    number = min(number, max(total - 1, 0))
    found, nearness = np.zeros((total, number), np.int64), np.zeros((total, number), np.float32)
    columns = np.ascontiguousarray(rows.T)
    step = max(1, min(1_024, CELLS_AT_ONCE // max(total, 1)))

    def look(start: int) -> None:
        here = slice(start, min(start + step, total))
        cosines = rows[here] @ columns
        cosines[np.arange(here.stop - start), np.arange(start, here.stop)] = -2
        found[here], nearness[here] = _largest(cosines, number)

    if number:
        _shared_out(look, range(0, total, step))
    return found, nearness


def _largest(cosines: Matrix, number: int) -> tuple[Numbers, Matrix]:
    """Return the places of the largest numbers of each row, looking closely only at slabs that may hold one."""
    places, values = _in_slabs(cosines, number)
    order = np.argsort(-values, axis=1, kind="stable")[:, :number]
    return np.take_along_axis(places, order, 1), np.take_along_axis(values, order, 1)


def _in_slabs(cosines: Matrix, number: int) -> tuple[Numbers, Matrix]:
    width = cosines.shape[1] // SLAB
    if width <= number * 2:
        return np.broadcast_to(np.arange(cosines.shape[1]), cosines.shape), cosines
    tops = cosines[:, : width * SLAB].reshape(len(cosines), SLAB, width).max(axis=1)
    slabs = np.argpartition(-tops, number - 1, axis=1)[:, :number]
    inside = (slabs[:, :, None] + np.arange(SLAB) * width).reshape(len(cosines), -1)
    rest = np.broadcast_to(np.arange(width * SLAB, cosines.shape[1]), (len(cosines), cosines.shape[1] % SLAB))
    places = np.concatenate([inside, rest], axis=1)
    return places, np.take_along_axis(cosines, places, 1)


def _candidates(compared: Compared, near: tuple[Numbers, Matrix]) -> tuple[Numbers, Numbers]:
    """Return the pairs of near ones of one kind, each pair once."""
    found, nearness = near
    total = len(found)
    kinds = np.unique([said.kind for said in compared.entities], return_inverse=True)[1] if total else np.zeros(0, int)
    ones = np.repeat(np.arange(total), found.shape[1])
    others = found.ravel()
    kept = (nearness.ravel() >= LEAST_NEARNESS) & (kinds[ones] == kinds[others])
    ones, others = ones[kept], others[kept]
    coded = np.unique(np.minimum(ones, others) * total + np.maximum(ones, others))
    return coded // max(total, 1), coded % max(total, 1)


def _shared_out(work: Callable[[int], None], starts: range) -> None:
    with ThreadPoolExecutor(processors()) as threads:
        for _ in threads.map(work, starts):
            pass


class _Comparer:
    """Says how alike two entities are, for many pairs at once."""

    def __init__(self, compared: Compared, terms: Terms, meant: Matrix) -> None:
        self._meant, self._of = meant, terms.of
        directions = group_terms.compact(terms.directions)
        self._directions = np.concatenate([directions, np.zeros((1, directions.shape[1]), np.float32)])
        self._tells = np.append(terms.tells, np.float32(0))
        self._types = [said.type for said in compared.entities]
        self._apis = [frozenset(said.apis) for said in compared.entities]

    def features(self, ones: Numbers, others: Numbers) -> Matrix:
        """Return a row for each pair, the same whichever of the two comes first."""
        there, back = self._coverage(ones, others)
        whole, worst, lack = (np.minimum(*both) for both in zip(there, back, strict=True))
        columns = [
            np.einsum("ij,ij->i", self._meant[ones], self._meant[others]),
            self._same_type(ones, others),
            whole,
            worst,
            lack,
            np.maximum(there[-1], back[-1]),
            self._same_apis(ones, others),
        ]
        return np.stack(columns, axis=1)

    def _coverage(self, ones: Numbers, others: Numbers) -> tuple[list[Matrix], list[Matrix]]:
        one, other = self._of[ones], self._of[others]
        alike = self._directions[one] @ self._directions[other].transpose(0, 2, 1)
        there = np.where(other[:, None, :] >= 0, alike, 0).max(axis=2)
        back = np.where(one[:, :, None] >= 0, alike, 0).max(axis=1)
        return self._covered(one, there), self._covered(other, back)

    def _covered(self, terms: NDArray[np.int32], best: Matrix) -> list[Matrix]:
        """Return how well terms are covered: on the whole, the worst two of the telling ones, the greatest lack."""
        tells = self._tells[terms]
        whole = (best * tells).sum(axis=1) / np.maximum(tells.sum(axis=1), 1e-6)
        filled = np.where(terms >= 0, best, 1)
        worst = np.sort(filled[:, :TOP], axis=1)[:, :2].mean(axis=1)
        lack = ((1 - np.clip(filled, 0, 1)) * tells).max(axis=1)
        return [whole, worst, -lack]

    def _same_type(self, ones: Numbers, others: Numbers) -> Matrix:
        return np.array([one == other for one, other in _both(self._types, ones, others)], np.float32)

    def _same_apis(self, ones: Numbers, others: Numbers) -> Matrix:
        pairs = _both(self._apis, ones, others)
        return np.array([len(one & other) / max(len(one | other), 1) for one, other in pairs], np.float32)


def _both(values: Sequence[T], ones: Numbers, others: Numbers) -> list[tuple[T, T]]:
    return [(values[one], values[other]) for one, other in zip(ones.tolist(), others.tolist(), strict=True)]
