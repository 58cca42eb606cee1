"""The rows that are compared: written beside the entries, gone with them."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import Catalog, EntityRef
from scaffolder.catalog.comparisons import Called, Pack, Sought, Term, Texts
from tests.catalog.files import component, group, write

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.catalog.comparisons import Comparisons

VERSION = "words 1"
NAMES = ("alpha", "beta", "gamma")


@pytest.fixture
def rows(catalog: Catalog, tmp_path: Path) -> Comparisons:
    """Rows of a catalog with three components, none of them compared yet."""
    write(tmp_path, {f"{name}.yaml": component(name) for name in NAMES} | {"team.yaml": group("team")})
    for name in (*NAMES, "team"):
        catalog.add(str(tmp_path / f"{name}.yaml"))
    catalog.comparisons.note({"version": VERSION})
    return catalog.comparisons


def texts(name: str) -> Texts:
    return Texts(f"{name}\t{name}", name, f"does {name}", "", "")


def compare(rows: Comparisons, version: str = VERSION) -> list[int]:
    """Compare all that is pending."""
    ids = rows.pending({"group"})
    found = rows.entities(ids)
    made = [
        (entry_id, entity, texts(entity.name), [Called(entity.name, entity.name)], entity.name.encode())
        for entry_id, entity in found
    ]
    rows.add(made, {digest: (b"whole " + digest, b"name " + digest) for *_, digest in made}, version=version)
    return ids


def test_looking_creates_nothing(catalog: Catalog) -> None:
    rows = catalog.comparisons

    with rows.snapshot():
        assert not any((rows.pending(()), rows.comparable(()), rows.rows([1]), list(rows.every())))
    assert not any((rows.facts(), rows.terms(["a"]), rows.by_key(["a"]), rows.repeated()))
    assert list(rows.packs()) == []
    assert not catalog.path.exists()


def test_what_was_written_is_read(rows: Comparisons) -> None:
    ids = compare(rows)
    backwards = ids[::-1]

    assert rows.pending({"group"}) == []
    assert len(ids) == 3
    assert [row.id for row in rows.every()] == sorted(ids)
    assert [row.texts for row in rows.rows(backwards)] == [texts(name) for name in NAMES[::-1]]
    assert rows.name_vectors(backwards) == [b"name gamma", b"name beta", b"name alpha"]
    assert rows.by_key(["component:default/beta", "component:default/none"]).keys() == {"component:default/beta"}
    assert rows.rows([ids[0], 4711]) == rows.rows([ids[0]])
    assert set(rows.vector_ids([b"alpha", b"none"])) == {b"alpha"}


def test_all_is_packed_as_it_stands(rows: Comparisons, catalog: Catalog, tmp_path: Path) -> None:
    ids = compare(rows)
    whole = Pack(array("q", sorted(ids)).tobytes(), b"whole alphawhole betawhole gamma")
    assert list(rows.packs()) == [whole]

    rows.pack()
    assert list(rows.packs()) == [whole]

    catalog.remove(str(tmp_path / "beta.yaml"))
    without = Pack(array("q", [ids[0], ids[2]]).tobytes(), b"whole alphawhole gamma")
    assert list(rows.packs()) == [without]

    rows.pack()
    assert list(rows.packs()) == [without]


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        (Sought(frozenset({"beta"}), "", "", 0, 0), ["beta"]),
        (Sought(frozenset(), "gam", "", 4, 5), ["gamma"]),
        (Sought(frozenset(), "gam", "", 1, 4), []),
        (Sought(frozenset({"none"}), "x", "a", 4, 5), ["alpha", "beta", "gamma"]),
        (Sought(frozenset(), "", "", 0, 99), []),
        (Sought(frozenset({"\U0010ffff", "'", "%"}), "%", "_", 0, 99), []),
    ],
)
def test_names_are_found_by_how_they_begin_and_end(
    rows: Comparisons, catalog: Catalog, tmp_path: Path, sought: Sought, found: list[str]
) -> None:
    compare(rows)
    assert [name for _, name in rows.called(sought)] == found

    catalog.remove(str(tmp_path / "beta.yaml"))
    assert [name for _, name in rows.called(sought)] == [name for name in found if name != "beta"]


def test_rows_far_apart_are_packed_apart(catalog: Catalog, rows: Comparisons, tmp_path: Path) -> None:
    write(tmp_path, {"many.yaml": "\n---\n".join(component(f"c{number}") for number in range(1100))})
    catalog.add(str(tmp_path / "many.yaml"))
    ids = compare(rows)
    rows.pack()

    packs = list(rows.packs())
    assert len(packs) == 3
    assert b"".join(pack.ids for pack in packs) == array("q", sorted(ids)).tobytes()


def test_kinds_are_left_out_whatever_their_case(rows: Comparisons) -> None:
    assert len(rows.pending(())) == len(rows.comparable(())) == 4
    assert rows.pending({"component"}) == rows.comparable({"component"})
    assert len(rows.pending({"component", "group"})) == 0


def test_names_are_those_of_the_entries_asked_for(rows: Comparisons) -> None:
    ids = rows.pending({"group"})

    assert rows.names(ids[:2]) == [(ids[0], "alpha", "alpha"), (ids[1], "beta", "beta")]


def test_an_entry_that_changed_or_went_meanwhile_stays_pending(
    catalog: Catalog, rows: Comparisons, tmp_path: Path
) -> None:
    found = rows.entities(rows.pending({"group"}))
    write(tmp_path, {"alpha.yaml": component("alpha", owner="others")})
    catalog.refresh()
    catalog.remove(str(tmp_path / "beta.yaml"))
    made = [(entry_id, entity, texts(entity.name), (), b"") for entry_id, entity in found]

    rows.add(made, {b"": (b"", b"")}, version=VERSION)

    assert [row.key for row in rows.every()] == ["component:default/gamma"]
    assert len(rows.pending({"group"})) == 1
    assert [entity.name for _, entity in rows.entities([entry_id for entry_id, _ in found])] == ["alpha", "gamma"]


def test_an_entry_whose_vector_was_swept_up_meanwhile_stays_pending(rows: Comparisons) -> None:
    ((entry_id, entity), *_) = rows.entities(rows.pending({"group"}))

    rows.add([(entry_id, entity, texts("alpha"), (), b"swept")], {}, version=VERSION)

    assert len(list(rows.every())) == 0
    assert entry_id in rows.pending({"group"})


def test_nothing_is_written_for_another_version(rows: Comparisons) -> None:
    compare(rows, "words 2")
    rows.write_terms([("a", 3, 0.5, b"v")], {"entries": "3"}, version="words 2")

    assert len(list(rows.every())) == 0
    assert not any((rows.vector_ids([b"alpha"]), rows.terms(["a"])))
    assert rows.facts() == {"version": VERSION}


def test_rows_go_with_what_they_were_made_of(catalog: Catalog, rows: Comparisons, tmp_path: Path) -> None:
    catalog.reserve([EntityRef("component", "delta")], task_id="1", owner="", purpose="", who="", at=datetime.now(UTC))
    compare(rows)
    assert len(list(rows.every())) == 4

    catalog.release("1")
    catalog.remove(str(tmp_path / "alpha.yaml"))
    write(tmp_path, {"beta.yaml": component("beta", owner="others")})
    catalog.refresh()

    assert [row.key for row in rows.every()] == ["component:default/gamma"]
    assert [entity.name for _, entity in rows.entities(rows.pending({"group"}))] == ["beta"]


def test_a_file_that_is_read_again_changes_nothing(catalog: Catalog, rows: Comparisons, tmp_path: Path) -> None:
    compare(rows)
    write(tmp_path, {"alpha.yaml": "# a remark\n" + component("alpha")})
    catalog.refresh()

    assert rows.pending({"group"}) == []
    assert len(list(rows.every())) == 3


def test_an_entity_that_waits_for_its_name_is_not_compared(catalog: Catalog, rows: Comparisons, tmp_path: Path) -> None:
    write(tmp_path, {"other.yaml": component("ALPHA", owner="others")})
    catalog.add(str(tmp_path / "other.yaml"))
    write(tmp_path, {"other.yaml": component("ALPHA", owner="somebody")})
    catalog.refresh()
    assert len(rows.pending({"group"})) == 3
    compare(rows)

    catalog.remove(str(tmp_path / "alpha.yaml"))

    assert [entity.name for _, entity in rows.entities(rows.pending({"group"}))] == ["ALPHA"]


def test_repeated_sentences_are_replaced_and_what_has_them_compared_again(rows: Comparisons) -> None:
    ids = compare(rows)
    rows.write_repeated(["one", "two"], ())
    rows.write_repeated(["two", "three"], ids[:2])

    assert rows.repeated() == {"two", "three"}
    assert rows.pending({"group"}) == ids[:2]
    assert [row.id for row in rows.every()] == ids[2:]


def test_terms_are_replaced_and_facts_kept(rows: Comparisons) -> None:
    rows.write_terms([("a", 3, 0.5, b"v"), ("b", 2, 0.0, None)], {"entries": "3"}, version=VERSION)
    rows.write_terms([("b", 4, 0.25, b"w"), ("c", 2, 0.0, None)], {"changed": "0"}, version=VERSION)

    assert rows.terms(["a", "b", "c"]) == {"b": Term(4, 0.25, b"w"), "c": Term(2, 0.0, b"")}
    assert rows.facts() == {"version": VERSION, "entries": "3", "changed": "0"}


def test_what_is_forgotten_is_made_again(rows: Comparisons) -> None:
    ids = compare(rows)
    rows.write_terms([("a", 3, 0.5, b"v")], {}, version=VERSION)
    rows.write_repeated(["one"], ())

    rows.forget({"version": "words 2"})

    assert rows.facts() == {"version": "words 2"}
    assert len(list(rows.every())) == 0
    assert rows.pending({"group"}) == ids
    assert not any((rows.vector_ids([b"alpha"]), rows.terms(["a"])))
    assert rows.repeated() == frozenset()


def test_only_vectors_that_nobody_has_are_swept_up(catalog: Catalog, rows: Comparisons, tmp_path: Path) -> None:
    compare(rows)
    catalog.remove(str(tmp_path / "alpha.yaml"))

    rows.sweep()

    assert set(rows.vector_ids([b"alpha", b"beta", b"gamma"])) == {b"beta", b"gamma"}


def test_relations_are_those_of_claims_that_hold(catalog: Catalog, rows: Comparisons, tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.yaml": component("Shop", spec="  providesApis: [Lamps]\n"),
            "b.yaml": component("shop", spec="  providesApis: [boats]\n"),
        },
    )
    catalog.add(str(tmp_path / "a.yaml"))
    catalog.add(str(tmp_path / "b.yaml"))

    shop, lamps = "component:default/shop", "api:default/lamps"
    assert rows.related([shop], "providesApi") == [(shop, lamps)]
    assert rows.related([lamps, "api:default/boats"], "apiProvidedBy") == [(lamps, shop)]
    assert rows.related([shop], "consumesApi") == []


def test_the_state_is_another_when_anybody_wrote(catalog: Catalog, rows: Comparisons) -> None:
    before = rows.state()
    assert rows.state() == before
    compare(rows)
    between = rows.state()
    Catalog(catalog.path).comparisons.note({"a": "b"})

    assert len({before, between, rows.state()}) == 3


def test_a_snapshot_sees_nothing_of_what_others_write(catalog: Catalog, rows: Comparisons) -> None:
    other = Catalog(catalog.path).comparisons

    with rows.snapshot(), rows.snapshot():
        before = rows.facts()
        other.note({"a": "b"})
        assert rows.facts() == before
        assert other.facts() != before

    assert rows.facts() == other.facts()
    rows.note({"c": "d"})  # and writes again
