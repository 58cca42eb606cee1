"""
Which two entities may do one job: the nearest of each, and how alike each pair is.

A pair is alike when each of the two covers what the other says, its action as well as its object. So what counts is the
term that is covered worst, and the side that is covered less.

Loads numpy: imported only where groups are looked for.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

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

CROWD = 10
"""How many neighbours say how crowded it is around an entity."""

TOP = 4
"""Terms of an entity of which the one that is covered worst counts."""

SLAB = 32
PAIRS_AT_ONCE = 4_096
CELLS_AT_ONCE = 24_000_000

FEATURES = (
    "meaning",
    "text",
    "name",
    "name in text, both ways",
    "nearest, both ways",
    "nearest",
    "apart from the crowd",
    "same type",
    "covered, both ways",
    "covered",
    "worst term, both ways",
    "worst term",
    "worst two terms, both ways",
    "worst two terms",
    "nothing missing, both ways",
    "nothing missing",
    "same words",
    "same words, both ways",
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
    comparer = _Comparer(compared, terms, group_terms.compact(terms.directions), meant, near)

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
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        for _ in threads.map(work, starts):
            pass


class _Comparer:
    """Says how alike two entities are, for many pairs at once."""

    def __init__(
        self, compared: Compared, terms: Terms, directions: Matrix, meant: Matrix, near: tuple[Numbers, Matrix]
    ) -> None:
        self._full, self._name, self._meant = compared.full, compared.name, meant
        self._found = near[0]
        self._crowd = near[1][:, :CROWD].mean(axis=1) if near[1].shape[1] else np.zeros(len(meant), np.float32)
        self._of, self._known, self._rarity = terms.of, terms.known, terms.rarity
        blank = np.zeros((1, directions.shape[1]), np.float32)
        self._directions = np.concatenate([directions, blank])
        self._tells = np.append(terms.tells, np.float32(0))
        self._types = [said.type for said in compared.entities]
        self._apis = [frozenset(said.apis) for said in compared.entities]
        self._rare = np.array([sum(map(self._rarity.__getitem__, known)) for known in self._known], np.float32)

    def features(self, ones: Numbers, others: Numbers) -> Matrix:
        """Return a row for each pair, the same whichever of the two comes first."""
        meaning = _cosines(self._meant, ones, self._meant, others)
        crowd = np.minimum(meaning - self._crowd[ones], meaning - self._crowd[others])
        names = _sorted(_cosines(self._name, ones, self._full, others), _cosines(self._name, others, self._full, ones))
        ranks = _sorted(self._rank(ones, others), self._rank(others, ones))
        there, back = self._coverage(ones, others)
        covered = [side for pair in zip(there, back, strict=True) for side in reversed(_sorted(*pair))]
        same = [np.array([one == other for one, other in self._both(self._types, ones, others)], np.float32)]
        return np.stack(
            [
                meaning,
                _cosines(self._full, ones, self._full, others),
                _cosines(self._name, ones, self._name, others),
                names[0],
                *reversed(ranks),
                crowd,
                *same,
                *covered,
                *self._words(ones, others),
                self._same_apis(ones, others),
            ],
            axis=1,
        )

    def _rank(self, ones: Numbers, others: Numbers) -> Matrix:
        """Return 1 for the nearest, a half for the next, and so on."""
        hits = self._found[ones] == others[:, None]
        rank: Matrix = np.where(hits.any(axis=1), 1 / (1 + hits.argmax(axis=1)), 0).astype(np.float32)
        return rank

    def _coverage(self, ones: Numbers, others: Numbers) -> tuple[list[Matrix], list[Matrix]]:
        one, other = self._of[ones], self._of[others]
        alike = self._directions[one] @ self._directions[other].transpose(0, 2, 1)
        there = np.where(other[:, None, :] >= 0, alike, 0).max(axis=2)
        back = np.where(one[:, :, None] >= 0, alike, 0).max(axis=1)
        return self._covered(one, there), self._covered(other, back)

    def _covered(self, terms: NDArray[np.int32], best: Matrix) -> list[Matrix]:
        """Return how well terms are covered: on the whole, the worst of the telling ones, the worst two, the lack."""
        tells, has = self._tells[terms], terms >= 0
        whole = (best * tells).sum(axis=1) / np.maximum(tells.sum(axis=1), 1e-6)
        filled = np.where(has, best, 1)
        worst = np.sort(filled[:, : TOP + 2], axis=1)[:, :2].mean(axis=1)
        lack = ((1 - np.clip(filled, 0, 1)) * tells).max(axis=1)
        return [whole, filled[:, :TOP].min(axis=1), worst, -lack]

    def _words(self, ones: Numbers, others: Numbers) -> tuple[Matrix, Matrix]:
        """Return how much of what the shorter and the longer says is said by both, in the same words."""
        shared = np.array(
            [sum(self._rarity[it] for it in one & other) for one, other in self._both(self._known, ones, others)],
            np.float32,
        )
        most, least = _sorted(self._rare[ones], self._rare[others])
        least, most = (np.maximum(each, np.float32(1e-6)) for each in (least, most))
        shorter: Matrix = shared / least
        longer: Matrix = shared / most
        return shorter, longer

    def _same_apis(self, ones: Numbers, others: Numbers) -> Matrix:
        pairs = self._both(self._apis, ones, others)
        return np.array([len(one & other) / max(len(one | other), 1) for one, other in pairs], np.float32)

    @staticmethod
    def _both(values: Sequence[T], ones: Numbers, others: Numbers) -> list[tuple[T, T]]:
        return [(values[one], values[other]) for one, other in zip(ones.tolist(), others.tolist(), strict=True)]


def _cosines(rows: Matrix, ones: Numbers, other_rows: Matrix, others: Numbers) -> Matrix:
    cosines: Matrix = np.einsum("ij,ij->i", rows[ones], other_rows[others])
    return cosines


def _sorted(one: Matrix, other: Matrix) -> tuple[Matrix, Matrix]:
    """Return the larger of each two, and the smaller."""
    return np.maximum(one, other), np.minimum(one, other)
