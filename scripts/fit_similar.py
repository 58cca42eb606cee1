#!/usr/bin/env python3
"""
Fit what decides whether a service exists already, and write scaffolder/similar/model.json.

    scripts/fit_similar.py --data DIR [--keep DIR] [--check]

DIR holds catalogs and queries as `tests.benchmarks.similar` reads them. First every figure is measured by
cross-validation, whole groups of queries left out; then all queries are fitted. --keep leaves the catalogs for the next
run; --check writes nothing. Needs lightgbm and scikit-learn, which nothing needs at run time.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parents[1]))

from scaffolder.catalog import Catalog
from scaffolder.similar.candidates import candidates
from scaffolder.similar.encoder import built_in
from scaffolder.similar.features import NAMES
from scaffolder.similar.findings import Query
from scaffolder.similar.index import index_of
from scaffolder.similar.model import FILE, Linear, Model, Trees, standing, written
from tests.benchmarks.similar import data
from tests.benchmarks.similar.entities import entities_of
from tests.benchmarks.similar.measures import Answer, measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOLDS = 5
INNER_FOLDS = 4
FIRST_STRENGTH = 0.03
TREES = 150
SEEDS = (0, 7)
TREE_SETTINGS = {
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_data_in_leaf": 40,
    "lambda_l2": 5,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "verbose": -1,
    "num_threads": 2,
    "deterministic": True,
    "force_col_wise": True,
}
EXISTS = 0.57
CLOSE = 0.25


@dataclass(frozen=True)
class Case:
    """One query: the rows of its candidates, which of them are right, and what they stand for."""

    query: data.Query
    group: str
    rows: np.ndarray[Any, Any]
    right: np.ndarray[Any, Any]
    ids: tuple[str, ...]


def main() -> None:
    """Measure, fit, write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--keep", type=Path)
    options.add_argument("--check", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        cases = list(_cases(data.folder(given.data), given.keep or Path(scratch)))
    for seed in (1, 2):
        _report(cases, seed)
    if not given.check:
        FILE.write_text(_text(_fitted(cases, seed=1)), encoding="utf-8")


def _cases(folder: Path, keep: Path) -> Iterator[Case]:
    files = data.query_files(folder)
    groups = {row["query_id"]: row["group"] for file in files for row in data.rows(file)}
    by_catalog = defaultdict(list)
    for query in data.queries(files):
        by_catalog[query.catalog].append(query)
    for name, queries in by_catalog.items():
        entities = entities_of(data.rows(data.catalog_files(folder)[name]))
        catalog = Catalog(keep / name / "catalog.db")
        if not catalog.path.exists():
            catalog.path.parent.mkdir(parents=True, exist_ok=True)
            catalog.add(str(entities.write(keep / name / "entities")))
        index = index_of(catalog, built_in())
        index.update()
        for query in queries:
            found = candidates(catalog, index, Query(query.name, query.purpose, query.tags, query.apis))
            ids = tuple(entities.ids[entry.row.key] for entry in found.entries)
            right = np.array([each in query.relevant for each in ids])
            yield Case(query, groups[query.id], found.features.astype(np.float64), right, ids)
        print(f"{name}: {len(queries)} queries", file=sys.stderr)


# measuring


def _report(cases: Sequence[Case], seed: int) -> None:
    judged: dict[str, list[tuple[str, float]]] = {}
    for train, test in _split(cases, FOLDS, seed):
        model = _fitted(train, seed=seed)
        for case in test:
            order, chances = model.judge(case.rows.astype(np.float32))
            ranked = zip(order[:50], chances[:50], strict=True)
            judged[case.query.id] = [(case.ids[at], float(chance)) for at, chance in ranked]
    for least in (0.5, 0.55, 0.6, 0.65, 0.7):
        answers = {
            name: tuple(Answer(each, score, "exists" if score >= least else "none") for each, score in found)
            for name, found in judged.items()
        }
        print(seed, least, measure([case.query for case in cases], answers))
    for name in sorted({case.query.set for case in cases}):
        some = [case.query for case in cases if case.query.set == name]
        print("   ", name, measure(some, {query.id: answers[query.id] for query in some}))


def _split(cases: Sequence[Case], folds: int, seed: int) -> Iterator[tuple[list[Case], list[Case]]]:
    """Iterate over what to fit and what to measure; a group of queries is in one of the two."""
    groups = sorted({case.group for case in cases})
    random.Random(seed).shuffle(groups)  # noqa: S311  # to be the same each time
    fold = {group: number % folds for number, group in enumerate(groups)}
    for number in range(folds):
        yield (
            [case for case in cases if fold[case.group] != number],
            [case for case in cases if fold[case.group] == number],
        )


# fitting


def _fitted(cases: Sequence[Case], *, seed: int) -> Model:
    whole = _without_first(cases)
    standings, right = [], []
    for train, test in _split(cases, INNER_FOLDS, seed + 100):
        model = _without_first(train)
        for case in test:
            parts = model.parts(case.rows)
            standings.append(standing(parts, case.rows))
            right.append(case.right[np.argmax(parts.sum(axis=1))])
    return whole._replace(first=_logistic(np.array(standings), np.array(right), strength=FIRST_STRENGTH))


def _without_first(cases: Sequence[Case]) -> Model:
    nothing = Linear(np.zeros(1), np.ones(1), np.zeros(1), 0.0)
    answered = [case for case in cases if case.right.any()]
    return Model(_forest(answered, "lambdarank"), _forest(cases, "binary"), nothing, EXISTS, CLOSE)


def _scaled(rows: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    return rows.mean(axis=0), rows.std(axis=0) + 1e-6


def _logistic(rows: np.ndarray[Any, Any], right: np.ndarray[Any, Any], *, strength: float) -> Linear:
    mean, scale = _scaled(rows)
    fitted = LogisticRegression(C=strength, max_iter=1000).fit((rows - mean) / scale, right)
    return Linear(mean, scale, fitted.coef_[0], float(fitted.intercept_[0]))


def _forest(cases: Sequence[Case], objective: str) -> Trees:
    """Fit trees from two seeds; their mean is less a matter of chance."""
    rows, right = np.concatenate([case.rows for case in cases]), np.concatenate([case.right for case in cases])
    sizes = [len(case.rows) for case in cases] if objective == "lambdarank" else None
    nodes = _Nodes()
    for seed in SEEDS:
        known = lightgbm.Dataset(rows, right.astype(int), group=sizes)
        fitted = lightgbm.train({**TREE_SETTINGS, "objective": objective, "seed": seed}, known, TREES)
        for tree in fitted.dump_model()["tree_info"]:
            nodes.add_tree(tree["tree_structure"], 1 / len(SEEDS))
    return nodes.trees()


class _Nodes:
    def __init__(self) -> None:
        self.rows: list[list[float]] = []
        self.roots: list[int] = []
        self.depth = 0

    def add_tree(self, root: dict[str, Any], share: float) -> None:
        self.roots.append(self._add(root, share, 0))

    def _add(self, node: dict[str, Any], share: float, depth: int) -> int:
        number = len(self.rows)
        self.rows.append([])
        self.depth = max(self.depth, depth)
        if "leaf_value" in node:
            self.rows[number] = [0, 0.0, number, number, node["leaf_value"] * share]
        else:
            low, high = (self._add(node[side], share, depth + 1) for side in ("left_child", "right_child"))
            self.rows[number] = [node["split_feature"], node["threshold"], low, high, 0.0]
        return number

    def trees(self) -> Trees:
        feature, threshold, low, high, value = map(np.array, zip(*self.rows, strict=True))
        whole = (each.astype(np.int64) for each in (feature, low, high))
        feature, low, high = whole
        return Trees(feature, threshold, low, high, value, np.array(self.roots), self.depth)


def _text(model: Model) -> str:
    forests = {name: getattr(model, name).write() for name in ("ranks", "chances")}
    first = written(model.first)
    return json.dumps({"features": NAMES, "exists": EXISTS, "close": CLOSE, "first": first, **forests}) + "\n"


if __name__ == "__main__":
    main()
