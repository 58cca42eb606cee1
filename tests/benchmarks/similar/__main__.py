"""
Is there something that already does this? How well and how fast it is found, in one run.

    python -m tests.benchmarks.similar --data DIR

Every catalog below DIR is taken in by `scaffolder catalog add` in a home of its own, every query asked by `scaffolder
catalog similar --from`, groups found by `scaffolder catalog groups`, and all of it compared with what one would try
first, on the same rows and queries. Tells by the exit code whether all goals are reached.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.similar import data, groups, losses, queries, scorer, skeleton_words, speed
from tests.benchmarks.similar.baselines import Encoder, baselines
from tests.benchmarks.similar.program import NAME, Homes, ProgramError
from tests.benchmarks.similar.tables import Goal, goals_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.benchmarks.similar.tables import Table

    Found = tuple[list[Goal], list[Table]]
    Part = Callable[[argparse.Namespace, Homes], Found]

_encoder = Encoder()
"""Shared by the parts: what one has encoded the other need not encode again."""


def main() -> int:
    """Run the parts, print all goals and then all tables; 1 when a goal is missed or a part failed."""
    options = _options()
    goals: list[Goal] = []
    tables: list[Table] = []
    failed = False
    with _place(options.keep) as place:
        homes = Homes(place)
        for name in options.parts:
            try:
                reached, shown = PARTS[name](options, homes)
            except ProgramError as error:
                failed = True
                sys.stderr.write(f"{name}: {error}\n")
                continue
            goals += reached
            tables += shown
    _print([*([goals_table("Goals", goals)] if goals else []), *tables], as_markdown=options.markdown)
    return int(failed or not all(goal.is_reached for goal in goals))


def _print(tables: Sequence[Table], *, as_markdown: bool) -> None:
    for table in tables:
        sys.stdout.write(f"{table.markdown() if as_markdown else table.text()}\n")


def _queries(options: argparse.Namespace, homes: Homes) -> Found:
    place = data.folder(options.data)
    asked = data.queries(options.queries or data.query_files(place), sets=options.sets)
    others = {} if options.alone else baselines(_encoder)
    run = queries.run(asked, queries.rows_of(asked, data.catalog_files(place)), homes, others)
    if options.scorer:
        _agree(scorer.differences(options.scorer, run, homes.place))
    return queries.goals(run.measures(NAME)), [*queries.tables(run), *losses.tables(run, examples=options.worst)]


def _groups(options: argparse.Namespace, homes: Homes) -> Found:
    place = data.folder(options.data)
    goals, tables = [], []
    for planted in data.planted(place):
        rows = data.rows(data.catalog_files(place)[planted.catalog])
        found = groups.run(planted, rows, homes, {} if options.alone else groups.baselines(_encoder))
        measures = groups.measures(planted, found)
        goals.append(groups.goal(planted, measures[NAME]))
        tables.append(groups.table(planted, measures))
        for name in found if options.scorer else ():
            _agree(scorer.group_differences(options.scorer, planted, found[name], measures[name], homes.place))
    return goals, tables


def _skeleton(_options: argparse.Namespace, homes: Homes) -> Found:
    return skeleton_words.part(homes, _encoder)


PARTS: dict[str, Part] = {
    "queries": _queries,
    "groups": _groups,
    "skeleton": _skeleton,
    "speed": speed.part,
}


def _agree(differences: list[str]) -> None:
    """End when the scorer came to other figures than ours: neither can be believed then."""
    if differences:
        raise SystemExit("\n".join(["the scorer differs:", *differences]))
    sys.stderr.write("the scorer comes to the same figures\n")


@contextmanager
def _place(kept: Path | None) -> Iterator[Path]:
    """Give a directory for homes: one that stays, or a temporary one."""
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    directory = os.environ.get("SCAFFOLDER_TEST_DATA")
    at_hand = "where homes are kept for the next run, which takes nothing in again"
    for name, meaning in {
        "--scorer": "a scorer of the same measures, to see that it comes to the same figures",
        "--keep": at_hand,
    }.items():
        parser.add_argument(name, type=Path, help=meaning)
    parser.add_argument("--data", type=Path, default=directory, required=not directory, help="holds catalogs/*.jsonl")
    parser.add_argument("--queries", type=Path, nargs="+", help="files of queries; by default all below the data")
    parser.add_argument("--sets", nargs="+", default=[], help="only queries of these sets, such as ash or pair")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="only these parts")
    parser.add_argument("--alone", action="store_true", help="without what one would try first")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="show so many examples of each loss")
    parser.add_argument("--real-vectors", action="store_true", help="also for 100,000 entities: takes many minutes")
    parser.add_argument("--markdown", action="store_true", help="print tables for the documentation")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
