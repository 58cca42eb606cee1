"""Numbers that say how an entry fits: finite for anything, whole for the same text."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffolder.catalog import Entity
from scaffolder.catalog.comparisons import Compared
from scaffolder.similar import Query
from scaffolder.similar.candidates import candidates
from scaffolder.similar.description import of_entity, of_query
from scaffolder.similar.encoder import built_in
from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.features import NAMES, Entry, Surroundings, Wish, features
from scaffolder.similar.index import Index
from scaffolder.similar.model import FILE, LOOKED_AT
from scaffolder.similar.terms_in_use import Centre, terms_of
from tests.similar.catalogs import catalog_of, entity
from tests.similar.encoders import Letters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scaffolder.catalog import Catalog

SHARES = [
    *("same_words", "said", "says", "least_said", "telling_said", "name_said", "purpose_said"),
    *("name_said_by_name", "said_by_name", "name_says", "letters", "tags", "paths", "paths_said"),
    *("undescribed", "words", "wish_words", "terms_known", "first", "both", "alike", "names_alike", "rank"),
]
COSINES = ["cosine", "cosine_names", "cosine_name_whole", "cosine_whole_name", "cosine_nearest", "crowd"]
ENCODER = Letters()
OTHERS = (
    ("lamp-shop", "Sells the lamps of others."),
    ("payment-gateway", "Charges cards through several providers."),
    ("payment-reporting", "Monthly numbers about payments for finance."),
    ("x", ""),
    ("1", "of the 2"),
    ("検索", "リンク確認"),
)


def made(query: Query, entries: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
    """Return the features of entries, the catalog being no more than these."""
    wanted = of_query(query, ())
    described = [
        of_entity(Entity({"kind": "Component", "metadata": {"name": name, "description": text}}), ())
        for name, text in entries
    ]
    vectors, names = (
        ENCODER.encode([each.said for each in described]),
        ENCODER.encode([each.name for each in described]),
    )
    whole, name = ENCODER.encode([wanted.said, wanted.name])
    counts = Counter(term for each in described for term in terms_of(each.texts))
    around = Surroundings(
        vectors=vectors,
        name_vectors=names,
        cosines=vectors @ whole,
        nearest=vectors[0],
        middle=np.zeros(ENCODER.dimensions, np.float32),
        counts=counts,
        centres={term: Centre(3, 0.5, ENCODER.encode([term])[0]) for term in sorted(counts)[::2]},
        entries=len(entries),
    )
    rows = [Entry(Compared(at, str(at), "component", at, each.texts), frozenset()) for at, each in enumerate(described)]
    return features(Wish(wanted.texts, whole, name), rows, around, vectors @ whole)


def column(rows: NDArray[np.float32], name: str) -> list[float]:
    return [round(float(value), 5) for value in rows[:, NAMES.index(name)]]


def test_the_model_was_fitted_to_these() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert tuple(json.loads(FILE.read_text())["features"]) == NAMES
    assert set(LOOKED_AT) | set(SHARES) | set(COSINES) <= set(NAMES)


TEXT = st.text(st.characters(), max_size=20) | st.lists(
    st.sampled_from(
        ["charges", "cards", "payment", "payments", "lamps", "lamp", "shop", "gateway", "of", "api", "v2", "検索"]
    ),
    max_size=5,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(Query, TEXT, TEXT, st.tuples(TEXT), st.tuples(TEXT)),
    st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6),
)
def test_any_texts_have_finite_features(query: Query, entries: list[tuple[str, str]]) -> None:
    check(made(query, entries), len(entries))


@pytest.mark.parametrize("query", [Query(), Query("", " "), Query("a"), Query(tags=("x",)), Query(apis=("/x",))])
@pytest.mark.parametrize("entries", [[("", "")], [("x", "")], OTHERS])
def test_nothing_said_on_either_side_is_ordinary(query: Query, entries: list[tuple[str, str]]) -> None:
    check(made(query, entries), len(entries))


def check(rows: NDArray[np.float32], entries: int) -> None:
    assert rows.shape == (entries, len(NAMES))
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    for name in SHARES:
        assert all(-1e-4 <= value <= 1 + 1e-4 for value in column(rows, name)), name
    for name in COSINES:
        assert all(abs(value) <= 1 + 1e-4 for value in column(rows, name)), name
    assert max(column(rows, "rank")) == 1


@pytest.mark.parametrize("at", [0, 1, 2, 5])
def test_the_same_text_is_said_as_a_whole(at: int) -> None:
    name, text = OTHERS[at]
    rows = made(Query(name, text), OTHERS)

    for whole in ("said", "says", "same_words", "least_said", "alike", "rank", "letters", "name_says", "cosine"):
        if whole != "letters" or len(name) > 2:
            assert column(rows, whole)[at] == pytest.approx(1, abs=1e-3), whole
    for left in ("unsaid", "unsays", "unsaid_most", "behind_best"):
        assert column(rows, left)[at] == pytest.approx(0, abs=1e-3), left
    assert column(rows, "said")[at] == max(column(rows, "said"))


def test_what_is_asked_of_one_is_said_back_by_the_other() -> None:
    one, two = OTHERS[1], OTHERS[2]
    forth, back = made(Query(*one), [two]), made(Query(*two), [one])

    for name in ("cosine", "cosine_names", "letters", "phrases"):
        assert column(forth, name) == column(back, name)


def test_the_order_of_entries_does_not_matter() -> None:
    order = [3, 0, 5, 1, 4, 2]
    query = Query("lamp-gateway", "Charges lamps through several finance providers")
    rows, other = made(query, OTHERS), made(query, [OTHERS[at] for at in order])
    # who is nearest is given by whoever asks, and ranks of equals are as they stand
    kept = [at for at, name in enumerate(NAMES) if name not in {"cosine_nearest", "rank"}]

    assert np.allclose(rows[order][:, kept], other[:, kept], atol=1e-5)


def test_a_word_of_like_meaning_says_it() -> None:
    rows = made(Query("x", "send alerts"), [("y", "send alarms"), ("y", "send invoices")])

    assert column(rows, "same_words")[0] == column(rows, "same_words")[1]
    assert column(rows, "said")[0] > column(rows, "said")[1] + 0.1


def test_rare_words_count_for_more() -> None:
    rows = made(Query("", "rare common"), [("y", "rare"), *[("y", "common")] * 9])

    assert column(rows, "same_words")[0] > column(rows, "same_words")[1] + 0.1
    assert column(rows, "unsaid")[0] < column(rows, "unsaid")[1]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    legal = [each for each in OTHERS if each[0].isascii()]
    return catalog_of(tmp_path_factory.mktemp("catalog"), *(entity("Component", *each) for each in legal))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TEXT)
def test_a_real_catalog_gives_finite_features(catalog: Catalog, name: str, purpose: str) -> None:
    found = candidates(catalog, Index(catalog, built_in()), Query(name, purpose))

    check(found.features, 5)


def test_a_catalog_of_one(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, entity("Component", "x"))

    for query in (Query(), Query("x"), Query("y", "Sells lamps.")):
        check(candidates(catalog, Index(catalog, built_in()), query).features, 1)
