"""How well the program finds what does a job, beside what one would try first."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.benchmarks.similar import data
from tests.benchmarks.similar.measures import measure
from tests.benchmarks.similar.program import NAME
from tests.benchmarks.similar.tables import HEADS, Goal, Table, measures_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.benchmarks.similar.baselines import Baseline, Found
    from tests.benchmarks.similar.data import Query
    from tests.benchmarks.similar.measures import Measures
    from tests.benchmarks.similar.program import Homes

    Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Run:
    """What each system found for each query, ours first."""

    queries: tuple[Query, ...]
    found: Mapping[str, Found]

    def measures(self, system: str, keep: Callable[[Query], bool] = lambda _: True) -> Measures:
        """Return the figures of one system, on some of the queries."""
        return measure(filter(keep, self.queries), self.found[system])


def run(queries: Sequence[Query], rows: Mapping[str, Rows], homes: Homes, others: Mapping[str, Baseline]) -> Run:
    """Ask the program and the others, each catalog's queries of that catalog."""
    found: dict[str, Found] = defaultdict(dict)
    for catalog in sorted({query.catalog for query in queries}):
        asked = [query for query in queries if query.catalog == catalog]
        _tell(f"{catalog}: {len(rows[catalog]):,} rows, {len(asked)} queries")
        found[NAME] |= homes.of(catalog, rows[catalog]).answers(asked)
        for name, baseline in others.items():
            found[name] |= baseline(rows[catalog], asked)
    return Run(tuple(queries), found)


def rows_of(queries: Sequence[Query], files: Mapping[str, Path]) -> dict[str, Rows]:
    """Return the rows of each catalog that is asked."""
    missing = sorted({query.catalog for query in queries} - files.keys())
    if missing:
        message = f"no file for the catalogs {', '.join(missing)}"
        raise SystemExit(message)
    return {catalog: data.rows(files[catalog]) for catalog in {query.catalog for query in queries}}


def goals(measures: Measures) -> list[Goal]:
    """Return the figures that are to be reached on all queries together."""
    return [
        Goal("right entity among the first five (hit@5)", measures.hit5, 0.86),
        Goal("recall@10", measures.recall10, 0.76),
        Goal("MRR", measures.mrr, 0.75),
        Goal("PR-AUC", measures.pr_auc, 0.52),
        Goal("verdict *exists*: precision", measures.precision, 0.82),
        Goal("verdict *exists*: recall", measures.recall, 0.45),
        Goal("verdict *exists*: false alarms", measures.false_alarms, 0.05, is_most=True),
        Goal("expected calibration error", measures.ece, 0.06, is_most=True),
    ]


def tables(run: Run) -> list[Table]:
    """Return all systems on all queries, then each on each set and each kind."""
    systems = [measures_row(name, run.measures(name), ranks_only=name != NAME) for name in run.found]
    return [
        Table("All queries", ("", *HEADS), systems),
        _by("Each set", run, lambda query: query.set),
        _by("Each kind", run, lambda query: query.kind),
    ]


def _by(title: str, run: Run, part_of: Callable[[Query], str]) -> Table:
    parts = sorted({part_of(query) for query in run.queries})
    return Table(title, ("", "", *HEADS), [row for part in parts for row in _rows(run, part, part_of)])


def _rows(run: Run, part: str, part_of: Callable[[Query], str]) -> Iterator[tuple[str, ...]]:
    """Iterate over the systems' figures on one part; where nothing is to be found, only a verdict can be right."""
    for name in run.found:
        measures = run.measures(name, lambda query: part_of(query) == part)
        if name == NAME or measures.hit5 is not None:
            yield part, *measures_row(name, measures, ranks_only=name != NAME)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
