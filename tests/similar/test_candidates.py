"""Whoever may do the job is among the candidates: near in meaning, alike by name, or spoken for by an API."""

from __future__ import annotations

from datetime import UTC, datetime
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffolder.catalog import Catalog, EntityRef
from scaffolder.similar import Query
from scaffolder.similar.candidates import MADE_AT_ONCE, MOST_ALIKE, MOST_NEAREST, Alike, Candidates, candidates
from scaffolder.similar.description import of_query
from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.features import NAMES
from scaffolder.similar.index import Index
from scaffolder.similar.names import Nearness
from tests.similar.catalogs import catalog_of, entity
from tests.similar.encoders import Letters

if TYPE_CHECKING:
    from pathlib import Path

DEFINITION = "paths:\n  /leave-requests: {}\n"
PURPOSE = "Charges cards through several providers."


def ask(catalog: Catalog, query: Query, *, ready: bool = True) -> Candidates:
    index = Index(catalog, Letters(dimensions=2048))
    if ready:
        index.update()
    return candidates(catalog, index, query)


def names(found: Candidates) -> list[str]:
    return [entry.row.key.rpartition("/")[2] for entry in found.entries]


def word(number: int) -> str:
    """Return a word that is no number and no neighbour of another by one slip."""
    letters = ascii_lowercase
    return f"{letters[number // 26 % 26] * 3}{letters[number % 26] * 3}{letters[number // 676] * 3}"


def others(number: int, description: str = PURPOSE) -> list[Any]:
    # no sentence of a catalog, which would be left out when so many have it
    return [entity("Component", word(at), f"{description[:-1]} for {word(at)}.") for at in range(number)]


# names


@pytest.mark.parametrize(
    ("name", "nearness"),
    [("ledger-vault", Nearness.TAKEN), ("Ledger_Vaults", Nearness.NEAR), ("legder-vault", Nearness.NEAR)],
)
def test_a_name_counts_though_a_thousand_others_are_nearer_in_meaning(
    tmp_path: Path, name: str, nearness: Nearness
) -> None:
    catalog = catalog_of(tmp_path, entity("Component", "ledger-vault", "Nothing of the kind."), *others(1000))

    found = ask(catalog, Query(name, PURPOSE))

    assert names(found)[0] == "ledger-vault"
    assert found.names[0].nearness is nearness
    assert set(found.names[1:]) == {Alike(Nearness.APART, "")}
    assert len(found.entries) == MOST_NEAREST + 1


def test_a_title_counts_as_a_name(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, entity("Component", "lb", title="Ledger vault"), *others(100))

    found = ask(catalog, Query("ledger-vault", PURPOSE))

    assert (names(found)[0], found.names[0]) == ("lb", Alike(Nearness.NEAR, "Ledger vault"))


def test_a_taken_name_comes_before_all_that_are_near(tmp_path: Path) -> None:
    near = [entity("Component", f"ledger-vault{letter}") for letter in ascii_lowercase]
    catalog = catalog_of(tmp_path, *near, entity("Component", "ledger-vault"), *others(100))

    found = ask(catalog, Query("LEDGER-vault", PURPOSE))

    assert (names(found)[0], found.names[0]) == ("ledger-vault", Alike(Nearness.TAKEN, "ledger-vault"))
    assert sum(each.nearness is Nearness.NEAR for each in found.names) == MOST_ALIKE - 1


def test_a_name_that_was_reserved_a_moment_ago_is_taken(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *others(3))
    index = Index(catalog, Letters())
    index.update()
    catalog.reserve(
        [EntityRef("component", "ledger-vault")], task_id="1", owner="", purpose="", who="", at=datetime.now(UTC)
    )

    found = candidates(catalog, index, Query("ledger-vault"))

    assert (names(found)[0], found.names[0]) == ("ledger-vault", Alike(Nearness.TAKEN, "ledger-vault"))


# meaning


WORDS = st.lists(
    st.sampled_from(["charges", "cards", "sells", "lamps", "of", "staff", "pages", "links", "nightly"]), max_size=4
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=12), WORDS.map(" ".join))
def test_rows_stand_for_their_entries(
    tmp_path_factory: pytest.TempPathFactory, described: list[str], purpose: str
) -> None:
    catalog = catalog_of(
        tmp_path_factory.mktemp("catalog"), *(entity("Component", word(at), text) for at, text in enumerate(described))
    )
    index = Index(catalog, Letters())

    found = candidates(catalog, index, Query("some-name", purpose))

    assert found.unseen == 0
    assert found.features.shape == (len(described), len(NAMES))
    assert len(found.names) == len(found.entries) == len(described)
    ((whole, _),) = index.vectors([of_query(Query("some-name", purpose), frozenset())])
    loaded = index.loaded()
    cosines = dict(zip(loaded.ids.tolist(), loaded.vectors.cosines(whole).tolist(), strict=True))
    assert np.allclose(found.features[:, NAMES.index("cosine")], [cosines[each.row.id] for each in found.entries])


