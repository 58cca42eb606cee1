"""What is compared is right at the next question, whatever happened to the catalog meanwhile."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffolder.catalog import Catalog, EntityRef
from scaffolder.catalog.database import MIGRATIONS
from scaffolder.gateways.sqlite import connect
from scaffolder.similar import Query, find_similar
from scaffolder.similar.candidates import candidates
from scaffolder.similar.description import VERSION
from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.index import ENTRIES_AT_ONCE, Index, index_of
from tests.similar.catalogs import catalog_of, entity
from tests.similar.encoders import Letters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from scaffolder.catalog.comparisons import Texts

SHOP = EntityRef("component", "shop")
ROOT = Path(__file__).parents[2]


def write(file: Path, *entities: Any) -> None:
    file.write_text("\n---\n".join(json.dumps(each) for each in entities), encoding="utf-8")


def many(number: int, start: int = 0) -> list[Any]:
    return [entity("Component", f"thing-{at}", f"Does job {at}x of the department.") for at in range(start, number)]


def held(index: Index) -> dict[str, tuple[Texts, list[float]]]:
    """Return the texts and the vector of every entry."""
    index.update()
    loaded = index.loaded()
    rows = index.every()
    assert loaded.ids.tolist() == [row.id for row in rows]
    return {
        row.key: (row.texts, vector.tolist())
        for row, vector in zip(rows, loaded.vectors.rows(slice(None)), strict=True)
    }


def purposes(index: Index) -> dict[str, str]:
    return {key.rpartition("/")[2]: texts.purpose for key, (texts, _) in held(index).items()}


def reserve(catalog: Catalog, name: str, purpose: str) -> None:
    ref = EntityRef("component", name)
    catalog.reserve([ref], task_id="1", owner="", purpose=purpose, who="", at=datetime.now(UTC))


# one entry


def test_what_changed_is_right_at_the_next_question(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, entity("Component", "shop", "Sells lamps."), entity("Component", "post", "Sends."))
    index = Index(catalog, Letters())
    before = held(index)
    write(tmp_path / "all.yaml", entity("Component", "shop", "Rents boats."), entity("Component", "post", "Sends."))
    catalog.refresh()

    after = held(index)

    assert after[SHOP.key][0].purpose == "rents boats"
    assert after[SHOP.key][1] != before[SHOP.key][1]
    assert after["component:default/post"] == before["component:default/post"]


def test_a_renamed_and_a_deleted_entity_are_gone(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, entity("Component", "shop", "Sells lamps."), entity("Component", "post", "Sends."))
    index = Index(catalog, Letters())
    assert set(purposes(index)) == {"shop", "post"}
    write(tmp_path / "all.yaml", entity("Component", "store", "Sells lamps."))
    catalog.refresh()

    assert purposes(index) == {"store": "sells lamps"}
    found = find_similar(catalog, Query("shop", "sends"), encoder=Letters())
    assert [match.ref.name for match in found.matches] == ["store"]

    catalog.remove(str(tmp_path / "all.yaml"))
    assert held(index) == {}


def test_a_reserved_name_is_compared_until_it_is_given_back(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, entity("Component", "post", "Sends."))
    index = Index(catalog, Letters())
    held(index)
    reserve(catalog, "shop", "Sells lamps.")

    assert purposes(index) == {"post": "sends", "shop": "sells lamps"}

    catalog.release("1")
    assert purposes(index) == {"post": "sends"}


def test_a_name_that_is_handed_over_is_compared_as_its_next_holder(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", entity("Component", "shop", "Sells lamps."))
    write(tmp_path / "b.yaml", entity("Component", "SHOP", "Rents boats."))
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.add(str(tmp_path / "a.yaml"))
    catalog.add(str(tmp_path / "b.yaml"))
    index = Index(catalog, Letters())
    assert purposes(index) == {"shop": "sells lamps"}

    catalog.remove(str(tmp_path / "a.yaml"))

    assert purposes(index) == {"shop": "rents boats"}


def test_people_places_and_templates_are_not_compared(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, entity("Group", "sellers"), entity("User", "one"), entity("Component", "shop"))
    index = Index(catalog, Letters())

    assert set(purposes(index)) == {"shop"}
    assert index.pending() == []
    assert index.missing() == 0


SENTENCES = ("Sells lamps.", "Rents boats.", "Runs on our platform.", "Ask in the channel.")
STATES = st.dictionaries(
    st.sampled_from([f"thing-{letter}" for letter in "abcdefgh"]),
    st.lists(st.sampled_from(SENTENCES), max_size=3).map(" ".join),
    min_size=4,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(STATES, min_size=2, max_size=4))
def test_changes_lead_where_a_fresh_catalog_begins(
    tmp_path_factory: pytest.TempPathFactory, states: list[Mapping[str, str]]
) -> None:
    changed, fresh = tmp_path_factory.mktemp("changed"), tmp_path_factory.mktemp("fresh")
    # one of them always changes: what a catalog repeats is told anew when there is something to compare
    described = [
        [entity("Component", "last", f"Version {number}x."), *(entity("Component", *each) for each in state.items())]
        for number, state in enumerate(states)
    ]
    catalog = catalog_of(changed, *described[0])
    index = Index(catalog, Letters())
    for each in described[1:]:
        held(index)
        write(changed / "all.yaml", *each)
        catalog.refresh()

    expected = held(Index(catalog_of(fresh, *described[-1]), Letters()))
    assert held(index) == expected


# the encoder's work


def test_a_text_that_is_known_is_not_encoded_again(tmp_path: Path) -> None:
    lamp, post = entity("Component", "shop", "Sells lamps."), entity("Component", "post", "Sends.")
    catalog = catalog_of(tmp_path, lamp, post)
    encoder = Letters()
    index = Index(catalog, encoder)
    index.update()
    encoder.asked.clear()
    # the same entity with other words beside it, the same words in another entity, the same file written again
    write(tmp_path / "all.yaml", lamp | {"spec": {**lamp["spec"], "owner": "team-b"}}, entity("API", "post", "Sends."))
    catalog.refresh()

    assert purposes(index) == {"shop": "sells lamps", "post": "sends"}
    assert encoder.asked == []

    write(tmp_path / "all.yaml", lamp, entity("Component", "post", "Sends parcels."))
    catalog.refresh()
    index.update()
    assert encoder.asked == ["post. Sends parcels.", "post"]


def test_an_entity_that_did_not_change_is_not_compared_again_with_its_file(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *many(90))
    index = Index(catalog, Letters())
    index.update()
    write(tmp_path / "all.yaml", *many(90), entity("Component", "shop"))
    catalog.refresh()

    assert len(index.pending()) == 1


@pytest.mark.parametrize("second", [Letters("letters 2"), Letters("letters 2", dimensions=32)])
def test_another_encoder_compares_everything_again(tmp_path: Path, second: Letters) -> None:
    catalog = catalog_of(tmp_path, *many(3))
    first = Letters()
    index_of(catalog, first).update()

    index = index_of(catalog, second)

    assert len(index.pending()) == 3
    index.update()
    assert "thing. Does job 1x of the department." in second.asked
    assert index.loaded().vectors.rows(slice(None)).shape == (3, second.dimensions)
    assert candidates(catalog, index, Query("thing-1")).unseen == 0


def test_what_an_older_version_described_is_described_again(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *many(3))
    encoder = Letters()
    index = Index(catalog, encoder)
    before = held(index)
    version = catalog.comparisons.facts()["version"]
    catalog.comparisons.note({"version": version.removesuffix(VERSION) + "0"})
    assert version.removesuffix(VERSION) != version

    assert len(index.pending()) == 3
    assert held(index) == before


def test_vectors_of_another_encoder_are_never_taken_for_its_own(tmp_path: Path) -> None:
    catalog, other = catalog_of(tmp_path, *many(3)), Catalog(tmp_path / "catalog.db")
    index = Index(catalog, Letters())
    index.update()
    ids = [row.id for row in index.every()]
    Index(other, Letters("letters 2", dimensions=32)).update()

    index.add(ids)  # it had begun before the other one did

    assert len(index.loaded().ids) == 0
    assert Index(other, Letters("letters 2", dimensions=32)).loaded().vectors.rows(slice(None)).shape == (3, 32)


# all of it


def test_progress_tells_what_is_done_and_what_there_is(tmp_path: Path) -> None:
    number = ENTRIES_AT_ONCE + 10
    index = Index(catalog_of(tmp_path, *many(number)), Letters())
    told: list[tuple[int, int]] = []

    index.update(lambda done, total: told.append((done, total)))
    index.update(lambda done, total: told.append((done, total)))

    assert told == [(0, number), (ENTRIES_AT_ONCE, number), (number, number)]


def test_what_is_done_stays_done_when_it_is_interrupted(tmp_path: Path) -> None:
    number = ENTRIES_AT_ONCE + 10
    encoder = Letters()
    index = Index(catalog_of(tmp_path, *many(number)), encoder)

    def interrupt(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.update(interrupt)
    assert len(index.pending()) == 10
    encoder.asked.clear()
    told: list[tuple[int, int]] = []
    index.update(lambda done, total: told.append((done, total)))

    assert told == [(0, 10), (10, 10)]
    assert len({text for text in encoder.asked if "job" in text}) == 10
    assert index.loaded().entries == number
    assert index.rows.terms(["department"])["department"].entries == number


def test_statistics_that_an_interruption_left_out_are_told_next_time(tmp_path: Path) -> None:
    index = Index(catalog_of(tmp_path, *many(5)), Letters())

    def interrupt(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.update(interrupt)
    assert index.loaded().entries == 0

    index.update()
    assert index.loaded().entries == 5


def test_a_database_of_the_first_schema_compares_everything(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    connection = connect(path, MIGRATIONS[:1])
    body = json.dumps(entity("Component", "shop", "Sells lamps."))
    connection.execute("INSERT INTO location (id, target) VALUES (1, '/a.yaml')")
    connection.execute(
        "INSERT INTO file (id, location_id, path, stamp, inputs, pointers) VALUES (1, 1, 'a', '', '', '')"
    )
    for claim_id, holds in ((1, 1), (2, 0)):
        connection.execute(
            "INSERT INTO claim VALUES (?, 1, ?, ?, 'Component', 'default', 'shop', 'shop', 'Sells lamps.',"
            " 'service', 'production', '', '[]', ?)",
            (claim_id, holds, SHOP.key, body),
        )
    connection.execute(
        "INSERT INTO reservation VALUES (1, 'component:default/post', 'component', 'default', 'post', '1', '',"
        " 'Sends.', '', '2026-01-01T00:00:00+00:00')"
    )
    connection.close()

    catalog = Catalog(path)
    index = Index(catalog, Letters())

    assert len(catalog.comparisons.pending(())) == index.missing() == 2
    assert purposes(index) == {"shop": "sells lamps", "post": "sends"}


def test_a_repeated_sentence_becomes_boilerplate_and_ceases_to_be(tmp_path: Path) -> None:
    jobs = ("lamps", "boats", "trees", "roads", "stars")
    all_of_them = [entity("Component", f"a-{job}", f"Counts {job}. Runs on our platform.") for job in jobs]
    catalog = catalog_of(tmp_path, *all_of_them[:4])
    index = Index(catalog, Letters())
    assert purposes(index)["a-boats"] == "counts boats runs platform"

    write(tmp_path / "all.yaml", *all_of_them)
    catalog.refresh()
    assert sorted(purposes(index).values()) == sorted(f"counts {job}" for job in jobs)

    write(tmp_path / "all.yaml", *all_of_them[:3], entity("Component", "a-roads", "Counts roads."))
    catalog.refresh()
    assert purposes(index)["a-boats"] == "counts boats runs platform"


def test_what_the_whole_says_is_told_anew_when_more_than_a_twentieth_changed(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *many(40))
    index = Index(catalog, Letters())
    index.update()
    told = []
    for number in (41, 42, 43):
        write(tmp_path / "all.yaml", *many(number))
        catalog.refresh()
        candidates(catalog, index, Query("thing-1"))
        told.append((index.loaded().entries, index.rows.terms(["department"])["department"].entries))

    assert told == [(40, 40), (40, 40), (43, 43)]


def test_vectors_of_texts_that_nobody_has_are_swept_up(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *many(3))
    index = Index(catalog, Letters())
    index.update()
    write(tmp_path / "all.yaml", *many(6, start=3))
    catalog.refresh()
    index.update()

    with catalog.comparisons._database.reading() as connection:  # noqa: SLF001  # nothing else shows what is left
        assert connection.execute("SELECT count(*) FROM vector").fetchone() == (3,)


def test_looking_at_nothing_makes_no_database(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "state" / "catalog.db")
    index = Index(catalog, Letters())

    index.update()

    assert held(index) == {}
    assert candidates(catalog, index, Query("a", "b")).entries == ()
    assert not catalog.path.parent.exists()


# others at the same time


def test_several_may_compare_and_ask_at_once(tmp_path: Path) -> None:
    catalog_of(tmp_path, *many(ENTRIES_AT_ONCE * 2)).close()
    failures: list[BaseException] = []

    def ask(number: int) -> None:
        try:
            catalog = Catalog(tmp_path / "catalog.db")
            index = Index(catalog, Letters())
            for at in range(5):
                candidates(catalog, index, Query(f"thing-{number}{at}", "does a job"))
                if number == 0:
                    index.update()
        except BaseException as error:  # noqa: BLE001  # of a thread, told by the test
            failures.append(error)

    threads = [Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    write(tmp_path / "all.yaml", *many(ENTRIES_AT_ONCE * 2, start=100))
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.refresh()
    for thread in threads:
        thread.join()

    assert failures == []
    assert set(purposes(Index(catalog, Letters()))) == {f"thing-{at}" for at in range(100, ENTRIES_AT_ONCE * 2)}


class Slow(Letters):
    """An encoder that takes so long that something happens meanwhile."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self.happens = happens

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.happens()
        return super().encode(texts)


