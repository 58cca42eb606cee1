"""
Fits what groups of near-duplicates are found by, on groups that were planted in a catalog.

    python scripts/fit_groups.py --data DIR           write scaffolder/similar/groups.json
    python scripts/fit_groups.py --data DIR --check   only tell how well it does, cross-validated by group

DIR is laid out as for tests/benchmarks/similar. Small catalogs are cut out of the large one, so that the weights hold
for a company of sixty services as for one of six thousand. No weight may be negative: each feature says how alike two
entities are, and one that seems to say the opposite is left out.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from scaffolder.catalog import Catalog  # noqa: E402  # found from any directory
from scaffolder.similar.comparable import Comparable, comparable  # noqa: E402
from scaffolder.similar.encoder import built_in  # noqa: E402
from scaffolder.similar.group_links import LEAST_PROBABLE, Link, families  # noqa: E402
from scaffolder.similar.group_pairs import FEATURES, pairs_of  # noqa: E402
from scaffolder.similar.groups import LEAST_PROBABLE as LEAST  # noqa: E402
from tests.benchmarks.similar import data  # noqa: E402
from tests.benchmarks.similar.entities import entities_of  # noqa: E402
from tests.benchmarks.similar.measures import measure_groups  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Floats = NDArray[np.float64]

FILE = ROOT / "scaffolder" / "similar" / "groups.json"
CATALOG, PART = "org", "dev"
SIZES = ((2_000, 2), (600, 4), (200, 10), (60, 12))
"""How large the catalogs are that are cut out, and how many of each."""

FOLDS = 5
SHRINKAGE = 1.0
GIVEN = {"same type": 1.0}
"""Weights that are not fitted. Who generates a catalog types alike what is alike; people type by habit."""

USUAL_BIAS = -5.0
LEAST_STEP = 1e-6
STEPS = 25


@dataclass(frozen=True)
class Sample:
    """The pairs of one catalog; `same` tells of each pair whether both are of one planted group."""

    ones: Numbers
    others: Numbers
    features: Floats
    same: Floats


def main() -> int:
    """Fit, or check."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, metavar="DIR")
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    place = data.folder(chosen.data)
    rows = data.rows(data.catalog_files(place)[CATALOG])
    (planted,) = (each for each in data.planted(place) if (each.part, each.catalog) == (PART, CATALOG))
    everything, ids = read(rows)
    cluster = {member: number for number, members in enumerate(planted.clusters) for member in members}
    group = np.array([cluster.get(row, -1) for row in ids])
    labelled = np.array([row in planted.entries for row in ids])
    samples = [sample(everything, places, group) for places in cuts(group, labelled)]
    check(samples, group, labelled, ids, planted)
    if not chosen.check:
        weights, bias = fit([_labelled(each, labelled) for each in samples])
        FILE.write_text(written(weights, bias), encoding="utf-8")
    return 0


def read(rows: Sequence[dict[str, object]]) -> tuple[Comparable, list[str]]:
    """Return a catalog as it is compared, and the row each entity stands for."""
    made = entities_of(rows)
    with tempfile.TemporaryDirectory() as place:
        catalog = Catalog(Path(place) / "catalog.db")
        catalog.add(str(made.write(Path(place) / "files")))
        found = comparable(catalog, built_in(), progress=lambda number, total: print(f"\r{number} of {total}", end=""))
        catalog.close()
    print()
    return found, [made.ids[said.ref.key] for said in found.entities]


def cuts(group: Numbers, labelled: NDArray[np.bool_]) -> Iterator[Numbers]:
    """Iterate over the whole catalog and smaller ones, each planted group whole or not at all."""
    yield np.arange(len(group))
    random = np.random.default_rng(3)
    families_ = np.where(group >= 0, group, group.max() + 1 + np.arange(len(group)))
    whole: dict[int, list[int]] = {}
    for place in np.flatnonzero(labelled).tolist():
        whole.setdefault(int(families_[place]), []).append(place)
    for size, times in SIZES:
        for _ in range(times):
            order = random.permutation(sorted(whole)).tolist()
            places = [place for number in order for place in whole[number]]
            yield np.array(sorted(places[:size]))


def sample(everything: Comparable, places: Numbers, group: Numbers) -> Sample:
    """Return the pairs of what is at some places, compared as if there were nothing else."""
    few = Comparable(tuple(everything.entities[place] for place in places), everything.full[places])
    pairs, _ = pairs_of(few)
    ones, others = places[pairs.ones], places[pairs.others]
    same = (group[ones] == group[others]) & (group[ones] >= 0)
    return Sample(ones, others, pairs.features.astype(np.float64), same.astype(np.float64))


