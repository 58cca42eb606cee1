"""What is compared of groups, and how baselines come by theirs."""

from __future__ import annotations

from tests.benchmarks.similar.data import Planted
from tests.benchmarks.similar.groups import connected, restricted


def test_only_what_is_compared_stays_in_groups_and_once() -> None:
    planted = Planted("dev", "org", (), frozenset("abcdef"))
    assert restricted([["a", "x", "b"], ["c", "y"], ["b", "d", "e"]], planted) == [["a", "b"], ["d", "e"]]


def test_pairs_join_through_others() -> None:
    pairs = [(1, 2), (3, 4), (5, 6), (2, 3)]
    assert sorted(sorted(group) for group in connected(pairs)) == [[1, 2, 3, 4], [5, 6]]
