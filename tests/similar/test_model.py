"""The model: small trees and weighted sums, as the script wrote them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.features import NAMES
from scaffolder.similar.model import LOOKED_AT, Linear, Trees, model, standing, written

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORESTS = [part for part in model() if isinstance(part, Trees)]

# a leaf's value, or a feature, a threshold and the two trees that follow
type_of_tree = st.recursive(
    st.floats(-5, 5),
    lambda below: st.tuples(st.integers(0, 2), st.sampled_from([-1.0, 0.0, 0.5]), below, below),
    max_leaves=12,
)


def forest(trees: list[object]) -> Trees:
    rows: list[list[float]] = []

    def add(tree: object) -> tuple[int, int]:
        number = len(rows)
        rows.append([0, 0.0, number, number, 0.0])
        if not isinstance(tree, tuple):
            rows[number][4] = float(str(tree))
            return number, 0
        feature, threshold, low, high = tree
        (below, depth), (above, other) = add(low), add(high)
        rows[number] = [feature, threshold, below, above, 0.0]
        return number, 1 + max(depth, other)

    added = [add(tree) for tree in trees]
    names = ("feature", "threshold", "low", "high", "value")
    columns = {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    roots, depths = zip(*added, strict=True)
    made = Trees(
        **{name: np.array(column) for name, column in columns.items()}, roots=np.array(roots), depth=max(depths)
    )
    return Trees.read(json.loads(json.dumps(made.write())))


def walk(trees: Trees, row: list[float]) -> float:
    """Add up the leaves that a row comes to, one step after the other."""
    total = 0.0
    for root in trees.roots.tolist():
        node = root
        while trees.low[node] != node:
            node = int((trees.low if row[trees.feature[node]] <= trees.threshold[node] else trees.high)[node])
        total += float(trees.value[node])
    return total


ROW = st.lists(st.sampled_from([-2.0, -1.0, -0.25, 0.0, 0.5, 3.0]), min_size=3, max_size=3)


@given(st.lists(type_of_tree, min_size=1, max_size=4), st.lists(ROW, min_size=1, max_size=5))
def test_trees_give_what_walking_them_gives(trees: list[object], rows: list[list[float]]) -> None:
    made = forest(trees)

    assert made(np.array(rows)).tolist() == pytest.approx([walk(made, row) for row in rows])


def some_rows(number: int, seed: int) -> NDArray[np.float64]:
    """Return rows as wide as real features; a threshold of some tree in every second column."""
    random = np.random.default_rng(seed)
    rows = random.normal(0.3, 0.5, (number, len(NAMES)))
    thresholds = {int(each): at for each, at in zip(FORESTS[0].feature, FORESTS[0].threshold, strict=True)}
    for feature, threshold in list(thresholds.items())[::2]:
        rows[::2, feature] = threshold
    return rows.astype(np.float32).astype(np.float64)


@pytest.mark.parametrize("number", range(len(FORESTS)))
def test_the_trees_of_the_file_give_what_walking_them_gives(number: int) -> None:
    rows = some_rows(7, seed=number)

    found = FORESTS[number](rows)

    assert found.tolist() == pytest.approx([walk(FORESTS[number], row) for row in rows.tolist()])


@pytest.mark.parametrize("number", range(len(FORESTS)))
def test_the_trees_of_the_file_are_trees(number: int) -> None:
    trees = FORESTS[number]
    size = len(trees.feature)

    assert 0 <= trees.feature.min() <= trees.feature.max() < len(NAMES)
    assert {len(part) for part in (trees.threshold, trees.low, trees.high, trees.value)} == {size}
    here = trees.roots
    for _ in range(trees.depth):
        here = np.unique(np.concatenate([trees.low[here], trees.high[here]]))
    assert (trees.low[here] == here).all(), "every way is at its leaf after so many steps"
    leaves = trees.low == np.arange(size)
    assert (trees.high[leaves] == np.arange(size)[leaves]).all()
    assert not trees.value[~leaves].any()


@settings(deadline=None)
@given(st.integers(1, 120), st.integers(0, 10_000))
def test_entries_are_in_order_and_probabilities_fall(number: int, seed: int) -> None:
    rows = some_rows(number, seed)
    order, probabilities = model().judge(rows.astype(np.float32))

    assert sorted(order.tolist()) == list(range(number))
    assert len(probabilities) == number
    assert ((probabilities > 0) & (probabilities < 1)).all()
    assert (np.diff(probabilities) <= 0).all()
    fits = model().parts(rows).sum(axis=1)
    assert (np.diff(fits[order]) <= 0).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 60), st.integers(0, 10_000))
def test_the_order_they_come_in_does_not_matter(number: int, seed: int) -> None:
    rows = some_rows(number, seed)
    shuffled = np.random.default_rng(seed).permutation(number)

    one, other = model().judge(rows.astype(np.float32)), model().judge(rows[shuffled].astype(np.float32))

    assert one.probabilities.tolist() == pytest.approx(other.probabilities.tolist())


def test_equal_entries_stay_as_they_stand() -> None:
    rows = np.repeat(some_rows(1, seed=1), 4, axis=0).astype(np.float32)

    order, probabilities = model().judge(rows)

    assert order.tolist() == [0, 1, 2, 3]
    assert len(set(probabilities.tolist())) == 1


def test_how_the_first_stands_is_what_the_last_step_was_fitted_to() -> None:
    rows = some_rows(9, seed=3)

    stands = standing(model().parts(rows), rows)

    assert stands.shape == model().first.mean.shape
    assert np.isfinite(stands).all()
    best = model().parts(rows).sum(axis=1).argmax()
    assert stands[-len(LOOKED_AT) :].tolist() == [rows[best, NAMES.index(name)] for name in LOOKED_AT]


def test_an_entry_that_exists_is_close_as_well() -> None:
    assert 0 < model().close < model().exists < 1


def test_a_weighted_sum_is_read_as_it_was_written() -> None:
    made = Linear(np.array([1.0, 2.0]), np.array([0.5, 4.0]), np.array([3.0, -1.0]), 0.25)
    again = Linear.read(json.loads(json.dumps(written(made))))

    assert again(np.array([[1.5, 2.0], [1.0, 6.0]])).tolist() == [3.25, -0.75]