def test_a_question_is_answered_of_one_state(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *many(3), entity("API", "api", spec={"definition": "paths:\n  /a: {}\n"}))
    Index(catalog, Letters()).update()
    provider = entity("Component", "zz-provider", spec={"providesApis": ["api"]})

    def change() -> None:
        write(tmp_path / "all.yaml", *many(3, start=1), entity("API", "api"), provider)
        other = Catalog(tmp_path / "catalog.db")
        other.refresh()
        Index(other, Letters()).update()

    index = Index(catalog, Slow(change))

    found = candidates(catalog, index, Query("thing-0"))
    again = candidates(catalog, index, Query("thing-0"))

    names = [sorted(entry.row.key.rpartition("/")[2] for entry in each.entries) for each in (found, again)]
    assert names == [["api", "thing-0", "thing-1", "thing-2"], ["thing-1", "thing-2", "zz-provider"]]


def test_two_processes_compare_at_once(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *many(ENTRIES_AT_ONCE + 10))
    code = (
        "import pathlib; from scaffolder.catalog import Catalog; from scaffolder.similar.index import Index;"
        "from tests.similar.encoders import Letters;"
        f"Index(Catalog(pathlib.Path({str(tmp_path / 'catalog.db')!r})), Letters()).update()"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(2)]

    assert [each.wait() for each in running] == [0, 0]
    assert len(purposes(Index(catalog, Letters()))) == ENTRIES_AT_ONCE + 10


@pytest.mark.parametrize(("encoder", "unseen"), [("letters 1", 1), ("letters 2", 4)])
def test_where_nothing_can_be_written_what_was_compared_has_to_do(tmp_path: Path, encoder: str, unseen: int) -> None:
    catalog = catalog_of(tmp_path, *many(3))
    Index(catalog, Letters()).update()
    write(tmp_path / "all.yaml", *many(4))
    catalog.refresh()
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # permissions do not hold an administrator back
        found = find_similar(catalog, Query("thing-1"), encoder=Letters(encoder))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))

    assert found.unseen == unseen
    assert [match.ref.name for match in found.matches[:1]] == (["thing-1"] if unseen == 1 else [])
    assert find_similar(catalog, Query("thing-1"), encoder=Letters(encoder)).unseen == 0


def test_the_vectors_are_read_again_only_when_something_changed(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *many(3))
    index = Index(catalog, Letters())
    index.update()

    first = index.loaded()
    assert index.loaded() is first
    Index(Catalog(tmp_path / "catalog.db"), Letters("letters 2")).update()
    assert index.loaded() is not first
    assert not np.array_equal(index.loaded().ids, first.ids)