def _labelled(each: Sample, labelled: NDArray[np.bool_]) -> Sample:
    """Return the pairs of which it is known whether they are planted."""
    return _where(each, labelled[each.ones] & labelled[each.others])


def _where(each: Sample, kept: NDArray[np.bool_]) -> Sample:
    return Sample(each.ones[kept], each.others[kept], each.features[kept], each.same[kept])


def fit(samples: Sequence[Sample]) -> tuple[Floats, float]:
    """Return weights, none negative, and bias of a logistic regression."""
    features = np.concatenate([each.features for each in samples])
    same = np.concatenate([each.same for each in samples])
    means, deviations = features.mean(axis=0), features.std(axis=0) + 1e-6
    columns = list(range(features.shape[1]))
    given = np.array([GIVEN.get(name, 0.0) for name in FEATURES])
    columns = [number for number in columns if not given[number]]
    while True:
        scaled = (features[:, columns] - means[columns]) / deviations[columns]
        found = _newton(np.column_stack([scaled, np.ones(len(scaled))]), same, features @ given)
        lowest = int(np.argmin(found[:-1]))
        if found[lowest] >= 0:
            break
        columns.pop(lowest)
    weights = np.zeros(features.shape[1])
    weights[columns] = found[:-1] / deviations[columns]
    return weights + given, float(found[-1] - weights @ means)


def _newton(rows: Floats, same: Floats, given: Floats) -> Floats:
    """Return the minimum of the loss; a step that goes too far is halved."""
    shrinkage = np.eye(rows.shape[1]) * SHRINKAGE
    shrinkage[-1, -1] = 0

    def loss(at: Floats) -> float:
        logits = rows @ at + given
        return float((np.logaddexp(0, logits) - same * logits).sum() + at @ shrinkage @ at / 2)

    found = np.append(np.zeros(rows.shape[1] - 1), USUAL_BIAS)
    for _ in range(STEPS):
        probable = _probable(rows @ found + given)
        curvature = (rows * np.maximum(probable * (1 - probable), 1e-6)[:, None]).T @ rows + shrinkage
        step = np.linalg.solve(curvature, rows.T @ (same - probable) - shrinkage @ found)
        while abs(step).max() > LEAST_STEP and loss(found + step) > loss(found):
            step /= 2
        found += step
        if abs(step).max() <= LEAST_STEP:
            break
    return found


def _probable(logits: Floats) -> Floats:
    probable: Floats = 1 / (1 + np.exp(-logits))
    return probable


def check(
    samples: Sequence[Sample], group: Numbers, labelled: NDArray[np.bool_], ids: Sequence[str], planted: data.Planted
) -> None:
    """Print how well groups of the whole catalog are found by weights that were fitted without them."""
    random = np.random.default_rng(0)
    of_group = random.integers(0, FOLDS, group.max() + 1)
    fold = np.where(group >= 0, of_group[group], random.integers(0, FOLDS, len(group)))
    whole = samples[0]
    logits, times = np.zeros(len(whole.ones)), np.zeros(len(whole.ones))
    for number in range(FOLDS):
        known = [_labelled(each, labelled & (fold != number)) for each in samples]
        weights, bias = fit(known)
        tested = (fold[whole.ones] == number) | (fold[whole.others] == number)
        logits[tested] += whole.features[tested] @ weights + bias
        times[tested] += 1
    probable = _probable(logits / np.maximum(times, 1))
    for least in sorted({0.25, LEAST, 0.35, 0.4}):
        found = _found(whole, probable, least)
        kept = [[ids[place] for place in members if labelled[place]] for members in found]
        print(least, measure_groups(planted.clusters, [members for members in kept if len(members) > 1]))


def _found(whole: Sample, probable: Floats, least: float) -> Iterator[tuple[int, ...]]:
    numbers = (whole.ones.tolist(), whole.others.tolist(), probable.tolist())
    links = (Link(*each) for each in zip(*numbers, strict=True) if each[2] >= LEAST_PROBABLE)
    return (family.members for family in families(links, least=least))


def written(weights: Floats, bias: float) -> str:
    """Return the file's text."""
    kept = {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True) if weight > 0}
    return json.dumps({"made_by": "scripts/fit_groups.py", "bias": round(bias, 4), "weights": kept}, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
