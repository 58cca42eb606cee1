from __future__ import annotations

import os
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import Catalog, EntityNotFound, EntityRef
from scaffolder.catalog.claims import known_files
from scaffolder.catalog.database import Database
from scaffolder.catalog.ingest import LocationShared, LocationUnknown, NothingFound
from scaffolder.catalog.location import BadLocation, opened
from tests.catalog.files import component, group, location, user, write

if TYPE_CHECKING:
    from pathlib import Path

SHOP = EntityRef("component", "shop")


def names(catalog: Catalog) -> list[str]:
    return [each.ref.name for each in catalog.entities()]


def test_looking_creates_nothing(catalog: Catalog) -> None:
    assert catalog.entities() == []
    assert catalog.search("x") == []
    assert catalog.get(SHOP) is None
    assert catalog.facts().entities == 0

    assert not catalog.path.parent.exists()


def test_the_database_is_the_owners_alone(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("shop")})
    catalog.add(str(tmp_path / "a.yaml"))

    assert stat.S_IMODE(catalog.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(catalog.path.parent.stat().st_mode) == 0o700


def test_an_entity_is_found_in_any_case_and_keeps_its_own(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("Shop-Front")})
    catalog.add(str(tmp_path / "a.yaml"))

    found = catalog.get(EntityRef("COMPONENT", "sHOP-front"))

    assert found is not None
    assert found.name == "Shop-Front"


def test_nothing_is_remembered_of_a_location_without_a_valid_entity(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("not valid")})

    with pytest.raises(NothingFound) as refused:
        catalog.add(str(tmp_path / "a.yaml"))

    assert "a.yaml:4 (document 1) metadata.name" in refused.value.details[0]
    assert catalog.locations() == []
    with pytest.raises(BadLocation):
        catalog.add(str(tmp_path / "none.yaml"))


def test_what_is_good_is_taken_in_and_what_is_wrong_is_kept_as_a_problem(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("shop") + "---\n" + component("not valid")})

    result = catalog.add(str(tmp_path / "a.yaml"))

    assert (result.added, len(result.problems)) == (1, 1)
    assert catalog.problems() == list(result.problems)
    assert catalog.facts().problems == 1


def test_two_sources_of_one_name_are_both_shown(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("shop", owner="first"), "b.yaml": component("SHOP", owner="second")})
    assert catalog.add(str(tmp_path / "a.yaml")).conflicts == ()

    (conflict,) = catalog.add(str(tmp_path / "b.yaml")).conflicts

    assert [place.file for place in conflict.places] == [f"{tmp_path}/a.yaml", f"{tmp_path}/b.yaml"]
    assert catalog.conflicts() == [conflict]
    assert catalog.claim(SHOP) == conflict
    assert [each.owner for each in catalog.entities()] == ["group:default/first"]
    assert catalog.refresh()[0].conflicts == (conflict,)
    assert [str(each.target) for each in catalog.relations(SHOP)] == ["group:default/first"]
    assert catalog.relations(EntityRef("group", "second")) == []


def test_a_name_goes_to_the_next_in_line(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("shop", owner="first"), "b.yaml": component("SHOP", owner="second")})
    catalog.add(str(tmp_path / "a.yaml"))
    catalog.add(str(tmp_path / "b.yaml"))

    assert catalog.remove(str(tmp_path / "a.yaml")) == 1

    assert [each.owner for each in catalog.entities()] == ["group:default/second"]
    assert [each.ref.name for each in catalog.search("shop")] == ["SHOP"]
    assert catalog.conflicts() == []


def test_what_was_removed_is_found_no_more(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("alpha"), "b.yaml": component("beta")})
    catalog.add(str(tmp_path / "a.yaml"))
    catalog.remove(str(tmp_path / "a.yaml"))
    catalog.add(str(tmp_path / "b.yaml"))  # SQLite may give it the id that alpha had

    assert catalog.search("alpha") == []
    assert [each.ref.name for each in catalog.search("beta")] == ["beta"]


