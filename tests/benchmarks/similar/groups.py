"""How well families of near-duplicates are found over a whole catalog, beside what one would try first."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tests.benchmarks.similar import texts
from tests.benchmarks.similar.baselines import spoken
from tests.benchmarks.similar.measures import GroupMeasures, measure_groups
from tests.benchmarks.similar.program import NAME
from tests.benchmarks.similar.tables import Goal, Table, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tests.benchmarks.similar.baselines import Encoder
    from tests.benchmarks.similar.data import Planted
    from tests.benchmarks.similar.program import Homes

    Rows = Sequence[Mapping[str, Any]]
    Matrix = NDArray[np.float32]
    Likeness = Callable[[Rows], Matrix]
    Groups = list[list[str]]

HEADS = ("groups", "pair precision", "recall", "F1", "B-cubed precision", "recall", "F1")
THRESHOLDS = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
RARE = 2
"""A word of fewer rows than so many brings no two of them together."""


def run(planted: Planted, rows: Rows, homes: Homes, others: Mapping[str, Likeness]) -> dict[str, Groups]:
    """Return what each system groups; ours sees the whole catalog, the others only what is compared."""
    kept = [row for row in rows if row["id"] in planted.entries]
    ours = homes.of(planted.catalog, rows).groups()
    found = {NAME: restricted(ours, planted)}
    for name, likeness in others.items():
        found[f"{name}, its best threshold"] = _best(likeness(kept), [row["id"] for row in kept], planted)
    return found


def baselines(encoder: Encoder) -> dict[str, Likeness]:
    """Return ways to say how alike any two rows are, from 0 to 1."""
    return {
        "rapidfuzz token_set_ratio": fuzzy,
        "words, rare ones counting more": lexical,
        "encoder alone": lambda rows: cosines(encoder, rows),
    }


def restricted(groups: Iterable[Sequence[str]], planted: Planted) -> Groups:
    """Return the groups without what is not compared; an entity of several counts in the first one."""
    left = set(planted.entries)
    kept = []
    for group in groups:
        members = [member for member in group if member in left]
        left -= set(members)
        kept.append(members)
    return [members for members in kept if len(members) > 1]


def fuzzy(rows: Rows) -> Matrix:
    """Return rapidfuzz's `token_set_ratio` of any two texts."""
    import numpy as np
    from rapidfuzz import fuzz, process, utils

    said = [utils.default_process(texts.of_row(row)) for row in rows]
    likeness: Matrix = process.cdist(said, said, scorer=fuzz.token_set_ratio, dtype=np.float32, workers=-1)
    return likeness / np.float32(100)


def lexical(rows: Rows) -> Matrix:
    """Return the cosine of any two rows' words, weighed by how rare they are."""
    import numpy as np

    said = [set(texts.words(texts.of_row(row))) for row in rows]
    used = Counter(word for each in said for word in each)
    places = {word: place for place, word in enumerate(word for word, times in used.items() if times >= RARE)}
    matrix = np.zeros((len(rows), len(places)), np.float32)
    for number, each in enumerate(said):
        for word in each & places.keys():
            matrix[number, places[word]] = math.log(1 + len(rows) / used[word])
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), np.float32(1e-9))
    likeness: Matrix = matrix @ matrix.T
    return likeness


def cosines(encoder: Encoder, rows: Rows) -> Matrix:
    """Return the cosine of any two rows' vectors."""
    vectors = encoder.vectors([spoken(row) for row in rows])
    likeness: Matrix = vectors @ vectors.T
    return likeness


def connected(pairs: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    """Iterate over what pairs join, directly or through others."""
    joined: dict[int, list[int]] = {}
    for one, other in pairs:
        first, second = joined.setdefault(one, [one]), joined.setdefault(other, [other])
        if first is not second:
            first.extend(second)
            joined.update(dict.fromkeys(second, first))
    yield from {id(group): group for group in joined.values()}.values()


def measures(planted: Planted, found: Mapping[str, Groups]) -> dict[str, GroupMeasures]:
    """Return the figures of each system."""
    return {name: measure_groups(planted.clusters, groups) for name, groups in found.items()}


def goal(planted: Planted, ours: GroupMeasures) -> Goal:
    """Return the figure that is to be reached."""
    return Goal(f"groups in {planted.catalog}, pair F1", ours.pair_f1, 0.70)


def table(planted: Planted, found: Mapping[str, GroupMeasures]) -> Table:
    """Return each system's figures."""
    title = f"Groups in {planted.catalog}: {len(planted.clusters)} are planted among {len(planted.entries):,} entries"
    return Table(title, ("", *HEADS), [(name, *_cells(each)) for name, each in found.items()])


def _cells(found: GroupMeasures) -> list[str]:
    number, *shares = asdict(found).values()
    return [str(number), *map(shown, shares)]


def _best(likeness: Matrix, ids: Sequence[str], planted: Planted) -> Groups:
    """Return the groups at the threshold that suits this very data best: more than a baseline could know."""
    tried = [_at(likeness, ids, threshold) for threshold in THRESHOLDS]
    return max(tried, key=lambda groups: measure_groups(planted.clusters, groups).pair_f1)


def _at(likeness: Matrix, ids: Sequence[str], threshold: float) -> Groups:
    import numpy as np

    ones, others = np.nonzero(np.triu(likeness >= threshold - 1e-6, 1))
    pairs = zip(ones.tolist(), others.tolist(), strict=True)
    return [[ids[number] for number in group] for group in connected(pairs)]
