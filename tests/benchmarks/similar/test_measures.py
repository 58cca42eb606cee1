"""The figures, on cases small enough to work out by hand."""

from __future__ import annotations

import pytest

from tests.benchmarks.similar.data import Query
from tests.benchmarks.similar.losses import Asked
from tests.benchmarks.similar.measures import (
    Answer,
    Measures,
    average_precision,
    calibration_error,
    measure,
    measure_groups,
)


def asking(key: str, *relevant: str) -> Query:
    return Query(key, "shop", "intent", "", "", (), (), frozenset(relevant))


def found(*ids: str, score: float = 0.5) -> list[Answer]:
    return [Answer(key, score) for key in ids]


def one(relevant: str, ids: str) -> Measures:
    """Measure one query whose relevant entries and answers are letters."""
    return measure([asking("q", *relevant)], {"q": found(*ids)})


def test_a_hit_counts_among_the_first_five_and_not_as_the_sixth() -> None:
    assert one("a", "vwxya").hit5 == 1
    assert one("a", "uvwxya").hit5 == 0


def test_recall_is_of_as_many_as_ten_places_can_hold() -> None:
    assert one("ab", "axyz").recall10 == 0.5
    assert one("abcdefghijkl", "abcdefghijkl").recall10 == 1
    assert one("ab", "klmnopqrsta").recall10 == 0


def test_the_reciprocal_rank_is_of_the_first_relevant_entry_down_to_the_fiftieth() -> None:
    far = [f"x{number}" for number in range(49)]
    assert one("ab", "xxab").mrr == 0.5, "an entry answered twice counts once"
    assert measure([asking("q", "a")], {"q": found(*far, "a")}).mrr == 1 / 50
    assert measure([asking("q", "a")], {"q": found(*far, "y", "a")}).mrr == 0


def test_ranks_are_means_over_the_queries_that_have_an_answer() -> None:
    asked = [asking("p", "a"), asking("q", "b"), asking("r")]
    measures = measure(asked, {"p": found("a"), "r": found("a")})
    assert (measures.queries, measures.hit5, measures.mrr) == (3, 0.5, 0.5)


def test_a_warning_is_right_when_one_flagged_entry_is() -> None:
    asked = [asking("p", "a"), asking("q", "b"), asking("r", "c"), asking("s"), asking("t")]
    answers = {
        "p": [Answer("x", 0.9, "exists"), Answer("a", 0.8, "exists")],
        "q": [Answer("x", 0.9, "exists"), Answer("b", 0.8, "close")],
        "r": [Answer("c", 0.4, "close")],
        "s": [Answer("x", 0.9, "exists")],
        "t": [Answer("x", 0.4, "close")],
    }
    measures = measure(asked, answers)
    assert (measures.precision, measures.recall, measures.false_alarms) == (1 / 3, 1 / 3, 1 / 2)


def test_nothing_measured_is_not_zero() -> None:
    unanswerable = measure([asking("q")], {"q": found("a")})
    assert (unanswerable.hit5, unanswerable.recall, unanswerable.precision) == (None, None, None)
    assert unanswerable.pr_auc is None
    assert measure([asking("q", "a")], {}).ece is None
    assert one("a", "a").false_alarms is None


def test_average_precision_counts_equal_scores_as_one_step() -> None:
    assert average_precision([(0.7, True), (0.9, True), (0.8, False)], 2) == pytest.approx(1 / 2 + 1 / 2 * 2 / 3)
    assert average_precision([(0.9, False), (0.8, True)], 1) == 1 / 2, "best score first"
    assert average_precision([(0.9, False), (0.9, True)], 1) == 1 / 2
    assert average_precision([(0.9, True), (0.9, False)], 1) == 1 / 2
    assert average_precision([(0.9, True)], 4) == 1 / 4, "recall is of all that have an answer"


def test_pr_auc_is_of_the_first_entries_and_nothing_found_comes_last() -> None:
    asked = [asking("p", "a"), asking("q", "b"), asking("r")]
    answers = {"p": found("x", "a", score=0.9), "q": found("b", score=0.8)}
    assert measure(asked, answers).pr_auc == pytest.approx(1 / 2 * 1 / 2)


def test_calibration_compares_scores_with_what_came_true_in_ten_bins() -> None:
    assert calibration_error([(1.0, False), (0.95, True), (0.0, False)]) == pytest.approx((0.95 + 0) / 3)
    assert calibration_error([(0.42, True), (0.44, False)]) == pytest.approx(0.07)
    assert calibration_error([(0.29, True), (0.31, False)]) == pytest.approx((0.71 + 0.31) / 2), "two bins"
    assert calibration_error([(1.2, True), (0.5, True)]) is None, "no probabilities"


def test_calibration_leaves_out_queries_that_found_nothing() -> None:
    measures = measure([asking("p", "a"), asking("q", "b")], {"p": found("a", score=0.9)})
    assert measures.ece == pytest.approx(0.1)


def test_groups_agree_over_pairs_and_over_members() -> None:
    measures = measure_groups(["abc", "de"], ["ab", "cd", "x"])
    assert measures.groups == 2, "a group of one is none"
    assert (measures.pair_precision, measures.pair_recall) == (1 / 2, 1 / 4)
    assert measures.pair_f1 == pytest.approx(1 / 3)
    assert measures.bcubed_precision == pytest.approx((1 + 1 + 1 / 2 + 1 / 2 + 1) / 5)
    assert measures.bcubed_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5)


def test_members_of_found_groups_that_were_planted_in_none_count_against_precision() -> None:
    measures = measure_groups(["ab"], ["abxy"])
    assert (measures.pair_precision, measures.pair_recall) == (1 / 6, 1)
    assert measures.bcubed_precision == pytest.approx((1 / 2 + 1 / 2 + 1 / 4 + 1 / 4) / 4)


def test_the_set_of_a_query_is_the_beginning_of_its_id() -> None:
    assert asking("ash-002").set == "ash"
    assert asking("pairx-001").set == "pair"


def test_the_first_right_entity_has_a_rank_and_a_warning_names_what_it_warns_of() -> None:
    asked = Asked(asking("q", "b"), (Answer("a", 0.9, "exists"), Answer("b", 0.5, "close")))
    assert (asked.rank, asked.certainty, asked.warns_of) == (2, 0.9, ("a",))
    assert (Asked(asking("q", "c"), ()).rank, Asked(asking("q", "c"), ()).certainty) == (0, 0)