def test_one_file_read_through_two_locations_is_no_conflict(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"d/a.yaml": component("shop")})
    catalog.add(str(tmp_path / "d"))

    assert catalog.add(str(tmp_path / "d" / "a.yaml")).conflicts == ()


def test_refresh_takes_in_what_changed(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"d/a.yaml": component("a"), "d/b.yaml": component("b"), "d/c.yaml": component("c")})
    catalog.add(str(tmp_path / "d"))

    write(tmp_path, {"d/a.yaml": component("a", owner="others"), "d/new.yaml": component("new")})
    (tmp_path / "d" / "b.yaml").unlink()
    (result,) = catalog.refresh()

    assert (result.added, result.changed, result.removed, result.unchanged) == (1, 1, 1, 1)
    assert names(catalog) == ["a", "c", "new"]
    assert [each.ref.name for each in catalog.search("others")] == []
    assert [each.target.name for each in catalog.relations(EntityRef("group", "others"))] == ["a"]
    assert [each.target.name for each in catalog.relations(EntityRef("group", "payments"))] == ["c", "new"]


def test_a_renamed_file_keeps_its_entity(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"d/a.yaml": component("a"), "d/b.yaml": component("b")})
    catalog.add(str(tmp_path / "d"))

    (tmp_path / "d" / "a.yaml").rename(tmp_path / "d" / "z.yaml")
    catalog.refresh()

    assert names(catalog) == ["a", "b"]
    claim = catalog.claim(EntityRef("component", "a"))
    assert claim is not None
    assert claim.places[0].file.endswith("z.yaml")


def test_a_file_that_was_only_touched_is_not_parsed_again(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"d/a.yaml": component("a"), "d/b.yaml": component("b")})
    catalog.add(str(tmp_path / "d"))

    os.utime(tmp_path / "d" / "a.yaml", (1, 1))
    (result,) = catalog.refresh()

    assert (result.unchanged, result.changed) == (2, 0)


def test_a_change_that_keeps_size_and_time_is_seen(catalog: Catalog, tmp_path: Path) -> None:
    place = write(tmp_path, {"a.yaml": component("aa")}) / "a.yaml"
    catalog.add(str(place))
    before = place.stat()

    place.write_text(component("bb"))
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    catalog.refresh()

    assert names(catalog) == ["bb"]


def test_a_changed_substitution_is_seen(catalog: Catalog, tmp_path: Path) -> None:
    api = (
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: orders}\n"
        "spec: {type: openapi, lifecycle: production, owner: payments, definition: {$text: ./orders.txt}}\n"
    )
    write(tmp_path, {"d/api.yaml": component("x") + "---\n" + api})
    assert len(catalog.add(str(tmp_path / "d")).problems) == 1

    for text in ("/first: x", "/second: x"):
        write(tmp_path, {"d/orders.txt": text})
        (result,) = catalog.refresh()
        found = catalog.get(EntityRef("api", "orders"))
        assert result.problems == ()
        assert found is not None
        assert found.spec["definition"] == text

    assert [each.ref.name for each in catalog.search("second")] == ["orders"]


def test_a_stamp_that_is_new_is_kept(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"d/a.yaml": component("a"), "d/b.yaml": component("b")})
    catalog.add(str(tmp_path / "d"))
    os.utime(tmp_path / "d" / "a.yaml", (1, 1))

    def touched() -> list[str]:
        with closing(Database(catalog.path)) as database, database.reading() as connection:
            return list(opened(str(tmp_path / "d")).read(known_files(connection, 1)).touched)

    assert touched() == ["a.yaml"]
    catalog.refresh()
    assert touched() == []


def test_a_substitution_that_vanished_is_told(catalog: Catalog, tmp_path: Path) -> None:
    api = (
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: orders}\n"
        "spec: {type: openapi, lifecycle: production, owner: payments, definition: {$text: ./orders.txt}}\n"
    )
    write(tmp_path, {"d/api.yaml": api, "d/orders.txt": "/first: x"})
    catalog.add(str(tmp_path / "d"))
    (tmp_path / "d" / "orders.txt").unlink()

    (result,) = catalog.refresh()

    assert [problem.field for problem in result.problems] == ["spec.definition.$text"]
    assert names(catalog) == ["orders"]


