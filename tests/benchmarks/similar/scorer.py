"""Somebody else's scorer, called to see that both come to the same figures."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.benchmarks.similar.baselines import Found
    from tests.benchmarks.similar.data import Planted, Query
    from tests.benchmarks.similar.measures import GroupMeasures, Measures
    from tests.benchmarks.similar.queries import Run

VERDICTS = {"exists": "duplicate", "close": "related", "none": "none"}
ROUNDING = 0.00006
"""The scorer prints four decimals."""

RANKING = {"hit5": "hit@5", "recall10": "recall@10", "mrr": "mrr"}
JUDGING = {
    "pr_auc": "pr_auc",
    "precision": "warn_precision",
    "recall": "warn_recall",
    "false_alarms": "false_alarm_rate",
    "ece": "ece",
}
GROUPS = ("pair_precision", "pair_recall", "pair_f1", "bcubed_precision", "bcubed_recall", "bcubed_f1")


def differences(scorer: Path, run: Run, place: Path) -> list[str]:
    """Return each figure of each system, part and all, that the scorer sees differently."""
    asked = _write(place / "asked.jsonl", map(_asked, run.queries))
    return [
        f"{name}, {part}, {line}"
        for name, found in run.found.items()
        for part, theirs in _scored(scorer, asked, _write(place / "found.jsonl", _answered(run.queries, found)))
        for line in _differing(_flat(theirs), run.measures(name, _kept(part)))
    ]


def group_differences(
    scorer: Path, planted: Planted, groups: Iterable[Sequence[str]], ours: GroupMeasures, place: Path
) -> list[str]:
    """Return each figure about groups, already restricted to what is compared, that the scorer sees differently."""
    true = _write(place / "planted.jsonl", _numbered(planted.clusters))
    found = _write(place / "groups.jsonl", _numbered(groups))
    theirs = _call(scorer, "--clusters", true, "--predicted", found)["clustering"]
    return [f"groups, {line}" for line in _differing({name: theirs[name] for name in GROUPS}, ours)]


def _scored(scorer: Path, asked: Path, found: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    scores = _call(scorer, "--queries", asked, "--results", found)
    yield from ((part, scores[part]) for part in scores if part != "missing_answers")


def _kept(part: str) -> Callable[[Query], bool]:
    """Return what tells whether a query belongs to a part: all, set:NAME or kind:NAME."""
    what, _, value = part.partition(":")
    return lambda query: not value or value == (query.set if what == "set" else query.kind)


def _flat(theirs: Mapping[str, Mapping[str, float | None]]) -> dict[str, float | None]:
    ranking = {ours: theirs["ranking"].get(name) for ours, name in RANKING.items()}
    return {**ranking, **{ours: theirs["verdict"].get(name) for ours, name in JUDGING.items()}}


def _differing(theirs: Mapping[str, float | None], ours: Measures | GroupMeasures) -> Iterator[str]:
    for name, value in theirs.items():
        mine: float | None = getattr(ours, name)
        if (value is None) != (mine is None) or abs((value or 0) - (mine or 0)) > ROUNDING:
            yield f"{name}: {mine} here, {value} there"


def _asked(query: Query) -> dict[str, Any]:
    return {"query_id": query.id, "kind": query.kind, "relevant": sorted(query.relevant)}


def _answered(queries: Iterable[Query], found: Found) -> Iterator[dict[str, Any]]:
    for query in queries:
        answers = found.get(query.id, [])
        results = [{"id": it.id, "score": it.score, "verdict": VERDICTS[it.verdict]} for it in answers]
        yield {"query_id": query.id, "results": results}


def _numbered(groups: Iterable[Iterable[str]]) -> Iterator[dict[str, Any]]:
    return ({"cluster": str(number), "members": sorted(group)} for number, group in enumerate(groups))


def _write(file: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def _call(scorer: Path, *words: str | Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, scorer, *words], stdout=subprocess.PIPE, check=True)
    scores: dict[str, Any] = json.loads(done.stdout)
    return scores
