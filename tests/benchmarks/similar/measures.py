"""
How good answers are, as numbers.

Of the queries that have an answer: `hit5` is the share with a relevant entry among the first five; `recall10` how many
of the relevant ones are among the first ten, of as many as could be; `mrr` one over the rank of the first relevant one.
`pr_auc` is the average precision of the first entries, all queries ordered by their scores. A query *warns* when the
verdict on some entry is exists, rightly when one such entry is relevant: `precision` is the share of warnings that are
right, `recall` that of queries with an answer that are warned rightly, and `false_alarms` that of queries without one
that are warned. `ece` is how far the first score, read as a probability, is from what came true, in ten bins.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tests.benchmarks.similar.data import Query

FARTHEST = 50
BINS = 10
NOTHING = -math.inf


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry found; its verdict is exists, close or none."""

    id: str
    score: float
    verdict: str = "none"


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of some queries; None where there was nothing to measure."""

    queries: int
    hit5: float | None
    recall10: float | None
    mrr: float | None
    pr_auc: float | None
    precision: float | None
    recall: float | None
    false_alarms: float | None
    ece: float | None


@dataclass(frozen=True, slots=True)
class GroupMeasures:
    """How well groups agree with planted ones: over pairs of members, and over members (B-cubed)."""

    groups: int
    pair_precision: float
    pair_recall: float
    pair_f1: float
    bcubed_precision: float | None
    bcubed_recall: float | None
    bcubed_f1: float


@dataclass(frozen=True, slots=True)
class _Seen:
    relevant: frozenset[str]
    answers: tuple[Answer, ...]

    @property
    def hits(self) -> list[bool]:
        return [answer.id in self.relevant for answer in self.answers]

    @property
    def first(self) -> tuple[float, bool]:
        return (self.answers[0].score, self.hits[0]) if self.answers else (NOTHING, False)

    @property
    def warned_of(self) -> list[str]:
        return [answer.id for answer in self.answers if answer.verdict == "exists"]


def measure(queries: Iterable[Query], answers: Mapping[str, Sequence[Answer]]) -> Measures:
    """Return the figures; a query without answers found nothing, an entry answered twice counts once."""
    seen = [_Seen(query.relevant, once(answers.get(query.id, ()))) for query in queries]
    answerable = [each for each in seen if each.relevant]
    warned = [each for each in seen if each.warned_of]
    right = sum(not each.relevant.isdisjoint(each.warned_of) for each in warned)
    return Measures(
        queries=len(seen),
        hit5=_mean([any(each.hits[:5]) for each in answerable]),
        recall10=_mean([sum(each.hits[:10]) / min(10, len(each.relevant)) for each in answerable]),
        mrr=_mean([_reciprocal_rank(each.hits) for each in answerable]),
        pr_auc=average_precision([each.first for each in seen], len(answerable)),
        precision=right / len(warned) if warned else None,
        recall=right / len(answerable) if answerable else None,
        false_alarms=_mean([bool(each.warned_of) for each in seen if not each.relevant]),
        ece=calibration_error([each.first for each in seen if each.answers]),
    )


def once(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Return the answers, each entry where it stands first."""
    first: dict[str, Answer] = {}
    for answer in answers:
        first.setdefault(answer.id, answer)
    return tuple(first.values())


def average_precision(scored: Iterable[tuple[float, bool]], total: int) -> float | None:
    """Return the area under precision over recall of `total`, best score first; equal scores are one step."""
    if not total:
        return None
    area, hits, number = 0.0, 0, 0
    for _score, step in groupby(sorted(scored, reverse=True), key=lambda each: each[0]):
        rights = [right for _, right in step]
        hits, number = hits + sum(rights), number + len(rights)
        area += sum(rights) / total * hits / number
    return area


def calibration_error(scored: Sequence[tuple[float, bool]]) -> float | None:
    """Return the expected calibration error, or None when the scores are no probabilities."""
    if not scored or not all(0 <= score <= 1 for score, _ in scored):
        return None
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for score, right in scored:
        bins[min(BINS - 1, int(score * BINS))].append((score, right))
    gaps = (abs(sum(score - right for score, right in each)) for each in bins.values())
    return sum(gaps) / len(scored)


def measure_groups(truth: Iterable[Collection[str]], found: Iterable[Collection[str]]) -> GroupMeasures:
    """Return how well groups `found` agree with the planted ones; a group of one is none."""
    planted = [frozenset(group) for group in truth]
    groups = [frozenset(group) for group in found if len(group) > 1]
    of_planted = {member: group for group in planted for member in group}
    of_found = {member: group for group in groups for member in group}
    shared = Counter((of_planted[member], of_found[member]) for member in of_planted.keys() & of_found.keys())
    agreed = sum(map(_pairs, shared.values()))
    pairs = _share(agreed, groups), _share(agreed, planted)
    members = of_planted.keys() | of_found.keys()
    both = [(of_planted.get(it, frozenset({it})), of_found.get(it, frozenset({it}))) for it in members]
    cubed = _mean([len(t & f) / len(f) for t, f in both]), _mean([len(t & f) / len(t) for t, f in both])
    return GroupMeasures(len(groups), *pairs, _harmonic(*pairs), *cubed, _harmonic(*cubed))


def _reciprocal_rank(hits: Sequence[bool]) -> float:
    before = sum(1 for _ in takewhile(lambda hit: not hit, hits[:FARTHEST]))
    return 1 / (before + 1) if before < len(hits[:FARTHEST]) else 0.0


def _share(agreed: int, groups: Iterable[Collection[str]]) -> float:
    number = sum(_pairs(len(group)) for group in groups)
    return agreed / number if number else 0.0


def _pairs(number: int) -> int:
    return number * (number - 1) // 2


def _harmonic(one: float | None, other: float | None) -> float:
    return 2 * one * other / (one + other) if one and other else 0.0


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