def test_what_an_unchanged_location_leads_to_is_looked_at(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"all.yaml": location("./d/*.yaml"), "d/a.yaml": component("a"), "d/b.yaml": component("b")})
    catalog.add(str(tmp_path / "all.yaml"))

    write(tmp_path, {"d/a.yaml": component("a", owner="others"), "d/c.yaml": component("c")})
    (tmp_path / "d" / "b.yaml").unlink()
    (result,) = catalog.refresh()

    assert (result.added, result.changed, result.removed, result.unchanged) == (1, 1, 1, 1)
    assert names(catalog) == ["a", "c"]


def test_a_file_that_begins_to_lead_on_is_followed_from_then_on(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"all.yaml": component("all"), "late.yaml": component("late")})
    catalog.add(str(tmp_path / "all.yaml"))

    write(tmp_path, {"all.yaml": location("./late.yaml")})
    catalog.refresh()
    write(tmp_path, {"late.yaml": component("later")})
    catalog.refresh()

    assert names(catalog) == ["later"]
    assert [each.ref.name for each in catalog.entities(kind="location")] == ["all"], "who asks for them, sees them"


def test_a_file_that_another_process_forgot_meanwhile_is_read_anew(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"d/a.yaml": component("a"), "d/b.yaml": component("b")})
    catalog.add(str(tmp_path / "d"))
    write(tmp_path, {"d/a.yaml": component("a", owner="others")})

    with closing(Database(catalog.path)) as database, database.reading() as connection:
        known = known_files(connection, 1)
        catalog.remove(str(tmp_path / "d"))
        read = opened(str(tmp_path / "d")).read(known)

    assert [file.path for file in read.files] == ["a.yaml"]
    assert read.unchanged == ["b.yaml"]


def test_a_file_that_breaks_keeps_what_it_said(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("shop")})
    catalog.add(str(tmp_path / "a.yaml"))

    write(tmp_path, {"a.yaml": component("shop") + "  bad: [\n"})
    (result,) = catalog.refresh()
    assert (result.unchanged, len(result.problems)) == (1, 1)
    assert names(catalog) == ["shop"]

    write(tmp_path, {"a.yaml": component("store")})
    (result,) = catalog.refresh()
    assert (result.added, result.removed, result.problems) == (1, 1, ())
    assert names(catalog) == ["store"]


def test_a_location_that_vanished_is_kept_and_told(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"d/a.yaml": component("shop")})
    catalog.add(str(tmp_path / "d"))
    (tmp_path / "d").rename(tmp_path / "gone")

    (result,) = catalog.refresh()

    assert "does not exist" in result.problems[0].message
    assert names(catalog) == ["shop"]
    assert catalog.refresh()[0].problems == result.problems  # told once, not once more each time
    (tmp_path / "gone").rename(tmp_path / "d")
    assert catalog.refresh()[0].problems == ()
    (tmp_path / "d").rename(tmp_path / "gone")
    assert catalog.remove(str(tmp_path / "d")) == 1
    assert names(catalog) == []


def test_a_target_that_appears_later_is_taken_in(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"all.yaml": location("./late.yaml")})
    assert len(catalog.add(str(tmp_path / "all.yaml")).problems) == 1

    write(tmp_path, {"late.yaml": component("late")})
    (result,) = catalog.refresh()

    assert (result.added, result.problems) == (1, ())


def test_an_entity_is_removed_with_the_location_it_has_to_itself(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("a"), "many.yaml": component("b") + "---\n" + component("c")})
    catalog.add(str(tmp_path / "a.yaml"))
    catalog.add(str(tmp_path / "many.yaml"))

    assert catalog.remove("component:a") == 1
    with pytest.raises(LocationShared, match="with 1 more"):
        catalog.remove("b")
    with pytest.raises(LocationUnknown):
        catalog.remove("none")
    with pytest.raises(LocationUnknown):
        catalog.refresh("none.yaml")
    assert names(catalog) == ["b", "c"]


