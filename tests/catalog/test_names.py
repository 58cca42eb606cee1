"""Names: reserved before anything is made, and ending in the entry or given back."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scaffolder.catalog import Catalog, EntityRef, NameTaken
from scaffolder.catalog.ingest import EntityInvalid
from scaffolder.catalog.registry import LocationTaken
from scaffolder.gateways.git import GitDirectory, Identity
from scaffolder.tree import File, Tree
from tests.catalog.files import component, write

SHOP = EntityRef("component", "shop")
API = EntityRef("api", "shop")
NOW = datetime.now(UTC)


def reserve(catalog: Catalog, *refs: EntityRef, task: str = "7f3c", at: datetime = NOW) -> None:
    catalog.reserve(refs, task_id=task, owner="group:default/web", purpose="sells things", who="Test", at=at)


def repository(place: Path, **files: str) -> str:
    """Make a bare repository and return the location of its catalog entry."""
    tree = Tree({name.replace("_", "-") + ".yaml": File(text.encode()) for name, text in files.items()})
    made = GitDirectory.init(place)
    made.commit(tree, message="x", identity=Identity("T", "t@example.com"), when=NOW, ref="refs/heads/main")
    return f"git:{place}@main:catalog-info.yaml"


def test_a_reserved_name_is_taken_in_any_case(catalog: Catalog) -> None:
    reserve(catalog, SHOP, API, at=NOW - timedelta(minutes=2))

    with pytest.raises(NameTaken, match=r"SHOP is taken \(reserved \d+ min ago by Test, task 7f3c\)"):
        reserve(catalog, EntityRef("component", "free"), EntityRef("component", "SHOP"), task="other")

    assert catalog.reservation(EntityRef("component", "free")) is None  # all or none


def test_the_same_task_may_reserve_again(catalog: Catalog) -> None:
    reserve(catalog, SHOP)
    reserve(catalog, SHOP, API)

    assert [each.ref.kind for each in catalog.entities()] == ["api", "component"]


def test_a_reservation_is_seen_and_is_no_entity(catalog: Catalog) -> None:
    reserve(catalog, SHOP)

    (listed,), (found,) = catalog.entities(), catalog.search("sells")

    assert listed == found
    assert (listed.reserved, listed.owner, listed.description) == (True, "group:default/web", "sells things")
    ((_, compared),) = catalog.comparisons.entities(catalog.candidate_ids(["sells"], limit=1))
    assert compared.reserved
    assert catalog.get(SHOP) is None
    assert catalog.facts().entities == 0


def test_a_name_that_is_given_back_is_free(catalog: Catalog) -> None:
    reserve(catalog, SHOP)
    catalog.release("7f3c")
    catalog.release("7f3c")

    assert catalog.search("shop") == []
    reserve(catalog, SHOP, task="other")


def test_an_entitys_name_is_taken(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("page-link-watch", owner="content-apis")})
    catalog.add(str(tmp_path / "a.yaml"))

    with pytest.raises(NameTaken, match=r"taken \(component, owned by content-apis\)"):
        reserve(catalog, EntityRef("component", "Page-Link-Watch"))
    with pytest.raises(NameTaken):
        catalog.require_free([EntityRef("component", "Page-Link-Watch")])


def test_a_registration_ends_the_reservation(catalog: Catalog, tmp_path: Path) -> None:
    target = repository(tmp_path / "shop.git", catalog_info=component("shop"))
    reserve(catalog, SHOP, API)

    assert catalog.register(target, task_id="7f3c").refs == [SHOP]
    assert catalog.register(target, task_id="7f3c").refs == [SHOP]  # resumed: once more changes nothing

    (entity,) = catalog.entities()
    assert (entity.ref, entity.reserved) == (SHOP, False)
    assert len(catalog.search("shop")) == 1
    reserve(catalog, SHOP)  # the task itself has the name: nothing to reserve
    assert len(catalog.entities()) == 1
    assert catalog.locations()[0].task_id == "7f3c"


def test_a_registration_reads_other_files_of_its_commit(catalog: Catalog, tmp_path: Path) -> None:
    api = (
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: shop}\n"
        "spec: {type: openapi, lifecycle: production, owner: web, definition: {$text: ./openapi.yaml}}\n"
    )
    target = repository(tmp_path / "r.git", catalog_info=component("shop") + "---\n" + api, openapi="/orders: {}")

    assert catalog.register(target, task_id="7f3c").refs == [SHOP, API]

    entity = catalog.get(API)
    assert entity is not None
    assert entity.spec["definition"] == "/orders: {}"
    (result,) = catalog.refresh()
    assert (result.unchanged, result.problems) == (2, ())


def test_a_new_commit_is_seen_by_refresh(catalog: Catalog, tmp_path: Path) -> None:
    target = repository(tmp_path / "r.git", catalog_info=component("shop"))
    catalog.register(target, task_id="7f3c")

    tree = Tree({"catalog-info.yaml": File(component("shop", owner="others").encode())})
    GitDirectory(tmp_path / "r.git").commit(
        tree, message="y", identity=Identity("T", "t@example.com"), when=NOW, ref="refs/heads/main"
    )
    (result,) = catalog.refresh()

    assert result.changed == 1
    assert catalog.entities()[0].owner == "group:default/others"


def test_what_is_not_valid_is_not_registered(catalog: Catalog, tmp_path: Path) -> None:
    target = repository(tmp_path / "r.git", catalog_info=component("shop") + "---\n" + component("not valid"))
    reserve(catalog, SHOP)

    with pytest.raises(EntityInvalid) as refused:
        catalog.register(target, task_id="7f3c")

    assert "metadata.name" in refused.value.details[0]
    assert catalog.reservation(SHOP) is not None
    assert catalog.locations() == []


def test_somebody_elses_name_is_not_registered(catalog: Catalog, tmp_path: Path) -> None:
    reserve(catalog, SHOP, task="other")
    target = repository(tmp_path / "r.git", catalog_info=component("Shop"))

    with pytest.raises(NameTaken):
        catalog.register(target, task_id="7f3c")

    assert catalog.locations() == []


def test_a_location_of_somebody_else_is_not_taken_over(catalog: Catalog, tmp_path: Path) -> None:
    place = tmp_path / "a.yaml"
    place.write_text(component("old"))
    catalog.add(str(place))
    place.write_text(component("new"))

    with pytest.raises(LocationTaken):
        catalog.register(str(place), task_id="7f3c")

    assert [each.ref.name for each in catalog.entities()] == ["old"]


def test_only_what_the_task_registered_is_unregistered(catalog: Catalog, tmp_path: Path) -> None:
    target = repository(tmp_path / "r.git", catalog_info=component("shop"))
    catalog.register(target, task_id="7f3c")

    catalog.unregister(target, task_id="other")
    assert catalog.get(SHOP) is not None
    catalog.unregister(target, task_id="7f3c")
    catalog.unregister(target, task_id="7f3c")

    assert catalog.get(SHOP) is None
    reserve(catalog, SHOP, task="other")


def test_a_name_added_while_it_was_reserved_is_shown_as_a_conflict(catalog: Catalog, tmp_path: Path) -> None:
    reserve(catalog, SHOP)
    write(tmp_path, {"a.yaml": component("Shop")})

    (conflict,) = catalog.add(str(tmp_path / "a.yaml")).conflicts

    assert conflict.reserved_by == "7f3c"


RACE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from scaffolder.catalog import Catalog, EntityRef, NameTaken
catalog, task = Catalog(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
try:
    catalog.reserve([EntityRef("component", "shop"), EntityRef("api", "shop")], task_id=task, owner="", purpose="",
                    who="", at=datetime.now(UTC))
except NameTaken:
    sys.exit(3)
"""


def test_of_two_processes_that_want_a_name_one_wins(catalog: Catalog) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(catalog.path), f"task-{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for number in range(4)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == b"ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write(b"go\n")
        racer.stdin.flush()
    codes = []
    for racer in racers:
        racer.communicate(timeout=30)
        codes.append(racer.returncode)

    winner = catalog.reservation(SHOP)
    assert sorted(codes) == [0, 3, 3, 3]
    assert winner is not None
    assert winner.task_id == f"task-{codes.index(0)}"
    assert catalog.reservation(API) == Catalog(catalog.path).reservation(API)