def test_of_many_the_nearest_are_looked_at(tmp_path: Path) -> None:
    alike, other = (
        others(MOST_NEAREST),
        [entity("Component", f"x{word(at)}", f"Sells {word(at)}.") for at in range(200)],
    )
    catalog = catalog_of(tmp_path, *other, *alike)

    assert set(names(ask(catalog, Query("some-name", PURPOSE)))) == {each["metadata"]["name"] for each in alike}


# APIs


def absence(*, provided: bool) -> list[Any]:
    spec = {"providesApis": ["absence-api"]} if provided else {}
    return [
        entity("Component", "absence", "Holidays of staff.", spec=spec),
        entity("API", "absence-api", spec={"definition": DEFINITION}),
    ]


def test_an_api_speaks_for_its_provider(tmp_path: Path) -> None:
    found = ask(catalog_of(tmp_path, *absence(provided=True), *others(200)), Query("x", "leave requests"))

    assert "absence" in names(found)
    assert "absence-api" not in names(found)
    (apis,) = (entry.apis for entry in found.entries if entry.row.key.endswith("/absence"))
    assert apis == {"leav", "request"}


def test_an_api_that_nobody_provides_stands_for_itself(tmp_path: Path) -> None:
    found = ask(catalog_of(tmp_path, *absence(provided=False)), Query("x", "leave requests"))

    apis = {name: entry.apis for name, entry in zip(names(found), found.entries, strict=True)}
    assert apis == {"absence": frozenset(), "absence-api": {"leav", "request"}}


def test_an_api_stands_for_itself_until_its_provider_is_compared(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *absence(provided=True), *others(MADE_AT_ONCE, "Sells lamps."))

    assert names(ask(catalog, Query("some-name", "leave requests"), ready=False)) == ["absence-api"]


def test_an_api_lends_its_name_to_its_provider(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *absence(provided=True), *others(200))

    found = ask(catalog, Query("absense-api", PURPOSE))
    assert (names(found).count("absence"), names(found).count("absence-api")) == (1, 0)
    assert found.names[names(found).index("absence")] == Alike(Nearness.NEAR, "absence-api")


def test_an_entry_goes_by_its_own_name_first(tmp_path: Path) -> None:
    api = entity("API", "absences")
    catalog = catalog_of(tmp_path, entity("Component", "absence", spec={"providesApis": ["absences"]}), api)

    assert ask(catalog, Query("absense")).names == (Alike(Nearness.NEAR, "absence"),)


def test_an_api_that_is_reserved_goes_with_its_component(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *others(3))
    refs = [EntityRef("component", "ledger"), EntityRef("api", "ledger"), EntityRef("api", "vault")]
    catalog.reserve(refs, task_id="1", owner="", purpose="", who="", at=datetime.now(UTC))

    found = ask(catalog, Query("ledger"))

    assert [entry.row.key for entry in found.entries if entry.row.id < 0] == [
        "component:default/ledger",
        "api:default/vault",
    ]


# until all is compared


def test_of_very_much_that_is_new_what_shares_words_is_compared_at_once(tmp_path: Path) -> None:
    new = others(MADE_AT_ONCE, "Sells lamps.")
    catalog = catalog_of(tmp_path, entity("Component", "ledger", "Keeps books."), *new)
    index = Index(catalog, Letters())

    found = candidates(catalog, index, Query("some-name", "checks the books"))
    assert (names(found), found.unseen) == (["ledger"], MADE_AT_ONCE)

    found = candidates(catalog, index, Query("some-name", "checks the books"))
    assert (len(found.entries), found.unseen) == (MADE_AT_ONCE + 1, 0), "so few that are left are compared on the spot"


def test_a_taken_name_is_seen_though_nothing_is_compared_and_no_word_shared(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, entity("Component", "ledgervault"), *others(500))

    found = ask(catalog, Query("legder-vault", PURPOSE), ready=False)

    assert "ledgervault" in names(found)
    assert found.names[names(found).index("ledgervault")].nearness is Nearness.NEAR
    assert found.unseen == 501 - len(found.entries)


@pytest.mark.parametrize("text", ["", "\x00", '" OR *', "the of", "\ud800", "x" * 20_000])
def test_a_question_without_words_finds_nothing_that_is_not_compared(tmp_path: Path, text: str) -> None:
    catalog = catalog_of(tmp_path, *others(MADE_AT_ONCE + 1))

    found = ask(catalog, Query(text, text), ready=False)

    assert (found.entries, found.unseen) == ((), MADE_AT_ONCE + 1)


def test_an_empty_catalog_has_no_candidates(tmp_path: Path) -> None:
    found = candidates(catalog := Catalog(tmp_path / "c.db"), Index(catalog, Letters()), Query("a", "b"))

    assert (found.entries, found.names, found.unseen) == ((), (), 0)