def test_entities_are_listed_by_what_they_are(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("shop") + "---\n" + component("site", owner="web") + "---\n" + group("web")})
    catalog.add(str(tmp_path / "a.yaml"))

    def listed(**only: str) -> list[str]:
        return [each.ref.name for each in catalog.entities(**only)]  # type: ignore[arg-type]  # names of filters

    assert listed(kind="Component") == ["shop", "site"]
    assert listed(type="SERVICE", lifecycle="production") == ["shop", "site"]
    assert listed(lifecycle="deprecated") == []
    assert [each.ref.name for each in catalog.entities(owner=EntityRef("group", "WEB"))] == ["site"]


def test_relations_hold_both_ways(catalog: Catalog, tmp_path: Path) -> None:
    shop = component(
        "shop", owner="Web", spec="  system: retail\n  dependsOn: [resource:db]\n  providesApis: [Orders]\n"
    )
    write(tmp_path, {"a.yaml": shop + "---\n" + group("web")})
    catalog.add(str(tmp_path / "a.yaml"))

    told = [(each.type, str(each.target)) for each in catalog.relations(SHOP)]

    assert told == [
        ("ownedBy", "group:default/web"),  # as the group writes itself
        ("partOf", "system:default/retail"),
        ("providesApi", "api:default/Orders"),
        ("dependsOn", "resource:default/db"),
    ]
    for relation, back in zip(
        catalog.relations(SHOP), ("ownerOf", "hasPart", "apiProvidedBy", "dependencyOf"), strict=True
    ):
        assert [(each.type, each.target) for each in catalog.relations(relation.target)] == [(back, SHOP)]


def test_ownership_ends_at_people(catalog: Catalog, tmp_path: Path) -> None:
    text = "---\n".join(
        [
            group("shop", children="[web, app]"),
            group("web", children="[shop]"),  # teams that name each other must not go round for ever
            group("app", spec="  members: [carl]\n"),
            user("ann", "web"),
            user("bob", "web", "shop"),
            user("carl"),
            user("dora", "others"),
        ]
    )
    write(tmp_path, {"a.yaml": text})
    catalog.add(str(tmp_path / "a.yaml"))

    assert [each.name for each in catalog.people(EntityRef("group", "Shop"))] == ["ann", "bob", "carl"]
    assert [each.name for each in catalog.people(EntityRef("user", "dora"))] == ["dora"]
    assert catalog.people(EntityRef("user", "nobody")) == []


def test_what_must_be_there_and_is_not_names_the_nearest(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": group("payment-platform")})
    catalog.add(str(tmp_path / "a.yaml"))

    with pytest.raises(EntityNotFound) as refused:
        catalog.require(EntityRef("group", "payments"))

    assert refused.value.message == "group:default/payments does not exist in the catalog"
    assert refused.value.hint == "did you mean group:default/payment-platform? Or add it: scaffolder catalog add FILE"


def test_events_are_kept_in_order(catalog: Catalog) -> None:
    catalog.record({"choice": "used", "similar": ["component:default/a"]})
    catalog.record({"choice": "built anyway"})

    assert [each["choice"] for each in catalog.events()] == ["used", "built anyway"]
    assert all(each["at"] for each in catalog.events())


def test_what_was_read_is_there_for_the_next_process(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("shop")})
    catalog.add(str(tmp_path / "a.yaml"))
    catalog.close()

    assert names(Catalog(catalog.path)) == ["shop"]
    (state,) = Catalog(catalog.path).locations()
    assert (state.target, state.entities) == (f"{tmp_path}/a.yaml", 1)


def test_the_catalog_of_a_real_organisation_is_taken_in_whole(catalog: Catalog, test_data: Path) -> None:
    result = catalog.add(str(test_data / "catalogs" / "govuk.yaml"))

    assert (result.added, result.problems, result.conflicts) == (152, (), ())
    assert (catalog.facts().components, catalog.facts().teams) == (134, 18)
    assert "link-checker-api" in [each.ref.name for each in catalog.search("check links")]
