"""Where it fails: what is lost to candidates, to ranking and to refusing, and the worst examples of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.similar.measures import FARTHEST, once
from tests.benchmarks.similar.program import NAME
from tests.benchmarks.similar.tables import Table, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.similar.data import Query
    from tests.benchmarks.similar.measures import Answer
    from tests.benchmarks.similar.queries import Run

SHOWN = 5
LONGEST = 90


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with what was found for it."""

    query: Query
    answers: tuple[Answer, ...]

    @property
    def rank(self) -> int:
        """Where the first right entity stands, from 1; 0 when it was not found."""
        ranks = (rank for rank, answer in enumerate(self.answers, 1) if answer.id in self.query.relevant)
        return next(ranks, 0)

    @property
    def certainty(self) -> float:
        """The first score."""
        return self.answers[0].score if self.answers else 0.0

    @property
    def warns_of(self) -> tuple[str, ...]:
        """What is said to exist."""
        return tuple(answer.id for answer in self.answers if answer.verdict == "exists")


def tables(run: Run, *, examples: int) -> list[Table]:
    """Return what is lost where, by each system, and so many examples of each loss of ours."""
    return [_curve(run), *([_worst(asked_of(run, NAME), examples)] if examples else [])]


def asked_of(run: Run, system: str) -> list[Asked]:
    """Return each query with what a system found."""
    return [Asked(query, once(run.found[system].get(query.id, ()))) for query in run.queries]


def _curve(run: Run) -> Table:
    head = ("", "first", f"in the first {SHOWN}", "in the first 10", f"in the first {FARTHEST}", "not found")
    return Table(
        "Where the first right entity stands", head, [_reached(name, asked_of(run, name)) for name in run.found]
    )


def _reached(name: str, asked: Sequence[Asked]) -> tuple[str, ...]:
    ranks = [each.rank for each in asked if each.query.relevant]
    within = [sum(0 < rank <= most for rank in ranks) / len(ranks) for most in (1, SHOWN, 10, FARTHEST) if ranks]
    return (name, *map(shown, within), shown(ranks.count(0) / len(ranks) if ranks else None))


def _worst(asked: Sequence[Asked], examples: int) -> Table:
    """Return the most certain errors first, since those do most harm."""
    wrongly = [each for each in asked if each.warns_of and each.query.relevant.isdisjoint(each.warns_of)]
    missed = [each for each in asked if each.query.relevant and not 0 < each.rank <= SHOWN]
    kinds = {"warns wrongly": wrongly, "not among the first five": missed}
    head = ("", "query", "asks for", "score", "found first", "right", "at")
    rows = [
        (kind, *_example(each))
        for kind, found in kinds.items()
        for each in sorted(found, key=lambda each: -each.certainty)[:examples]
    ]
    return Table("Worst examples", head, rows)


def _example(each: Asked) -> tuple[str, ...]:
    query = each.query
    said = f"{query.name}: {query.purpose}"[:LONGEST].replace("|", "/")
    first = each.answers[0].id if each.answers else "nothing"
    right = min(query.relevant, default="nothing")
    return query.id, said, shown(each.certainty), first, right, str(each.rank or "·")
